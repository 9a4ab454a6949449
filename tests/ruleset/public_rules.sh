#!/bin/bash
# public_rules.sh RULES_ORACLE [FILE...]: the rules that come with Debian's auditd, and FILEs, compiled
# by us and by libaudit. The package is unpacked into the cache, never installed.
# Exit status: that of rules_oracle; 77 when there are no FILEs and the package cannot be had.
set -euo pipefail

oracle=${1:?usage: public_rules.sh RULES_ORACLE [FILE...]}
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rules=()
if folder=$("$here/../guest/fetch" auditd); then
  mapfile -t rules < <(find "$folder/usr/share" -path '*rules*' -name '*.rules' | sort)
fi
if [ ${#rules[@]} -eq 0 ]; then
  [ $# -gt 0 ] || {
    echo "SKIP: the package auditd, whose rules are compared, cannot be had"
    exit 77
  }
  echo "not compared: the rules of the package auditd, which cannot be had" >&2
fi
exec "$oracle" "${rules[@]}" "$@"
