"""The terminal itself: kinds, sizes, colours, suspending, and giving it back whole however the browser ends."""
import os
import re
import signal
import subprocess

import terminal
from terminal import Session, expect, page, state

# A terminal of sixteen colours is not among the few that Debian always has.
SIXTEEN = "sixteen|sixteen colours,\n\tcolors#16, pairs#256,\n" \
	  "\tsetaf=\\E[%?%p1%{8}%<%t3%p1%d%e9%p1%{8}%-%d%;m, setab=\\E[%?%p1%{8}%<%t4%p1%d%e10%p1%{8}%-%d%;m,\n" \
	  "\tuse=xterm-256color,\n"


def colors_used(screen):
    return set(re.findall(r"\033\[([0-9;]*)m", screen))


def check_lines_fit(t, columns):
    for row in t.rows():
        expect(len(row) <= columns, f"a row is longer than the screen: {row}")


def test_resizing(new):
    t = new(page("long.html"), page("target.html"))
    t.wait("Top of the long page")
    for columns, rows in ((40, 12), (300, 100), (60, 20), (200, 50), (80, 24), (110, 30)):
        t.resize(columns, rows)
        t.wait(f"the page at {columns}x{rows}",
               lambda screen: "Top of the long page" in screen and len(screen.rstrip("\n").split("\n")) == rows)
        t.wait("help" if columns >= 60 else r"\?")
        check_lines_fit(t, columns)


def test_40x12_one_thing_at_a_time(new):
    t = new(page("target.html"), size=(40, 12))
    t.wait("You arrived at the target")
    t.keys("F9")
    t.wait("renderer:1 +ready")
    t.wait_gone("You arrived")
    t.keys("F12")
    t.wait("did_finish_load|did_present|release_frame|set_viewport")
    t.wait_gone("renderer:1 +ready")
    t.keys("Escape")
    t.wait("You arrived at the target")
    t.keys("F8")
    t.wait("null dereference")
    t.wait("Enter do it")
    t.keys("Enter")
    t.wait("process has died")
    t.wait("reload")
    t.keys("r")
    t.wait("You arrived at the target")
    t.keys("?")
    t.wait("─ help ")


def test_10x3_is_too_small_but_no_crash(new):
    t = new(page("target.html"), size=(10, 3))
    t.wait("too small")
    t.keys("t", "j", "F8", "Escape", "F9", "F12", "Escape", "?", "Escape")
    t.wait("too small")
    t.resize(100, 30)
    t.wait("Welcome aboard|renderer:1")
    t.resize(1, 1)
    t.resize(2, 5)
    t.resize(100, 30)
    t.wait("2 tabs")


def test_many_tabs_in_little_room(new):
    t = new(*[page("target.html")] * 12, size=(60, 20))
    t.wait("You arrived at the target")
    t.wait(r"Target *✕ .*●.*●.*●")
    check_lines_fit(t, 60)
    t.keys("M-9")
    t.wait("You arrived at the target")
    t.wait(r"Target *✕")


def test_many_tabs_share_the_strip(new):
    t = new(*[page("target.html")] * 12, size=(110, 20))
    t.wait("You arrived at the target")
    t.wait("Target *✕ +(●Tar… ){11}")
    check_lines_fit(t, 110)


def test_kinds_of_terminals(new):
    for kind in ("xterm", "screen", "screen-256color", "vt100", "linux"):
        t = new(page("target.html"), env={"TERM": kind})
        t.wait("You arrived at the target")
        t.keys("F8")
        t.wait("whom")
        t.keys("Escape")
        t.wait_gone("whom")
        t.command("q")
        expect(t.ended() == "ended with 0", f"TERM={kind}: {t.stderr()}")
        # These have no second screen to return from.
        t.check_given_back(second_screen=kind not in ("vt100", "linux"))
        t.close()
        new.made.remove(t)


def test_sixteen_colours(new):
    t = new("about:blank", size=(60, 20))
    source = os.path.join(t.folder, "sixteen.ti")
    with open(source, "w", encoding="ascii") as file:
        file.write(SIXTEEN)
    subprocess.run(["tic", "-x", "-o", os.path.join(t.folder, "terminfo"), source], check=True)
    u = new(page("target.html"), env={"TERM": "sixteen", "TERMINFO": os.path.join(t.folder, "terminfo")})
    u.wait("You arrived at the target")
    used = colors_used(u.screen(colors=True))
    expect(any(re.search(r"(^|;)(3[0-7]|9[0-7])", c) for c in used), f"no colours are used: {used}")
    expect(not any("38;5" in c for c in used), f"colours are used that it has not: {used}")


def test_a_full_disk_is_told(new):
    t = new("--log", "/dev/full", size=(110, 30))
    t.wait("the log cannot be written: /dev/full: No space left on device")
    t.wait("Welcome aboard")


def test_no_color_is_obeyed(new):
    t = new(page("target.html"), env={"NO_COLOR": "1"})
    t.wait("You arrived at the target")
    t.command("inject abort")
    t.wait("This page's process has died")
    t.wait("† renderer:1 +crashed")
    for used in colors_used(t.screen(colors=True)):
        expect(not re.search(r"(^|;)(3[0-8]|4[0-8]|9[0-7]|10[0-7])($|;)", used), f"a colour is used: {used}")


def test_empty_no_color_means_nothing(new):
    t = new(page("target.html"), env={"NO_COLOR": ""})
    t.wait("You arrived at the target")
    expect(any("38;5" in c for c in colors_used(t.screen(colors=True))), "no colours are used")


def test_ascii(new):
    t = new("--ascii", page("wide.html"))
    t.wait("The ferry")
    t.wait("o renderer:1")
    t.command("inject abort")
    t.wait("This page's process has died")
    t.wait("! renderer:1 +crashed")
    t.keys("F8")
    t.wait("whom")
    strange = sorted({c for c in t.screen() if ord(c) > 126})
    expect(not strange, f"more than ASCII is shown: {strange}")


def test_locale_that_is_not_utf8(new):
    t = new(page("target.html"), env={"LC_ALL": "C"})
    t.wait("You arrived at the target")
    t.wait("├─● renderer:1")


def test_wide_characters_are_never_halved(new):
    t = new(page("wide.html"), size=(61, 20))
    t.wait("ferry 페리")
    t.wait("日本語の文章")
    for columns in (60, 59, 58, 57, 47, 45):
        t.resize(columns, 20)
        t.wait(f"the page at {columns}", lambda screen: "漢字" in screen and "ferry 페리" in screen)
    expect("�" not in t.screen(), "half a character is shown")


def refused(new, env, words, command=None):
    t = new(page("target.html"), env=env) if command is None else command
    expect(t.ended() == "ended with 1", f"it did not fail: {t.ended()}")
    expect(re.search(words, t.stderr()), f"it said: {t.stderr()}")
    expect(t.stderr().count("\n") == 1, f"more than one line: {t.stderr()}")
    t.check_given_back()


def test_dumb_terminal_is_refused(new):
    refused(new, {"TERM": "dumb"}, r"^bulkhead: terminal: TERM=dumb cannot ")


def test_unknown_terminal_is_refused(new):
    refused(new, {"TERM": "no-such-thing"}, r"^bulkhead: terminal: TERM=no-such-thing is not known")


def test_signals_from_outside_give_the_terminal_back(new):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        t = new(page("target.html"))
        t.wait("You arrived at the target")
        os.kill(t.pid(), number)
        t.ended()
        t.check_given_back()
        t.close()
        new.made.remove(t)


def test_own_crash_gives_the_terminal_back(new):
    for number in (signal.SIGSEGV, signal.SIGABRT):
        t = new(page("target.html"))
        t.wait("You arrived at the target")
        pid = t.pid()
        kin = t.processes("renderer") + t.processes("gpu")
        os.kill(pid, number)
        expect(t.ended() == f"ended with {128 + number}", f"it did not die of the signal: {t.ended()}")
        t.check_given_back()
        t.until("that no child is left", lambda: all(state(k) in ("", "Z") for k in kin))
        t.close()
        new.made.remove(t)


def test_terminal_that_goes_away_ends_the_browser(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    pid = t.pid()
    t.tmux("kill-server", check=False)
    t.until("that the browser ends", lambda: not os.path.exists(f"/proc/{pid}"))


def test_suspend_and_resume(new):
    t = Session(new.browser, command="exec bash --norc --noprofile -i")
    new.made.append(t)
    t.type(f"cd {t.folder}; PS1=prompt:; env TERM=xterm-256color {t.browser} --no-log {page('long.html')}")
    t.keys("Enter")
    t.wait("Top of the long page")
    shell = int(t.flag("pane_pid"))
    pid = next(p for p in terminal.children(shell) if terminal.comm(p) == "bulkhead")
    kin = terminal.children(pid)
    t.keys("C-z")
    t.wait("Stopped")
    t.wait("^prompt:")
    expect(state(pid) == "T", "it is not stopped")
    expect(t.flag("alternate_on") == "0" and t.flag("mouse_any_flag") == "0", "the terminal was not given back")
    expect(all(state(k) not in ("T", "") for k in kin), "its children were stopped too")
    t.resize(100, 28)
    t.type("fg")
    t.keys("Enter")
    t.wait("Top of the long page")
    t.wait("the screen at its new size", lambda screen: len(screen.rstrip("\n").split("\n")) == 28)
    t.keys("G")
    t.wait("The end of the long page")
    t.command("q")
    t.wait("^prompt:$")


def test_stopped_terminal_does_not_stop_the_browser(new):
    """Nobody reads what the browser writes: it must still answer its children, and end when told to."""
    t = new(page("clock.html"))
    t.wait(r"plugin:1 +ready")
    server = int(t.flag("pid"))
    os.kill(server, signal.SIGSTOP)
    try:
        size = os.path.getsize(t.log)
        t.until("that messages still pass", lambda: os.path.getsize(t.log) > size + 2000)
    finally:
        os.kill(server, signal.SIGCONT)
    t.keys("t")
    t.wait("Welcome aboard")


def test_escape_sequences_of_pages_never_reach_the_terminal(new):
    t = new(size=(110, 30))
    t.wait("Welcome aboard")
    raw = os.path.join(t.folder, "raw")
    t.tmux("pipe-pane", "-o", f"cat > {raw}")
    t.address(page("evil.html"))
    t.wait("The page goes on")
    t.address("data:text/html,<title>x%1b]0;y%07z</title><p>data %1b[31m page")
    t.wait("data .*page")
    t.command("q")
    t.ended()
    sent = open(raw, "rb").read()
    for evil in (b"\033]", b"\033[31m", b"\033[5n", b"\xc2\x9b", b"\xe2\x80\xae", b"owned\007", b"\033[6n"):
        expect(evil not in sent, f"{evil!r} was sent to the terminal")


if __name__ == "__main__":
    terminal.run(globals())
