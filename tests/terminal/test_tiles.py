"""All tabs at once, in a real terminal: one tile sinks while the others go on."""
import re
import unicodedata

import terminal
from terminal import expect, page

FOUR = ["target.html", "clock.html", "long.html", "wide.html"]


def open_four(new, *more, **options):
    t = new(*more, *[page(name) for name in FOUR], **options)
    t.wait("You arrived at the target")
    t.wait("배 이야기|\\?\\? \\?\\?\\?")
    t.keys("F3")
    t.wait(r"▸all tabs|>all tabs")
    return t


def clock(t):
    """What the clock's tile shows: its digits."""
    return "\n".join(re.findall(r"[│┃]([ █]{20,})", t.screen())[:5])


def ticks(t):
    before = clock(t)
    expect("█" in before, "the clock has no digits")
    t.until("that the clock ticks", lambda: "█" in clock(t) and clock(t) != before)


def messages(t, name):
    return open(t.log).read().count(f'"name":"{name}"')


def is_whole(screen, columns):
    """No row is longer than the screen, and as many frames end in each as begin."""
    for row in screen.split("\n"):
        row = re.sub("└─[●◆○†▲✓]", "   ", row)  # of the process tree
        width = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
                    for c in row)
        if width > columns or any(row.count(left) != row.count(right) for left, right in ("┌┐", "└┘", "┏┓", "┗┛")):
            return False
    return True


def check_edges(t, columns):
    t.wait("that all frames are whole", lambda screen: is_whole(screen, columns))


def test_every_tab_has_a_live_tile(new):
    t = open_four(new)
    t.wait("┏ 1 Target ● ━+┓ ┌ 2 A clock ● ─+┐")
    t.wait("┌ 3 A long page ● ─+┐ ┌ 4 배 이야기 ● ─+┐")
    t.wait("You arrived at the target")
    t.wait("Top of the long page")
    t.wait("漢字 …│|漢…│")
    t.wait(r"[└┗] renderer:\d ready [─━]+ [▁-█]{8} [┘┛]")
    check_edges(t, 110)
    ticks(t)


def test_one_tile_sinks_the_others_go_on(new):
    t = open_four(new)
    t.keys("End")
    t.wait("┏ 4 배 이야기 ● ━")
    victims = t.processes("renderer")
    t.keys("F8")
    t.wait("whom +▸ this tab's renderer")
    t.keys("Enter")
    t.wait("┏ 4 배 이야기 † ━")
    t.wait("┃ +† crashed SIG[A-Z]+ +┃")
    t.wait(r"┗ renderer:\d ━+ \d\.\d s ago ┛")
    expect(len(set(victims) - set(t.processes("renderer"))) == 1, "not one renderer died")
    t.wait(r"2 A clock ●")
    ticks(t)
    t.wait("1 Target ●")
    expect("You arrived" in t.screen(), "another tile is empty")
    colored = t.screen(colors=True)
    frame = re.search(r"((?:\x1b\[[\d;]*m)+)┗", colored).group(1)
    expect("38;5;203" in frame, f"the dead tile's frame is not red: {frame!r}")
    t.keys("r")
    t.wait("┏ 4 배 이야기 ● ━")
    t.wait("The ferry 페리")
    t.keys("Enter")
    t.wait_gone("▸all tabs")
    t.wait("The ferry 페리 sails at nine")


def test_going_about(new):
    t = open_four(new)
    t.keys("l")
    t.wait("┏ 2 A clock")
    t.wait("┌▸1 Target")
    t.keys("j")
    t.wait("┏ 4 배")
    t.keys("h")
    t.wait("┏ 3 A long")
    t.keys("k")
    t.wait("┏ 1 Target")
    t.keys("k", "Left")
    t.wait("┏ 1 Target")
    t.keys("M-3")
    t.wait("┏ 3 A long")
    t.keys("Home")
    t.wait("┏ 1 Target")
    t.keys("End")
    t.wait("┏ 4 배")
    t.keys("Tab")
    t.wait("┏ 4 배")
    t.keys("Escape")
    t.wait("You arrived at the target")
    t.wait_gone("▸all tabs")
    t.keys("F3")
    t.wait("┏ 1 Target")
    t.keys("Down", "Enter")
    t.wait("Row number 12 of three hundred")
    t.keys("F3")
    t.wait("┏ 3 A long")
    t.keys("F3")
    t.wait_gone("▸all tabs")
    t.wait("Row number 12 of three hundred")
    t.command("tiles")
    t.wait("▸all tabs")
    t.keys("?")
    t.wait("─ help ")
    t.keys("NPage")
    t.wait(r"F3 +:tiles")
    t.keys("Escape")
    t.wait("▸all tabs")


def test_the_mouse(new):
    t = open_four(new)
    t.click_text("4 배")
    t.wait("┏ 4 배")
    t.click_text("4 배")
    t.wait("The ferry 페리 sails at nine")
    t.wait_gone("▸all tabs")
    t.keys("F3")
    t.wait("┏ 4 배")
    t.wheel(10, 5, down=False)
    t.wait("┏ 2 A clock")
    t.click_text(" F3 ")
    t.wait("The ferry 페리 sails at nine")


def test_tabs_come_and_go(new):
    t = open_four(new)
    t.keys("l", "x")
    t.wait("3 tabs")
    t.wait(r"[┌┏][ ▸]2 A long page")
    t.wait("Top of the long page")
    t.keys("t")
    t.wait(r"┏ 4 Start ● ")
    t.wait("Welcome aboard")
    t.keys("h", "h")
    t.wait("┏ 2 A long page")
    t.address(page("other.html"))
    t.wait("┏ 2 Other")
    t.wait("This is the other")
    t.keys("Escape")
    t.wait("You arrived at the target")


def test_a_tile_is_scrolled(new):
    t = open_four(new)
    t.keys("M-3")
    t.wait("┏ 3 A long")
    t.wait("┃ +1. Row number 1 of")
    t.keys("d")
    t.wait("┃ +13. Row number 13")
    before = messages(t, "show_tiles")
    t.keys("u")
    t.wait("┃ +1. Row number 1 of")
    expect(messages(t, "show_tiles") == before, "all tiles were arranged anew")


def test_resize(new):
    t = open_four(new)
    for columns, rows in ((60, 20), (40, 10), (150, 45), (24, 6), (200, 50), (110, 30)):
        t.resize(columns, rows)
        t.wait(f"that the screen is {columns} wide", lambda screen: max(map(len, screen.split("\n"))) >= columns - 1)
        t.wait(r"[┌┏][ ▸]1 Target ●")
        check_edges(t, columns)
        if rows >= 10:
            t.wait("You arrived at")
    ticks(t)


def test_a_panel_beside_the_tiles(new):
    """Tiles stand over the panels, unless one of them has the keys; the pages keep their size."""
    t = open_four(new)
    t.wait("▸all tabs ─{80,} F3 ─")
    t.wait_gone("─ processes ─")
    before = messages(t, "set_viewport")
    t.keys("D")
    t.wait("filter renderer")
    t.wait(" all tabs ─+ F3 ─┬─")
    t.wait("You arrived at")
    check_edges(t, 110)
    t.keys("Escape", "Escape")
    t.wait("▸all tabs ─{80,} F3 ─")
    t.wait("┏ 1 Target")
    t.keys("Enter")
    t.wait("─ processes ─")
    t.wait("You arrived at the target")
    expect(messages(t, "set_viewport") == before, "pages were laid out anew")


def test_ascii(new):
    t = open_four(new, "--ascii")
    t.wait(r"\+ 1 Target o =+\+ \. 2 A clock o -+\.")
    t.wait(r"\?{10,} ?~\|")
    t.keys("Right")
    t.wait(r"\.>1 Target o -+\. \+ 2 A clock o =+\+")
    t.command("inject abort")
    t.wait(r"\| +! crashed SIGABRT +\|")
    expect(all(ord(c) < 128 for c in t.screen()), "something is not ASCII")


def test_without_colors(new):
    t = open_four(new, env={"NO_COLOR": "1"})
    t.keys("Right")
    t.wait("┏ 2 A clock")
    t.command("inject abort")
    t.wait("┃ +† crashed SIGABRT +┃")
    t.wait("┏ 2 A clock † ━")


def test_the_gpu_process_dies_meanwhile(new):
    t = open_four(new)
    ticks(t)
    first = t.processes("gpu")
    t.command("inject gpu abort")
    t.until("that another GPU process takes over", lambda: t.processes("gpu") not in (first, []))
    ticks(t)
    t.wait("You arrived at the target")
    t.wait("The ferry 페리 sails at")
    t.keys("Right")
    t.wait("┏ 2 A clock")
    t.command("inject abort")
    t.wait("† crashed SIGABRT")
    t.wait("The ferry 페리 sails at")


def test_a_page_that_hangs(new):
    t = open_four(new)
    t.keys("Right")
    t.wait("┏ 2 A clock")
    t.command("inject hang")
    t.wait("┏ 2 A clock ▲ ━", patience=20)
    t.wait(r"┗ unresponsive ━+ \d+\.\d s ┛")
    ticks(t)
    t.keys("k", "j")
    t.wait("┏ 3 A long|┏ 4 배")


def test_fifty_tabs(new):
    t = new(*[page("target.html")] * 24, page("clock.html"), *[page("other.html")] * 25, size=(120, 40))
    t.wait("50 tabs")
    t.keys("F3")
    t.wait(r"1 to \d+ of 50 ─ F3")
    t.wait("┏ 1 Target ● ")
    t.keys("End")
    t.wait(r"\d+ to 50 of 50 ─ F3")
    t.wait("┏ 50 Other ● ")
    t.wait("This is the ot")
    check_edges(t, 120)
    t.keys("PPage")
    t.wait_gone("┏ 50 ")
    t.keys("Home")
    t.wait(r"1 to \d+ of 50 ─ F3")
    t.wait("┏ 1 Target")
    t.until("that all pages are there", lambda: messages(t, "did_finish_load") == 50)
    t.command("inject abort")
    t.wait("┏ 1 Target † ")
    t.wait("† crashed SIGABRT")
    t.until("that the log has it", lambda: open(t.log).read().count('"event":"exit"') == 1)
    check_edges(t, 120)


def test_titles_are_never_raw(new):
    t = new(page("evil.html"), page("target.html"))
    t.wait("2 tabs")
    t.keys("F3")
    t.wait(r"┌ 2 Target|┌[ ▸]2")
    check_edges(t, 110)
    screen = t.screen()
    expect("\x1b" not in screen and "\x07" not in screen, "a control character came through")
    expect(t.flag("pane_title") != "evil", "the page set the terminal's title")


if __name__ == "__main__":
    terminal.run(globals())
