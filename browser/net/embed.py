#!/usr/bin/env python3
"""Write files as C, so that the executable carries them:  embed.py OUT FILE..."""
import os
import sys


def literal(data):
    """The bytes as C string literals, one a line of text. Octal escapes cannot swallow what follows them."""
    lines = data.splitlines(keepends=True) or [b""]
    return "\n".join('\t  "' + "".join(char(b) for b in line) + '"' for line in lines)


def char(byte):
    if byte == 10:
        return "\\n"
    if byte < 32 or byte > 126 or chr(byte) in '"\\?':
        return f"\\{byte:03o}"
    return chr(byte)


def main(out, paths):
    with open(out, "w", encoding="ascii") as f:
        f.write('/* Made by embed.py: do not edit. */\n#include "browser/net/builtin.h"\n\n')
        f.write("const struct page_file page_files[] = {\n")
        for path in paths:
            data = open(path, "rb").read()
            f.write(f'\t{{ "{os.path.basename(path)}",\n{literal(data)},\n\t  {len(data)} }},\n')
        f.write("\t{ NULL, NULL, 0 },\n};\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
