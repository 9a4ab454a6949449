#!/usr/bin/env python3
"""sorreld's outputs to collectors come, move and go with SIGHUP, under load: every event arrives where it
should, by its uid.
  reload_sinks.py SORRELD [--rate N] [--only NAMES]
The collectors are those of tests/sinks/hec_server.py, on 127.0.0.1. A line a scenario, "ok" or "FAILED"
with figures; exit status 1 when one failed.
"""
import argparse
import contextlib
import pathlib
import re
import signal
import sys
import time

from collector import run_scenarios, wait_until
from http_sinks import arrived, hec
from live_changes import Run, check_all

def output(name, port, **more):
    return {"name": name, "type": "http", "address": f"127.0.0.1:{port}", "tls": "none", "api": "ndjson",
            "url_path": "/lines", "retry": {"first": "50ms", "longest": "500ms"}, **more}


class Scenarios:
    def __init__(self, arguments):
        self.sorreld, self.rate = arguments.sorreld, arguments.rate

    def collector(self, stack, folder, name):
        place = folder / name
        place.mkdir()
        collector = stack.enter_context(hec(place))
        collector.uids = lambda: arrived(place)
        return collector

    def outputs_come_and_go(self, folder):
        with contextlib.ExitStack() as stack:
            first, second, third = (self.collector(stack, folder, name) for name in "abc")
            steady = output("steady", first.port)
            run = Run(stack, self.sorreld, folder, self.rate, [steady])
            run.grow(first)
            run.reload([steady, output("mobile", second.port)], "a new output begins output=mobile")
            run.grow(second)
            status = run.status()
            assert status["steady"]["peer"] == f"127.0.0.1:{first.port} (127.0.0.1)", status
            assert status["mobile"]["peer"] == f"127.0.0.1:{second.port} (127.0.0.1)", status
            run.reload([output("mobile", third.port), steady], "an output goes on with its new options")
            run.grow(third)
            status = run.status()
            assert status["mobile"]["peer"] == f"127.0.0.1:{third.port} (127.0.0.1)", status
            run.reload([steady], "has gone from the configuration and has ended output=mobile")
            gone = len(third.uids())
            run.grow(first)
            assert len(third.uids()) == gone, "it ships after it was removed"
            assert "mobile" not in run.status()
            # Untouched by all of that: its counters go on, and nothing came twice.
            acknowledged = run.status()["steady"]["acknowledged"]
            assert acknowledged >= len(first.uids()) - self.rate, "the steady output began anew"
            run.end()
            assert len(re.findall("output=steady", run.daemon.said())) <= 1, "the steady output was told of"
            uids, reloads = run.ordered()
            assert len(reloads) == 3, reloads
            came = first.uids()
            check_all(uids, came, "the steady output")
            assert sum(came.values()) == len(came), "the steady output sent events twice"
            moved = set(second.uids()) | set(third.uids())
            check_all(uids[reloads[0] + 1:reloads[2] + 1], moved, "the one that moved")
            early = moved & set(uids[:reloads[0]])
            assert not early, f"{len(early)} events of before it was added"
            twice = sum((second.uids() + third.uids()).values()) - len(moved)
            return f"{len(uids)} events, {len(moved)} to the one that moved, {twice} twice"

    def first_output_comes_by_reload(self, folder):
        """No buffer at the start. It goes again, comes back, and goes on where it was."""
        with contextlib.ExitStack() as stack:
            only = self.collector(stack, folder, "a")
            run = Run(stack, self.sorreld, folder, self.rate, [])
            wait_until(lambda: len(run.daemon.sent()) > 300, 30, "events")
            run.reload([output("late", only.port)])
            run.grow(only)
            run.reload([], "has gone from the configuration and has ended output=late")
            assert run.status() == {}, "no output, and still an answer"
            time.sleep(0.5)
            run.reload([output("late", only.port)], "a new output begins output=late")
            run.grow(only)
            run.end()
            uids, reloads = run.ordered()
            check_all(uids[reloads[0] + 1:reloads[1] + 1] + uids[reloads[2] + 1:], only.uids(), "the output")
            return f"{len(uids)} events, {len(only.uids())} arrived"

    def mistakes_change_nothing(self, folder):
        with contextlib.ExitStack() as stack:
            only = self.collector(stack, folder, "a")
            good = output("central", only.port)
            run = Run(stack, self.sorreld, folder, self.rate, [good])
            run.grow(only)
            refused = "the new configuration cannot be used; the old one stays"
            more = output("more", only.port)
            broken = dict(output("broken", only.port), tls={"ca": str(folder / "nothing.pem")})
            for outputs in ([good, dict(more, type="nothing")], [good, more, broken],
                            [dict(broken, name="central")], [dict(good, types=["NONSENSE"])]):
                run.reload(outputs, refused)
                run.grow(only)
                assert list(run.status()) == ["central"], run.status()
            assert not list(folder.glob("state/buffer/*/more.cursor")), "a cursor of an output that is not"
            run.reload([good], "takes effect with the next start only option=buffer",
                       buffer={"min_free": "none", "max_share": 50})
            run.grow(only)
            run.end()
            assert "a new output begins" not in run.daemon.said()
            uids, _ = run.ordered()
            came = only.uids()
            check_all(uids, came, "the output")
            assert sum(came.values()) == len(came), "events came twice: it was begun anew"
            return f"{len(uids)} events"

    def dead_collector_is_replaced(self, folder):
        """What it did not answer goes to the next one, also when sorreld is killed meanwhile."""
        with contextlib.ExitStack() as stack:
            first, second, third = (self.collector(stack, folder, name) for name in "abc")
            run = Run(stack, self.sorreld, folder, self.rate, [output("central", first.port)])
            run.grow(first)
            first.process.send_signal(signal.SIGSTOP)
            time.sleep(1)
            run.reload([output("central", second.port)])
            # Meanwhile: it waits until the first change is done.
            run.reload([output("central", second.port, request={"linger": "1ms"})],
                       "outputs are still changing")
            run.says("an output goes on with its new options", 2, 40)
            run.grow(second)
            run.load.is_paused = True
            time.sleep(2)  # cursors are saved once a second: what is sent twice is the change's doing
            run.reload([output("central", second.port), output("late", third.port)],
                       "a new output begins output=late")
            run.daemon.kill()
            run.daemon.start()
            run.load.is_paused = False
            run.grow(second)
            run.end()
            first.process.send_signal(signal.SIGCONT)
            uids, reloads = run.ordered()
            came = first.uids() + second.uids()
            check_all(uids, came, "either")
            check_all(uids[reloads[-1] + 1:], third.uids(), "the one that came before the kill")
            return f"{len(uids)} events, {sum(came.values()) - len(uids)} twice"

    def format_and_filter_change(self, folder):
        with contextlib.ExitStack() as stack:
            first, second = (self.collector(stack, folder, name) for name in "ab")
            steady = output("steady", first.port)
            run = Run(stack, self.sorreld, folder, self.rate,
                      [steady, output("picky", second.port, types=["SYSCALL"])])
            run.grow(second)
            run.reload([steady, output("picky", second.port, types=["USER_LOGIN"])])
            time.sleep(1)
            silent = len(second.uids())
            time.sleep(1)
            assert len(second.uids()) == silent, "the new filter is not in force"
            run.reload([steady, output("picky", second.port)])
            run.grow(second)
            run.end()
            assert "goes on with its new options" not in run.daemon.said(), "a filter needs no connection"
            uids, reloads = run.ordered()
            check_all(uids, first.uids(), "the steady output")
            check_all(uids[reloads[1] + 1:], second.uids(), "the other")
            assert not set(uids[reloads[0] + 1:reloads[1]]) & set(second.uids())
            return f"{len(uids)} events"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sorreld", type=pathlib.Path)
    parser.add_argument("--rate", type=int, default=2_000, help="events a second")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", help="scenarios, with commas between them")
    arguments = parser.parse_args()
    arguments.sorreld = arguments.sorreld.resolve()
    scenarios = Scenarios(arguments)
    names = arguments.only.split(",") if arguments.only else [
        "outputs_come_and_go", "first_output_comes_by_reload", "mistakes_change_nothing",
        "dead_collector_is_replaced", "format_and_filter_change"]
    return run_scenarios([(name, getattr(scenarios, name)) for name in names], jobs=arguments.jobs)


if __name__ == "__main__":
    sys.exit(main())
