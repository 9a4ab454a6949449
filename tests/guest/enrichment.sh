#!/bin/bash
# sorreld as the kernel's audit daemon, as a user of its own, adds to events what /proc, the name
# service and the hashes of programs say, and marks what it missed. check_enrichment.py has the
# claims. Beside them: a name service that hangs delays neither an event nor the end.
. "$(dirname "$0")/lib.sh"
SOCKET=/run/sorreld/control.sock

# Programs that live long enough to be read: `/tmp/tool $LIVE MARK`.
cp /usr/bin/perl /tmp/tool
cp /usr/bin/perl /tmp/hashed
LIVE='-e select(undef,undef,undef,$ENV{LIVES}//0.4)'

# A name service of ours, for users that no file has.
mkdir /run/etc /tmp/nss
cp -a /etc/passwd /etc/group /etc/ld.so.cache /etc/localtime /run/etc/ 2>/dev/null || true
printf 'passwd: files slow\ngroup: files\n' >/run/etc/nsswitch.conf
mount --bind /run/etc /etc
cp "$SORREL_BIN/libnss_slow.so.2" /tmp/nss/

# Processes that are there before sorreld is: it finds them in /proc. They start a tool when told.
mkfifo /tmp/go
LIVE=$LIVE bash -c 'read -r _ </tmp/go; /tmp/tool "$LIVE" of-the-old; :' &
old=$!
setpriv --reuid www-data --regid www-data --clear-groups sleep 1000 &
wwws_old=$!

write_config /tmp/sorrel.yaml kernel "$EVENTS" 'user: nobody' \
  "control: {socket: $SOCKET}" 'enrich:' \
  '  environment: [LD_LIBRARY_PATH, "ODD*"]' '  exe_hash: {enabled: yes}' \
  '  processes: {sweep: 1s, wait: 500ms}'
export LD_LIBRARY_PATH=/tmp/nss
start_sorreld
unset LD_LIBRARY_PATH
[ "$(ps -o user= -p "$SORRELD_PID")" = nobody ] || fail 'sorreld is not the user nobody'
load_rules '-b 8192' '-e 1' '-a always,exit -F arch=b64 -S execve,execveat' \
  '-a always,exit -F arch=b64 -S getppid -k numbered'

export LIVE
LD_LIBRARY_PATH=/first /tmp/tool "$LIVE" of-environment
env 'ODD"\\%é=1 =2' "ODD$(printf '\377')=$(printf 'v\001')" LD_LIBRARY_PATH=/second /tmp/tool "$LIVE" of-env
setpriv --reuid www-data --regid www-data --clear-groups \
  env LD_LIBRARY_PATH=/www /tmp/tool "$LIVE" of-www-data

mkdir -p /run/cgroup
mount -t cgroup2 none /run/cgroup
id=$(printf 'c0ffee%.0s' {1..10})beef
mkdir -p "/run/cgroup/system.slice/docker-$id.scope" /run/cgroup/system.slice/demo.service
(echo $BASHPID >"/run/cgroup/system.slice/docker-$id.scope/cgroup.procs" && exec /tmp/tool "$LIVE" of-container)
(echo $BASHPID >/run/cgroup/system.slice/demo.service/cgroup.procs && exec /tmp/tool "$LIVE" of-unit)

bash -c 'echo 1000 >/proc/self/loginuid; /tmp/tool "$LIVE" of-login'

/tmp/hashed "$LIVE" first-hashed
wait_until 10 grep -qF SORREL_EXE_HASH "$EVENTS" || fail 'no hash came'
settle
/tmp/hashed "$LIVE" second-hashed

echo >/tmp/go
wait $old

run_execs 1 200

# A parent that exits before its child; the child stays.
LIVES=1000 bash -c '/tmp/tool "$LIVE" of-orphan & sleep 0.4'
orphan=$(pgrep -f of-orphan)
ps_lists() { "$SORREL_BIN/sorrelctl" ps --socket $SOCKET --all --json 2>>"$LOG" >"$GUEST_OUT/ps.json" && grep -q '"exited"' "$GUEST_OUT/ps.json"; }
wait_until 10 ps_lists || fail "ps: $(tail -n 3 "$LOG")"
sleep 1.5
ps_lists
"$SORREL_BIN/sorrelctl" ps --socket $SOCKET --all --tree >"$GUEST_OUT/ps.tree"

# The name service.
as() { setpriv --reuid "$1" --regid 0 --clear-groups /tmp/tool "$LIVE" "$2"; }
as 10001 slow-first
settle
# Its name comes when it comes: in a later event of that user.
has_slow_name() {
  as 10001 slow-later
  settle
  grep -qF '"UID":"slow10001"' "$EVENTS"
}
wait_until 30 has_slow_name || fail 'the name of user 10001 never came'
as 20001 dead
settle
"$SORREL_BIN/sorrelctl" status --socket $SOCKET --json >"$GUEST_OUT/status.json"
begin=$SECONDS
stop_sorreld
[ $((SECONDS - begin)) -lt 20 ] || fail "a dead name service held the end up: $((SECONDS - begin)) s"
grep -qF DAEMON_END "$EVENTS" || fail 'no DAEMON_END'
[ -s /var/lib/sorrel/state ] || fail 'the last serial was not kept'

cp "$EVENTS" "$GUEST_OUT/"
python3 "$SORREL_ROOT/tests/guest/check_enrichment.py" "$GUEST_OUT" \
  "$(sha256sum </tmp/hashed | cut -d' ' -f1)" "$id" "$old" "$wwws_old" "$orphan" || fail check_enrichment
