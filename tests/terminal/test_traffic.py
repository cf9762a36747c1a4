"""The traffic panel in a real terminal: live, paused, filtered, one message opened."""
import terminal
from terminal import expect, page


def test_traffic_is_live(new):
    t = new(page("clock.html"), size=(110, 60))
    t.wait(r"p1→b +did_update_surface")
    before = t.screen()
    t.wait("another message", lambda screen: screen != before)


def test_pause_and_follow(new):
    t = new(page("clock.html"), size=(110, 60))
    t.wait(r"did_update_surface")
    t.keys("m")
    column = t.rows()[2].index("┬")
    def panel():
        rows = t.rows()
        start = next(i for i, row in enumerate(rows) if "traffic" in row) + 1
        # Time, route and name; how long it waited may still be filled in.
        return [row[column:column + 35] for row in rows[start:-3]]
    t.until("that the list is full", lambda: panel()[-1].strip("│ "))
    t.keys("Space")
    t.wait("paused")
    frozen = panel()
    t.wait("[1-9][0-9]* new")
    t.wait("([5-9]|[1-9][0-9]+) new")
    expect(panel() == frozen, "the list moved while paused")
    t.keys("Space")
    t.wait("following")
    t.until("that the list moves again", lambda: panel() != frozen)


def test_filter(new):
    t = new(page("target.html"), size=(110, 60))
    t.wait("did_finish_load")
    t.keys("m", "/")
    t.wait("^ filter ")
    t.type("finish_load")
    t.wait("filter finish_load")
    t.wait("that others are hidden", lambda screen: "did_commit" not in screen and "did_finish_load" in screen)
    t.keys("Enter")
    t.wait("filtered")
    t.keys("Escape")
    t.wait("did_commit|did_present|release_frame")
    t.command("filter gpu:1")
    t.wait("filter gpu:1")


def test_filter_finds_what_was_lost(new):
    t = new(page("target.html"), size=(120, 40))
    t.wait("You arrived at the target")
    t.command("traffic exit")
    t.wait("filter exit")
    t.keys("Escape")
    t.keys("Escape", "Escape")
    t.command("inject abort")
    t.wait("This page's process has died")
    t.command("filter sigabrt")
    t.wait("† renderer:1 crashed SIGABRT")


def test_message_opens_with_all_its_fields(new):
    t = new(size=(110, 40))
    t.wait("Welcome aboard")
    t.address(page("target.html"))
    t.wait("You arrived at the target")
    t.keys("m", "/")
    t.wait("^ filter ")
    t.type("commit_navigation")
    t.keys("Enter")
    t.wait(r"b→r1 +commit_navigation")
    t.wait("2 of")
    t.keys("G")
    t.keys("Enter")
    t.wait("─ message ")
    t.wait(r"from +browser")
    t.wait(r"to +renderer:\d")
    t.wait(r"status +delivered")
    t.wait(r"page u32 = \d+")
    t.wait(r"url string<4096> =")
    t.wait(r"\"file:///")
    t.wait(r"mime string<\d+> = \"text/html\"")
    t.wait("Why, and what came of it")
    t.wait(r"command address /.* ms")
    t.wait(r"└ commit_navigation  b→r\d +← here")
    t.keys("G")
    t.wait(r"0010 ")
    t.keys("Escape")
    t.wait_gone("─ message ")


def test_message_opens_by_mouse(new):
    t = new(page("target.html"), size=(110, 60))
    t.wait("did_finish_load")
    t.click_text("did_finish_load", 2)
    t.wait("paused")
    t.click_text("did_finish_load", 2)
    t.wait("─ message ")
    t.click(0, 0)
    t.wait_gone("─ message ")


def test_full_screen(new):
    t = new(page("target.html"), size=(110, 60))
    t.wait("did_finish_load")
    t.command("traffic")
    t.wait(r"time +from +to +message +bytes +queued")
    t.wait(r"renderer:1 +browser +did_finish_load")
    t.wait(r"page=1 navigation=1")
    t.keys("Escape")
    t.wait("You arrived at the target")


def test_full_screen_gives_way_to_a_page(new):
    t = new(page("target.html"), page("other.html"), size=(110, 40))
    t.wait("You arrived at the target")
    t.keys("M")
    t.wait(r"time +from +to +message")
    t.wait("pings hidden, P shows")
    t.address(page("links.html"))
    t.wait("A page with links")
    t.keys("M")
    t.wait(r"time +from +to +message")
    t.keys("g", "t")
    t.wait("This is the other page")


def test_filter_that_matches_nothing_says_so(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.keys("m", "/")
    t.wait("^ filter ")
    t.type("no such thing")
    t.wait("nothing matches *$")


def test_help_key_does_not_close_a_message(new):
    t = new(page("target.html"), size=(110, 40))
    t.wait("did_finish_load")
    t.keys("m")
    t.wait("▸traffic .*no pings")
    t.keys("Enter")
    t.wait("─ message ")
    t.keys("?")
    t.wait("─ help ")
    t.keys("?")
    t.wait_gone("─ help ")
    expect("─ message " in t.screen(), "the message is gone")


def test_pings_are_shown_when_asked_for(new):
    t = new(page("target.html"), page("other.html"), size=(110, 60))
    t.wait("You arrived at the target")
    t.command("inject abort")
    t.wait("answered in")
    expect("pong" not in t.screen(), "pings are shown without having been asked for")
    t.keys("m", "P")
    t.wait("→b +pong")


def test_a_death_and_its_cause_are_in_the_list(new):
    t = new(page("target.html"), size=(120, 40))
    t.wait("You arrived at the target")
    t.keys("F8")
    t.wait("whom")
    t.keys("Enter")
    t.wait("command inject null dereference into ren")
    t.wait(r"b→r1 +obey_fault")
    t.wait("† renderer:1 crashed SIGSEGV")


if __name__ == "__main__":
    terminal.run(globals())
