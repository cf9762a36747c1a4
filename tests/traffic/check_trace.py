#!/usr/bin/env python3
"""Is that a trace as ui.perfetto.dev reads it?  check_trace.py TRACE.json...

The rules that the sink trace (browser/traffic/output/export_trace.c) must keep, whatever the log. Imported by
test_exports.py; run by hand it tells what is wrong, or counts what there is.
"""
import json
import sys
from collections import Counter, defaultdict
from decimal import Decimal

PHASES = set("MXBEisfCbe")


class Broken(Exception):
    pass


def need(condition, why, event=None):
    if not condition:
        raise Broken(f"{why}: {json.dumps(event, default=str)}" if event is not None else why)


def load(path):
    """Times as exact decimals: a double cannot tell nanoseconds apart in a long session."""
    with open(path, encoding="utf-8") as f:
        trace = json.load(f, parse_float=Decimal)
    need(isinstance(trace.get("traceEvents"), list), "no list of events")
    return trace["traceEvents"]


def number(event, member):
    value = event.get(member)
    need(isinstance(value, (int, Decimal)) and not isinstance(value, bool), f"{member} is no number", event)
    return Decimal(value)


def check_members(events):
    named = set()
    for e in events:
        need(e.get("ph") in PHASES, "unknown phase", e)
        need(isinstance(e.get("pid"), int) and isinstance(e.get("tid"), int), "pid or tid is no number", e)
        need(number(e, "ts") >= 0, "a negative time", e)
        need(e["ph"] == "E" or (isinstance(e.get("name"), str) and e["name"]), "no name", e)
        need(e["ph"] in "ME" or isinstance(e.get("cat"), str), "no category", e)
        need(e["ph"] != "i" or e.get("s") in ("g", "p", "t"), "an instant without a scope", e)
        need(e["ph"] not in "sfbe" or int(e["id"], 16) > 0, "an id that is no hexadecimal number", e)
        need(e["ph"] != "f" or e.get("bp") == "e", "the end of an arrow that binds to the next slice", e)
        need(e["ph"] != "C" or all(isinstance(v, int) and v >= 0 for v in e["args"].values()), "no count", e)
        if e["ph"] == "M" and e["name"] == "process_name":
            need(e["pid"] not in named, "a process is named twice", e)
            named.add(e["pid"])
        else:
            need(e["pid"] in named, "an event before its process is named", e)


def slices(events):
    """(start, end, place in the file) of each thread, as the format has them: complete, or begun and ended."""
    found, begun = defaultdict(list), defaultdict(list)
    for place, e in enumerate(events):
        thread = (e["pid"], e["tid"])
        if e["ph"] == "X":
            need(number(e, "dur") > 0, "a slice of no length", e)
            found[thread].append((number(e, "ts"), number(e, "ts") + number(e, "dur"), place))
        elif e["ph"] == "B":
            begun[thread].append((number(e, "ts"), place))
        elif e["ph"] == "E":
            need(begun[thread], "an end of nothing", e)
            start, at = begun[thread].pop()
            need(number(e, "ts") > start, "an end before its beginning", e)
            found[thread].append((start, number(e, "ts"), at))
    need(not any(begun.values()), "a slice without an end")
    return found


def check_nesting(threads):
    for thread, found in threads.items():
        stack = []
        for start, end, place in sorted(found, key=lambda s: (s[0], -s[1], s[2])):
            while stack and stack[-1] <= start:
                stack.pop()
            need(not stack or end <= stack[-1], f"slices of {thread} overlap at {start}")
            stack.append(end)


def check_begun_in_order(events):
    """What is sorted by its time, as readers do, must still have each B before its E."""
    depth = Counter()
    for e in sorted((e for e in events if e["ph"] in "BE"), key=lambda e: number(e, "ts")):
        depth[e["pid"], e["tid"]] += 1 if e["ph"] == "B" else -1
        need(depth[e["pid"], e["tid"]] >= 0, "sorted, an end comes before its beginning", e)


def encloses(found, starts, event, place):
    """Is there a slice open at that time that stands before the event in the file?"""
    import bisect

    ts = number(event, "ts")
    at = bisect.bisect_right(starts, ts)
    return any(start <= ts < end and before < place for start, end, before in found[max(0, at - 64):at])


def check_arrows(events, threads):
    threads = {thread: sorted(found) for thread, found in threads.items()}
    starts = {thread: [s[0] for s in found] for thread, found in threads.items()}
    begun, ended = {}, set()
    for place, e in enumerate(events):
        if e["ph"] not in "sf":
            continue
        key, thread = (e["id"], e["cat"], e["name"]), (e["pid"], e["tid"])
        need(encloses(threads.get(thread, []), starts.get(thread, []), e, place),
             "the end of an arrow without a slice around it", e)
        if e["ph"] == "s":
            need(e["id"] not in {k[0] for k in begun} if len(begun) < 64 else key not in begun,
                 "an arrow's id is used again", e)
            begun[key] = number(e, "ts")
        else:
            need(key in begun, "an arrow ends that never began", e)
            need(key not in ended, "an arrow ends twice", e)
            need(begun[key] <= number(e, "ts"), "an arrow goes back in time", e)
            ended.add(key)
    need(set(begun) == ended, "an arrow without an end")
    need(len({key[0] for key in begun}) == len(begun), "an arrow's id is used again")


def check_async(events):
    open_now, used = {}, set()
    for e in sorted((e for e in events if e["ph"] in "be"), key=lambda e: (int(e["id"], 16), e["ph"] == "e")):
        key = (e["id"], e["cat"])
        if e["ph"] == "b":
            need(key not in used, "an id is used again", e)
            used.add(key)
            open_now[key] = e
        else:
            first = open_now.pop(key, None)
            need(first and first["pid"] == e["pid"] and first["name"] == e["name"], "an end of something else", e)
            need(number(first, "ts") <= number(e, "ts"), "an end before its beginning", e)
    need(not open_now, "a navigation without an end")


def check_counters(events):
    last = {}
    for e in events:
        if e["ph"] == "C":
            key = (e["pid"], e["name"])
            need(number(e, "ts") >= last.get(key, 0), "a counter goes back in time", e)
            last[key] = number(e, "ts")


def check(events):
    """Raises Broken; returns how many events of each phase there are."""
    check_members(events)
    threads = slices(events)
    check_nesting(threads)
    check_begun_in_order(events)
    check_arrows(events, threads)
    check_async(events)
    check_counters(events)
    return Counter(e["ph"] for e in events)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        try:
            print(name, dict(check(load(name))))
        except Broken as broken:
            sys.exit(f"{name}: {broken}")
