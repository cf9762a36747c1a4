"""Sequence diagrams in a real terminal: lanes, arrows, deaths, live and paused, a message opened, a chain, narrow."""
import re
import terminal
from terminal import expect, page


def begin(new, *pages, filter_text=None, **options):
    """The sequence of what passes the filter, over the screen."""
    t = new(*(p if p.startswith("-") else page(p) for p in pages), **options)
    t.wait("did_finish_load|did_update_surface" if options.get("size", (110, 40))[0] >= 100 else "You arrived at the target")
    t.keys("M")
    t.wait(r"▸traffic|>traffic")
    if filter_text:
        t.command("filter " + filter_text)
        t.wait("filter " + re.escape(filter_text[:30]))
    t.keys("s")
    t.wait(r"[▸>]sequence")
    return t


def test_lanes_and_arrows(new):
    t = begin(new, "target.html", size=(110, 40), filter_text="name=commit_navigation or name=did_finish_load")
    t.wait(r"^ +browser +renderer:1\n")
    t.wait(r"├─+ commit_navigation ─+▶│ +\+0\.000 ms")
    t.wait(r"│◀─+ did_finish_load ─+┤ +\+[0-9.]+ m?s")
    t.wait("▸sequence of name=commit_navigation")
    t.keys("Escape")
    t.wait(r"time +from +to +message")
    expect("▸sequence" not in t.screen(), "the diagram is still there")


def test_a_death_ends_its_lane(new):
    t = begin(new, "target.html", size=(110, 40), filter_text="process=renderer:1")
    t.keys("Escape")
    t.command("inject abort")
    t.keys("s")
    screen = t.wait("† crashed SIGABRT")
    row = next(r for r in screen.split("\n") if "† crashed SIGABRT" in r)
    column = row.index("†")
    heading = next(r for r in screen.split("\n") if "renderer:1" in r and "▸" not in r)
    expect(abs(heading.index("renderer:1") + 5 - column) <= 1, f"the death is in another lane: {heading} / {row}")
    below = screen.split("\n")[screen.split("\n").index(row) + 1:-3]
    expect(all(len(r) <= column or r[column] != "│" for r in below), "the lane goes on below the death")


def test_live_and_paused(new):
    t = begin(new, "clock.html", size=(110, 40))
    t.wait("following")
    screen = t.wait("did_update_surface")
    t.wait("another message", lambda s: s != screen)
    t.keys("k")
    t.wait("paused")
    t.keys("k", "k")
    frozen = t.wait("paused")
    log = lambda: open(t.log).read().count("did_update_surface")
    before = log()
    t.until("that messages came", lambda: log() > before + 1)
    expect(t.screen() == frozen, "the diagram moved while paused")
    t.keys("G")
    t.wait("following")
    t.wait("what came meanwhile", lambda s: s != frozen)
    t.keys("Space")
    t.wait("paused")
    t.keys("g")
    t.wait(r"\+0\.000 ms")


def test_a_message_is_opened(new):
    t = begin(new, "target.html", size=(110, 40), filter_text="name=commit_navigation")
    t.wait("commit_navigation ─")
    t.keys("g", "Enter")
    t.wait("target.html")
    t.wait("reading")
    t.keys("Escape")
    t.wait_gone("reading")
    t.wait("▸sequence of name=commit_navigation")
    t.keys("Escape")
    t.wait(r"time +from +to +message")


def test_the_chain_of_an_opened_message(new):
    t = begin(new, "target.html", size=(110, 40), filter_text="name=did_finish_load")
    t.keys("g", "Enter")
    t.wait("reading")
    t.keys("s")
    t.wait(r"▸sequence of chain=\w")
    t.wait("did_finish_load")
    # Whichever handler saw the end of the page.
    t.wait("commit_navigation|end_body")
    t.wait("user")
    t.wait("command start")


def test_a_click_marks_and_opens(new):
    t = begin(new, "target.html", size=(110, 40), filter_text="name~did_commit or name~finish_load")
    t.wait("did_finish_load ─")
    t.wait("did_commit ─")
    t.click_text("did_commit ─", 2)
    t.wait("paused")
    t.click_text("did_commit ─", 2)
    t.wait("reading")
    t.wait("▸did_commit")


def test_too_many_lanes_scroll(new):
    t = begin(new, "target.html", "clock.html", "other.html", size=(60, 20))
    t.wait(r"lanes 1-\d of [5-9]")
    t.keys("l")
    t.wait(r"lanes 2-\d of [5-9]")
    t.keys("h")
    t.wait(r"lanes 1-\d of [5-9]")
    t.wait(r"◀|▶")


def test_ascii(new):
    t = begin(new, "--ascii", "target.html", size=(110, 40), filter_text="name=commit_navigation")
    t.wait(r"\|-+ commit_navigation -+>\|")
    expect(t.screen().isascii(), "not all of it is ASCII")


def test_nothing_matches(new):
    t = begin(new, "target.html", size=(110, 40), filter_text="name=ghost_ship")
    t.wait("nothing has passed the filter yet")
    t.keys("Enter", "j", "G", "l", "Escape")
    t.wait(r"time +from +to +message")


if __name__ == "__main__":
    terminal.run(globals())
