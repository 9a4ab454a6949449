#!/bin/bash
# Proves of `sorrelctl rules` on a real kernel: what is applied is listed and in sync, in every form;
# foreign rules go or stay as asked; a rule that the kernel refuses undoes the whole change; a rule
# whose folder is missing waits; kill -9 in the middle is healed by the next apply; a locked kernel
# is told. -b, -f, -r, -e and their siblings are set, -e last; two changes do not run together.
# Loading 500 rules takes at most 1.2 times a bare loop, one more is one addition.
. "$SORREL_ROOT/tests/guest/lib.sh"

# As the files have them; what is changed to save time: rules_narrow.sh.
rules() {
  local command=$1 form=
  shift
  [ "$command" = list ] || form=--as-written
  "$SORREL_BIN/sorrelctl" rules "$command" $form "$@"
}
# expect STATUS COMMAND...: its output goes to /tmp/out.
expect() {
  local wanted=$1 status=0
  shift
  "$@" >/tmp/out 2>&1 || status=$?
  [ $status = "$wanted" ] || { cat /tmp/out; fail "$* ended with status $status, not $wanted"; }
}
has() { grep -qF -- "$1" /tmp/out || { cat /tmp/out; fail "'$1' is missing"; }; }
json() { python3 -c "import json,sys; d=json.load(open('/tmp/out')); print(($1))"; }

load_rules '-e 1'
mkdir -p /tmp/watched/in
cat >/tmp/a.rules <<'RULES'
-a never,exit -F arch=b64 -S getuid -F uid=12345 -k early
-a always,exit -F arch=b64 -S execve -F exe=/tmp/true -k numbered
-w /tmp/watched -p wa -k folder
-w /tmp/watched/file -p wa -k file
-a always,exit -F arch=b64 -S openat -F auid>=1000 -F auid!=unset -k users
-a always,exit -F arch=b64 -S getppid -k numbered
-a never,exclude -F msgtype=CWD
-a never,task -F uid=4711
-a never,filesystem -F fstype=tracefs
RULES

note 'apply, diff, list'
expect 2 rules diff --rules /tmp/a.rules
expect 2 rules apply --check --rules /tmp/a.rules
expect 0 rules apply --rules /tmp/a.rules
has 'applied: 9 added'
expect 0 rules diff --rules /tmp/a.rules
expect 0 rules apply --json --rules /tmp/a.rules
[ "$(json 'd["outcome"], d["changed"], d["additions"], d["deletions"]')" = "('in_sync', False, 0, 0)" ] ||
  fail "again: $(cat /tmp/out)"
expect 0 rules list
cp /tmp/out /tmp/listed.rules
[ "$(wc -l </tmp/listed.rules)" = 9 ] || fail 'not nine rules'
expect 0 rules diff --rules /tmp/listed.rules

note 'each rule may have a twin, and all come back to the written form'
tac /tmp/a.rules >/tmp/b.rules
expect 0 rules apply --leave-twins --rules /tmp/b.rules
expect 0 rules diff --rules /tmp/b.rules
has 'in another form'
expect 0 rules apply --json --rules /tmp/b.rules
expect 0 rules diff --json --rules /tmp/b.rules
[ "$(json 'len(d["diff"]["other_form"])')" = 0 ] || fail 'twins are left'

note 'foreign rules'
load_rules '-a always,exit -F arch=b64 -S mount -k foreign'
expect 2 rules diff --rules /tmp/b.rules
has '--a always,exit -F arch=b64 -S mount -F key=foreign'
expect 0 rules diff --keep-foreign --rules /tmp/b.rules
expect 0 rules apply --keep-foreign --rules /tmp/a.rules
expect 0 rules list
has foreign
expect 0 rules apply --rules /tmp/a.rules
expect 0 rules list
! grep -q foreign /tmp/out || fail 'a foreign rule is left'

note 'a rule that the kernel refuses'
{ cat /tmp/b.rules; echo '-a always,exit -F arch=b64 -S all -F path=/tmp/x -F inode=5'; } >/tmp/bad.rules
"$SORREL_BIN/sorrelctl" rules list >/tmp/before
status=0
rules apply --rules /tmp/bad.rules >/tmp/out 2>&1 || status=$?
[ $status = 1 ] || [ $status = 3 ] || { cat /tmp/out; fail "a bad rule gave $status"; }
rules list | diff - /tmp/before || fail 'a failed apply changed something'

note 'a missing folder, a vanished one'
{ cat /tmp/a.rules; echo '-w /tmp/later/file -p wa -k later'; } >/tmp/c.rules
expect 0 rules apply --json --rules /tmp/c.rules
[ "$(json 'd["pending"][0]["path"]')" = /tmp/later ] || fail "$(cat /tmp/out)"
mkdir /tmp/later
expect 0 rules apply --json --rules /tmp/c.rules
[ "$(json 'd["additions"], d["deletions"], len(d["pending"])')" = '(1, 0, 0)' ] || fail "$(cat /tmp/out)"
rm -r /tmp/watched
wait_until 5 eval '[ "$(rules list | grep -c watched)" = 0 ]' || fail 'the kernel kept the rules of a folder that is gone'
expect 0 rules apply --json --rules /tmp/c.rules
[ "$(json 'len(d["pending"])')" -ge 1 ] || fail "$(cat /tmp/out)"
mkdir -p /tmp/watched/in
expect 0 rules apply --rules /tmp/c.rules
expect 0 rules diff --rules /tmp/c.rules

note 'kill -9 in the middle of an apply'
many() { for n in $(seq "$1" "$2"); do echo "-a always,exit -F arch=b64 -S openat -F uid=$n -k many"; done; }
many 1 400 >/tmp/many.rules
tac /tmp/many.rules >/tmp/down.rules
expect 0 rules apply --rules /tmp/many.rules
middle=0
for n in $(seq 1 12); do
  file=/tmp/down.rules
  [ $((n % 2)) = 0 ] && file=/tmp/many.rules
  # Not by the function: that would be killed in its place.
  "$SORREL_BIN/sorrelctl" rules apply --rules $file >/dev/null 2>&1 &
  pid=$!
  # Until it has begun to change something.
  wait_until 5 eval '[ "$("$SORREL_BIN/guest_rules" list)" != 400 ] || ! running $pid' || true
  kill -9 $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
  [ "$("$SORREL_BIN/guest_rules" list)" = 400 ] || middle=$((middle + 1))
done
[ $middle -gt 0 ] || fail 'no apply was killed in the middle'
note "killed in the middle $middle times, $(rules list | wc -l) rules"
expect 0 rules apply --rules /tmp/many.rules
expect 0 rules diff --json --rules /tmp/many.rules
[ "$(json 'len(d["diff"]["other_form"])')" = 0 ] || fail 'twins are left'

note 'speed'
many 1 500 >/tmp/500.rules
"$SORREL_BIN/guest_rule_loop" measure /tmp/500.rules >"$GUEST_OUT/speed.txt" || fail 'no measurement'
cat "$GUEST_OUT/speed.txt"
figure() { tr ' ' '\n' <"$GUEST_OUT/speed.txt" | sed -n "s/^$1=//p"; }
[ "$(figure one_more_adds) $(figure one_more_removes)" = '1 0' ] || fail 'one more rule took more than one addition'
# Without optimisation, it is our own code that is measured.
if [ "$(figure optimised)" = 1 ]; then
  awk "BEGIN {exit !($(figure ratio) <= 1.2)}" || fail 'loading takes more than 1.2 times a bare loop'
fi
expect 0 rules apply --rules /tmp/500.rules

note 'settings of the files'
{ printf '%s\n' '-b 8192' '-f 1' '-r 5000' '--backlog_wait_time 100' '--loginuid-immutable'; cat /tmp/500.rules; } >/tmp/set.rules
load_rules '-b 64' '-f 0' '-r 0'
expect 2 rules apply --check --json --rules /tmp/set.rules
[ "$(json '[s["name"] for s in d["settings"]][0], d["changed"], d["additions"]')" = "('backlog_limit', True, 0)" ] ||
  fail "$(cat /tmp/out)"
[ "$(status_of backlog_limit)" = 64 ] || fail '--check has set something'
expect 2 rules diff --rules /tmp/set.rules
has 'failure 0 -> 1'
expect 0 rules apply --rules /tmp/set.rules
has 'backlog_limit 64 -> 8192'
has 'loginuid_immutable 0 -> 1'
[ "$(status_of backlog_limit) $(status_of failure) $(status_of rate_limit) $(status_of backlog_wait_time)" = '8192 1 5000 100' ] ||
  fail "settings: $(status)"
expect 0 rules apply --json --rules /tmp/set.rules
[ "$(json 'd["outcome"], d["settings"]')" = "('in_sync', [])" ] || fail "again: $(cat /tmp/out)"
load_rules '-r 0'

note 'a change waits for another'
exec 9>/run/sorrel/rules.lock
flock -n 9 || fail 'the lock is held by nobody'
"$SORREL_BIN/sorrelctl" rules apply --as-written --rules /tmp/a.rules >/tmp/out 2>&1 9>&- &
pid=$!
sleep 0.5
[ "$("$SORREL_BIN/guest_rules" list)" = 500 ] || fail 'it did not wait'
exec 9>&-
wait $pid || fail "after the wait: $(cat /tmp/out)"
expect 0 rules diff --rules /tmp/a.rules
expect 0 rules apply --rules /tmp/500.rules

note 'a locked kernel, by -e 2, which comes last wherever it is written'
{ echo '-e 2'; cat /tmp/500.rules; echo '-a always,exit -F arch=b64 -S mount -k last'; } >/tmp/locked.rules
expect 0 rules apply --rules /tmp/locked.rules
has 'enabled 1 -> 2'
expect 0 rules apply --rules /tmp/locked.rules
expect 0 rules list
has 'key=last'
expect 4 rules apply --rules /tmp/a.rules
has 'locked'
expect 4 rules apply --check --json --rules /tmp/a.rules
[ "$(json 'd["immutable"], d["outcome"]')" = "(True, 'needs_reboot')" ] || fail "$(cat /tmp/out)"
