#!/usr/bin/env python3
"""test_real_pages.py DUMP: lay out the HTML that this system has, at three widths, whole and piece by piece.

Both must come out the same, and no row may be wider than asked for. Without any HTML there is nothing to say (77: skipped).
"""
import pathlib
import subprocess
import sys
import unicodedata

MOST_FILES = 40
MOST_BYTES = 300_000


def columns_of(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def dump(program, path, width, *chunk):
    done = subprocess.run([program, path, str(width), *chunk], capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        sys.exit(f"{path} at {width}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done.stdout.decode("utf-8")


def main():
    found = sorted(pathlib.Path("/usr/share/doc").rglob("*.html"))
    pages = [path for path in found if path.is_file() and path.stat().st_size <= MOST_BYTES][:MOST_FILES]
    if not pages:
        sys.exit(77)
    for path in pages:
        for width in (40, 80, 200):
            whole = dump(sys.argv[1], path, width)
            if dump(sys.argv[1], path, width, "512") != whole:
                sys.exit(f"{path} at {width}: not the same piece by piece")
            for line in whole.splitlines():
                if columns_of(line) > width:
                    sys.exit(f"{path} at {width}: too wide: {line}")


if __name__ == "__main__":
    main()
