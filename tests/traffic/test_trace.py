#!/usr/bin/env python3
"""Traces of real sessions:  test_trace.py BULKHEAD SOURCE_ROOT

Scenarios are played by the real browser, with deaths in them, and their logs exported; so are a golden log and logs
that were tampered with. Each trace must keep the rules of check_trace.py, and tell of everything in its log.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import check_trace

BULKHEAD = SOURCE = None


class Traces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.environment = {**os.environ, "XDG_STATE_HOME": str(cls.folder / "state")}
        cls.golden = SOURCE / "tests/traffic/golden/exports.jsonl"

    def run_it(self, *args):
        subprocess.run(args, env=self.environment, check=True, capture_output=True, timeout=120)

    def play(self, name):
        log = self.folder / f"{name}.jsonl"
        self.run_it(BULKHEAD, "run", SOURCE / f"data/scenarios/{name}.json", "--log", log)
        return log

    def trace(self, log, *filter):
        made = self.folder / "trace.json"
        self.run_it(BULKHEAD, "log", log, *filter, "--pings", "--export=trace", "--output", made)
        events = check_trace.load(made)
        check_trace.check(events)
        return events

    def check_told(self, log):
        """All that the log has is in the trace, once."""
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        session, lines = lines[0], lines[1:]
        events = self.trace(log)
        messages = [e for e in lines if e["type"] == "message"]
        delivered = [e["id"] for e in messages if e["status"] == "delivered"]
        handlers = [e for e in events if e.get("cat") == "handler"]
        self.assertEqual(sorted(e["args"]["id"] for e in handlers), sorted(delivered))
        self.assertEqual(sum(e["ph"] == "s" and e["cat"] == "message" for e in events), len(delivered))
        told = Counter(e["cat"] for e in events if e["ph"] == "i")
        self.assertEqual(told["undelivered"], len(messages) - len(delivered))
        self.assertEqual(told["process"], sum(e["type"] == "process" for e in lines))
        self.assertEqual(told["input"], sum(e["type"] == "input" for e in lines))
        self.assertEqual(told["late"], 0)
        self.check_times(session, messages, handlers)
        self.check_processes(session, lines, events)
        return lines, events

    def check_times(self, session, messages, handlers):
        """No handler is moved by more than the microseconds that the log's times are cut to."""
        by_id = {e["id"]: e for e in messages}
        for handler in handlers:
            message = by_id[handler["args"]["id"]]
            start = message["ts_us"] - session["ts_us"] + message["queued_us"]
            self.assertAlmostEqual(float(handler["ts"]), start, delta=3, msg=message)
            if "handled_us" in message:
                self.assertAlmostEqual(float(handler["dur"]), message["handled_us"], delta=0.11, msg=message)
            else:
                self.assertEqual(handler["ph"], "B", message)

    def check_causes(self, messages, events):
        """Who follows the arrows back from a handler comes to the slice of what caused its message."""
        threads = check_trace.slices(events)
        slice_of = lambda e: max(s for s in threads[e["pid"], e["tid"]] if s[0] <= e["ts"] < s[1])[2]
        begins = {e["id"]: slice_of(e) for e in events if e["ph"] == "s"}
        back = {}
        for e in events:
            if e["ph"] == "f":
                back.setdefault(slice_of(e), []).append(begins[e["id"]])
        places = {e["args"]["id"]: place for place, e in enumerate(events) if e.get("cat") in ("handler", "input")
                  and e["ph"] in "XB"}
        followed = 0
        for message in messages:
            if message.get("cause") in places and message["id"] in places:
                near = back[places[message["id"]]]
                near = near + [far for place in near for far in back.get(place, [])]
                self.assertIn(places[message["cause"]], near, message)
                followed += 1
        self.assertGreater(followed, len(places) / 3)

    def check_processes(self, session, lines, events):
        names = {e["args"]["name"]: e["pid"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
        for event in lines:
            if event["type"] == "process" and event["event"] == "start":
                self.assertEqual(names[event["process"]], event["pid"])
        self.assertEqual(names["browser"], session["pid"])

    def test_golden_log(self):
        lines, events = self.check_told(self.golden)
        self.check_causes([e for e in lines if e["type"] == "message"], events)
        self.assertEqual(Counter(e["status"] for e in lines if e["type"] == "message")["refused"], 1)
        navigations = [e["name"] for e in events if e["ph"] == "b"]
        self.assertEqual(navigations, ["page 1 navigation 1", "page 1 navigation 2", "page 1 navigation 3"])

    def test_deaths(self):
        """The handler in which a process died ends with it."""
        lines, events = self.check_told(self.play("demo"))
        self.check_causes([e for e in lines if e["type"] == "message"], events)
        exits = {e["pid"]: e["ts_us"] for e in lines if e["type"] == "process" and e["event"] == "exit"}
        ended = [e for e in events if e["ph"] == "E" and e["args"].get("ended") == "with its process"]
        begun = [e for e in events if e["ph"] == "B" and e["name"] == "obey_fault"]
        self.assertEqual(len(begun), 2)
        for e in begun:
            self.assertIn(e["pid"], exits)
            self.assertIn(e["pid"], {other["pid"] for other in ended})

    def test_toxics(self):
        self.check_told(self.play("toxics"))

    def test_a_flood(self):
        """Tens of thousands of handlers, many of them within one microsecond."""
        lines, _ = self.check_told(self.play("slow"))
        self.assertGreater(len(lines), 10000)

    def test_a_part_of_a_log(self):
        events = self.trace(self.golden, "from=gpu:1 and to=browser")
        self.assertGreater(sum(e.get("cat") == "handler" for e in events), 5)

    def test_old_log(self):
        """One that does not say how long handlers took."""
        log = self.folder / "old.jsonl"
        lines = [json.loads(line) for line in self.golden.read_text().splitlines()]
        for line in lines:
            line.pop("handled_us", None)
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
        events = self.trace(log)
        delivered = sum(line.get("status") == "delivered" for line in lines)
        self.assertEqual(sum(e["ph"] == "B" for e in events), delivered)

    def test_tampered_logs(self):
        """Whatever a log says, its trace keeps the rules."""
        lines = self.golden.read_text().splitlines()
        tampered = self.folder / "tampered.jsonl"
        for seed in range(25):
            draw = random.Random(seed)
            made = []
            for line in lines[1:]:
                event = json.loads(line)
                if draw.randrange(4) == 0:
                    self.tamper(event, draw)
                made += [json.dumps(event)] * (draw.randrange(20) == 0 and 2 or 1)
            if seed % 3 == 0:
                draw.shuffle(made)
            tampered.write_text("\n".join([lines[0]] + made) + "\n")
            with self.subTest(seed=seed):
                self.trace(tampered)

    def tamper(self, event, draw):
        name = draw.choice(list(event))
        if name in ("ts_us", "queued_us", "handled_us"):
            event[name] = abs(event[name] + draw.choice([-1000000, -30, -2, -1, 0.4, 1, 2, 50, 10 ** 9]))
        elif name in ("id", "cause", "from", "to", "process"):
            event[name] = draw.choice(["browser", "browser/5", "renderer:1", "gpu:1/9", "x", ""])
        elif name == "pid":
            event[name] = draw.choice([0, 1, 5000001, 2 ** 31])
        elif name not in ("type",):
            del event[name]


if __name__ == "__main__":
    BULKHEAD, SOURCE = sys.argv[1], Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
