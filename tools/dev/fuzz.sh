#: fuzz SECONDS [TARGET...]   fuzzes each target for SECONDS (libFuzzer, address and undefined)
#:
#: As many at the same time as there are processors.
#: Seeds are read from tests/fuzz/corpus/ (without the prefix fuzz_), what is found new stays in build/fuzz/corpus/TARGET.
#: A crash leaves its input there too, and ends with status 1.

cmd_fuzz() {
  local seconds=${1:-}
  [[ $seconds =~ ^[0-9]+$ ]] || wrong_use "fuzz needs the seconds for each target"
  shift
  build_programs fuzz 'fuzz_.*'
  local targets=("$@") target failed=0 running=0
  [ $# -gt 0 ] || mapfile -t targets < <(find build/fuzz/bin -name 'fuzz_*' -type f -executable | sort)
  [ ${#targets[@]} -gt 0 ] || die "there is no fuzz target in build/fuzz/bin"
  for target in "${targets[@]}"; do
    if [ "$running" -ge "$(jobs_count)" ]; then
      wait -n || failed=1
      running=$((running - 1))
    fi
    fuzz_one "$(basename "$target")" "$seconds" &
    running=$((running + 1))
  done
  for (( ; running > 0; running--)); do wait -n || failed=1; done
  return $failed
}

# What it says comes in one piece, when it has ended.
fuzz_one() {
  local name=$1 seconds=$2 seeds=() dictionary=()
  local corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  [ ! -d "tests/fuzz/corpus/${name#fuzz_}" ] || seeds=("tests/fuzz/corpus/${name#fuzz_}")
  [ ! -f "tests/fuzz/${name#fuzz_}.dict" ] || dictionary=(-dict="tests/fuzz/${name#fuzz_}.dict")
  if build/fuzz/bin/"$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 "${dictionary[@]}" -artifact_prefix="$corpus/" \
    "$corpus" "${seeds[@]}" >"$corpus.log" 2>&1; then
    say "fuzzed $name for $seconds s:" \
      "$(awk '/number_of_executed_units/ { print $2 " inputs" }' "$corpus.log")"
    return 0
  fi
  say "$name failed; its input is in $corpus"$'\n'"$(tail -n 40 "$corpus.log")"
  return 1
}
