#!/bin/bash
# The http and kafka sinks against all collectors that this machine can run: the one of ours always, also
# for a sorreld whose outputs change; VictoriaLogs when there is go, Kafka and OpenSearch when there are java
# and mvn. They are fetched once, into build/collectors. A line a scenario; the last line is "N passed, N
# failed, N skipped".
#   tests/sinks/collectors.sh BUILD_FOLDER [quick]     quick: CI's size, and nothing is fetched
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly VICTORIA_LOGS=github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-logs
readonly VICTORIA_LOGS_VERSION=v1.121.0
bin=$(realpath "${1:?the build folder, such as build/release}")/bin
size=${2:-full}
peers=$PWD/build/collectors
summaries=$(mktemp)
trap 'rm -f "$summaries"' EXIT

# Its module replaces others, so that `go install` refuses it: built from an empty one.
victoria_logs() {
  local program=$peers/victoria-logs
  [ -x "$program" ] && { echo "$program"; return; }
  [ "$size" = full ] && command -v go >/dev/null || return 0
  (
    cd "$(mktemp -d)" && go mod init collectors && go get "$VICTORIA_LOGS@$VICTORIA_LOGS_VERSION" &&
      go build -mod=mod -o "$program" "$VICTORIA_LOGS"
  ) >"$peers/victoria-logs.log" 2>&1 || echo "victoria-logs was not built: $peers/victoria-logs.log" >&2
  [ -x "$program" ] && echo "$program"
}

run() {
  echo "== $1"
  python3 "tests/sinks/$@" | tee -a "$summaries"
}

mkdir -p "$peers"
program=$(victoria_logs)
if [ "$size" = full ]; then
  run http_sinks.py "$bin/http_ship" --events 100000 --stall 60 ${program:+--victoria-logs "$program"}
  run kafka_sinks.py "$bin/kafka_ship" "$peers/kafka" --events 100000 --stall 60
  run opensearch_sinks.py "$bin/http_ship" "$peers/opensearch" --events 100000
else
  run http_sinks.py "$bin/http_ship" --events 10000 --kills 3 --stall 10 \
    ${program:+--victoria-logs "$program"}
fi
run reload_sinks.py "$bin/sorreld"
awk '/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed += $1; failed += $3; skipped += $5 }
  END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed != 0 }' "$summaries"
