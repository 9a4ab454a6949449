#!/usr/bin/env python3
"""Proves from sorreld's JSON output that each numbered operation (guest_load) is there exactly once.

  check_numbers.py EVENTS.json [EVENTS.json ...] [options]

  --execs FIRST:COUNT, --calls FIRST:COUNT   these must be there, each exactly once (repeatable)
  --absent-execs, --absent-calls FIRST:COUNT these must not be there
  --maybe-execs, --maybe-calls FIRST:COUNT   at most once each; how many are missing is printed
  --some-execs, --some-calls FIRST:COUNT     the same, but one of them must be there
  --dense            the audit serials of all events have no hole (not even outside the numbers)
  --no-loss          no SORREL_LOSS event
  --loss CAUSE=LEAST:MOST  the SORREL_LOSS events of CAUSE tell of that many in all
  --holes-are-told   the holes in the serials are exactly what SORREL_LOSS events tell of
  --statistics FILE  sorreld's own closing statistics: its heartbeats use up serials, unseen
  --union            a number may be in any of the files, once in each at the most

Every line must be a JSON object. A number that is expected nowhere is an error too.
"""
import argparse
import collections
import json
import sys


def span(text):
    first, count = map(int, text.split(":"))
    return range(first, first + count)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    for kind in ("execs", "calls"):
        for prefix in ("", "absent-", "maybe-", "some-"):
            parser.add_argument(f"--{prefix}{kind}", type=span, action="append", default=[])
    parser.add_argument("--dense", action="store_true")
    parser.add_argument("--no-loss", action="store_true")
    parser.add_argument("--loss", action="append", default=[])
    parser.add_argument("--holes-are-told", action="store_true")
    parser.add_argument("--statistics")
    parser.add_argument("--union", action="store_true")
    return parser.parse_args()


class Seen:
    """What one output file holds."""

    def __init__(self, path):
        self.path = path
        self.numbers = {"execs": collections.Counter(), "calls": collections.Counter()}
        self.serials = set()
        self.losses = []
        self.events = 0
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    self.add(json.loads(line))
                except (ValueError, KeyError, TypeError) as error:
                    sys.exit(f"{path}:{number}: {error}: {line[:200]!r}")

    def add(self, event):
        losses = event.get("SORREL_LOSS")
        if losses is not None:
            self.losses += losses if isinstance(losses, list) else [losses]
            return
        self.events += 1
        # Events of sorreld's own have serials of their own.
        if any(kind.startswith(("DAEMON_", "SORREL_")) for kind in event):
            return
        self.serials.add(int(event["ID"].rsplit(":", 1)[1]))
        call = event.get("SYSCALL", {})
        arguments_ = event.get("EXECVE", {}).get("ARGV", [])
        if len(arguments_) > 1 and str(arguments_[1]).startswith("number="):
            self.numbers["execs"][int(arguments_[1].removeprefix("number="))] += 1
        elif call.get("key") == "numbered" and "EXECVE" not in event:
            self.numbers["calls"][int(call["ARGV"][0], 16)] += 1

    def holes(self):
        return max(self.serials) - min(self.serials) + 1 - len(self.serials) if self.serials else 0

    def lost(self, cause=None):
        return sum(int(loss["count"]) for loss in self.losses if cause in (None, loss["cause"]))


def some(numbers):
    numbers = sorted(numbers)
    return ", ".join(map(str, numbers[:8])) + (f" ... ({len(numbers)})" if len(numbers) > 8 else "")


def expected(options, kind):
    """(must, must not, may) of one kind"""
    must, absent, maybe, some_of = (set().union(*getattr(options, prefix + kind))
                                    for prefix in ("", "absent_", "maybe_", "some_"))
    return must, absent, maybe | some_of


def check_kind(options, kind, counters):
    must, absent, maybe = expected(options, kind)
    total = sum(counters, collections.Counter())
    if missing := must - total.keys():
        yield f"{kind} missing: {some(missing)}"
    for counter in counters if options.union else [total]:
        if doubled := {number for number, count in counter.items() if count > 1}:
            yield f"{kind} more than once: {some(doubled)}"
    for numbers in getattr(options, "some_" + kind):
        if not total.keys() & set(numbers):
            yield f"{kind}: not one of {numbers.start}:{len(numbers)} is there"
    if unwanted := absent & total.keys():
        yield f"{kind} that must not be there: {some(unwanted)}"
    if unknown := total.keys() - must - absent - maybe:
        yield f"{kind} never done: {some(unknown)}"
    if maybe:
        print(f"{kind}: {len(maybe - total.keys())} of {len(maybe)} that may be missing are")


def check_losses(options, outputs):
    lost = sum(output.lost() for output in outputs)
    heartbeats = 0
    if options.statistics:
        with open(options.statistics, encoding="utf-8") as file:
            heartbeats = json.load(file)["heartbeats"]
    if options.no_loss and any(output.losses for output in outputs):
        yield f"losses were reported: {[loss for output in outputs for loss in output.losses][:5]}"
    for rule in options.loss:
        cause, bounds = rule.split("=")
        least, most = map(int, bounds.split(":"))
        told = sum(output.lost(cause) for output in outputs)
        if not least <= told <= most:
            yield f"losses of cause {cause}: {told}, expected {least} to {most}"
    for output in outputs:
        # The first and the last heartbeat may lie outside of what was put out.
        holes = output.holes()
        if options.dense and holes > heartbeats:
            yield f"{output.path}: {holes} serials are missing, {heartbeats} are heartbeats"
        if options.holes_are_told and not lost <= holes <= lost + heartbeats:
            yield (f"{output.path}: {holes} serials are missing, {lost} are told of as lost, "
                   f"{heartbeats} are heartbeats")


def main():
    options = arguments()
    outputs = [Seen(path) for path in options.files]
    problems = list(check_losses(options, outputs))
    for kind in ("execs", "calls"):
        problems += check_kind(options, kind, [output.numbers[kind] for output in outputs])
    for output in outputs:
        print(f"{output.path}: {output.events} events, {sum(output.numbers['execs'].values())} execs, "
              f"{sum(output.numbers['calls'].values())} calls, {output.holes()} serials missing, "
              f"{output.lost()} told of as lost")
    for problem in problems:
        print("  " + problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
