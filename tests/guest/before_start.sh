#!/bin/bash
# Proves: with audit=1 on the kernel's command line, events from before sorreld's first start are
# kept by the kernel and written, exactly once. Without it they are gone, and sorreld, which was
# never there, does not call them lost.
. "$SORREL_ROOT/tests/guest/lib.sh"

load_numbered_rules
run_calls 0 200
run_execs 0 20
start_sorreld
run_calls 1000 200
settle
stop_sorreld

if grep -qw audit=1 /proc/cmdline; then
  check_numbers "$EVENTS" --calls 0:200 --execs 0:20 --calls 1000:200 --no-loss --dense --statistics "$GUEST_OUT/statistics.json"
else
  check_numbers "$EVENTS" --maybe-calls 0:200 --maybe-execs 0:20 --calls 1000:200 --no-loss
fi
