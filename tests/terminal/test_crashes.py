"""Crash reports in a real terminal: from the sad tab to the report, from the list to one of it, and the next day."""
import glob
import json
import os
import re

import terminal
from terminal import expect, page


def reports(t):
    return sorted(glob.glob(os.path.join(t.folder, "bulkhead", "crashes", "*.json")))


def test_sad_tab_names_its_report(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.address("bulkhead://crash")
    t.wait("This page's process has died")
    t.keys("Enter")
    screen = t.wait(r"crash report +bulkhead://crashes/\d{8}T\d{9}-renderer-\d+-\d+")
    name = re.search(r"bulkhead://crashes/(\S+)", screen).group(1)
    t.until("the file", lambda: [p for p in reports(t) if name in p])
    report = json.load(open(reports(t)[0]))
    expect(report["where"].startswith("fault_null_dereference at common/fault_memory.c:"), report["where"])
    expect(report["pages"][0]["title"] == "Target", str(report["pages"]))


def test_list_leads_to_a_report(new):
    t = new(page("target.html"))
    t.wait("You arrived at the target")
    t.address("bulkhead://gpucrash")
    t.until("a report", lambda: reports(t))
    t.address("bulkhead://crashes")
    t.wait("^ *.*Crash reports")
    t.wait(r"1 report, the newest")
    t.wait("gpu:1 +crashed")
    t.keys("f")
    t.wait(r"^ links")
    t.keys("a")
    t.wait(r"gpu:1: crashed \(SIGSEGV")
    t.wait(r"kernel says +ended by SIGSEGV \(11\)")
    # Beside the panels, too, a line ends between words, and a number is whole.
    t.wait(r"^ +fault_null_dereference at common/fault_memory\.c:\d+")
    expect("e+" not in t.screen(), "a number is not whole")
    t.keys("H")
    t.wait("the newest first")


def test_reports_outlive_the_session(new):
    """And are written without a log, too."""
    t = new("--no-log", page("target.html"))
    t.wait("You arrived at the target")
    t.address("bulkhead://inject/abort")
    t.wait("This page's process has died")
    t.until("a report", lambda: reports(t))
    t.command("q")
    expect(t.ended() == "ended with 0", "it did not end well")
    other = new("--profile", t.folder, "bulkhead://crashes")
    other.wait(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d renderer:\d+ crashed \(SIGABRT\)")
    other.wait(r"^ +fault_abort, Target")


if __name__ == "__main__":
    terminal.run(globals())
