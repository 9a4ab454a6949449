#: tidy [FILE...]             runs clang-tidy (.clang-tidy) over lib/ and agent/, or over FILEs
#:
#: It takes minutes for everything, so CI does not run it.

cmd_tidy() {
  need build tidy
  build_preset dev
  local files=("$@")
  [ $# -gt 0 ] || mapfile -t files < <(source_files lib agent | grep '\.cpp$')
  # g++'s own flags in the compile commands mean nothing to clang.
  printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(jobs_count)" \
    clang-tidy-14 -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option
}
