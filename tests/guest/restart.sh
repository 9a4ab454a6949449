#!/bin/bash
# Proves: after kill -9 and a restart, what was written before and what happens after is there
# exactly once. Without audit=1, what happened in between is gone, and the next sorreld says how much
# (SORREL_LOSS, cause restart, exactly the missing serials); with audit=1 the kernel kept it, all of
# it is there, and nothing is reported as lost. A restart in which nothing happened reports nothing.
. "$SORREL_ROOT/tests/guest/lib.sh"

# Heartbeats use up serials that are not put out, and a killed sorreld does not tell how many.
configure() { write_config /tmp/sorrel.yaml kernel "$EVENTS" 'kernel: {heartbeat: off}'; }

note 'a clean stop and start: its own leave is not called a loss'
EVENTS=/run/clean.json
configure
start_sorreld
load_numbered_rules
run_calls 0 100
settle
stop_sorreld
start_sorreld
run_calls 100 100
settle
stop_sorreld # tells of what it still holds for late
check_numbers "$EVENTS" --calls 0:200 --no-loss

EVENTS=/run/events.json
configure
start_sorreld
run_calls 0 1000
settle
kill_sorreld

note 'nothing happens while no daemon runs'
start_sorreld
run_calls 1000 1000
settle
sleep 3 # longer than the event timeout: by then it has told what it calls lost
check_numbers "$EVENTS" --calls 0:2000 --no-loss
kill_sorreld

note '300 calls and 20 program starts happen while no daemon runs'
run_calls 5000 300
run_execs 5000 20
start_sorreld
run_calls 2000 1000
settle
stop_sorreld

if grep -qw audit=1 /proc/cmdline; then
  check_numbers "$EVENTS" --calls 0:3000 --calls 5000:300 --execs 5000:20 --no-loss
else
  # The kernel throws away what it cannot send; the first records may sit in the dead socket.
  check_numbers "$EVENTS" --calls 0:3000 --maybe-calls 5000:300 --maybe-execs 5000:20 \
    --loss restart=300:330 --holes-are-told
fi
