#: sinks [quick]              ships events to real collectors on 127.0.0.1, and compares what arrived
#:
#: rsyslog over RELP and syslog, syslog-ng over syslog (their packages are fetched and unpacked, never
#: installed), an HTTP collector of ours; VictoriaLogs when there is go, Kafka and OpenSearch when there are
#: java and mvn. 100,000 events each; receivers that are killed or stopped, sorreld killed, networks that
#: fail, certificates that are wrong or replaced, a disk that is full (as root); about 20 minutes.
#: quick: CI's size, and only the first two are fetched. What cannot be had is named and counted as skipped.

cmd_sinks() {
  local size=${1:-full} failed=0
  case $size in full | quick) ;; *) wrong_use "sinks takes nothing, or quick" ;; esac
  need build test
  build_preset release sorreld sorrelctl
  build_programs release '(http|kafka)_ship'
  local syslog=(--events 100000 --kills 5 --sorreld-kills 50 --stall 60)
  [ "$size" = full ] ||
    syslog=(--events 10000 --rate 1000 --kills 5 --sorreld-kills 5 --stall 10 --jobs 4)
  local server status
  for server in rsyslog syslog_ng; do
    status=0
    python3 "tests/sinks/${server}_sinks.py" build/release/bin/sorreld "${syslog[@]}" || status=$?
    case $status in 0) ;; 77) say "skipped: $server" ;; *) failed=1 ;; esac
  done
  status=0
  python3 tests/sinks/full_disk.py build/release/bin/sorreld || status=$?
  case $status in 0 | 77) ;; *) failed=1 ;; esac
  if [ "$size" = full ]; then
    tests/sinks/collectors.sh build/release || failed=1
  else
    tests/sinks/collectors.sh build/release quick || failed=1
  fi
  return "$failed"
}
