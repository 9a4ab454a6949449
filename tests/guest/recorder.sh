# Records what happens in a guest twice at once; sourced by the scripts that make recordings:
#   $GUEST_OUT/stream.audrec   the kernel's records as they were sent (guest_record)
#   $GUEST_OUT/audit.log       what a real auditd wrote
# A script that sources it says "# needs: auditd libwrap0 libauparse0".

# start_recording RULES_FILE: $FORMAT is auditd's log_format, $NAME_FORMAT its name_format.
start_recording() {
  local auditd=/run/auditd/sbin/auditd folder=/tmp/auditd.conf.d
  local libraries=/run/libwrap0/lib/x86_64-linux-gnu:/run/libwrap0/usr/lib/x86_64-linux-gnu
  mkdir -p $folder/plugins.d /var/log/audit
  cat >$folder/auditd.conf <<END
local_events = yes
write_logs = yes
log_file = /var/log/audit/audit.log
log_format = ${FORMAT:-RAW}
name_format = ${NAME_FORMAT:-NONE}
flush = NONE
max_log_file = 100
max_log_file_action = IGNORE
space_left = 2
space_left_action = IGNORE
admin_space_left = 1
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
plugin_dir = $folder/plugins.d
END
  chmod 0640 $folder/auditd.conf

  "$SORREL_BIN/guest_record" "$GUEST_OUT/stream.audrec" &
  RECORDER=$!
  LD_LIBRARY_PATH=$libraries:/run/libauparse0/lib/x86_64-linux-gnu $auditd -n -c $folder &
  AUDITD=$!
  for _ in $(seq 100); do
    "$SORREL_BIN/guest_rules" status | grep -q "pid=$AUDITD " && break
    sleep 0.05
  done
  "$SORREL_BIN/guest_rules" "$1"
}

stop_recording() {
  # Until the last event is in the log.
  sleep 1
  "$SORREL_BIN/guest_rules" status
  kill "$AUDITD"
  wait "$AUDITD" || true
  kill "$RECORDER"
  wait "$RECORDER"
  cp /var/log/audit/audit.log "$GUEST_OUT/"
}
