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

# Configures build/PRESET when that was not done yet.
configure_preset() {
  local preset=$1 folder=build/$1
  need build
  [ "$preset" != fuzz ] || need fuzz
  [ ! -f "$folder/build.ninja" ] || return 0
  say "configuring $folder"
  mkdir -p "$folder"
  cmake --preset "$preset" >"$folder/configure.log" 2>&1 && return
  cat "$folder/configure.log" >&2
  rm -f "$folder/build.ninja"
  die "cmake --preset $preset failed"
}

# programs_like PRESET REGEX: the names of the programs to be built that match all of REGEX.
programs_like() {
  ninja -C "build/$1" -t targets all | sed -n 's/^\([a-z_0-9]*\): phony$/\1/p' | grep -xE "$2" | sort -u || true
}

# build_preset PRESET [TARGET...]: configures and builds, all without TARGETs; says nothing when
# everything is built.
build_preset() {
  local preset=$1 folder=build/$1
  shift
  export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$ROOT
  configure_preset "$preset"
  case $(ninja -C "$folder" -n "$@" 2>&1 | tail -n 1) in
    *'no work to do'*) return 0 ;;
  esac
  say "building $folder${*:+: $*}"
  ninja -C "$folder" -j"$(jobs_count)" "$@" >&2
}

# build_programs PRESET REGEX: only the programs that match.
build_programs() {
  configure_preset "$1"
  local programs
  mapfile -t programs < <(programs_like "$1" "$2")
  [ ${#programs[@]} -eq 0 ] || build_preset "$1" "${programs[@]}"
}
