#: bench [OPTION...]          measures speed against LAUREL, instructions, allocations, memory
#:
#:   --input FILE  an audit log with EOE records; otherwise two logs of 56 MB, made of a recording in
#:                 tests/: `exec`, the events of new programs, which the targets are for, and
#:                 `mixed`, with those of files, sockets and log-ins, which is only measured
#:   --runs N      of each program, by turns (7, which is the least); what counts is the median
#:   --backlog-gb N  of events that wait on the disk when the buffer starts (1); the target is for 10,
#:                 which takes as much room in build/bench
#:   --sinks       also what sends to rsyslog, syslog-ng and Kafka, beside bare senders of the same bytes:
#:                 the servers are fetched and run on 127.0.0.1, as by ./dev sinks; ten minutes
#:   --write       puts the figures into docs/performance.md
#:   --json FILE   the figures, all runs of each, as JSON
#:
#: `sorrelctl decode` and LAUREL 0.8.2 read the same bytes, both write to /dev/null, and their events
#: are counted equal first; CPU time of the whole process is read by getrusage. Once without any
#: enrichment on either side; once with names, processes and ancestors beside LAUREL's default with
#: its translation, in namespaces of its own: with our users and an empty /proc, reading which would
#: only cost it more. LAUREL is $LAUREL, or found in PATH, or built by cargo into
#: ~/.cache/sorrel-bench; without cargo, or namespaces, the comparison is skipped, and says so.
#: Exit status 1 when a target was measured and missed.

cmd_bench() {
  # What the figures are said to come from: without the places of files on this machine.
  local input= command="./dev bench" pass=()
  while [ $# -gt 0 ]; do
    case $1 in
      --input) input=${2:?--input needs a file} command+=" --input ${2##*/}" && shift ;;
      --runs) pass+=("$1" "${2:?--runs needs a number}") command+=" $1 $2" && shift ;;
      --backlog-gb)
        pass+=("$1" "${2:?--backlog-gb needs a number}") command+=" $1 $2" && shift ;;
      --sinks) pass+=("$1") command+=" $1" ;;
      --json) pass+=("$1" "${2:?--json needs a file}") && shift ;;
      --write) pass+=("$1") ;;
      *) wrong_use "bench does not know $1; ./dev bench --help" ;;
    esac
    shift
  done
  need bench
  configure_preset release
  ninja -C build/release build.ninja >&2  # a list of programs that is not out of date
  build_programs release \
    'sorrelctl|sorreld|(micro|netlink|live|rules|buffer|sink)_bench|test_property'
  mkdir -p build/bench
  if [ -n "$input" ]; then
    [ -r "$input" ] || die "$input cannot be read"
    pass+=(--recording "input=$input")
  else
    bench_input build/bench/exec.log --execs-only
    bench_input build/bench/mixed.log
    pass+=(--recording exec=build/bench/exec.log --also mixed=build/bench/mixed.log)
  fi
  python3 tools/bench --command "$command" "${pass[@]}"
}

# Makes it when it is missing, or older than what makes it.
bench_input() {
  local log=$1 maker
  for maker in tools/dev/make_bench_input.py tools/dev/bench_variation.py; do
    [ -s "$log" ] && [ "$log" -nt "$maker" ] && continue
    say "making $log"
    python3 tools/dev/make_bench_input.py "$@" >&2
    return
  done
}
