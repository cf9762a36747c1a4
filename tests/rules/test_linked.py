#!/usr/bin/env python3
"""What each executable is linked with:  test_linked.py BUILD_ROOT

The linker proves the separation: no process but the browser has the terminal, the network or the disk's libraries, none
but the renderer parses web content. Both shared libraries (also those that libraries bring along) and what was linked
statically, known by its symbols, are looked at.
"""
import re
import subprocess
import sys
import unittest
from pathlib import Path

BUILD = None
BROWSER, RENDERER, GPU, PLUGIN = "browser/bulkhead", "renderer/bulkhead-renderer", "gpu/bulkhead-gpu", "plugin/bulkhead-plugin"
ALL = {BROWSER, RENDERER, GPU, PLUGIN}

# A thing, the names of its shared libraries, the beginnings of its functions' names, who may have it, who must.
THINGS = [
    ("the terminal", r"lib(n?curses|tinfo)w?\.", r"(initscr|newterm|wrefresh|wget_wch|setupterm)", {BROWSER}, {BROWSER}),
    ("the network", r"lib(curl|ssl|gnutls|nghttp2)[-.]", r"(curl_easy_|curl_multi_|SSL_)", {BROWSER}, {BROWSER}),
    ("a database", r"libsqlite3?\.", r"sqlite3_", {BROWSER}, set()),
    ("a JSON parser", r"libcjson\.", r"cJSON_", {BROWSER}, {BROWSER}),
    ("the HTML parser", r"lib(modest|myhtml)\.", r"(myhtml_|modest_)", {RENDERER}, {RENDERER}),
    ("character sets", r"libicu(uc|i18n)\.", r"(ucnv_|ucol_)", {RENDERER, BROWSER}, set()),
]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def shared_libraries(executable):
    return re.findall(r"^\s*(\S+\.so\S*)", run("ldd", executable), re.M)


def symbols(executable):
    """Functions that it has or wants."""
    lines = run("nm", executable).splitlines() + run("nm", "--dynamic", executable).splitlines()
    return {line.split()[-1].split("@")[0] for line in lines if line.split()[-2:-1] and line.split()[-2] in "TtUWw"}


class Linked(unittest.TestCase):
    def test_who_has_what(self):
        for name in sorted(ALL):
            executable = BUILD / name
            self.assertTrue(executable.exists(), f"{executable} was not built")
            libraries, functions = shared_libraries(executable), symbols(executable)
            self.assertTrue(any(lib.startswith("libc.so") for lib in libraries), libraries)
            self.assertIn("channel_open", functions)
            for thing, library, function, may, must in THINGS:
                with self.subTest(f"{thing} in {name}"):
                    found = [lib for lib in libraries if re.match(library, lib)]
                    found += sorted(f for f in functions if re.match(function, f))[:3]
                    if name not in may:
                        self.assertEqual(found, [], f"{name} has {thing}")
                    if name in must:
                        self.assertNotEqual(found, [], f"{name} lacks {thing}: is it known by other names now?")

    def test_no_role_has_anothers_code(self):
        own = {RENDERER: "renderer_dispatch", GPU: "gpu_dispatch", PLUGIN: "plugin_dispatch", BROWSER: "browser_dispatch"}
        for name in sorted(ALL):
            functions = symbols(BUILD / name)
            self.assertEqual([f for f in own.values() if f in functions], [own[name]], name)


if __name__ == "__main__":
    BUILD = Path(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
