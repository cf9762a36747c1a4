"""The browser as the victim, in a real terminal: restarted and ended in order, hung for a while, crashed."""
import re
import time

import terminal
from terminal import expect, page


LINE = r"Row number \d+"


def test_restart_keeps_pid_and_tabs(new):
    t = new(page("target.html"), page("links.html"))
    t.wait("You arrived at the target")
    t.wait("2 tabs")
    pid, children = t.pid(), t.processes("renderer") + t.processes("gpu")
    t.address("chrome://restart")
    t.until("new children", lambda: t.processes("renderer") and not set(t.processes("renderer")) & set(children))
    expect(t.pid() == pid, "it is another process")
    t.wait("You arrived at the target")
    t.wait("2 tabs")
    t.keys("g", "t")
    t.wait("A page with links")
    expect(not set(t.processes("gpu")) & set(children), "a child has survived")
    t.keys("C-q", "y")
    expect(t.ended() == "ended with 0", "it did not end well")
    t.check_given_back()


def test_restart_shows_the_same_place(new):
    """The tab that was shown, scrolled to where it was; and so a second time."""
    t = new("--no-log", page("target.html"), page("long.html"))
    t.wait("You arrived at the target")
    t.keys("g", "t")
    t.wait("Top of the long page")
    t.keys("PageDown")
    t.wait_gone("Top of the long page")
    top = re.search(LINE, t.screen())
    for _ in range(2):
        children = t.processes("renderer")
        t.address("bulkhead://restart")
        t.until("new children", lambda: t.processes("renderer") and not set(t.processes("renderer")) & set(children))
        t.until("the same place", lambda: (found := re.search(LINE, t.screen())) and found[0] == top[0])
        t.wait("2 tabs")


def test_quit_ends_in_order(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.address("bulkhead://quit")
    expect(t.ended() == "ended with 0", "it did not end well")
    t.check_given_back()
    expect(t.stderr() == "", t.stderr())


def test_restart_is_refused_without_faults(new):
    t = new("--no-faults", page("target.html"))
    t.wait("You arrived at the target")
    pid, first = t.pid(), t.processes("renderer")[0]
    t.address("bulkhead://restart")
    t.wait("faults are off")
    t.address("bulkhead://crash")
    t.wait("faults are off")
    expect(t.pid() == pid and first in t.processes("renderer"), "something was broken")


def test_a_crash_gives_the_terminal_back(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.address("bulkhead://inducebrowsercrashforrealz")
    expect(t.ended() == "ended with 139", "it did not die of SIGSEGV")
    t.check_given_back()


def test_the_next_start_tells_of_a_crash(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    other = new("--profile", t.folder, page("target.html"))
    other.wait("You arrived at the target")
    expect("in order" not in other.screen(), "one that runs was taken for one that broke off")
    t.address("bulkhead://inducebrowsercrashforrealz")
    expect(t.ended() == "ended with 139", "it did not die of SIGSEGV")
    after = new("--profile", t.folder, "--no-log", page("target.html"))
    after.wait("the last browser process did not end in order; its log: " + re.escape(t.folder))
    after.command("q")
    expect(after.ended() == "ended with 0", "it did not end well")
    again = new("--profile", t.folder, page("target.html"))
    again.wait("You arrived at the target")
    expect("in order" not in again.screen(), "an orderly end was taken for another, or told of twice")


def test_the_screen_comes_back_after_a_hang(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    began = time.monotonic()
    t.address("bulkhead://inject/browser/short-hang/1s")
    t.keys("?")
    t.wait("─ help ")
    t.keys("Escape")
    t.wait_gone("─ help ")
    expect(time.monotonic() - began > 0.9, "it did not hang")
    expect(t.pid(), "it has died")


if __name__ == "__main__":
    terminal.run(globals())
