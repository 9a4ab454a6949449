#!/bin/bash
# Proves: while numbered program starts, calls and opens run, 100 reloads between two rulesets lose
# none of those that both want, and the kernel says that nothing was lost. In the same run, the
# reload that other programs do (delete all, add all) loses some.
. "$SORREL_ROOT/tests/guest/lib.sh"

rules() { "$SORREL_BIN/sorrelctl" rules "$@"; }
RELOADS=100
NAIVE=50

mkdir -p /tmp/watched
: >/tmp/watched/file
filler() { for n in $(seq "$1" "$2"); do echo "-a always,exit -F arch=b64 -S openat -F uid=$n -k filler"; done; }
EXEC='-a always,exit -F arch=b64 -S execve -F exe=/tmp/true -k numbered'
CALL='-a always,exit -F arch=b64 -S getppid -k numbered'
OPEN='-w /tmp/watched/file -p r -k numbered'
# What is suppressed in both by an earlier rule must not show either.
QUIET='-a never,exit -F arch=b64 -S getuid -k quiet'
LOUD='-a always,exit -F arch=b64 -S getuid -k loud'
{ filler 1001 1004; echo "$QUIET"; echo "$EXEC"; filler 1011 1013; echo "$CALL"; echo "$OPEN"; echo "$LOUD"; } >/tmp/a.rules
{ echo "$OPEN"; filler 1016 1018; echo "$CALL"; echo "$QUIET"; filler 1002 1006; echo "$LOUD"; echo "$EXEC"; } >/tmp/b.rules

start_sorreld
load_rules '-b 65536' '--backlog_wait_time 0' '-e 1'
rules apply --as-written --rules /tmp/a.rules

# storm COMMAND: runs guest_load's three kinds, each with numbers of its own, until COMMAND ends;
# what was done is in /tmp/done.KIND as FIRST:COUNT.
storm() {
  local first=$1 stop=/tmp/stop
  shift
  rm -f $stop
  for kind in exec calls opens; do
    (
      step=200 path=/tmp/true
      [ $kind = exec ] && step=10
      [ $kind = opens ] && path=/tmp/watched/file
      from=$first
      [ $kind = opens ] && from=$((first + 10000000))
      next=$from
      while [ ! -e $stop ]; do
        "$SORREL_BIN/guest_load" $kind $next $step $path
        next=$((next + step))
        sleep 0.01
      done
      echo "$from:$((next - from))" >/tmp/done.$kind
    ) &
  done
  local load
  load=$(jobs -p | tail -n 3)
  "$@"
  : >$stop
  wait $load
}

reload_exactly() { "$SORREL_BIN/guest_rule_loop" exact /tmp/a.rules /tmp/b.rules $RELOADS || fail 'a reload'; }
reload_naively() {
  for n in $(seq 1 $NAIVE); do
    file=/tmp/a.rules
    [ $((n % 2)) = 1 ] && file=/tmp/b.rules
    "$SORREL_BIN/guest_rule_loop" naive $file || fail "naive reload $n"
  done
}

storm 1000 reload_exactly
execs=$(cat /tmp/done.exec) calls=$(cat /tmp/done.calls) opens=$(cat /tmp/done.opens)
rules diff --as-written --rules /tmp/a.rules
settle
exact_events=$(wc -l <"$EVENTS")
storm 40000000 reload_naively
settle
lost=$(status_of lost)
stop_sorreld
[ "$lost" = 0 ] || fail "the kernel lost $lost"
! head -n "$exact_events" "$EVENTS" | grep -q '"SYSCALL":{[^}]*"key":"loud"' || fail 'an event came through that both rulesets suppress'
note "$RELOADS reloads: execs $execs, calls $calls, opens $opens"
check_numbers "$EVENTS" --execs "$execs" --calls "$calls" --calls "$opens" \
  --maybe-execs "$(cat /tmp/done.exec)" --maybe-calls "$(cat /tmp/done.calls)" --maybe-calls "$(cat /tmp/done.opens)" \
  >/tmp/numbers || { cat /tmp/numbers; fail 'events are missing'; }
cat /tmp/numbers
missing=$(sed -n 's/^[a-z]*: \([0-9]*\) of .*/\1/p' /tmp/numbers | paste -sd+ | bc)
[ "$missing" -gt 0 ] || fail 'the naive reload lost nothing, so this proves nothing'
note "$NAIVE naive reloads lost $missing"
