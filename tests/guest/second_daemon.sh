#!/bin/bash
# Proves: while one audit daemon is alive, a second sorreld does not push it out. With
# fall_back_to_multicast off it ends and says who is registered; with it on, it listens beside the
# first. When the first one leaves, take_over_when_free makes the second the audit daemon; without
# it, it stays a listener. Nothing that happened while both were there is missing.
. "$SORREL_ROOT/tests/guest/lib.sh"

start_sorreld
first=$SORRELD_PID
load_numbered_rules
run_calls 0 500

note 'one that must be the daemon, and cannot'
write_config /tmp/alone.yaml kernel /run/alone.json 'state_dir: /var/lib/sorrel/alone' \
  'kernel: {fall_back_to_multicast: no}'
sed -i '2d' /tmp/alone.yaml # the first of two state_dir lines
mkdir -p /var/lib/sorrel/alone
if timeout 20 "$SORREL_BIN/sorreld" --config /tmp/alone.yaml 2>/tmp/alone.log; then
  fail 'the second sorreld ended with status 0'
fi
grep -q "$first" /tmp/alone.log || fail "it does not say that $first is registered: $(cat /tmp/alone.log)"
registered "$first" || fail "the first lost its registration: $(status)"

note 'one that listens until the first is gone'
mkdir -p /var/lib/sorrel/second
write_config /tmp/second.yaml kernel /run/second.json \
  'kernel: {take_over_when_free: yes, status_poll: 200ms}'
sed -i 's|^state_dir:.*|state_dir: /var/lib/sorrel/second|' /tmp/second.yaml
"$SORREL_BIN/sorreld" --config /tmp/second.yaml 2>>"$LOG" &
second=$!
# It listens once a message comes through.
wait_until 10 eval '"$SORREL_BIN/guest_messages" text 1120 hello; grep -q hello /run/second.json 2>/dev/null' ||
  fail 'the second sorreld does not listen'
registered "$first" || fail "the first lost its registration: $(status)"
run_calls 1000 1000
settle
settle /run/second.json
SORRELD_PID=$first
stop_sorreld
wait_until 10 registered $second || fail "the second did not take over: $(status)"
run_calls 2000 1000
settle /run/second.json
SORRELD_PID=$second
stop_sorreld

check_numbers "$EVENTS" --calls 0:500 --calls 1000:1000 --no-loss
check_numbers /run/second.json --calls 1000:1000 --calls 2000:1000
