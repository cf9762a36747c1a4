#!/usr/bin/env python3
"""Does the bench work from end to end?  check_bench.py BENCH

Runs it quickly and sees that every row is there with a figure that can be true. Whether the goals are met is for a
quiet machine and the full run to say.
"""
import json
import os
import subprocess
import sys

ROWS = {"round_trip_one_cpu", "recorder_one_cpu", "one_way", "one_way_recorder", "spawn_renderer", "spawn_gpu", "new_tab",
        "new_tab_http", "death", "reload", "screen_new_tab", "screen_death", "screen_reload", "tabs_total", "tabs_each",
        "tab_memory", "log_writer_rate", "log_writer_told", "log_writer_kept", "log_writer_longest",
        "log_read_plain", "log_read_args", "log_read_text", "log_read_chain", "log_read_memory",
        "traffic_memory", "traffic_keys", "statistics_event"}
ROWS |= {f"models_{model}_{tabs}_{figure}" for model in ("one", "per-site", "per-tab") for tabs in (3, 6)
         for figure in ("total", "each", "memory")}
ROWS |= {f"dying_{what}_{megabytes}" for what in ("noticed", "sad") for megabytes in (0, 100, 400)}
ROWS |= {f"fault_{victim}_{fault}_{what}" for victim in ("renderer", "gpu", "plugin")
         for fault in ("memory", "signal", "exit", "sandbox", "protocol", "oom", "hang") for what in ("known", "back")}
TWO_PROCESSORS = {"round_trip_two_cpus", "recorder_two_cpus"}
ROOT = {"memory_browser", "memory_renderer", "memory_gpu", "memory_init"}


def main():
    done = subprocess.run([sys.argv[1], "--quick", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    rows = {row["name"]: row for row in json.loads(done.stdout)["rows"]}
    wanted = ROWS | (TWO_PROCESSORS if len(os.sched_getaffinity(0)) > 1 else set()) | (ROOT if os.geteuid() == 0 else set())
    wrong = [f"{name} is missing" for name in sorted(wanted - rows.keys())]
    if done.returncode:
        wrong.append(f"it ended with {done.returncode}")
    for name, row in rows.items():
        figures = [row[key] for key in ("ours", "ours_p99", "baseline", "baseline_p99", "ratio") if row[key] is not None]
        if not figures and name in ROOT | {"tab_memory"} and os.geteuid() != 0:
            continue
        if not figures or min(figures) <= 0 or row["samples"] < 1:
            wrong.append(f"{name}: {row}")
    sys.exit("\n".join(wrong) or 0)


main()
