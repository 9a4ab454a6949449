#!/bin/bash
# Proves: each man page is laid out without a warning, and says something under every heading that
# mdoc(7) asks for.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../../docs/man" || exit 1
command -v groff >/dev/null || { echo 'SKIP: groff is not installed'; exit 77; }
failed=0
for page in *.[1-8]; do
  warnings=$(groff -mandoc -Tutf8 -ww -z "$page" 2>&1) && [ -z "$warnings" ] || {
    echo "$page: $warnings"
    failed=1
  }
  for heading in NAME DESCRIPTION 'SEE ALSO'; do
    grep -qE "^\.S[hH] \"?$heading\"?$" "$page" || { echo "$page: has no $heading"; failed=1; }
  done
done
exit $failed
