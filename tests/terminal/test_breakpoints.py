"""Breakpoints and messages by hand through their commands, in a real terminal; test_held.py is about the dialog."""
import json
import terminal
from terminal import expect, page


def start(new, *options):
    t = new(*options, page("target.html"))
    t.wait("You arrived at the target")
    return t


def log_has(t, name, **members):
    """A line of the log of that message with those members; None: a member that is there, whatever it says."""
    def found():
        return any(all(key in m and value in (None, m[key]) for key, value in members.items())
                   for m in t.messages(name))
    t.until(f"the log has {name} with {members}", found)


def commands(t):
    with open(t.log, encoding="utf-8") as log:
        return [json.loads(line)["value"] for line in log if line.endswith("\n") and '"type":"input"' in line]


def test_held_until_told_to_continue(new):
    t = start(new)
    t.command("hold name=submit_frame")
    t.wait("breakpoint 1 holds name=submit_frame")
    t.address(page("other.html"))
    t.wait(r"renderer:\d+ +held")
    t.wait(r"gpu:1 +held")
    t.command("unhold all")
    t.wait("This is the other page")
    t.wait(r"gpu:1 +ready")
    log_has(t, "submit_frame", status="delivered", breakpoint=1, held_us=None)
    t.until("the commands are in the log", lambda: "hold name=submit_frame" in commands(t))


def test_what_waits_to_leave_is_in_the_traffic(new):
    t = start(new)
    t.command("hold name=commit_navigation")
    t.wait("breakpoint 1 holds")
    t.keys("D")
    t.address(page("other.html"))
    t.wait(r"commit_navigation .*held")
    t.wait(r"end_body .*\u2026")
    t.command("unhold all")
    t.wait("This is the other page")
    log_has(t, "commit_navigation", status="delivered", breakpoint=1, held_us=None)
    # What keeps breakpoints up is hidden as pings are, until it is asked for.
    expect("remove_breakpoint" not in t.screen(), t.screen())
    t.command("filter name=remove_breakpoint")
    t.wait(r"remove_breakpoint")


def test_step_drop_and_duplicate(new):
    t = start(new)
    t.command("hold to=browser and name=did_commit")
    t.wait("breakpoint 1 holds")
    t.address(page("other.html"))
    t.wait(r"renderer:\d+ +held")
    t.command("step")
    t.wait("goes on, and the next one there is held|message 2 is held")
    # Whatever it is: the title comes next.
    t.command("duplicate 2")
    t.wait(r"message 2 \(\w+\) goes on twice")
    t.wait("This is the other page")
    t.keys("r")
    t.wait(r"renderer:\d+ +held")
    t.command("drop")
    t.wait("was dropped")
    t.command("continue")
    t.wait("nothing is held")
    log_has(t, "did_commit", status="lost", where="breakpoint", breakpoint=1)
    log_has(t, "did_change_title", marks="duplicated", status="delivered")


def test_an_edited_title_is_shown(new):
    t = start(new)
    t.command("hold name=did_change_title")
    t.wait("breakpoint 1 holds")
    t.address(page("other.html"))
    t.wait(r"renderer:\d+ +held")
    t.command("edit 1 titel=x")
    t.wait("at 'titel': did_change_title has no field 'titel'; did you mean 'title'")
    t.command('edit 1 title="Edited by hand"')
    t.wait("message 1 is held, edited: renderer")
    t.command("continue 1")
    t.wait("● Edited by hand")
    log_has(t, "did_change_title", marks="edited", args={"page": 1, "navigation": 2, "title": "Edited by hand"})


def test_a_plugin_waits_for_its_instance(new):
    t = start(new)
    t.command("hold name=create_instance")
    t.wait("breakpoint 1 holds")
    t.address(page("clock.html"))
    t.wait(r"plugin:1 +held")
    expect("███" not in t.screen(), "the clock ticks")
    t.command("continue all")
    t.wait("███")
    log_has(t, "create_instance", breakpoint=1, status="delivered")


def test_sent_by_hand(new):
    t = start(new)
    t.command('send renderer:1 -> browser did_change_title page=1 navigation=1 title="From \\x68and"')
    t.wait("● From hand")
    t.command("send renderer:1 -> gpu:1 submit_frme")
    t.wait("at 'submit_frme': there is no message 'submit_frme'; did you mean 'submit_frame'")
    t.command("send renderer:1 -> browser type=999 bytes=03 00 ff")
    t.wait("† renderer:1 killed .*unknown_type|bad message: unknown_type")
    log_has(t, "unknown_999", marks="by_hand", status="refused", reason="unknown_type")


def test_with_faults_off_one_may_only_look(new):
    t = start(new, "--no-faults")
    t.command("hold name=did_change_title")
    t.wait("breakpoint 1 holds")
    t.address(page("other.html"))
    t.wait(r"renderer:\d+ +held")
    t.command("drop")
    t.wait(r"faults are off \(--no-faults\)")
    t.command("send gpu:1 -> browser did_present")
    t.wait(r"faults are off \(--no-faults\)")
    t.command("continue")
    t.wait("This is the other page")


if __name__ == "__main__":
    terminal.run(globals())
