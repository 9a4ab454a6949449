#!/bin/bash
# Proves: a sorreld that does not run for five seconds (SIGSTOP) loses nothing that the kernel kept:
# with the default buffers each of the numbered events is there exactly once. With a receive buffer
# that is far too small and no audit=1 the kernel may drop its queue without counting it, and then
# sorreld tells of exactly the serials that are missing. How many that are, none or most, and when, is
# a matter of who gets a processor: such a buffer holds 50 events, and any burst may fill it.
. "$SORREL_ROOT/tests/guest/lib.sh"

stall() {
  kill -STOP "$SORRELD_PID"
  "$@"
  sleep 5
  kill -CONT "$SORRELD_PID"
}

start_sorreld
load_numbered_rules
run_calls 0 100
stall run_calls 1000 4000
run_calls 100 100
settle
stop_sorreld
check_numbers "$EVENTS" --calls 0:200 --calls 1000:4000 --no-loss --dense --statistics "$GUEST_OUT/statistics.json"

note 'a receive buffer of 64 KiB'
EVENTS=/run/small.json
write_config /tmp/small.yaml kernel $EVENTS 'kernel: {receive_buffer: 64 KiB}'
start_sorreld /tmp/small.yaml
run_calls 0 100
stall run_calls 1000 4000
run_calls 100 100
settle
stop_sorreld
check_numbers $EVENTS --maybe-calls 0:200 --some-calls 1000:4000 --holes-are-told --statistics "$GUEST_OUT/statistics.json"
