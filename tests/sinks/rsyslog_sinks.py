#!/usr/bin/env python3
"""sorreld, its buffer and its syslog and RELP outputs against a real rsyslog on 127.0.0.1.
  rsyslog_sinks.py SORRELD [--events N] [--rate N] [--kills N] [--sorreld-kills N] [--stall SECONDS]
    [--jobs N] [--only NAMES] [--work FOLDER]
rsyslog is fetched as Debian packages and unpacked, never installed. A line a scenario, "ok" or
"FAILED" with figures; exit status 1 when one failed, 77 when rsyslog cannot be had.
"""
import argparse
import pathlib
import sys

from collector import run_scenarios
from delivery_scenarios import DeliveryScenarios
from network_scenarios import NetworkScenarios
from receivers import RSYSLOG, Rsyslog
from reload_scenarios import ReloadScenarios
from tls_scenarios import TlsScenarios
from unpacked import fetch

NAMES = ["output_test", "refused_are_resent", "relp_all_arrive", "syslog_all_arrive", "udp_all_arrive", "relp_receiver_is_killed",
         "relp_receiver_stands_still", "syslog_receiver_is_restarted", "sorreld_is_killed",
         "relp_resets", "syslog_resets", "relp_is_half_open", "relp_stands_still", "syslog_replays",
         "syslog_without_replay", "wrong_authority", "wrong_name", "no_client_certificate",
         "no_client_certificate_syslog", "rogue_client_certificate", "expired_certificate",
         "revoked_certificate", "revoked_later", "pins", "client_files_are_swapped",
         "collector_gets_a_new_certificate", "relp_moves_by_reload", "syslog_moves_by_reload",
         "udp_moves_by_reload"]


class RsyslogScenarios(DeliveryScenarios, NetworkScenarios, TlsScenarios, ReloadScenarios):
    pass


def read_arguments(text):
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("sorreld", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=100_000, help="of a log at full speed")
    parser.add_argument("--rate", type=int, default=4_000, help="events a second, of the others")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--sorreld-kills", type=int, default=50)
    parser.add_argument("--stall", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=1, help="so many scenarios at the same time")
    parser.add_argument("--only", help="scenarios, with commas between them")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/sinks"))
    arguments = parser.parse_args()
    arguments.sorreld = arguments.sorreld.resolve()
    arguments.work = arguments.work.resolve()
    arguments.work.mkdir(parents=True, exist_ok=True)
    return arguments


def main():
    arguments = read_arguments(__doc__)
    root = fetch(arguments.work, "rsyslog", RSYSLOG)
    scenarios = RsyslogScenarios(arguments, lambda *where: Rsyslog(root, *where))
    names = arguments.only.split(",") if arguments.only else NAMES
    return run_scenarios([(name, getattr(scenarios, name)) for name in names], jobs=arguments.jobs)


if __name__ == "__main__":
    sys.exit(main())
