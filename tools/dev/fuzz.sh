#: fuzz SECONDS [TARGET...]   fuzzes each target for SECONDS (libFuzzer, address and undefined)
#:
#: Seeds are read from tests/fuzz/corpus/ (without the prefix fuzz_), what is found new stays in build/fuzz/corpus/TARGET.
#: A crash leaves its input there too, and ends with status 1.

cmd_fuzz() {
  local seconds=${1:-}
  [[ $seconds =~ ^[0-9]+$ ]] || wrong_use "fuzz needs the seconds for each target"
  shift
  build_programs fuzz 'fuzz_.*'
  local targets=("$@") target name failed=0
  [ $# -gt 0 ] || mapfile -t targets < <(find build/fuzz/bin -name 'fuzz_*' -type f -executable | sort)
  [ ${#targets[@]} -gt 0 ] || die "there is no fuzz target in build/fuzz/bin"
  for target in "${targets[@]}"; do
    name=$(basename "$target")
    local corpus=build/fuzz/corpus/$name seeds=()
    mkdir -p "$corpus"
    [ ! -d "tests/fuzz/corpus/${name#fuzz_}" ] || seeds=("tests/fuzz/corpus/${name#fuzz_}")
    local dictionary=()
    [ ! -f "tests/fuzz/${name#fuzz_}.dict" ] || dictionary=(-dict="tests/fuzz/${name#fuzz_}.dict")
    say "fuzzing $name for $seconds s"
    if build/fuzz/bin/"$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
      -print_final_stats=1 "${dictionary[@]}" -artifact_prefix="$corpus/" \
      "$corpus" "${seeds[@]}" >"$corpus.log" 2>&1; then
      awk '/number_of_executed_units|average_exec_per_sec/ { print "dev:   " $1 " " $2 }' "$corpus.log" >&2
    else
      tail -n 40 "$corpus.log" >&2
      say "$name failed; its input is in $corpus"
      failed=1
    fi
  done
  return $failed
}
