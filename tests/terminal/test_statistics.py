"""Statistics in a real terminal: the same numbers as the log's, live, sorted, narrowed to, narrow."""
import json
import re
import subprocess
import terminal
from terminal import expect, page


def begin(new, *pages, filter_text=None, **options):
    t = new(*(p if p.startswith("-") else page(p) for p in pages), **options)
    t.wait("did_finish_load|did_update_surface" if options.get("size", (110, 40))[0] >= 100 else "You arrived at the target")
    t.keys("M")
    t.wait(r"[▸>]traffic")
    if filter_text:
        t.command("filter " + filter_text)
        t.wait("filter " + re.escape(filter_text[:30]))
    t.keys("t")
    t.wait(r"[▸>]statistics")
    return t


def of_log(t, query, *options):
    """What `bulkhead log` counts in the log of this session, as far as it is written."""
    result = subprocess.run([t.browser, "log", t.log, *([query] if query else []), "--top", "--json", *options],
                            capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def counted(t, key):
    """Of the row that begins so: its count."""
    for row in t.rows():
        if row.startswith(" " + key + " "):
            return int(row[len(key) + 1:].split()[0].replace(",", ""))
    return None


def test_numbers_agree_with_the_log(new):
    query = "name=commit_navigation or name=did_finish_load or name=did_commit or name=set_viewport"
    t = begin(new, "target.html", "other.html", size=(130, 40), filter_text=query)
    t.wait(r"^ commit_navigation +2 ")
    t.wait(r"^ did_finish_load +2 ")
    def agrees():
        log = of_log(t, query)
        names = {row["name"]: row for row in log["names"]}
        return (len(names) == 4 and all(counted(t, name) == row["messages"] for name, row in names.items())
                and re.search(rf"^ {log['messages']} messages ", t.screen(), re.M))
    t.until("that screen and log agree by name", agrees)
    t.keys("Tab")
    t.wait(r"\[pair\]")
    pairs = of_log(t, query)["pairs"]
    expect(len(pairs) >= 4, f"few pairs in the log: {pairs}")
    for row in pairs:
        t.wait(rf"^ {row['from']} → {row['to']} +{row['messages']} ")
    t.keys("Tab")
    t.wait(r"\[tab\]")
    for row in of_log(t, query)["tabs"]:
        t.wait(rf"^ {row['tab']} .* {row['messages']} +\d+B ")
    t.keys("Right")
    t.wait(r"\[process\]")
    for row in of_log(t, query)["processes"]:
        t.wait(rf"^ {row['process']} +{row['messages']} ")


def test_it_is_live(new):
    t = begin(new, "clock.html", size=(110, 40))
    t.wait(r"^ did_update_surface ")
    first = counted(t, "did_update_surface")
    t.until("that more are counted", lambda: (counted(t, "did_update_surface") or 0) > first + 1)
    t.keys("Space")
    t.wait("paused")
    held = counted(t, "did_update_surface")
    t.until("that the log goes on", lambda: open(t.log).read().count('"did_update_surface"') > held + 2)
    expect(counted(t, "did_update_surface") == held, "it counts while paused")
    t.keys("Space")
    t.until("that it catches up", lambda: counted(t, "did_update_surface") > held + 1)


def test_fates_that_come_late_are_counted(new):
    t = begin(new, "target.html", size=(130, 40))
    t.wait(r" 0 lost ")
    t.keys("Escape")
    t.command("toxic drop from browser to tab on press_key")
    t.keys("Escape", "Escape")
    t.wait("o address")
    t.keys("Tab")
    t.until("that one is lost", lambda: of_log(t, "status=lost")["messages"] >= 1)
    t.keys("M", "t")
    t.wait(r"▸statistics")
    lost = of_log(t, "name=press_key")["lost"]
    t.wait(rf"^ .* messages .* {lost} lost ")
    # Handlers' times come later than the messages; all that are in the log are on the screen.
    t.keys("Escape")
    t.command("filter name=did_finish_load")
    t.keys("t")
    median = of_log(t, "name=did_finish_load")["names"][0]["handled_us"]["median"]
    t.wait(rf"^ did_finish_load .* {median:.1f} µs" if median < 10 else r"^ did_finish_load .* µs")


def test_enter_narrows_the_filter(new):
    t = begin(new, "target.html", size=(110, 40), filter_text="name~did_")
    t.keys("Tab")
    t.wait(r"\[pair\]")
    t.wait(r"renderer:1 → browser")
    row, column = t.find("renderer:1 → browser")
    t.click(row, column)
    t.click(row, column)
    t.wait(r"filter name~did_ and from=renderer:1 and to=browser")
    t.wait(r"did_finish_load")
    t.keys("t")
    t.wait(r"▸statistics of name~did_ and from=renderer:1")
    t.keys("h", "Enter")
    t.wait(r"filter name~did_ and from=renderer:1 and to=browser and name=did_\w+")


def test_sorted_by_other_columns(new):
    t = begin(new, "target.html", size=(130, 40), filter_text="tab=1")
    t.wait("sorted by count")
    t.keys("F6")
    t.wait("sorted by bytes")
    first = of_log(t, "tab=1")["names"]
    most = max(first, key=lambda row: row["bytes"])
    t.until("that the largest is first", lambda: t.rows()[6].startswith(" " + most["name"] + " "))
    for order in "lost", "queued", "handled", "longest", "total", "count":
        t.keys("F6")
        t.wait("sorted by " + order)


def test_in_any_size(new):
    t = begin(new, "target.html", size=(60, 20), filter_text="name~finish")
    t.wait(r"^ message +count +bytes")
    t.wait(r"^ did_finish_load +1 ")
    t.resize(200, 50)
    t.wait(r"count +bytes +queued +99 % +max +handler +99 % +max +lost +no reply +refused +over time")
    t.resize(80, 24)
    t.wait(r"^ did_finish_load +1 ")
    t.resize(26, 7)
    t.wait("statistics")
    t.keys("j", "G", "Tab", "Enter", "Escape")


def test_ascii(new):
    t = begin(new, "--ascii", "target.html", size=(130, 40))
    t.wait(r"^ did_finish_load +1 .* [_.=+oO#-]{8}")
    expect(t.screen().isascii(), "not all of it is ASCII")


def test_t_is_a_tab_elsewhere(new):
    t = new(page("target.html"), size=(110, 40))
    t.wait("You arrived at the target")
    t.keys("t")
    t.wait("2 tabs")


if __name__ == "__main__":
    terminal.run(globals())
