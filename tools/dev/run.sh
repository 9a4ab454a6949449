#: run [--host] [--keep]      shows sorreld at work: an attack in a throw-away guest, event by event
#:
#: Builds, boots a kernel of its own (tests/guest/run) on this machine's files, read-only, starts
#: sorreld there as the kernel's audit daemon, plays a short real attack and shows each event's line
#: as it comes. Nothing of this machine is changed. Colour on a terminal, unless NO_COLOR is set.
#:   --keep   leaves the events, sorreld's log and its statistics in build/demo
#:   --host   instead: listens to this machine's own audit events (root; changes nothing) until Ctrl-C

cmd_run() {
  local where=guest keep=no
  while [ $# -gt 0 ]; do
    case $1 in
      --host) where=host ;;
      --keep) keep=yes ;;
      *) wrong_use "run does not know $1; ./dev run --help" ;;
    esac
    shift
  done
  if [ $where = host ]; then
    run_on_host
  else
    run_in_guest $keep
  fi
}

run_in_guest() {
  local keep=$1 status=0
  need guest
  build_programs release 'sorreld|guest_.*'
  rm -rf build/demo
  mkdir -p build/demo
  say "booting a kernel of its own; this machine is not touched"
  tests/guest/run --quiet --timeout 60 --out build/demo --console build/demo/console.log \
    tests/guest/demo.sh | tee build/demo/events.json | python3 -u tools/dev/show_events.py || status=$?
  grep -v '^== ' build/demo/events.json >build/demo/events.tmp || true
  mv build/demo/events.tmp build/demo/events.json
  if [ $status -ne 0 ]; then
    say "the demonstration ended with status $status; see build/demo"
    return $status
  fi
  python3 tools/dev/show_statistics.py build/demo/statistics.json build/demo/events.json || status=$?
  [ $keep = yes ] && say "kept: build/demo" || rm -rf build/demo
  return $status
}

# Read-only: the multicast group, which any number of programs can join.
run_on_host() {
  [ "$(id -u)" = 0 ] || wrong_use "listening to this machine's audit needs root: sudo ./dev run --host"
  build_programs release 'sorreld|guest_rules'
  mkdir -p build/host
  cat >build/host/sorrel.yaml <<EOF
# Written by ./dev run --host: listens, changes nothing.
input: multicast
state_dir: $ROOT/build/host
outputs:
  - name: stdout
    type: file
    format: json
    path: "-"
EOF
  local status
  if ! status=$(build/release/bin/guest_rules status 2>&1); then
    say "the kernel does not answer here (a container, or a user namespace?): $status"
  elif [[ $status == enabled=0* ]]; then
    say "audit is off on this machine (enabled=0): the kernel makes no events."
    say "What would switch it on: 'auditctl -e 1', an audit daemon, or audit=1 on the kernel's"
    say "command line; and rules, for system calls. sorreld only listens here and switches nothing."
  else
    say "audit on this machine: $status"
  fi
  say "listening; Ctrl-C ends"
  # The terminal's Ctrl-C reaches sorreld too; the pipe's end ends the filter.
  trap '' INT
  (trap - INT; exec build/release/bin/sorreld --config build/host/sorrel.yaml \
    --stats-file build/host/statistics.json) | python3 -u tools/dev/show_events.py || true
  trap - INT
  [ ! -s build/host/statistics.json ] || python3 tools/dev/show_statistics.py build/host/statistics.json
}
