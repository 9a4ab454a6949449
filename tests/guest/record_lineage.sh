#!/bin/bash
# needs: auditd libwrap0 libauparse0 sudo cron openssh-server
# Makes the recordings of tests/golden/recordings/lineage: who started whom, on a real kernel. One
# guest for each, where a scenario (lineage/scenarios.sh) is played under one of three sets of rules;
# while it runs, a keeper writes down from /proc who everybody is (lineage/keeper.py), and
# tests/lineage/reduce.py makes of that the truth that a decoder of the recording has to find.
#   tests/guest/record_lineage.sh OUT_FOLDER [NAME...]
# Nothing of it touches this machine's own audit.
set -euo pipefail

record_in_guest() {
  local here=$SORREL_ROOT/tests/guest
  . "$here/recorder.sh"
  . "$here/lineage/host.sh"
  . "$here/lineage/scenarios.sh"
  TRUTH=/run/lineage/truth
  make_host
  case $SCENARIO in
    sudo_and_su) make_sudo ;;
    cron) make_cron ;;
    ssh_sessions) make_sshd ;;
  esac
  # The interpreter by its own path: a manager of versions would be a program more.
  /usr/bin/python3 "$here/lineage/keeper.py" /run/lineage/keeper $TRUTH &
  local keeper=$!
  until [ -S /run/lineage/keeper ]; do sleep 0.05; done
  chmod 644 $TRUTH
  write_seen
  start_recording "$here/lineage/$RULES.rules"
  # In this shell, which is older than the audit: of what it forks, only the execs are audited. And
  # with the environment of a fresh host.
  export -n SORREL_ROOT GUEST_OUT SCENARIO RULES
  "$SCENARIO"
  stop_recording
  kill $keeper
  cp $TRUTH "$GUEST_OUT/truth"
}

if [ -n "${GUEST_OUT:-}" ]; then
  record_in_guest
  exit
fi

here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: record_lineage.sh OUT_FOLDER [NAME...]}
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# record NAME SCENARIO RULES [KERNEL_ARGUMENT]; $AUDREC: keeps the stream as well
record() {
  [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]] || return 0
  "$here/run" --bin "${SORREL_BUILD:-$here/../../build/release}/bin" --out "$work/$1" --append "${4:-security=apparmor}" \
    --env SCENARIO="$2" --env RULES="$3" "$here/record_lineage.sh"
  python3 "$here/../lineage/reduce.py" "$work/$1/truth" "$work/$1/audit.log" "$2" "$3" >"$out/$1.json"
  xz -9e -c "$work/$1/audit.log" >"$out/$1.log.xz"
  [ -z "${AUDREC:-}" ] || xz -9e -c "$work/$1/stream.audrec" >"$out/$1.audrec.xz"
}
wanted=("$@")
for scenario in web_server sudo_and_su cron ssh_sessions container double_fork exec_chain; do
  record $scenario $scenario full
  record $scenario-execs $scenario execs
done
record pid_reuse-noexit pid_reuse noexit
record pid_reuse-execs pid_reuse execs
# TOMOYO looks the program's path up once more: each exec has one PATH record more than elsewhere.
record exec_chain-tomoyo exec_chain execs security=tomoyo
AUDREC=yes
record pid_reuse pid_reuse full
record arguments arguments full
record non_utf8 non_utf8 full
