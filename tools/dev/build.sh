#: build [PRESET [TARGET...]] builds sorreld and sorrelctl (release; dev, asan, tsan, fuzz, package)
#:
#: The programs come to build/PRESET/bin. release is what runs and is measured, dev what is tested
#: (no optimisation, assertions on, warnings are errors), asan and tsan have sanitizers. TARGETs are
#: those of ninja: `all` is everything, the tests and benchmarks included.

cmd_build() {
  local preset=${1:-release}
  [ $# -eq 0 ] || shift
  grep -q "\"name\": \"$preset\"" CMakePresets.json || wrong_use "no such preset: $preset"
  [ $# -gt 0 ] || set -- sorreld sorrelctl
  build_preset "$preset" "$@"
  say "built: build/$preset/bin"
}
