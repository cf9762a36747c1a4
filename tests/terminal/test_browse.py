"""Browsing in a real terminal: tabs, links, addresses, scrolling, panels, mouse."""
import http.server
import re
import threading
import time

import terminal
from terminal import expect, page


def test_start_page_tree_and_traffic(new):
    t = new(size=(110, 60))
    t.wait("Welcome aboard")
    t.wait(r"processes .*F9")
    t.wait(r"traffic .*following")
    t.wait(r"├─● renderer:1 +ready")
    t.wait(r"└─◆ gpu:1 +ready")
    t.wait(r"renderer:2 +ready.* spare")
    t.wait(r"r1→b +did_finish_load")
    t.wait(r"sandbox 13/13")
    t.wait(r"\? help *$")
    expect("ping" not in t.screen(), "pings are shown without having been asked for")


def test_tabs_open_switch_and_close(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.keys("t")
    t.wait("Welcome aboard")
    t.wait("2 tabs")
    t.keys("g", "t")
    t.wait("You arrived at the target")
    t.keys("C-PPage")
    t.wait("Welcome aboard")
    t.keys("M-1")
    t.wait("You arrived at the target")
    t.keys("M-9")
    t.wait("Welcome aboard")
    t.keys("x")
    t.wait("1 tab ")
    t.wait("You arrived at the target")
    t.keys("X")
    t.wait("Welcome aboard")
    t.wait("2 tabs")
    t.keys("C-w")
    t.wait("1 tab ")


def test_several_urls_open_several_tabs(new):
    t = new(page("links.html"), page("target.html"), page("other.html"))
    t.wait("A page with links")
    t.wait(r"Links.*Target.*Other.*3 tabs")
    expect(len(t.processes("renderer")) >= 3, "three tabs have fewer than three processes")


def test_tabs_by_mouse(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.click_text(" + ")
    t.wait("Welcome aboard")
    t.click_text("Target")
    t.wait("You arrived at the target")
    t.click_text("✕", 0)
    t.wait("1 tab ")
    t.wait("Welcome aboard")


def test_link_by_hint(new):
    t = new(page("links.html"))
    t.wait("A page with links")
    t.keys("f")
    t.wait(r"^ links")
    t.keys("a")
    t.wait("You arrived at the target")
    t.keys("H")
    t.wait("A page with links")
    t.keys("L")
    t.wait("You arrived at the target")


def test_hints_wait_for_the_picture_that_was_scrolled_to(new):
    t = new(page("far.html"))
    t.wait("first link")
    t.raw(b"Gf")
    t.wait("^ links")
    t.wait("aast link")
    expect("first link" not in t.screen(), "the old picture is labelled")
    t.keys("a")
    t.wait("This is the other page")


def test_link_by_mouse(new):
    t = new(page("links.html"))
    t.wait("A page with links")
    t.click_text("second target", 3)
    t.wait("This is the other page")
    t.click_text("←", 0)
    t.wait("A page with links")


def test_link_by_focus(new):
    t = new(page("links.html"))
    t.wait("A page with links")
    t.keys("Tab", "Enter")
    t.wait("You arrived at the target")


def test_page_may_not_crash_itself_by_a_link(new):
    t = new(page("links.html"))
    t.wait("A page with links")
    before = t.processes("renderer")[0]
    t.click_text("a forbidden one", 3)
    t.wait("refused")
    expect(before in t.processes("renderer"), "a page's link to a debug URL was obeyed")
    expect("A page with links" in t.screen(), "the page is gone")


def test_scrolling(new):
    t = new(page("long.html"))
    t.wait("Top of the long page")
    t.keys("j", "j", "j", "j", "j", "j")
    t.wait_gone("Top of the long page")
    t.keys("k", "k", "k", "k", "k", "k")
    t.wait("Top of the long page")
    t.keys("Space")
    t.wait_gone("Top of the long page")
    t.keys("PPage")
    t.wait("Top of the long page")
    t.keys("G")
    t.wait("The end of the long page")
    t.keys("g")
    t.wait("Top of the long page")
    row, column = t.find("Row number 5 ")
    for _ in range(4):
        t.wheel(row, column)
    t.wait_gone("Top of the long page")
    for _ in range(4):
        t.wheel(row, column, down=False)
    t.wait("Top of the long page")


def test_address_bar(new):
    t = new()
    t.wait("Welcome aboard")
    t.address(page("target.html"))
    t.wait("You arrived at the target")
    t.keys("o")
    t.wait("^ address ")
    t.type("nothing of this remains")
    t.keys("C-u")
    t.type(page("oher.html"))
    t.keys("Left", "Left", "Left", "Left", "Left", "Left", "Left", "Left")
    t.type("t")
    t.keys("Enter")
    t.wait("This is the other page")
    t.keys("o", "Up", "Enter")
    t.wait("This is the other page")
    t.keys("C-l")
    t.wait("^ address ")
    t.keys("Escape")
    t.wait_gone("^ address ")
    t.keys("r")
    t.wait("This is the other page")


def test_address_can_be_pasted(new):
    t = new()
    t.wait("Welcome aboard")
    t.keys("o")
    t.wait("^ address ")
    t.raw(b"\033[200~" + page("target.html").encode() + b"\n\033[201~")
    t.wait(r"target\.html")
    expect("You arrived" not in t.screen(), "a line end in a paste was taken for Enter")
    t.keys("Enter")
    t.wait("You arrived at the target")


def test_pasting_runs_no_commands(new):
    t = new()
    t.wait("Welcome aboard")
    t.raw(b"\033[200~xtttx:q\n\033[201~")
    t.keys("t")
    t.wait("2 tabs")
    expect("3 tabs" not in t.screen(), "a paste was taken for keys")


def test_wide_text_in_the_address_bar(new):
    t = new()
    t.wait("Welcome aboard")
    t.keys("o")
    t.wait("^ address ")
    t.type("가나다라")
    t.keys("Left", "BSpace")
    t.wait("│가나라 ")
    t.keys("Escape")


def test_error_page_for_a_missing_file(new):
    t = new("/does/not/exist.html")
    t.wait("(?i)no such file")
    t.wait("│file:///does/not/exist.html")


def test_panels_fold(new):
    t = new()
    t.wait("Welcome aboard")
    t.keys("F9")
    t.wait("▸processes ─")
    t.keys("F9")
    t.wait_gone("processes ─")
    t.keys("F12")
    t.wait("▸traffic ─")
    t.keys("F12")
    t.wait_gone("traffic ─")
    t.wait_gone("┬")
    t.keys("F9")
    t.wait("▸processes ─")
    t.wait("renderer:1")
    t.keys("Escape", "D")
    t.wait("traffic ─")
    t.click_text("F12", 1)
    t.wait_gone("traffic ─")


def test_f12_marks_the_newest_message(new):
    t = new()
    t.wait("Welcome aboard")
    t.wait("did_finish_load")
    t.keys("F12")
    t.wait("▸traffic")
    t.wait("key F12")
    t.keys("Enter")
    t.wait("─ message ")
    t.wait(r"from +(browser|renderer|gpu)")
    t.wait(r"to +(browser|renderer|gpu)")


def test_process_report(new):
    t = new()
    t.wait("renderer:1 +ready")
    t.keys("p", "j", "Enter")
    t.wait("─ report ")
    t.wait("Sandbox: 13 of 13 layers")
    t.wait(r"seccomp +verified")
    t.wait(r"landlock +reported")
    t.keys("Escape")
    t.wait_gone("─ report ")
    t.click_text("gpu:1", 1)
    t.click_text("gpu:1", 1)
    t.wait("─ report ")
    t.wait(r"^\W*gpu:1")


def test_processes_sort(new):
    t = new()
    t.wait("renderer:1 +ready")
    t.keys("p", "F6")
    t.wait("sorted by cpu")
    t.keys("F6")
    t.wait("sorted by memory")


def test_help_and_commands(new):
    t = new()
    t.wait("Welcome aboard")
    t.keys("?")
    t.wait("─ help ")
    t.wait(":reopen")
    t.keys("G")
    t.wait("Signs")
    t.keys("Escape")
    t.wait_gone("─ help ")
    t.command("address " + page("target.html"))
    t.wait("You arrived at the target")
    t.command("nonsense")
    t.wait("nonsense: there is no such command")
    t.keys(":")
    t.type("reo")
    t.keys("Tab")
    t.wait("^ :reopen")
    t.keys("Escape")


def test_inject_completes_whom_before_how(new):
    t = new()
    t.wait("Welcome aboard")
    t.wait("gpu:1 +ready")
    t.keys(":")
    t.wait("^ :")
    t.type("inject ")
    t.wait("^ :inject +renderer  gpu  plugin  ")
    t.type("g")
    t.keys("Tab")
    t.wait("^ :inject gpu +gpu  gpu:1")
    t.keys("Tab", "Tab")
    t.wait("^ :inject gpu:1 ")
    t.type(" sigk")
    t.keys("Tab")
    t.wait("^ :inject gpu:1 SIGKILL")
    t.keys("Enter")
    t.wait("† gpu:1 +killed")


def test_the_mark_stays_with_its_process(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.wait(r"renderer:2 +ready")
    t.keys("p", "G")
    t.command("tab")
    t.wait("2 tabs")
    t.wait(r"renderer:3 +ready")
    t.keys("p", "Enter")
    t.wait("─ report ")
    t.wait(r"│ gpu:1 ")


def test_quit(new):
    t = new()
    t.wait("Welcome aboard")
    t.command("q")
    expect(t.ended() == "ended with 0", t.ended() + t.stderr())
    t.check_given_back()


def test_quit_asks_with_more_than_one_tab(new):
    t = new(page("target.html"), page("other.html"))
    t.wait("2 tabs")
    t.keys("C-q")
    t.wait("Quit with 2 tabs open")
    t.keys("n")
    t.wait_gone("Quit with 2 tabs open")
    t.keys("C-q")
    t.wait("Quit with 2 tabs open")
    t.keys("y")
    expect(t.ended() == "ended with 0", t.stderr())


def test_input_is_logged_with_what_it_caused(new):
    t = new(page("links.html"))
    t.wait("A page with links")
    t.keys("f")
    t.wait(r"^ links")
    t.keys("a")
    t.wait("You arrived at the target")
    t.command("q")
    t.ended()
    log = open(t.log).read()
    found = re.search(r'"type":"input"[^\n]*"id":"(browser/\d+)"[^\n]*link a', log)
    expect(found, "the key that followed the link is not in the log")
    expect(re.search(r'"cause":"%s"[^\n]*"name":"click"' % found.group(1), log), "the click does not name its key")


class Slow(http.server.BaseHTTPRequestHandler):
    """A page of which a piece comes ten times a second, for as long as one cares to wait."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            for number in range(1000):
                self.wfile.write(f"<p>Slow paragraph {number:03}</p>".encode().ljust(1000))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    def log_message(self, *words):
        pass


def test_slow_page_appears_as_it_arrives_and_can_be_stopped(new):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        t = new(f"http://127.0.0.1:{server.server_address[1]}/")
        t.wait("Slow paragraph 000")
        t.wait(r"loading \d.*%")
        t.wait("Slow paragraph 004")
        t.wait(r"← → ✕ │")
        t.wait(r"^ +⟳")
        t.wait("Esc stop")
        t.keys("Escape")
        t.wait_gone("loading|Esc stop")
        t.wait("Slow paragraph 000")
        server.shutdown()


def test_no_sandbox_is_said_for_as_long_as_it_runs(new):
    t = new("--no-sandbox", page("target.html"))
    t.wait("You arrived at the target")
    t.wait("NO SANDBOX")
    t.keys("t")
    t.wait("Welcome aboard")
    t.wait("NO SANDBOX")


if __name__ == "__main__":
    terminal.run(globals())
