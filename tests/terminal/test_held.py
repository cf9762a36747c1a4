"""The pages of the break dialog with breakpoints and with messages sent by hand, in a real terminal."""
import re
import terminal
from terminal import page

TIMETABLE = "bulkhead://pages/timetable.html"


def start(new, size=(110, 34)):
    t = new(TIMETABLE, size=size)
    t.wait("In fog the ferry waits")
    return t


def page_says(text):
    """Is it on the page, which is left of the divider?"""
    return lambda screen: any(text in row.split("│")[0] for row in screen.split("\n"))


def hold(t, question):
    t.command("hold")
    t.wait("No breakpoint is set")
    t.type(question)
    t.keys("Enter")
    t.wait("holds +▸? +1  0 so far: " + re.escape(question))
    t.keys("Escape")
    t.wait_gone("by hand")


def test_held_edited_and_let_go(new):
    t = start(new)
    hold(t, "name=submit_frame")
    t.keys("r")
    t.wait("■ held: submit_frame|■ 1 held")
    t.wait("renderer:1 +held")
    t.keys("B")
    t.wait(r"held +▸ +1 .*renderer:1 → gpu:1 submit_frame")
    t.wait(r"rows +u32 +13")
    t.keys("e", "Down", "Down", "Down", "Down")
    t.wait("▸ rows")
    t.keys("Enter", "5", "Enter")
    t.wait(r"submit_frame \(edited\)")
    t.wait("c lets it go on")
    t.keys("c")
    t.wait_gone("by hand")
    # The GPU process was told of fewer rows: the last line of the page is gone.
    t.wait("that the page is cut", lambda screen: page_says("from the pier")(screen) and not page_says("In fog")(screen))
    t.until("the log says so", lambda: any(m.get("marks") == "edited" and m.get("breakpoint") == 1 and m["args"]["rows"] == 5
                                           for m in t.messages("submit_frame")))


def test_held_and_dropped(new):
    t = start(new)
    hold(t, "name=did_commit")
    t.keys("r")
    t.wait("■ held: did_commit|■ 1 held")
    t.keys("B")
    t.wait("renderer:1 → browser did_commit")
    t.keys("d")
    t.wait_gone("■")
    t.until("the log says so", lambda: any(m["status"] == "lost" and m.get("where") == "breakpoint"
                                           for m in t.messages("did_commit")))


def test_a_question_that_is_wrong(new):
    t = start(new)
    t.command("hold")
    t.wait("No breakpoint is set")
    t.type("form=gpu")
    t.keys("Enter")
    t.wait("column 1: .*did you mean 'from'")
    t.keys("C-u")
    t.type("fro")
    t.wait("^.*│ +from")
    t.keys("Tab")
    t.type("gpu")
    t.keys("Enter")
    t.wait("1  0 so far: from=gpu")
    t.keys("Tab", "Tab", "x")
    t.wait("No breakpoint is set")


def test_break_here(new):
    t = start(new)
    t.keys("M", "/")
    t.wait("filter ")
    t.type("name=did_finish_load")
    t.keys("Enter")
    t.wait("did_finish_load")
    t.keys("b")
    t.wait("name=did_finish_load and from=renderer:1 and to=browser")
    t.keys("Enter")
    t.wait("holds +▸? +1  0 so far")


def test_sent_by_hand(new):
    t = start(new)
    t.command("send")
    t.wait("▸ from +browser")
    t.wait("to +renderer:1")
    # A narrower page: its text flows anew.
    t.keys("Down", "Down", "Down", "Down", "Enter", "3", "0", "Enter")
    t.wait("columns +u16 +30")
    t.wait("browser -> renderer:1 set_viewport page=1 columns=30")
    t.keys("F2")
    t.until("it was sent and marked", lambda: any(m.get("marks") == "by_hand" and m["args"]["columns"] == 30
                                                  for m in t.messages("set_viewport")))
    # Out of range for its type: told, and nothing is changed.
    t.keys("Enter")
    t.type("70000")
    t.keys("Enter")
    t.wait("columns is a number from 0 to 65535")
    t.keys("Escape", "Escape")
    t.wait_gone("by hand")


def test_raw_bytes(new):
    t = start(new)
    t.command("send")
    t.wait("▸ from +browser")
    t.keys("Enter")
    t.type("renderer:1")
    t.keys("Enter")
    t.wait("from +renderer:1")
    t.keys("Down", "Enter")
    t.type("browser")
    t.keys("Enter")
    t.wait("to +browser")
    t.keys("Down", "Enter")
    t.type("did_commit")
    t.keys("Enter")
    t.wait("message +did_commit")
    t.keys("F4")
    t.wait("bytes +00 00 00 00 00 00 00 00")
    t.keys("Down", "Enter")
    t.type("01 02")
    t.keys("Enter")
    t.wait("renderer:1 -> browser type=did_commit bytes=01 02")
    t.keys("F2")
    t.keys("Escape")
    t.wait("bad message: too_short")


def test_commands_are_completed(new):
    t = start(new)
    t.keys(":")
    t.type("hold fro")
    t.keys("Tab")
    t.wait(":hold from=")
    t.keys("C-u")
    t.type("send renderer:1 -> gpu:1 submit")
    t.keys("Tab")
    t.wait("submit_frame ")
    t.type("gen")
    t.keys("Tab")
    t.wait("generation=")
    t.keys("C-u")
    t.type("send renderer:1 -> gpu:1 submit_frame pgae=1")
    t.keys("Enter")
    t.wait("at 'pgae': .*did you mean 'page'")


def test_what_no_child_may_say_kills_it(new):
    t = start(new)
    t.command("send renderer:1 -> browser type=did_commit bytes=01 00")
    t.wait("This page's process has died")
    t.wait("bad message: too_short")


if __name__ == "__main__":
    terminal.run(globals())
