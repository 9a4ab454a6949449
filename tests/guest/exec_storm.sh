#!/bin/bash
# Proves: as the audit daemon, sorreld writes every event of a storm of program starts and system
# calls exactly once; the kernel's lost counter stays 0 and no serial is missing.
. "$SORREL_ROOT/tests/guest/lib.sh"

start_sorreld
load_numbered_rules
run_execs 0 800 &
first=$!
run_execs 100000 800 &
second=$!
run_calls 0 8000
wait $first $second
settle
stop_sorreld

check_numbers "$EVENTS" --execs 0:800 --execs 100000:800 --calls 0:8000 --dense --statistics "$GUEST_OUT/statistics.json" --no-loss
[ "$(status_of lost)" = 0 ] || fail "the kernel lost records: $(status)"
python3 - "$GUEST_OUT/statistics.json" <<'EOF' || fail "the closing statistics"
import json, sys
statistics = json.load(open(sys.argv[1]))
assert statistics["lost"] == 0 and statistics["incomplete"] == 0, statistics
assert statistics["events"] >= 9600 and statistics["records"] >= 3 * 8000 + 6 * 1600, statistics
EOF
