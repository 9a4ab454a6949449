#: bench [--input FILE]       measures: CPU time for each event and record, memory, events out = in
#:
#: Reads FILE (an audit log with EOE records), or 50 MB made of a recording in tests/. Seven runs,
#: interleaved when there are several programs, medians; CPU time by getrusage. Programs: sorrelctl
#: decode, and all build/release/bin/bench_*, each given --input FILE.

cmd_bench() {
  local input=
  if [ "${1:-}" = --input ]; then
    input=${2:?--input needs a file}
    shift 2
  fi
  [ $# -eq 0 ] || wrong_use "bench does not know $1; ./dev bench --help"
  need bench
  build_programs release 'sorrelctl|bench_.*'
  if [ -z "$input" ]; then
    input=build/bench/input.log
    mkdir -p build/bench
    [ -s $input ] && [ $input -nt tools/dev/make_bench_input.py ] ||
      python3 tools/dev/make_bench_input.py $input >&2
  fi
  python3 tools/dev/bench.py "$input" build/release/bin/sorrelctl build/release/bin/bench_*
}
