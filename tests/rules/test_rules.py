#!/usr/bin/env python3
"""The rules of the tree:  test_rules.py SOURCE_ROOT

Who may include whom, how files open, that the protocol's page is the protocol's, and that nothing is left for later.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = None

# A room's files may include these rooms, besides their own. A room is the folder of a file, "browser/ui" or "gpu".
CHILD = {"common", "sandbox"}
MAY_INCLUDE = {
    "common": set(),
    "sandbox": {"common"},
    "renderer": CHILD,
    "gpu": CHILD,
    "plugin": CHILD,
    "plugin/plugins": {"plugin", "common"},
    # browser/browser.h is what the rooms share: the browser process as one struct.
    "browser/process": CHILD | {"browser"},
    "browser/net": CHILD,
    "browser/traffic": CHILD | {"browser", "browser/process", "browser/tab"},
    "browser/tab": CHILD | {"browser", "browser/process", "browser/net"},
    "browser/fault": CHILD | {"browser", "browser/process", "browser/tab", "browser/net", "browser/traffic"},
    "browser/ui": CHILD | {"browser", "browser/process", "browser/tab", "browser/net", "browser/traffic", "browser/fault"},
    "browser": CHILD | {"browser/process", "browser/tab", "browser/net", "browser/traffic", "browser/fault", "browser/ui"},
}
# Rooms with corners: folders of their own that are still the room.
CORNERED = {"browser/fault", "browser/traffic"}
# These test and measure everything.
FREE = ("tests", "bench")
# Of the files in browser/ itself, only these may know the screen.
KNOWS_SCREEN = {"browser/main.c", "browser/browser.c", "browser/news.c"}
# Libraries that only some rooms may know, by the beginning of their headers' names.
LIBRARIES = {
    "curses": ("browser/ui",),
    "curl/": ("browser/net",),
    "sqlite3": ("browser",),
    "cjson/": ("browser/traffic", "browser/fault", "browser/net"),
    "myhtml/": ("renderer",),
    "modest/": ("renderer",),
    "unicode/": ("renderer",),
    "seccomp.h": ("sandbox",),
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def is_ours(folder):
    """Not a build folder, not what belongs to git or an editor."""
    return not folder.startswith((".", "build")) and folder != "__pycache__"


def files(*suffixes):
    """Paths of the tree's files, relative to its root."""
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(filter(is_ours, below))
        for name in sorted(names):
            if not suffixes or name.endswith(suffixes):
                yield (Path(folder) / name).relative_to(ROOT).as_posix()


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def room_of(path):
    """Its folder, or the room that this folder is a corner of: browser/fault/crash/ is in browser/fault/."""
    folder = room = path.rpartition("/")[0]
    while room and room not in MAY_INCLUDE:
        room = room.rpartition("/")[0]
    return room if room in CORNERED else folder


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_include(path, included):
    """Why this file may not include that one, or None."""
    room, target = room_of(path), room_of(included)
    if not target:
        return f'"{included}" lacks its folder'
    if path.split("/")[0] in FREE or room == target:
        return None
    if room not in MAY_INCLUDE:
        return f"{room}/ is no room that the rules know"
    if target not in MAY_INCLUDE[room]:
        return f"{room}/ may not include {target}/"
    if room == "browser" and target == "browser/ui" and path not in KNOWS_SCREEN:
        return "only main.c, browser.c and news.c may know the screen"
    return None


def check_library(path, included):
    for start, rooms in LIBRARIES.items():
        if included.startswith(start) or (start == "curses" and "curses" in included):
            if path.split("/")[0] not in FREE and not any((room_of(path) + "/").startswith(r + "/") for r in rooms):
                return f"{room_of(path)}/ may not include <{included}>"
    return None


class Tree(unittest.TestCase):
    def nothing(self, wrong, hint=""):
        if wrong:
            self.fail("\n" + "\n".join(wrong) + hint)

    def test_includes(self):
        wrong = []
        for path in files(".c", ".h"):
            text = read(path)
            for m in INCLUDE.finditer(text):
                why = (check_include if m[1] == '"' else check_library)(path, m[2])
                if why:
                    wrong.append(f"{path}:{line_of(text, m.start())}: {why}")
        self.nothing(wrong, "\nSee 'The folders' in docs/architecture.md for who may use whom.")

    def test_own_header_first(self):
        wrong = []
        for path in files(".c"):
            header = path[:-2] + ".h"
            first = INCLUDE.search(read(path))
            if (ROOT / header).exists() and (not first or first[2] != header):
                wrong.append(f'{path}: the first include must be "{header}"')
        self.nothing(wrong)

    def test_files_open_with_a_comment(self):
        self.nothing([f"{path}: does not open with a comment" for path in files(".c", ".h")
                      if not re.match(r"/\*(?!/)\s*\*?\s*\S", read(path))])

    def test_nothing_is_left_for_later(self):
        words = re.compile(rb"\b(TO" rb"DO|FIX" rb"ME|X" rb"XX)\b")
        wrong = []
        for path in files():
            data = (ROOT / path).read_bytes()
            if b"\0" not in data:
                wrong += [f"{path}:{data.count(10, 0, m.start()) + 1}: {m[0].decode()}" for m in words.finditer(data)]
        self.nothing(wrong)

    def test_protocol_page(self):
        command = ["common/ipcgen.py", "docs", "common/protocol.ipc"]
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "protocol.md"
            subprocess.run([sys.executable, *command, made], cwd=ROOT, check=True)
            if made.read_text() != read("docs/protocol.md"):
                self.fail("docs/protocol.md is not what the protocol says now; make it anew:\n"
                          f"    python3 {' '.join(command)} docs/protocol.md")


class TheRulesThemselves(unittest.TestCase):
    """Each rule refuses what it is there for."""

    def test_refused(self):
        for path, included in [
            ("common/a.c", "sandbox/sandbox.h"), ("common/a.c", "browser/browser.h"), ("sandbox/a.c", "gpu/page.h"),
            ("renderer/a.c", "gpu/page.h"), ("gpu/a.c", "browser/browser.h"), ("plugin/a.c", "renderer/dom.h"),
            ("browser/process/a.c", "browser/tab/tab.h"), ("browser/process/a.c", "browser/ui/ui.h"),
            ("browser/tab/a.c", "browser/ui/ui.h"), ("browser/tab/a.c", "renderer/dom.h"),
            ("browser/fault/a.c", "browser/ui/ui.h"), ("browser/fault/crash/a.c", "browser/ui/ui.h"), ("browser/net/a.c", "browser/tab/tab.h"),
            ("browser/traffic/a.c", "browser/ui/ui.h"), ("browser/start.c", "browser/ui/ui.h"),
            ("browser/browser.c", "gpu/gpu.h"), ("gpu/a.c", "page.h"), ("network/a.c", "common/loop.h"),
        ]:
            self.assertIsNotNone(check_include(path, included), f"{path} {included}")
        for path, included in [
            ("gpu/a.c", "ncurses.h"), ("browser/tab/a.c", "curl/curl.h"), ("browser/net/a.c", "myhtml/api.h"),
            ("common/a.c", "cjson/cJSON.h"), ("renderer/a.c", "sqlite3.h"), ("browserly/a.c", "sqlite3.h"),
        ]:
            self.assertIsNotNone(check_library(path, included), f"{path} {included}")

    def test_allowed(self):
        for path, included in [
            ("common/a.c", "common/a.h"), ("gpu/a.c", "sandbox/sandbox.h"),
            ("browser/fault/crash/a.c", "browser/fault/a.h"), ("browser/fault/a.c", "browser/fault/crash/a.h"), ("browser/ui/a.c", "browser/fault/a.h"),
            ("browser/main.c", "browser/ui/ui.h"), ("tests/gpu/a.c", "gpu/page.h"), ("bench/a.c", "browser/ui/ui.h"),
        ]:
            self.assertIsNone(check_include(path, included), f"{path} {included}")
        for path, included in [("browser/ui/a.c", "ncurses.h"), ("renderer/a.c", "myhtml/api.h"), ("gpu/a.c", "stdio.h")]:
            self.assertIsNone(check_library(path, included), f"{path} {included}")

    def test_the_tree_is_found(self):
        found = list(files(".c", ".h"))
        for path in "common/channel.c", "gpu/main.c", "browser/main.c", "browser/process/host.h", "tests/common/unit.h":
            self.assertIn(path, found)
        self.assertGreater(sum(len(INCLUDE.findall(read(path))) for path in found), 500)


if __name__ == "__main__":
    ROOT = Path(sys.argv[1]).resolve()
    unittest.main(argv=sys.argv[:1])
