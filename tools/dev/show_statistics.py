#!/usr/bin/env python3
"""Prints sorreld's closing statistics (its --stats-file) as one line.
With a second argument, the file of event lines, checks that as many were written as sorreld says.
Exit status: 1 when something was lost or the counts differ.
"""
import json
import pathlib
import sys


def main(statistics_path, events_path=None):
    try:
        statistics = json.loads(pathlib.Path(statistics_path).read_text())
    except (OSError, ValueError) as error:
        print(f"no statistics from sorreld: {error}")
        return 1
    print(f"\n{statistics['events']} events from {statistics['records']} records in "
          f"{statistics['seconds']:.1f} s; lost {statistics['lost']}, incomplete {statistics['incomplete']}")
    if statistics["lost"]:
        return 1
    if events_path:
        lines = sum(line.startswith(b"{") for line in open(events_path, "rb"))
        if lines != statistics["events"]:
            print(f"yet {lines} lines were written")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
