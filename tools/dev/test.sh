#: test [--preset P] [ARGS]   builds and runs all tests (dev; ARGS go to ctest, such as -R event)
#:
#: Tests that need a kernel of their own run in a guest (label guest; -LE guest leaves them out).
#: The end says how many ran, passed, failed and were skipped, and why; see tests/README.md.
#: Exit status: 0 when nothing failed.

cmd_test() {
  local preset=dev
  if [ "${1:-}" = --preset ]; then
    preset=${2:?--preset needs a name}
    shift 2
  fi
  need test guest
  build_preset "$preset"
  local junit=$ROOT/build/$preset/tests.xml log=build/$preset/tests.log
  rm -f "$junit"
  # Only what is not a pass is shown while it runs; all of it is in the log.
  ctest --preset "$preset" --output-junit "$junit" --test-output-size-passed 65536 \
    --no-tests=error -j"$(jobs_count)" "$@" 2>&1 | tee "$log" |
    grep --line-buffered -vE '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ .* Passed +[0-9.]+ sec|[0-9]+/[0-9]+ .*Skipped)' >&2 || true
  [ -s "$junit" ] || die "ctest ended without a report; see $log"
  python3 tools/dev/test_report.py "$junit"
}
