# Shared by the commands of ./dev; sourced, not run.

say() { printf '%s\n' "dev: $*" >&2; }
die() {
  say "$*"
  exit 1
}
wrong_use() {
  say "$*"
  exit 2
}

jobs_count() { nproc; }

# source_files FOLDER...: all C++ files below them.
source_files() { find "$@" \( -name '*.cpp' -o -name '*.h' \) | sort; }

# build_preset PRESET [TARGET...]: configures when needed and builds; says nothing when all is built.
build_preset() {
  local preset=$1
  shift
  local folder=build/$preset
  need build
  [ "$preset" != fuzz ] || need fuzz
  export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$ROOT
  if [ ! -f "$folder/build.ninja" ]; then
    say "configuring $folder"
    mkdir -p "$folder"
    cmake --preset "$preset" >"$folder/configure.log" 2>&1 || {
      cat "$folder/configure.log" >&2
      rm -f "$folder/build.ninja"
      die "cmake --preset $preset failed"
    }
  fi
  case $(ninja -C "$folder" -n "$@" 2>&1 | tail -n 1) in
    *'no work to do'*) return 0 ;;
  esac
  say "building $folder${*:+: $*}"
  ninja -C "$folder" -j"$(jobs_count)" "$@" >&2
}
