#!/usr/bin/env python3
"""The generator of the protocol:  test_ipcgen.py IPCGEN SOURCE_ROOT CC...

What it makes of a small protocol is golden; each way in which a protocol can be wrong has an input that shows the exact
error line; what it makes compiles; a handler that nobody wrote is a link error that names it.
"""
import ast
import difflib
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SMALL = HERE / "types/common/protocol.ipc"
GOLDEN = {
    "header": "header.txt",
    "table": "table.txt",
    "dispatch:renderer": "dispatch_renderer.txt",
    "dispatch:browser": "dispatch_browser.txt",
    "docs": "docs.txt",
    "lua": "lua.txt",
}
IPCGEN = SOURCE = CC = None

ROLES = "enum role { browser, renderer, gpu }\n"
BOTH = ROLES + "browser -> renderer\n"

# What is wrong, the protocol, and the line that must be told.
BAD = [
    ("line", "enum role { browser }\nnonsense here\n", "2: error: cannot read 'nonsense here'"),
    ("half_message", BOTH + "show(u8 page\n", "3: error: cannot read 'show(u8 page'"),
    ("three_roles", ROLES + "browser -> renderer -> gpu\n", "2: error: cannot read 'browser -> renderer -> gpu'"),
    ("sender", ROLES + "\nbowser -> renderer\n", "3: error: unknown role 'bowser'"),
    ("receiver", ROLES + "browser -> child\n", "2: error: unknown role 'child'"),
    ("no_roles_yet", "browser -> renderer\n", "1: error: unknown role 'browser'"),
    ("group", ROLES + "group child { renderer, pilot }\n", "2: error: unknown role 'pilot'"),
    ("group_twice", ROLES + "group child { gpu }\ngroup child { renderer }\n", "3: error: 'child' is defined twice"),
    ("group_like_a_role", ROLES + "group gpu { renderer }\n", "2: error: 'gpu' is defined twice"),
    ("enum_twice", "enum a { x }\nenum a { y }\n", "2: error: enum 'a' is defined twice"),
    ("enum_empty", "enum a { }\n", "1: error: enum 'a' has an empty or repeated value"),
    ("enum_repeated", "enum a { x, y, x }\n", "1: error: enum 'a' has an empty or repeated value"),
    ("enum_no_word", "enum a { x, y z }\n", "1: error: enum 'a' has an empty or repeated value"),
    ("enum_long", "enum a { " + ", ".join(f"v{i}" for i in range(256)) + " }\n",
     "1: error: enum 'a' has more than 255 values"),
    ("message_twice", BOTH + "show()\nshow(u8 page)\n", "4: error: message 'show' is defined twice"),
    ("message_twice_elsewhere", BOTH + "show()\nrenderer -> browser\nshow()\n", "5: error: message 'show' is defined twice"),
    ("message_nowhere", ROLES + "show()\n", "2: error: message outside a 'from -> to' section"),
    ("field_twice", BOTH + "show(u8 page, u16 page)\n", "3: error: message 'show' has two fields of one name"),
    ("two_fds", BOTH + "show(fd a, fd b)\n", "3: error: at most one fd a message"),
    ("fd_of_a_child", ROLES + "renderer -> browser\nshow(fd a)\n", "3: error: only the browser passes descriptors"),
    ("too_long", BOTH + "show(string<65000> a, bytes<1000> b)\n", "3: error: message 'show' does not fit in a packet"),
    ("far_too_long", BOTH + "show(bytes<99999999999999999999> a)\n", "3: error: message 'show' does not fit in a packet"),
    ("between_children", ROLES + "renderer -> gpu\nshow(string<300> a)\n",
     "3: error: message 'show' between children is longer than the 256 bytes that are recorded"),
    ("field", BOTH + "show(page)\n", "3: error: cannot read field 'page'"),
    ("field_empty", BOTH + "show(u8 page,)\n", "3: error: cannot read field ''"),
    ("field_negative", BOTH + "show(string<-1> text)\n", "3: error: cannot read field 'string<-1> text'"),
    ("string_without_max", BOTH + "show(string text)\n", "3: error: 'text': string and bytes need <max>, others take none"),
    ("number_with_max", BOTH + "show(u8<3> page)\n", "3: error: 'page': string and bytes need <max>, others take none"),
    ("fd_with_max", BOTH + "show(fd<3> body)\n", "3: error: 'body': string and bytes need <max>, others take none"),
    ("type", BOTH + "show(u7 page)\n", "3: error: unknown type 'u7'"),
    ("max_of_zero", BOTH + "show(bytes<0> page)\n", "3: error: 'page': a maximum of 0 bytes"),
    ("reply_unknown", BOTH + "ask() => answer\nshow()\n", "3: error: reply 'answer' is not defined"),
    ("reply_same_way", BOTH + "ask() => answer\nanswer()\n", "3: error: reply 'answer' does not go back from receiver to sender"),
    ("reply_elsewhere", BOTH + "ask() => answer\nrenderer -> gpu\nanswer()\n",
     "3: error: reply 'answer' does not go back from receiver to sender"),
    ("reply_of_two", BOTH + "ask() => answer\nbeg() => answer\nrenderer -> browser\nanswer()\n",
     "4: error: reply 'answer' answers two requests"),
]

MAIN = """
#include "common/protocol.h"
#include <stdio.h>
void channel_send(struct channel *c, enum ipc_id id, const void *message) { (void)c; (void)id; (void)message; }
%s
int main(void) {
	struct ipc_ask ask = { 41 };
	renderer_dispatch(NULL, NULL, IPC_ASK, &ask);
	return 0;
}
"""
ASK = """void child_on_ask(struct child *self, struct channel *c, const struct ipc_ask *m)
{ (void)self; (void)c; printf("asked %u\\n", (unsigned)m->number); }
"""
OTHERS = """
void child_on_stop(struct child *self, struct channel *c, const struct ipc_stop *m)
{ (void)self; (void)c; (void)m; }
void child_on_set_all(struct child *self, struct channel *c, const struct ipc_set_all *m)
{ (void)self; (void)c; (void)m; }
"""
WARNINGS = ["-std=gnu17", "-Wall", "-Wextra", "-Wshadow", "-Wmissing-prototypes", "-Wstrict-prototypes", "-Werror"]


def generate(what, source, target):
    return subprocess.run([sys.executable, IPCGEN, what, source, target], capture_output=True, text=True)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class Golden(Folder):
    def test_small_protocol(self):
        for what, name in GOLDEN.items():
            made = self.folder / name
            run = generate(what, SMALL, made)
            self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
            golden = HERE / "types/golden" / name
            if made.read_text() != golden.read_text():
                lines = difflib.unified_diff(golden.read_text().splitlines(), made.read_text().splitlines(),
                                             str(golden), "made now", lineterm="")
                self.fail("\n".join(lines) + f"\nIf this is meant: python3 common/ipcgen.py {what} "
                          f"{os.path.relpath(SMALL, SOURCE)} {os.path.relpath(golden, SOURCE)}")

    def test_comments_belong_to_what_follows(self):
        source = self.folder / "protocol.ipc"
        source.write_text(ROLES + "# of a\nenum a { x }\nenum b { y }\nbrowser -> renderer\n# of one\none()\ntwo()\n"
                          "# of none\n\nthree()\n")
        made = self.folder / "docs"
        self.assertEqual(generate("docs", source, made).returncode, 0)
        text = made.read_text()
        self.assertIn("- `a`: `x`. of a\n- `b`: `y`\n", text)
        self.assertIn("| `one` |  |  | 0 B | of one |\n| `two` |  |  | 0 B |  |\n| `three` |  |  | 0 B |  |\n", text)

    def test_the_hash_knows_every_change(self):
        base = BOTH + "ask(u8 page) => answer\nrenderer -> browser\nanswer()\n"
        changes = [base.replace("u8", "u16"), base.replace("page", "tab"), base.replace(" => answer", ""),
                   base.replace("ask", "beg"), base.replace("gpu }", "gpu, plugin }"), base.replace("u8 page", "")]
        hashes = [self.hash_of(text) for text in [base, base] + changes]
        self.assertEqual(hashes[0], hashes[1])
        self.assertEqual(len(set(hashes)), len(changes) + 1)
        self.assertEqual(self.hash_of("# words\n" + base), hashes[0])

    def hash_of(self, text):
        source, made = self.folder / "protocol.ipc", self.folder / "protocol.h"
        source.write_text(text)
        self.assertEqual(generate("header", source, made).returncode, 0)
        return next(line for line in made.read_text().splitlines() if "IPC_PROTOCOL_HASH" in line)


class BadInput(Folder):
    def test_exact_error_lines(self):
        for name, text, error in BAD:
            with self.subTest(name):
                source = self.folder / f"{name}.ipc"
                source.write_text(text)
                self.check_refused("header", source, error)
        for what in GOLDEN:
            self.check_refused(what, source, error)

    def check_refused(self, what, source, error):
        made = self.folder / "made"
        run = generate(what, source, made)
        self.assertEqual((run.stderr, run.returncode), (f"{source.name}:{error}\n", 1))
        self.assertFalse(made.exists())

    def test_every_error_has_an_input(self):
        spec = importlib.util.spec_from_file_location("ipcgen", IPCGEN)
        ipcgen = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(ipcgen)
        tree = ast.parse(Path(IPCGEN).read_text())
        calls = {node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call)
                 and isinstance(node.func, ast.Attribute) and node.func.attr == "fail"}
        self.assertGreater(len(calls), 10)
        seen = set()

        def fail(self, why):
            seen.add(sys._getframe(1).f_lineno)
            raise SystemExit(why)

        ipcgen.Protocol.fail = fail
        for name, text, _ in BAD:
            source = self.folder / f"{name}.ipc"
            source.write_text(text)
            with self.assertRaises(SystemExit):
                ipcgen.Protocol(str(source))
        missing = sorted(line for line in calls if not any(abs(line - at) <= 1 for at in seen))
        self.assertEqual(missing, [], "lines of ipcgen.py whose error no bad input shows")

    def test_usage(self):
        run = subprocess.run([sys.executable, IPCGEN], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("ipcgen.py header|table|dispatch:ROLE|docs|lua IN OUT", run.stderr)


class Compiled(Folder):
    def setUp(self):
        super().setUp()
        (self.folder / "common").mkdir()
        for what, name in ("header", "protocol.h"), ("table", "protocol.c"), ("dispatch:renderer", "dispatch.c"):
            self.assertEqual(generate(what, SMALL, self.folder / "common" / name).returncode, 0)

    def link(self, handlers):
        (self.folder / "main.c").write_text(MAIN % handlers)
        sources = [self.folder / "common/protocol.c", self.folder / "common/dispatch.c", self.folder / "main.c"]
        return subprocess.run([*CC, *WARNINGS, "-I", self.folder, "-I", SOURCE, *sources, "-o", self.folder / "program"],
                              capture_output=True, text=True)

    def test_it_compiles_and_dispatches(self):
        run = self.link(ASK + OTHERS)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        run = subprocess.run([self.folder / "program"], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (0, "asked 41\n"))

    def test_a_missing_handler_is_a_link_error(self):
        run = self.link(OTHERS)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("undefined reference to `child_on_ask'", run.stderr)
        self.assertNotIn("child_on_stop", run.stderr)

    def test_a_handler_of_another_shape_does_not_compile(self):
        run = self.link(ASK.replace("const struct ipc_ask *m", "const struct ipc_stop *m").replace("m->number", "0"))
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("conflicting types for", run.stderr)


if __name__ == "__main__":
    IPCGEN, SOURCE, *CC = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
