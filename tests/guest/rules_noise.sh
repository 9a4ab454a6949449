#!/bin/bash
# Counts the events that each file of rules/audit makes, on a machine that may be changed: run it as
# root in a throw-away Debian with auditd. All files are loaded but the lock; the first rule that
# matches has the event.
#   rules_noise.sh RULES_FOLDER idle SECONDS        nothing is done
#   rules_noise.sh RULES_FOLDER run COMMAND...      while the command runs
# Prints: file, events, events a minute.
set -euo pipefail

rules=$1 what=$2
shift 2
log=/var/log/audit/audit.log
work=$(mktemp -d)
[ "$(id -u)" = 0 ] && [ -f $log ] || { echo "rules_noise.sh: wants root, and auditd's $log" >&2; exit 1; }

for file in "$rules"/*.rules; do
  [ "$(basename "$file")" = 99-lock.rules ] || cat "$file"
done >"$work/all.rules"
# Some folders are not on this machine: those rules are left out, as the first file asks for.
auditctl -R "$work/all.rules" >"$work/load.log" 2>&1 || true
echo "rules loaded: $(auditctl -l | grep -c '^-[aw]') of $(grep -c '^-a' "$work/all.rules")"

sleep 2
auditctl -m "noise-begin-$$" >/dev/null
begin=$SECONDS
if [ "$what" = idle ]; then sleep "$1"; else "$@" </dev/null >"$work/command.log" 2>&1; fi
seconds=$((SECONDS - begin))
auditctl -m "noise-end-$$" >/dev/null
sleep 2
auditctl -D >/dev/null

cat $(ls -tr $log*) | sed -n "/noise-begin-$$/,/noise-end-$$/p" >"$work/part.log"
echo "seconds: $seconds; records: $(grep -c . "$work/part.log"); lost: $(auditctl -s | sed -n 's/^lost //p')"
for file in "$rules"/*.rules; do
  keys=$(sed -n 's/^-a always.* -k //p' "$file" | sort -u)
  [ -n "$keys" ] || continue
  count=0
  for key in $keys; do
    found=$(grep -c "^type=\(SYSCALL\|URINGOP\) .* key=\"$key\"" "$work/part.log" || true)
    [ "$found" = 0 ] || echo "    $key $found"
    count=$((count + found))
  done
  printf '%-22s %7d %9.1f\n' "$(basename "$file" .rules)" $count \
    "$(awk "BEGIN { print $count * 60 / ($seconds > 0 ? $seconds : 1) }")"
done
