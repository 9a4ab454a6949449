#!/bin/bash
# needs: auditd libauparse0 user-mode-linux
# Proves: auditctl takes every curated rule (rules/audit), each rule fires for its technique with its
# key, and without that rule the key does not come. The list of triggers is tests/guest/triggers/.
. "$SORREL_ROOT/tests/guest/lib.sh"
. "$SORREL_ROOT/tests/guest/writable_root.sh"

make_writable_root
# Where a watched file is removed: overlay names the wrong device there.
mount -t tmpfs -o mode=700 tmpfs "$WRITABLE_ROOT/root"
write_config /tmp/sorrel.yaml kernel "$EVENTS"
start_sorreld
load_rules '-b 65536' '-e 1'
in_writable_root python3 "$SORREL_ROOT/tests/guest/triggers/run.py" \
  "$SORREL_BIN" "$AUDITCTL" /run/plan.json || fail "the triggers did not run"
settle
stop_sorreld
cp "$EVENTS" /run/plan.json "$GUEST_OUT"
[ "$(status_of lost)" = 0 ] || fail "the kernel lost events: $(status)"
python3 "$SORREL_ROOT/tests/guest/triggers/verdict.py" /run/plan.json "$EVENTS" \
  "$GUEST_OUT/skipped.tsv" ||
  fail "rules and events do not agree"
