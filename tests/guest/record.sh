#!/bin/bash
# needs: auditd libwrap0 libauparse0 apparmor
# Makes the golden recordings of tests/golden/recordings: one guest runs guest_workload and
# guest_messages, or everyday work, under record.rules, and what happens is kept twice at once:
#   NAME.audrec   the kernel's records as they were sent (guest_record)
#   NAME.log      what a real auditd wrote, log_format RAW or ENRICHED (with node=)
# One guest for each recording. Nothing of it touches this machine's own audit.
#   tests/guest/record.sh OUT_FOLDER
set -euo pipefail

. "$(dirname "$0")/recorder.sh"

record_in_guest() {
  mount -t securityfs securityfs /sys/kernel/security
  start_recording "$SORREL_ROOT/tests/guest/record.rules"
  "$WORK"
  stop_recording
}

every_kind_of_record() {
  "$SORREL_BIN/guest_workload"
  "$SORREL_BIN/guest_messages" all
  apparmor_profile
}

# What shells and scripts do all day: the shape of the events that a host has most of.
everyday_work() {
  mkdir /tmp/project
  cd /tmp/project
  for module in parser reader writer; do
    printf 'int %s(void) { return 0; }\n' $module >$module.c
    sed -n 1p $module.c | grep -c return >/dev/null
    awk '{ print NF }' $module.c | sort | uniq -c | head -n 1 >/dev/null
    cp $module.c $module.bak
    chmod 600 $module.bak
    mv $module.bak old-$module.c
    rm old-$module.c
    perl -e 'print join(" ", map { $_ * 2 } 1..9), "\n"' >/dev/null
    sh -c "wc -l < $module.c; test -s $module.c && basename $module.c .c" >/dev/null
    find . -name '*.c' -newer $module.c -exec md5sum {} + >/dev/null
    perl -e 'use Socket; socket(S, PF_INET, SOCK_STREAM, 0);
             connect(S, sockaddr_in(8080, inet_aton("127.0.0.1")))' || true
    date -u +%F >/dev/null
    id -un >/dev/null
    "$SORREL_BIN/guest_messages" sudo "systemctl restart $module"
  done
  tar cf all.tar ./*.c
  gzip -c all.tar >all.tar.gz
  "$SORREL_BIN/guest_messages" login alice 1000 ok
  "$SORREL_BIN/guest_messages" login mallory 1001 failed
  cat /etc/hostname /etc/shadow >/dev/null
}

# AppArmor's records: a profile is loaded, refuses, and is removed.
apparmor_profile() {
  cp /bin/cat /tmp/confined-cat
  cat >/tmp/profile <<'EOF'
profile golden /tmp/confined-cat {
  /tmp/confined-cat mr,
  /{usr/,}lib/** mr,
  /etc/ld.so.cache r,
  /etc/hostname r,
  /etc/passwd r,
  deny /etc/shadow w,
}
EOF
  local parser=/run/apparmor/sbin/apparmor_parser
  "$parser" --config-file=/dev/null --base=/tmp -K -r /tmp/profile || return 0
  /tmp/confined-cat /etc/hostname >/dev/null
  /tmp/confined-cat /etc/shadow /tmp/profile 2>/dev/null || true
  "$parser" --config-file=/dev/null --base=/tmp -K -R /tmp/profile || true
}

if [ -n "${GUEST_OUT:-}" ]; then
  record_in_guest
  exit
fi

here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: record.sh OUT_FOLDER}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# record NAME WORK FORMAT NAME_FORMAT
record() {
  "$here/run" --out "$work/$1" --append security=apparmor --env WORK="$2" --env FORMAT="$3" \
    --env NAME_FORMAT="$4" "$here/record.sh"
  mkdir -p "$out"
  xz -9e -c "$work/$1/audit.log" >"$out/$1.log.xz"
  xz -9e -c "$work/$1/stream.audrec" >"$out/$1.audrec.xz"
}
record every-kind-raw every_kind_of_record RAW NONE
record every-kind-enriched every_kind_of_record ENRICHED HOSTNAME
record everyday-raw everyday_work RAW NONE
