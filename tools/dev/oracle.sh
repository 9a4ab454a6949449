#: oracle [OPTION...]         compares our JSON with what ausearch -i and LAUREL say of the same records
#:
#:   --corpus DIR     a folder of recordings beside those in tests/ (default: ../shared/corpus, if there)
#:   --no-corpus      only the recordings in tests/
#:   --offline        fetch and build nothing: a peer that is not there yet is skipped
#:   --details FILE   all differences, as JSON lines
#:   --examples N     shown of each kind of difference (1)
#:   --tolerate KIND  a kind of difference that is told, but is no failure, such as 'missing key'
#:   --timeout S      for one program and one recording (300)
#:
#: ausearch is $AUSEARCH, or Debian's: unpacked into ~/.cache/sorrel, never installed. LAUREL 0.8.2 is
#: found or built as by ./dev bench. Both run in namespaces of their own, where they see neither the
#: users nor the processes of this machine. Differences that are a peer's fault are the lines of
#: tools/oracle/exceptions.jsonl; see tests/README.md.
#:
#: oracle rules [FILE...]      compares our bytes of audit rules with what libaudit makes of them: of the
#: rules in Debian's package auditd, and of files of yours, as audit.rules of other projects or
#: *.golden.yml of go-libaudit. Status 1 when a rule differs without a known reason.
#:
#: Exit status: 0 nothing else differs and every exception is needed (a peer that cannot be had is
#: skipped, and the last line says so); 1 something differs, or an exception is not needed; 2 wrong
#: usage; 77 neither peer can be had.

cmd_oracle() {
  if [ "${1:-}" = rules ]; then
    shift
    need build
    build_programs dev rules_oracle
    tests/ruleset/public_rules.sh build/dev/bin/rules_oracle "$@"
    return
  fi
  need oracle
  build_programs release sorrelctl
  python3 tools/oracle "$@"
}
