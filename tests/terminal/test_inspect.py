"""The traffic over the full screen: questions as they are typed, one message opened, along its chain, marks."""
import json
import os
import re
import subprocess

import terminal
from terminal import expect, page


def full(new, name="target.html", size=(130, 40), **options):
    t = new(page(name), size=size, **options)
    t.wait("did_finish_load|did_update_surface")
    t.keys("M")
    t.wait(r"time +from +to +message +bytes +queued +handled +cause")
    return t


def ask(t, text):
    t.keys("/")
    t.wait("^ filter ")
    t.type(text)


def filtered(t, text):
    t.keys("Escape")
    t.command("filter " + text)
    t.wait("filter " + text.replace("(", r"\(").replace(")", r"\)"))


def list_rows(t):
    """The rows of the list: those that begin with a time."""
    return [row for row in t.rows() if row[:9].rstrip("*").strip("▸ ").replace(".", "").isdigit()]


def marked(t):
    return [row for row in list_rows(t) if row[8] == "*"]


def test_a_question_filters_while_it_is_typed(new):
    t = full(new)
    ask(t, "from=renderer and name~^did_")
    t.wait("that only that is left", lambda screen: "did_finish_load" in screen
           and all(re.search(r"renderer:\d+ +\w+(:\d)? +did_", row) for row in list_rows(t)))
    t.keys("Enter")
    t.wait(r"filter from=renderer and name~\^did_")
    t.wait("filtered")


def test_an_error_points_at_its_column_and_the_list_stays(new):
    t = full(new)
    ask(t, "name=did_finish_load")
    t.wait("that only that is left", lambda screen: len(list_rows(t)) == 1)
    t.type(" and nmae=x")
    t.wait("there is no field 'nmae'; did you mean 'name'")
    rows = t.rows()
    line = next(i for i, row in enumerate(rows) if row.startswith("filter "))
    expect(rows[line + 1].index("^") == rows[line].index("nmae"), "the caret is elsewhere")
    expect(len(list_rows(t)) == 1 and "did_finish_load" in list_rows(t)[0], "the list is not what it was")
    # It is not left behind as if it were in force.
    t.keys("Enter")
    t.wait("^ filter ")
    t.keys("BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace")
    t.type("bytes>0")
    t.wait_gone("there is no field")
    t.keys("Enter")
    t.wait("filter name=did_finish_load and bytes>0")


def test_the_begin_of_a_field_hides_nothing(new):
    t = full(new)
    t.wait("did_finish_load")
    ask(t, "name")
    t.wait("filter name")
    t.wait("name=")
    t.type("=did_finish_load")
    t.wait("that only that is left", lambda screen: len(list_rows(t)) == 1)


def test_tab_and_arrows_complete(new):
    t = full(new)
    ask(t, "from=re")
    t.wait(r"^ +renderer ")
    t.keys("Tab")
    t.wait("filter from=renderer")
    t.type(" and status=")
    t.wait(r"^ +delivered")
    t.keys("Down", "Down", "Up", "Enter")
    t.wait("filter from=renderer and status=delivered")
    t.keys("Enter")
    t.wait("filtered")


def test_filters_are_remembered(new):
    t = full(new)
    ask(t, "name=did_commit")
    t.keys("Enter")
    ask(t, "name=did_finish_load")
    t.keys("Enter")
    t.keys("/", "Up", "Up")
    t.wait("filter name=did_commit")
    t.keys("Down")
    t.wait("filter name=did_finish_load")


def test_a_message_opens_in_two_panes(new):
    t = full(new)
    filtered(t, "name=commit_navigation")
    t.keys("Escape", "M")
    t.command("filter name=commit_navigation")
    t.wait("1 of")
    t.keys("Enter")
    t.wait(r"─ commit_navigation ─+.*┬─ Why, and what came of it")
    t.wait(r"page u32 = 1")
    t.wait(r"mime string<64> = \"text/html\"")
    t.wait(r"handled +[\d.]+ µs")
    t.wait(r"commit_navigation  b→r1 +← here")
    t.wait(r"├ did_commit  r1→b +\+[\d.]+ ms")
    t.wait(r"└ did_present  g1→b")
    # What is marked in the list is what is shown.
    expect(any("commit_navigation" in row for row in list_rows(t)), "the list is hidden")
    t.keys("Escape")
    t.wait_gone("Why, and what came of it")
    t.wait(r"time +from +to")


def test_the_panes_follow_the_mark(new):
    t = full(new)
    t.command("filter from=renderer and kind=message")
    t.wait("filter from=renderer")
    t.keys("Home")
    t.keys("Enter")
    t.wait(r"─ did_start ─")
    t.keys("Down")
    t.wait_gone(r"─ did_start ─")
    t.wait(r"from +renderer:")


def test_the_tree_leads_along(new):
    t = full(new)
    t.command("filter name=did_commit")
    t.wait("1 of")
    t.keys("Enter")
    t.wait(r"did_commit  r1→b +← here")
    t.keys("Tab", "Tab")
    t.wait("─▸Why, and what came of it")
    t.keys("k", "Enter")
    t.wait(r"─ commit_navigation ─")
    t.wait(r"commit_navigation  b→r1 +← here")
    t.keys("]")
    t.wait(r"did_commit  r1→b +← here")
    t.keys("[", "[")
    t.wait(r"─ command ─")
    t.keys("[")
    t.wait("it has no cause")


def test_request_and_reply(new):
    t = full(new)
    t.command("inject abort")
    t.wait("all others answered")
    t.command("traffic name=ping")
    t.wait(r"browser +\w+:\d +ping")
    t.keys("Enter")
    t.wait(r"reply +\w+:\d+/\d+  pong, [\d.]+ ms later")
    t.keys("%")
    t.wait(r"─ pong ─")
    t.wait(r"reply to +browser/\d+  ping")
    t.keys("%")
    t.wait(r"─ ping ─")


def test_its_chain_only(new):
    t = full(new)
    t.command("filter name=commit_navigation")
    t.wait("1 of")
    t.keys("c")
    t.wait(r"filter chain=browser/\d+")
    t.wait("its cause, itself and its effects", lambda screen: all(
        any(word in row for row in list_rows(t))
        for word in ("command", "commit_navigation", "did_commit", "did_present", "release_frame")))
    expect(not any("did_start" in row for row in list_rows(t)), "others are in its chain")


def test_a_death_is_in_the_tree(new):
    t = full(new)
    t.command("inject abort")
    t.wait("† renderer:1 crashed SIGABRT")
    t.command("traffic name=obey_fault")
    t.wait("1 of")
    t.keys("Enter")
    t.wait(r"kind fault = abort")
    t.wait(r"obey_fault  b→r1 +← here")
    t.wait(r"├ † renderer:1 crashed SIGABRT")


def test_marks(new):
    t = full(new)
    t.keys("Home")
    t.wait("paused")
    t.keys("v", "Down", "Down", "Down", "v")
    t.wait("two signs", lambda screen: len(marked(t)) == 2)
    t.keys("End")
    t.wait("following")
    t.keys("N", "N", "Enter")
    opened = t.wait(r"─ (\w+) ─+.*┬─ Why")
    first = re.search(r"─ (\w+) ─+.*┬─ Why", opened).group(1)
    expect(first in list_rows(t)[0], "that is not the first row, which was marked")
    t.keys("N")
    t.wait("no mark before this one")
    t.keys("v")
    t.wait("one sign", lambda screen: len(marked(t)) == 1)
    t.keys("n")
    t.wait_gone(f"─ {first} ─")


def test_hide_a_kind_and_show_only_one(new):
    t = full(new, "clock.html")
    t.command("filter from=plugin or from=gpu")
    t.wait("filter from=plugin or from=gpu")
    t.command("filter name=did_update_surface")
    t.wait("filter name=did_update_surface")
    t.wait(r"browser +did_update_surface")
    t.keys("-")
    t.wait("filter name=did_update_surface and not name=did_update_surface")
    t.wait("nothing matches")
    t.command("filter from=plugin or name=did_present")
    t.wait(r"did_update_surface")
    t.keys("Space", "Home")
    t.keys("=")
    t.wait(r"filter \(from=plugin or name=did_present\) and name=")
    t.command("filter name=did_present and arg.page=1")
    t.wait(r"page=1 generation")
    t.keys("T")
    t.wait("filter name=did_present and arg.page=1 and tab=1")


def test_a_message_is_copied(new):
    t = full(new)
    t.tmux("set", "-g", "set-clipboard", "on")
    t.command("filter name=did_finish_load")
    t.wait("1 of")
    t.keys("y")
    t.wait("is copied")
    line = json.loads(t.until("the buffer", lambda: t.tmux("show-buffer", check=False)))
    expect(line["name"] == "did_finish_load" and line["from"] == "renderer:1" and line["args"]["page"] == 1, str(line))


def test_what_is_shown_is_exported(new):
    t = full(new)
    t.command("filter name=did_finish_load")
    t.wait("1 of")
    t.keys("e")
    t.wait("^ :export traffic.jsonl")
    # The session's own log has that name here.
    t.keys("Enter")
    t.wait("traffic.jsonl: File exists")
    t.command("export shown.jsonl")
    t.wait(r"1 messages are in shown.jsonl \(json\)")
    read = subprocess.run([t.browser, "log", "--json", os.path.join(t.folder, "shown.jsonl")], capture_output=True,
                          text=True)
    expect(read.returncode == 0 and not read.stderr, "bulkhead log does not like it: " + read.stderr)
    expect([json.loads(line).get("name") for line in read.stdout.splitlines()] == [None, "did_finish_load"], read.stdout)
    t.command("export shown.csv")
    t.wait(r"1 messages are in shown.csv \(csv\)")
    expect("did_finish_load" in open(os.path.join(t.folder, "shown.csv")).read(), "it is not in the file")
    t.command("export shown.what")
    t.wait("the name says how")


def test_pause_keeps_its_place_while_messages_flow(new):
    t = full(new, "clock.html")
    t.wait("did_update_surface")
    t.keys("Up")
    t.wait("paused")
    before = list_rows(t)
    t.wait("([5-9]|[1-9][0-9]+) new")
    # How long something took is filled in when it is known.
    shorter = lambda rows: [row[:60] for row in rows]
    expect(shorter(list_rows(t)) == shorter(before), "the list moved")
    t.keys("f")
    t.wait("following")


def test_the_place_is_kept_under_another_filter(new):
    t = full(new)
    t.command("filter name=did_commit")
    t.wait("1 of")
    t.keys("Enter")
    t.wait(r"did_commit  r1→b +← here")
    t.command("filter from=renderer")
    t.wait("filter from=renderer")
    t.wait(r"did_commit  r1→b +← here")
    t.keys("Escape")
    t.wait(r"did_commit ")


def test_the_room_over_the_panel_leads_along_too(new):
    t = new(page("target.html"), size=(110, 40))
    t.wait("did_finish_load")
    t.command("filter name=did_commit")
    t.wait("filter name=did_commit")
    t.wait("1 of")
    t.keys("Enter")
    t.wait("─ message ")
    t.wait(r"did_commit  r1→b +← here")
    t.keys("[")
    t.wait(r"commit_navigation  b→r1 +← here")
    t.keys("Tab")
    t.wait("─▸Why, and what came of it")
    t.keys("j", "Enter")
    t.wait(r"did_commit  r1→b +← here")
    t.keys("Escape")
    t.wait_gone("─ message ")


def test_a_flood_leaves_the_newest_in_memory(new):
    t = full(new)
    t.command("inject flood")
    t.wait(r" of 100,000 ", patience=30)
    t.keys("Up")
    t.wait("paused")
    ask(t, "name=did_fill_recorder and from=renderer:1")
    t.keys("Enter")
    t.wait("[0-9],[0-9]{3} of 100,000")
    t.keys("Enter")
    t.wait(r"─ did_fill_recorder ─")


def test_small_screens(new):
    for size in ((60, 20), (80, 24)):
        t = new(page("target.html"), size=size)
        t.wait("You arrived at the target")
        t.keys("M")
        t.wait("did_finish_load")
        t.command("filter name=did_finish_load")
        t.wait("1 of")
        t.keys("Enter")
        t.wait(r"─ did_finish_load ─")
        t.wait("← here")
        t.keys("/")
        t.type("x")
        t.wait("filter x")


if __name__ == "__main__":
    terminal.run(globals())
