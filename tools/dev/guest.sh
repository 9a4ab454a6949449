#: guest 'COMMAND' | FILE.sh  runs it on a kernel of its own, gone afterwards (tests/guest/run --help)
#:
#: user-mode Linux with this machine's files as a read-only root; up in two seconds. For example:
#:   ./dev guest 'uname -r; $SORREL_BIN/guest_rules status'
#:   ./dev guest --append audit=1 tests/guest/exec_storm.sh

cmd_guest() {
  [ $# -gt 0 ] || wrong_use "guest needs a command; ./dev guest --help"
  need guest
  build_programs release 'sorreld|sorrelctl|guest_.*'
  case ${*: -1} in
    *.sh) tests/guest/run "$@" ;;
    *) tests/guest/run "${@:1:$#-1}" -- "${*: -1}" ;;
  esac
}
