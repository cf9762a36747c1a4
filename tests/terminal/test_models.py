"""Process models in a real terminal: who shares a renderer, and what is said of it."""
import os
import signal

import terminal
from terminal import expect, page

THREE = ("target.html", "links.html", "long.html")


def three(new, model):
    t = new(f"--process-model={model}", *(page(name) for name in THREE), size=(140, 34))
    t.wait("3 tabs")
    t.wait("You arrived at the target")
    return t


def test_one_renderer_for_all(new):
    t = three(new, "one")
    t.wait(r"renderer:\d+ +ready.* 3 tabs")
    t.wait(r"ALL IN ONE \d+/\d+")
    expect(len(t.processes("renderer")) == 1, "there is more than one renderer")
    os.kill(t.processes("renderer")[0], signal.SIGKILL)
    t.wait("This page's process has died")
    t.wait(r"3 tabs sank with it; no other harm: 1 of 1 (processes )?answered")
    t.wait(r"† renderer:\d+ +killed.* 3 tabs")
    expect(not t.processes("renderer"), "a renderer lives")
    t.keys("r")
    t.wait("You arrived at the target")
    t.keys("g", "t")
    t.wait("This page's process has died")
    t.keys("r")
    t.wait(r"renderer:\d+ +ready.* 2 tabs")
    expect(len(t.processes("renderer")) == 1, "there is more than one renderer")


def test_a_hang_is_that_of_all_its_tabs(new):
    t = three(new, "one")
    os.kill(t.processes("renderer")[0], signal.SIGSTOP)
    t.wait("Target and 2 more of its process")
    t.keys("g", "t")
    t.wait("Links and 2 more of its process")
    t.keys("k")
    t.wait(r"End renderer:\d+ and its 3 tabs")
    t.keys("y")
    t.wait("This page's process has died")


def test_each_its_own(new):
    t = three(new, "per-tab")
    t.wait(r"sandbox \d+/\d+")
    os.kill(t.processes("renderer")[0], signal.SIGKILL)
    t.wait(r"† renderer:1 +killed")
    expect(len(t.processes("renderer")) >= 3, "more than one renderer died")


if __name__ == "__main__":
    terminal.run(globals())
