#!/bin/bash
# Proves: what the parser takes is what the kernel takes, for every field, operator and list; and a
# rule that went into the kernel and came back is the rule that was written.
. "$SORREL_ROOT/tests/guest/lib.sh"

load_rules '-e 1'
touch '/tmp/a b'
"$SORREL_BIN/guest_fields" table || fail 'fields, operators and lists'
for seed in 1 2 3 4 5; do
  "$SORREL_BIN/guest_fields" round $seed 400 || fail 'a round trip'
done
