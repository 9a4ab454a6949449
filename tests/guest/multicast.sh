#!/bin/bash
# needs: auditd libwrap0 libauparse0
# Proves: beside a real auditd, sorreld with input multicast writes the same events as auditd logs,
# each exactly once, and changes nothing: auditd stays registered and the settings stay as they were.
. "$SORREL_ROOT/tests/guest/lib.sh"

folder=/tmp/auditd.conf.d
mkdir -p $folder/plugins.d /var/log/audit
cat >$folder/auditd.conf <<EOF
local_events = yes
write_logs = yes
log_file = /var/log/audit/audit.log
log_format = RAW
flush = NONE
max_log_file = 200
max_log_file_action = IGNORE
space_left = 2
space_left_action = IGNORE
admin_space_left = 1
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
plugin_dir = $folder/plugins.d
EOF
chmod 0640 $folder/auditd.conf
libraries=/run/libwrap0/lib/x86_64-linux-gnu:/run/libwrap0/usr/lib/x86_64-linux-gnu
libraries=$libraries:/run/libauparse0/lib/x86_64-linux-gnu
LD_LIBRARY_PATH=$libraries /run/auditd/sbin/auditd -n -c $folder &
auditd=$!
wait_until 10 registered $auditd || skip "auditd did not start here (a library is missing?)"
load_numbered_rules
settings() { status | sed 's/ lost=.*//'; }
before=$(settings)

write_config /tmp/listener.yaml multicast "$EVENTS"
"$SORREL_BIN/sorreld" --config /tmp/listener.yaml --stats-file "$GUEST_OUT/statistics.json" 2>>"$LOG" &
SORRELD_PID=$!
wait_until 10 eval '"$SORREL_BIN/guest_messages" text 1120 hello; grep -q hello $EVENTS 2>/dev/null' ||
  fail 'sorreld does not listen'
run_calls 0 2000
run_execs 0 300
settle
stop_sorreld
[ "$(settings)" = "$before" ] || fail "settings changed from '$before' to '$(settings)'"
kill $auditd
wait $auditd || true

check_numbers "$EVENTS" --calls 0:2000 --execs 0:300 --no-loss --dense --statistics "$GUEST_OUT/statistics.json"
logged=$(grep -c 'type=SYSCALL .* key="numbered"' /var/log/audit/audit.log)
[ "$logged" = 2300 ] || fail "auditd logged $logged of 2300 events"
