"""Breaking each kind of process in a real terminal, and seeing the others live."""
import os
import re
import signal

import terminal
from terminal import expect, page, state


def test_break_dialog_sinks_one_renderer(new):
    t = new(page("target.html"), page("links.html"))
    t.wait("You arrived at the target")
    t.wait("2 tabs")
    before = t.processes("renderer")
    t.keys("F8")
    t.wait("this tab's renderer:1")
    t.wait("crashed SIGSEGV")
    t.keys("Enter")
    t.wait("This page's process has died")
    t.wait("crashed \\(SIGSEGV at address 0x0\\)")
    t.wait("obey_fault")
    t.wait(r"Nothing else was harmed: \d of \d (processes )?answered")
    t.wait(r"† renderer:1 +crashed")
    t.wait(r"† *Target")
    expect(len(set(before) & set(t.processes("renderer"))) == len(before) - 1, "more than one renderer died")
    t.keys("g", "t")
    t.wait("A page with links")
    t.click_text("first target", 3)
    t.wait("You arrived at the target")


def test_reload_brings_a_new_process(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    first = t.processes("renderer")[0]
    t.address("bulkhead://crash")
    t.wait("This page's process has died")
    t.wait(r"│file://.*target\.html")
    t.keys("r")
    t.wait("You arrived at the target")
    expect(first not in t.processes("renderer"), "the dead process still lives")
    t.wait(r"† renderer:1 +crashed")


def test_sad_tab_shows_its_report_and_messages(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.address("bulkhead://crash")
    t.wait("This page's process has died")
    t.keys("Enter")
    t.wait("─ report ")
    t.wait("signal +SIGSEGV")
    t.keys("Space")
    t.wait("Sandbox: ")
    t.keys("Escape")
    t.keys("D")
    t.wait("filter renderer:1")
    t.wait("obey_fault")


def test_the_report_tells_the_blast_radius(new):
    t = new(page("target.html"), page("clock.html"), size=(130, 45))
    t.wait("You arrived at the target")
    t.wait(r"plugin:1 +ready")
    t.wait(r"renderer:3 +ready")
    t.command("inject abort")
    t.wait("This page's process has died")
    t.wait(r"Nothing else was harmed: (\d) of \1 (processes )?answered in \d+\.\d ms\.")
    t.wait(r"│ +\d+\.\d+ all others answered: (\d) of \1 in \d+\.\d ms")
    t.keys("Enter")
    t.wait("─ report ")
    t.wait(r"Blast radius *│")
    t.wait(r"died +renderer:\d, pid \d+: crashed \(SIGABRT\)")
    t.wait(r"because of +abort")
    t.wait(r"lived +all others answered: (\d) of \1 in")
    for name in ("gpu:1", r"renderer:\d", "plugin:1"):
        t.wait(name + r" \d+\.\d\d ms")
    t.wait(r"lost +\d+ message")
    t.wait(r"requests +\d+ without a reply")
    t.wait(r"freed +\d+ descriptors, 2 regions of \d+ bytes")
    t.wait(r"known +\d+\.\d\d ms after it crashed, \d+\.\d\d ms after the order")
    t.wait(r"shown +\d+\.\d\d ms later")
    expect(" recovered " not in t.screen(), "it is told to be back before it is")
    t.keys("Escape", "r")
    t.wait("You arrived at the target")
    t.wait(r"✓ renderer:\d made up for in")
    t.keys("p", "G")
    t.keys("Enter")
    t.wait(r"recovered +in \d+\.\d ms from the reload")


def test_every_way_to_break_a_renderer(new):
    t = new(page("target.html"), page("other.html"))
    t.wait("You arrived at the target")
    ways = [("abort", "crashed.*SIGABRT"), ("illegal_instruction", "crashed.*SIGILL"),
            ("stack_overflow", "crashed.*SIGSEGV"), ("out_of_memory", "oom"), ("kill", "killed.*SIGKILL"),
            ("terminate", "killed.*SIGTERM"), ("exit", "abnormal"), ("violation", "crashed.*SIGSYS"),
            ("bad_message", "killed")]
    for way, seen in ways:
        t.command("inject " + way)
        t.wait("This page's process has died")
        t.wait(r"status +" + seen)
        t.keys("r")
        t.wait("You arrived at the target")
    t.keys("g", "t")
    t.wait("This is the other page")


def test_died_twice_changes_the_advice(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.command("inject abort")
    t.wait("This page's process has died")
    t.keys("r")
    t.wait("You arrived at the target")
    t.command("inject abort")
    t.wait("It died again in the same way")
    t.keys("r")
    t.wait("You arrived at the target")
    t.command("inject kill")
    t.wait("It died again, in another way")


def test_little_room_shows_what_was_said_and_heard(new):
    t = new(page("target.html"), size=(60, 20))
    t.wait("You arrived at the target")
    t.command("inject abort")
    t.wait("it said last")
    t.wait(r"it heard last\n.*obey_fault")
    t.wait("x  close")
    t.resize(40, 12)
    t.wait("(?s)r  reload.*x  close")


def test_break_dialog_explains_a_loop_by_who_loops(new):
    t = new(page("clock.html"))
    t.wait(r"plugin:1 +ready")
    t.keys("F8")
    t.wait(r"this tab's renderer:1 +gpu:1 +plugin:1 clock")
    t.type("endless")
    t.wait("▸ endless loop")
    t.wait("unresponsive")
    t.keys("Right")
    t.wait(r"▸ gpu:1")
    t.wait(r":inject endless loop into gpu:1")
    t.keys("Right", "Right")
    t.wait("no fault is called that")


def test_the_living_come_before_the_dead(new):
    t = new(page("target.html"), size=(110, 20))
    for _ in range(4):
        t.wait("You arrived at the target")
        t.command("inject abort")
        t.wait("This page's process has died")
        t.keys("r")
    t.wait("You arrived at the target")

    def in_order(screen):
        rows = screen.split("\n")
        living = [i for i, row in enumerate(rows) if re.search(r"─[●◆○].*(ready|spare)", row)]
        dead = [i for i, row in enumerate(rows) if re.search(r"─† renderer:\d", row)]
        return len(living) == 3 and (not dead or max(living) < min(dead)) and re.search(r"† [34] died", screen)
    t.wait("the living first, the dead counted", in_order)
    t.keys("p", "G")
    t.wait(r"└─† renderer:1 +crashed")


def test_a_closed_tab_is_no_casualty(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.keys("t")
    t.wait("Welcome aboard")
    t.keys("x")
    t.wait("1 tab ")
    t.wait(r"renderer:\d ended")
    t.until("that its process has ended", lambda: len(t.processes("renderer")) == 2)
    expect("†" not in t.screen() and " died" not in t.screen(), "a closed tab is counted among the dead")


def test_break_after_3_seconds_by_mouse(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.click_text("F8 break", 2)
    t.wait("whom")
    t.type("sigki")
    t.wait("▸ SIGKILL")
    t.click_text("after 3 s", 2)
    t.wait("▸ after 3 s")
    t.click_text("Enter do it", 2)
    t.wait("order 1 waits: SIGKILL into renderer:1 after 3")
    expect("This page's process has died" not in t.screen(), "it died before its time")
    t.wait("killed \\(SIGKILL", patience=6)


def test_gpu_crash_brings_the_picture_back(new):
    t = new(page("long.html"))
    t.wait("Top of the long page")
    first = t.processes("gpu")[0]
    t.address("bulkhead://gpucrash")
    t.wait(r"† gpu:1 +crashed")
    t.wait(r"gpu:2 +ready")
    expect(first not in t.processes("gpu"), "the GPU process still lives")
    t.wait("Top of the long page")
    t.keys("G")
    t.wait("The end of the long page")


def test_gpu_given_up_and_started_again(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    for number in range(1, 7):
        t.wait(rf"gpu:{number} +ready", patience=20)
        t.command("inject gpu kill")
        t.wait(rf"† gpu:{number} +killed")
        if "given up" in t.screen():
            break
    t.wait("was given up")
    t.wait(r"(?s)Nothing can be drawn without it\. Everything else goes .*\bon\. ")
    t.keys("t")
    t.wait("2 tabs")
    t.keys("F7")
    t.wait("Welcome aboard")


def test_plugin_crash_leaves_a_placeholder(new):
    t = new(page("clock.html"), page("target.html"))
    t.wait("Before the clock")
    t.wait(r"plugin:1 +ready")
    t.wait("Behind the clock")
    t.address("bulkhead://plugincrash")
    t.wait(r"† plugin:1 +crashed")
    t.wait("(?i)clock.*(crash|died|dead|gone|stopped|SIGSEGV)|(crash|died|dead|gone|stopped).*clock")
    t.wait("Before the clock")
    t.keys("G")
    t.wait("Paragraph 60")


def test_two_tabs_share_one_plugin_process(new):
    t = new(page("clock.html"), page("clock.html"))
    t.wait(r"plugin:1 +ready")
    t.keys("g", "t")
    t.wait("Before the clock")
    t.until("a clock that ticks", lambda: len(t.processes("plugin")) == 1)
    expect("plugin:2" not in t.screen(), "two tabs have two plugin processes")


def hang(t):
    t.wait("Top of the long page")
    t.address("bulkhead://hang")
    t.wait("renderer:1: hang|renderer:1", patience=5)


def test_hanging_page_scrolls_and_can_be_ended(new):
    t = new(page("long.html"), page("target.html"))
    hang(t)
    t.keys("G")
    t.wait("The end of the long page")
    t.wait("▲.*unresponsive|does not respond", patience=9)
    t.wait(r"▲ renderer:1 +unresponsive")
    t.keys("g")
    t.wait("Top of the long page")
    t.keys("k")
    t.wait("End renderer:1, which does not respond")
    t.keys("n")
    t.wait_gone("End renderer:1")
    t.keys("k", "y")
    t.wait("This page's process has died")
    t.wait("ended by you")
    t.keys("g", "t")
    t.wait("You arrived at the target")


def test_hanging_page_can_be_waited_for(new):
    t = new(page("long.html"), size=(110, 40))
    hang(t)
    t.wait(r"▲ renderer:1 +unresponsive", patience=9)
    t.wait("still scrolls +w wait")
    t.keys("w")
    t.wait_gone("w wait")
    t.wait("w wait", patience=9)
    t.click_text("k end it", 3)
    t.wait("This page's process has died")


def test_hanging_page_says_so_in_little_room(new):
    t = new(page("long.html"), size=(40, 12))
    t.wait("Top of the long page")
    t.command("inject hang")
    t.wait("▲ unresponsive", patience=9)
    t.keys("w")
    t.wait_gone("▲ unresponsive")


def stop(t, role):
    pid = t.processes(role)[0]
    os.kill(pid, signal.SIGSTOP)
    t.until("that it is stopped", lambda: state(pid) == "T")
    return pid


def test_stopped_gpu_freezes_the_picture_only(new):
    t = new(page("target.html"), page("other.html"))
    t.wait("You arrived at the target")
    t.wait(r"Target.*Other")
    stop(t, "gpu")
    t.wait(r"▲ The GPU process hangs \(\d\.\d s\): the picture is frozen")
    t.keys("t")
    t.wait("3 tabs")
    t.keys("?")
    t.wait("─ help ")
    t.keys("Escape")
    # The hang monitor kills it, and the picture is back.
    t.wait(r"gpu:2 +ready", patience=12)
    t.wait("Welcome aboard")


def test_stopped_plugin_leaves_its_page_scrolling(new):
    t = new(page("clock.html"))
    t.wait(r"plugin:1 +ready")
    t.wait("Before the clock")
    pid = stop(t, "plugin")
    t.keys("G")
    t.wait("Paragraph 60")
    t.keys("g")
    t.wait("Before the clock")
    os.kill(pid, signal.SIGCONT)


def test_stopped_renderer_scrolls_and_the_others_answer(new):
    t = new(page("long.html"), page("target.html"))
    t.wait("Top of the long page")
    t.wait("2 tabs")
    pid = stop(t, "renderer")
    t.keys("G")
    t.wait("The end of the long page")
    t.keys("g", "t")
    t.wait("You arrived at the target")
    t.click_text("and back", 2)
    t.wait("A page with links")
    os.kill(pid, signal.SIGCONT)
    t.keys("g", "T")
    t.keys("g")
    t.wait("Top of the long page")


def test_kill_from_outside_is_told_like_any_other(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    os.kill(t.processes("renderer")[0], signal.SIGKILL)
    t.wait("This page's process has died")
    t.wait("killed \\(SIGKILL")
    t.keys("r")
    t.wait("You arrived at the target")


def test_kill_in_the_tree_asks_first(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.keys("p", "j", "k")
    t.wait("Kill renderer:1")
    t.keys("n")
    t.wait_gone("Kill renderer:1")
    t.keys("k", "y")
    t.wait("This page's process has died")


if __name__ == "__main__":
    terminal.run(globals())
