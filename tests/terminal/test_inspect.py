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
    t.wait(r"handled +[\d.]+ [µm]s")
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
    t.wait(r"─ commit_navigation [─(]")
    t.wait(r"commit_navigation  b→r1 +← here")
    t.keys("]")
    t.wait(r"did_commit  r1→b +← here")
    t.keys("[", "[")
    t.wait(r"─ command [─(]")
    t.keys("[")
    t.wait("it has no cause")


def test_request_and_reply(new):
    t = full(new)
    t.command("inject abort")
    t.wait("all others answered")
    t.command("traffic name=ping")
    t.wait(r"browser +\w+:\d +ping")
    t.keys("Enter")
    t.wait(r"reply +\w+:\d+/\d+  pong, [\d.]+ [µm]s later")
    t.keys("%")
    t.wait(r"─ pong [─(]")
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
    t.wait("^filter not name=did_update_surface ")
    t.wait("that it is hidden", lambda screen: list_rows(t) and not any(re.search("browser +did_update_surface", row)
                                                                        for row in list_rows(t)))
    t.command("filter from=plugin or name=did_present")
    t.wait(r"did_update_surface")
    t.keys("Space", "Home")
    t.keys("=")
    t.wait(r"filter \(from=plugin or name=did_present\) and name=")
    t.command("filter name=did_present and arg.page=1")
    t.wait(r"page=1 generation")
    t.keys("T")
    t.wait("filter name=did_present and arg.page=1 and tab=1")
    t.keys("T", "=")
    t.wait("filter arg.page=1 and tab=1 and name=did_present ")
    t.keys("-")
    t.wait("filter arg.page=1 and tab=1 and not name=did_present ")


def test_only_the_kind_of_a_message_that_the_filter_hides(new):
    t = full(new)
    t.command("filter name=did_commit and from=renderer")
    t.wait("1 of")
    t.keys("Enter")
    t.wait(r"did_commit  r1→b +← here")
    t.keys("[")
    t.wait(r"─[ ▸]commit_navigation \(not in the filter\) ─")
    t.command("filter name=did_commit and not name=x or bytes>0")
    t.wait("filter name=did_commit and not name=x or")
    t.keys("=")
    t.wait(r"filter \(name=did_commit and not name=x or bytes>0\) and name=commit_navigation")
    t.command("filter not name=x and (bytes>0) name~did_ and arg.url!=(x) kind=message")
    t.wait("filter not name=x")
    t.keys("=")
    t.wait(r"filter \(bytes>0\) and arg.url!=\(x\) and kind=message and name=commit_navigation")


def test_pings_are_blamed_only_if_they_would_match(new):
    t = full(new)
    t.command("inject abort")
    t.wait("all others answered")
    t.command("filter bytes>123456789")
    t.wait("^ nothing matches *$")
    t.command("filter arg.nonce>=0")
    t.wait(r"^ nothing matches \(pings hidden, P shows\)")
    t.keys("P")
    t.wait("browser +renderer:[0-9] +ping")


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


def test_a_pause_stays_when_one_leaves(new):
    t = new(page("clock.html"), size=(110, 40))
    t.wait("did_update_surface")
    t.keys("F12", "Space")
    t.wait("paused, [0-9]+ new")
    t.keys("Escape")
    t.wait(r" traffic ─.*paused, [0-9]+ new")
    t.wait("paused, ([5-9]|[1-9][0-9]+) new")
    expect("following" not in t.screen(), "it is followed again")
    # What was only moved is followed again.
    t.keys("F12", "f")
    t.wait("following")
    t.keys("Up")
    t.wait("paused, [0-9]+ new")
    t.keys("Escape")
    t.wait("following")


def test_a_pause_says_what_left_memory(new):
    t = full(new)
    t.keys("Space")
    t.wait("paused")
    t.command("inject flood")
    t.wait(r"paused, [0-9,]+ new, [0-9,]+ have left memory; the log has them", patience=30)
    t.keys("f")
    t.wait_gone("have left memory")
    expect("following" in t.screen(), "it is not followed")


def test_the_last_line_says_where_escape_leads(new):
    t = new(page("target.html"), size=(130, 40))
    t.wait("did_finish_load")
    t.keys("F12")
    t.wait("M full.*Esc page")
    t.command("filter name=did_commit")
    t.wait("M full.*Esc show all")
    t.keys("M")
    t.wait("Esc panel")
    expect("M full" not in t.screen(), "it is full already")
    t.keys("Enter")
    t.wait("Esc back")
    t.keys("Escape")
    t.wait("Esc panel")
    t.keys("Escape")
    t.wait("Esc show all")
    t.keys("Escape")
    t.wait("Esc page")
    expect("│filter name=" not in t.screen(), "it is filtered")
    t.keys("Escape")
    t.wait("o address")


def test_completion_knows_who_lives(new):
    t = new(page("target.html"), page("other.html"), size=(130, 40))
    t.wait("did_finish_load")
    t.keys("M")
    t.wait(r"time +from +to")
    ask(t, "from=")
    t.wait(r"^ +renderer:1 +ready")
    t.wait(r"^ +gpu:1 +ready")
    t.type("renderer:2")
    t.type(" tab=")
    t.wait(r"^ +1 +\w+")
    t.wait(r"^ +2 +\w+")
    t.keys("Down", "Down", "Enter")
    t.wait("filter from=renderer:2 tab=2")
    t.keys("Enter")
    ask(t, "did_present")
    t.wait("name=did_present +gpu to browser")
    expect(t.screen().count("name=did_present") == 1, "it is offered twice")


def test_an_error_has_a_sign_in_narrow_places(new):
    t = new(page("target.html"), size=(55, 24))
    t.wait("You arrived at the target")
    t.keys("M")
    t.wait("did_finish_load")
    ask(t, "kind=message and nmae=x")
    t.wait("there is no field 'nmae'")
    rows = t.rows()
    line = next(i for i, row in enumerate(rows) if row.startswith("filter "))
    expect(rows[line + 1].index("^") == rows[line].index("nmae"), "the caret is elsewhere")


def test_words_for_what_is_not_there(new):
    t = new(page("target.html"), size=(130, 40))
    t.wait("did_finish_load")
    t.command("follow")
    t.wait("the traffic is followed already")
    t.command("chain")
    t.wait("which message\\? mark one in the traffic")
    t.keys("M")
    t.wait("[0-9] lost in all")
    t.command("filter kind=input")
    t.wait("filter kind=input")
    t.keys("Home", "a")
    t.wait("only a message can be sent again, and this is none")


def test_a_request_that_was_lost_has_no_reply(new):
    t = full(new)
    t.command("inject endless loop")
    t.command("filter name=ping and to=renderer:1 and not status=delivered")
    t.wait("browser +renderer:1 +ping +8 +…")
    t.keys("Home", "Enter")
    t.wait("reply +none yet")
    t.command("inject kill")
    t.wait("reply +none: it was lost")


def test_help_opens_at_what_is_at_hand(new):
    t = full(new)
    t.keys("?")
    t.wait(r"─ help ─[^\n]*\n[^\n│]*│ +In a panel ")
    t.keys("Escape", "Enter")
    t.wait("Why, and what came of it")
    t.keys("?")
    t.wait(r"─ help ─[^\n]*\n[^\n│]*│ +A message in the traffic ")
    t.keys("Escape", "Escape", "t")
    t.wait("[▸>]statistics")
    t.keys("?")
    t.wait(r"─ help ─[^\n]*\n[^\n│]*│ +In a panel ")


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


def test_times_count_from_where_one_wants(new):
    t = full(new)
    t.keys("z")
    t.wait(r"^ +after from +to")
    t.wait(r"^ +\+\d+ µs +\w")
    t.keys("z")
    t.wait(r"^ +clock from +to")
    t.wait(r"^\d\d:\d\d:\d\d +\w")
    t.keys("z")
    t.wait(r"^ +time from +to")
    t.wait(r"^ +\d\.\d{3} +\w")


def test_small_screens(new):
    for size in ((60, 20), (80, 24)):
        t = new(page("target.html"), size=size)
        t.wait("You arrived at the target")
        t.keys("M")
        t.wait("[▸>]traffic")
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
