#!/usr/bin/env python3
"""Captures in tshark:  test_dissector.py BULKHEAD SOURCE_ROOT

The dissector is installed by its command; sessions of the real browser, and captures that were tampered with, are read
back by tshark, and what it shows is compared with the log, message by message and field by field. Exit status 77 where
there is no tshark.
"""
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BULKHEAD = SOURCE = None
PATH = shutil.which("tshark")
TEXTS = ["name", "from", "to", "id", "cause", "status", "where", "reason", "toxic"]


def load_protocol():
    spec = importlib.util.spec_from_file_location("ipcgen", SOURCE / "common/ipcgen.py")
    ipcgen = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ipcgen)
    return ipcgen.Protocol(str(SOURCE / "common/protocol.ipc"))


def read_log(path):
    """The events of a log; its first line is the session's."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["type"] == "session"
    return lines[1:]


class Captures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.environment = {**os.environ, "HOME": str(cls.folder), "XDG_STATE_HOME": str(cls.folder / "state")}
        cls.environment.pop("XDG_CONFIG_HOME", None)
        installed = cls.run_it(BULKHEAD, "log", "--install-dissector").stdout.splitlines()[0]
        assert Path(installed).is_relative_to(cls.folder), installed
        cls.protocol = load_protocol()
        cls.messages = {m.name: m for m in cls.protocol.messages}
        cls.demo = cls.folder / "demo.jsonl"
        cls.run_it(BULKHEAD, "run", SOURCE / "data/scenarios/demo.json", "--log", cls.demo)

    @classmethod
    def run_it(cls, *args):
        return subprocess.run(args, env=cls.environment, check=True, capture_output=True, timeout=60, encoding="utf-8", errors="replace")

    def export(self, log, *filter):
        capture = self.folder / (log.stem + ".pcapng")
        self.run_it(BULKHEAD, "log", log, *filter, "--pings", "--export=pcapng", "--output", capture)
        return capture

    def tshark(self, capture, *options):
        run = self.run_it(PATH, "-2", "-r", capture, *options)
        self.assertNotIn("Lua", run.stderr)
        self.assertNotIn("Lua Error", run.stdout)
        return run.stdout

    def packets(self, capture):
        return [p["_source"]["layers"] for p in json.loads(self.tshark(capture, "-T", "json"))]

    def check_header(self, event, shown, layers):
        self.assertEqual(shown["bulkhead.kind"], event["type"] if event["type"] != "recovery" else "blast")
        if event["type"] == "message":
            for name in TEXTS:
                self.assertEqual(shown.get("bulkhead." + name, ""), event.get(name, ""), event)
            self.assertEqual(int(shown["bulkhead.bytes"]), event["bytes"])
            self.assertEqual(int(shown["bulkhead.fds"]), event["fds"])
        for name in "queued_us", "handled_us", "held_us":
            self.assertAlmostEqual(float(shown.get("bulkhead." + name, -1)), event.get(name, -1), places=3)
        seconds, fraction = layers["frame"]["frame.time_epoch"].split(".")
        self.assertEqual(int(seconds + fraction[:6]), event["ts_us"])
        on = f"{event['from']} -> {event['to']}" if event["type"] == "message" else "events"
        self.assertEqual(layers["frame"]["frame.interface_id_tree"]["frame.interface_name"], on)

    def check_field(self, field, value, shown):
        if field.type in self.protocol.enums:
            self.assertEqual(self.protocol.enums[field.type][int(shown)], value)
        elif field.type == "bool":
            self.assertEqual(shown, "1" if value else "0")
        elif field.type == "bytes":
            self.assertEqual(shown.replace(":", ""), value)
        elif field.type != "fd":
            self.assertEqual(shown, str(value))

    def check_fields(self, event, shown):
        name = event["name"]
        tree = shown.get(f"bulkhead.{name}") or {}
        for field in self.messages[name].fields:
            with self.subTest(id=event.get("id"), message=name, field=field.name):
                self.check_field(field, event["args"][field.name], tree[f"bulkhead.{name}.{field.name}"])
        self.assertEqual(len(tree), len(self.messages[name].fields))

    def check_all(self, log, capture):
        events, packets = read_log(log), self.packets(capture)
        self.assertEqual(len(events), len(packets))
        fields = 0
        for event, layers in zip(events, packets):
            shown = layers["bulkhead"]
            self.check_header(event, shown, layers)
            if event.get("cut"):
                self.assertEqual(json.loads(shown["bulkhead.args"]), event["args"])
            elif event["type"] == "message" and event["args"] is not None:
                self.check_fields(event, shown)
                fields += len(self.messages[event["name"]].fields)
        self.assertGreater(fields, 100)
        return events, packets

    def test_a_session_message_by_message(self):
        self.check_all(self.demo, self.export(self.demo))

    def test_whole_bytes(self):
        """What was recorded whole is exported as it was, arguments or not."""
        log = self.folder / "full.jsonl"
        self.run_it(BULKHEAD, "run", SOURCE / "data/scenarios/demo.json", "--log", log, "--log-payload=full")
        text = log.read_text()
        self.assertIn('"payload":"', text)
        events = [e for e in read_log(log) if e["type"] == "message"]
        shown = self.packets(self.export(log, "kind=message"))
        self.assertEqual(len(events), len(shown))
        for event, layers in zip(events, shown):
            self.assertNotIn("bulkhead.args", layers["bulkhead"], event)
            if event["args"] is not None:
                self.check_fields(event, layers["bulkhead"])

    def test_links(self):
        """Each reply leads to its request and back, each message to what caused it."""
        events, packets = self.check_all(self.demo, self.export(self.demo))
        frame_of, requests, causes = {}, 0, 0
        for number, event in enumerate(events, 1):
            shown = packets[number - 1]["bulkhead"]
            cause = frame_of.get(event.get("cause"))
            self.assertEqual(shown.get("bulkhead.cause_frame"), cause and str(cause), event)
            causes += bool(cause)
            if "id" in event:
                frame_of.setdefault(event["id"], number)
            asked = events[cause - 1] if cause else {}
            if event["type"] == "message" and asked.get("type") == "message" and \
                    self.messages[asked["name"]].reply == event["name"]:
                requests += 1
                self.assertEqual(shown["bulkhead.request_frame"], str(cause))
                self.assertEqual(packets[cause - 1]["bulkhead"]["bulkhead.reply_frame"], str(number))
        self.assertGreater(requests, 3)
        self.assertGreater(causes, 50)

    def test_a_log_of_another_version(self):
        """Its fields are told of as text, by what the log itself calls them."""
        log = SOURCE / "tests/traffic/golden/exports.jsonl"
        other = self.folder / "other.jsonl"
        text = log.read_text()
        session = json.loads(text.splitlines()[0])
        other.write_text(text.replace(session["protocol"], "0123456789abcdef").replace("did_commit", "did_undo"))
        events, packets = read_log(other), self.packets(self.export(other))
        self.assertEqual(len(events), len(packets))
        names = set()
        for event, layers in zip(events, packets):
            self.check_header(event, layers["bulkhead"], layers)
            if event["type"] == "message" and event["args"] is not None:
                self.assertEqual(json.loads(layers["bulkhead"]["bulkhead.args"]), event["args"])
                self.assertIn("_ws.expert", layers["bulkhead"])
                names.add(event["name"])
        self.assertIn("did_undo", names)

    def test_the_fates_of_messages(self):
        """What was lost or refused is marked, commented, and found by a filter."""
        capture = self.export(SOURCE / "tests/traffic/golden/exports.jsonl")
        for mark, status in ("bulkhead.lost", "lost"), ("bulkhead.refused", "refused"):
            lines = self.tshark(capture, "-Y", mark, "-T", "fields", "-e", "bulkhead.status", "-e", "frame.comment")
            self.assertTrue(lines)
            for line in lines.splitlines():
                self.assertEqual(line.split("\t")[0], status)
                self.assertTrue(line.split("\t")[1].startswith(status))

    def test_filters_and_columns(self):
        capture = self.export(self.demo)
        lines = self.tshark(capture, "-Y", "bulkhead.commit_navigation.page == 2", "-T", "fields",
                            "-e", "_ws.col.Info", "-e", "_ws.col.Protocol").splitlines()
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(line, r"^browser → renderer:\d+ commit_navigation page=2 navigation=\d url=bulkhead:"
                                   r"//pages/timetable.html .*body=fd\tBULKHEAD$")
        lost = self.tshark(capture, "-Y", 'bulkhead.obey_fault.kind == "abort"', "-T", "fields", "-e", "bulkhead.to")
        self.assertEqual(lost, "gpu:1\n")

    def test_tampered_captures(self):
        """Nothing in a capture makes the dissector stumble."""
        whole = bytearray(self.export(self.demo).read_bytes())
        tampered = self.folder / "tampered.pcapng"
        draw = random.Random(4)
        for _ in range(8):
            data, at = bytearray(whole), 0
            while at < len(data):
                bytes_ = int.from_bytes(data[at + 4:at + 8], "little")
                if data[at] == 6:  # only within packets: their frame is not the dissector's business
                    captured = int.from_bytes(data[at + 20:at + 24], "little")
                    for _ in range(draw.randrange(4)):
                        data[at + 28 + draw.randrange(captured)] = draw.randrange(256)
                    if draw.randrange(4) == 0:
                        data[at + 20:at + 24] = draw.randrange(captured + 1).to_bytes(4, "little")
                at += bytes_
            # What the blocks hold behind a shortened packet is no option: let none of them be read as such.
            tampered.write_bytes(self.without_options(data))
            shown = self.tshark(tampered, "-V")
            self.assertIn("The packet makes no sense", shown)

    def without_options(self, data):
        made, at = bytearray(), 0
        while at < len(data):
            bytes_ = int.from_bytes(data[at + 4:at + 8], "little")
            block = data[at:at + bytes_]
            if block[0] == 6:
                captured = int.from_bytes(block[20:24], "little")
                body = block[8:28 + captured] + bytes(-captured % 4)
                length = (len(body) + 12).to_bytes(4, "little")
                block = block[:4] + length + body + length
            made += block
            at += bytes_
        return made


if __name__ == "__main__":
    if not PATH:
        print("skipped: tshark is not installed (Debian's package tshark)")
        sys.exit(77)
    BULKHEAD, SOURCE = sys.argv[1], Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
