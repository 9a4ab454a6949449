#!/bin/bash
# Proves: sorreld loads the rules of its configuration at the start and on SIGHUP; a rule that
# somebody removes or adds is brought back in order, and the event names who did it; a rule whose
# folder is missing or vanishes waits and is loaded when the folder appears; with drift: alert the
# change is told and left. What sorreld changes itself is no drift. Settings of the files are kept as
# rules are, and a lock waits for the rules.
. "$SORREL_ROOT/tests/guest/lib.sh"

rules() { "$SORREL_BIN/sorrelctl" rules "$@"; }
in_sync() { rules diff --rules /tmp/rules.d >/dev/null; }
told() { grep -F SORREL_HEALTH "$EVENTS" | grep -qF -- "$1"; }

mkdir -p /tmp/rules.d
cat >/tmp/rules.d/10.rules <<'RULES'
-a always,exit -F arch=b64 -S execve -F exe=/tmp/true -k numbered
-a always,exit -F arch=b64 -S sendto -k changes
-w /tmp/later/file -p wa -k later
RULES
printf '%s' '-a always,exit -F arch=b64 -S getppid -k numbered' >/tmp/rules.d/20.rules
config() { write_config /tmp/sorrel.yaml kernel "$EVENTS" 'kernel: {enabled: yes}' "rules: {paths: [/tmp/rules.d], drift: $1, check_interval: 1h}"; }
config repair
start_sorreld
wait_until 10 in_sync || fail "not loaded: $(rules list)"
wait_until 20 told '"rules-loaded"' || fail 'the load was not told'
wait_until 20 told '"rules-pending"' || fail 'the pending rule was not told'
sleep 1
! told '"rules-drift"' || fail 'our own changes were taken for drift'

note 'a folder appears, and vanishes'
mkdir /tmp/later
wait_until 20 eval 'rules list | grep -q later' || fail 'the pending rule was not loaded'
rmdir /tmp/later
wait_until 20 eval '! rules list | grep -q later' || fail 'the kernel kept it'
sleep 1
mkdir /tmp/later
wait_until 20 eval 'rules list | grep -q later' || fail 'it was not loaded again'

note 'somebody removes all rules'
"$SORREL_BIN/guest_rule_loop" clear
wait_until 20 in_sync || fail 'not repaired'
wait_until 20 told '"repaired"' || fail 'the repair was not told'
grep -F '"rules-drift"' "$EVENTS" | grep -qF guest_rule_loop || fail "who did it is not named: $(grep -F rules-drift "$EVENTS")"

note 'a reload'
echo '-a always,exit -F arch=b64 -S mount -k more' >/tmp/rules.d/30.rules
kill -HUP "$SORRELD_PID"
wait_until 20 eval 'rules list | grep -q more' || fail 'not reloaded'
echo '-a always,exit -S' >/tmp/rules.d/40.rules
kill -HUP "$SORRELD_PID"
wait_until 20 told '"rules-unreadable"' || fail 'a bad file was not told'
rules list | grep -q more || fail 'a bad file changed something'
rm /tmp/rules.d/40.rules

note 'alert only'
config alert
reloads() { grep -c 'configuration read again' "$LOG" || true; }
before=$(reloads)
kill -HUP "$SORRELD_PID"
reloaded() { [ "$(reloads)" -gt "$before" ]; }
wait_until 20 reloaded || fail 'not read again'
sleep 1  # the rules' own thread takes them after that
load_rules '-a always,exit -F arch=b64 -S umount2 -k foreign'
wait_until 20 told '"alert"' || fail 'not told'
rules list | grep -q foreign || fail 'it was removed'

note 'a setting of the files is kept, too; the configuration locks behind the rules'
"$SORREL_BIN/sorrelctl" status | grep -q '^rules .*NOT in sync' || fail "status: $("$SORREL_BIN/sorrelctl" status)"
config repair
echo '-f 2' >/tmp/rules.d/50.rules
kill -HUP "$SORRELD_PID"
wait_until 20 eval '[ "$(status_of failure)" = 2 ]' || fail "-f was not set: $(status)"
load_rules '-f 1'
wait_until 20 eval '[ "$(status_of failure)" = 2 ]' || fail "-f was not set again: $(status)"
wait_until 20 told 'failure 1 -> 2' || fail 'the repair of a setting was not told'
write_config /tmp/sorrel.yaml kernel "$EVENTS" 'kernel: {enabled: locked}' "rules: {paths: [/tmp/rules.d]}"
echo '-a always,exit -F arch=b64 -S reboot -k last' >/tmp/rules.d/60.rules
kill -HUP "$SORRELD_PID"
wait_until 20 eval '[ "$(status_of enabled)" = 2 ]' || fail "not locked: $(status)"
rules list | grep -q last || fail 'it locked before the rules were loaded'
"$SORREL_BIN/sorrelctl" status | grep -q '^rules .* loaded, in sync' || fail "status: $("$SORREL_BIN/sorrelctl" status)"
stop_sorreld
