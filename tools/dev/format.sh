#: format [--check]           lays out all C++ files (--check: only names those that differ)

cmd_format() {
  need format
  local files
  mapfile -t files < <(source_files lib agent tests)
  if [ "${1:-}" = --check ]; then
    local file wrong=0
    for file in "${files[@]}"; do
      clang-format-14 "$file" | cmp -s "$file" - && continue
      say "$file is not laid out: ./dev format"
      wrong=$((wrong + 1))
    done
    [ $wrong -eq 0 ] || exit 1
  else
    clang-format-14 -i "${files[@]}"
  fi
}
