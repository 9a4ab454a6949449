# What the scenarios share; sourced by tests/guest/*.sh inside a guest. A scenario's own directory is
# /tmp, its events are in $EVENTS, and what it leaves in $GUEST_OUT comes back.
set -euo pipefail

EVENTS=/run/events.json
LOG=$GUEST_OUT/sorreld.log
SORRELD_PID=
mkdir -p /var/lib/sorrel
# The program that run_execs starts; in memory, it starts many times as quickly as from the host.
cp "$SORREL_BIN/guest_true" /tmp/true

note() { printf '%s\n' "$*"; }
fail() {
  note "FAILED: $*"
  [ ! -s "$LOG" ] || sed 's/^/  sorreld: /' "$LOG" | tail -n 40
  exit 1
}
skip() {
  note "SKIP: $*"
  exit 77
}

status() { "$SORREL_BIN/guest_rules" status; }
# status_of NAME: one number of the kernel's status.
status_of() { status | tr ' ' '\n' | sed -n "s/^$1=//p"; }

# wait_until SECONDS COMMAND...
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt "$end" ] || return 1
    sleep 0.05
  done
}

registered() { [ "$(status_of pid)" = "$1" ]; }
running() { kill -0 "$1" 2>/dev/null; }

# write_config FILE INPUT OUTPUT [YAML...]: a configuration; each YAML is a line of its own.
write_config() {
  local file=$1 input=$2 output=$3
  shift 3
  {
    printf '%s\n' "input: $input" "state_dir: /var/lib/sorrel" "$@" "outputs:" "  - name: events" \
      "    type: file" "    format: json" "    path: $output"
  } >"$file"
}

# start_sorreld [CONFIG]: starts it as the audit daemon and waits until the kernel says so.
start_sorreld() {
  local config=${1:-/tmp/sorrel.yaml}
  [ -f "$config" ] || write_config "$config" kernel "$EVENTS"
  "$SORREL_BIN/sorreld" --config "$config" --stats-file "$GUEST_OUT/statistics.json" 2>>"$LOG" &
  SORRELD_PID=$!
  wait_until 10 registered $SORRELD_PID || fail "sorreld ($SORRELD_PID) did not register; status: $(status)"
}

stop_sorreld() {
  kill "$SORRELD_PID"
  wait "$SORRELD_PID" || fail "sorreld ended with status $?"
}

kill_sorreld() {
  kill -9 "$SORRELD_PID"
  wait "$SORRELD_PID" 2>/dev/null || true
}

# load_rules LINE...: rules and settings, in auditctl's words.
load_rules() { printf '%s\n' "$@" | "$SORREL_BIN/guest_rules" -; }
# The rules under which guest_load's operations are events, and no process ever waits.
load_numbered_rules() {
  load_rules '-b 65536' '--backlog_wait_time 0' '-e 1' \
    '-a always,exit -F arch=b64 -S execve -F exe=/tmp/true -k numbered' \
    '-a always,exit -F arch=b64 -S getppid -k numbered'
}

# Numbers FIRST..FIRST+COUNT-1, by program starts or by calls. Ends when the operations have ended.
run_execs() { "$SORREL_BIN/guest_load" exec "$1" "$2" /tmp/true; }
run_calls() { "$SORREL_BIN/guest_load" calls "$1" "$2"; }

# settle [EVENTS_FILE]: sends a message of its own and waits until it is in the output: then all
# that the kernel sent before it is too. A message may be lost where records may: then another.
PROBES=0
settle() {
  local file=${1:-$EVENTS} probe came=no
  PROBES=$((PROBES + 1))
  probe="probe-$$-$PROBES-$RANDOM"
  for _ in 1 2 3 4; do
    "$SORREL_BIN/guest_messages" text 1120 "op=$probe"
    wait_until 10 grep -qF "$probe" "$file" && came=yes && break
  done
  [ $came = yes ] || fail "a message did not come through; status: $(status)"
  # The events of system calls may be assembled later than a message of one record.
  sleep 0.3
}

check_numbers() {
  python3 "$SORREL_ROOT/tests/guest/check_numbers.py" "$@" || fail "check_numbers $*"
}

[ -x "$SORREL_BIN/sorreld" ] || skip "sorreld is not built"
