#!/usr/bin/env python3
"""sorreld, its buffer and its syslog output against a real syslog-ng on 127.0.0.1.
  syslog_ng_sinks.py SORRELD [the options of rsyslog_sinks.py]
syslog-ng is fetched as Debian packages and unpacked, never installed: it cannot be beside rsyslog. A line a
scenario; exit status 1 when one failed, 77 when syslog-ng cannot be had.
"""
import sys

from collector import run_scenarios
from receivers import SyslogNg
from rsyslog_sinks import RsyslogScenarios, read_arguments
from unpacked import fetch, with_missing_dependencies

NAMES = ["syslog_all_arrive", "udp_all_arrive", "syslog_receiver_is_restarted", "syslog_resets", "syslog_replays",
         "syslog_without_replay", "no_client_certificate_syslog"]


def main():
    arguments = read_arguments(__doc__)
    root = fetch(arguments.work, "syslog-ng", with_missing_dependencies("syslog-ng-core"))
    scenarios = RsyslogScenarios(arguments, lambda *where: SyslogNg(root, *where))
    names = arguments.only.split(",") if arguments.only else NAMES
    return run_scenarios([(name, getattr(scenarios, name)) for name in names], jobs=arguments.jobs)


if __name__ == "__main__":
    sys.exit(main())
