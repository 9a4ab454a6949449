#: build [PRESET]             builds everything (release; dev, asan, tsan, fuzz, package)
#:
#: The programs come to build/PRESET/bin. release is what runs and is measured, dev what is tested
#: (no optimisation, assertions on, warnings are errors), asan and tsan have sanitizers.

cmd_build() {
  local preset=${1:-release}
  grep -q "\"name\": \"$preset\"" CMakePresets.json || wrong_use "no such preset: $preset"
  build_preset "$preset"
  say "built: build/$preset/bin"
}
