# need PURPOSE...: sees to the packages of tools/dev/packages.txt; sourced by ./dev.

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The package to install for "a|b|c": nothing when one of them is there already.
choose_package() {
  local alternatives=${1//|/ } package
  for package in $alternatives; do
    installed "$package" && return
  done
  for package in $alternatives; do
    apt-cache show "$package" >/dev/null 2>&1 && { echo "$package"; return; }
  done
  echo "${alternatives%% *}"
}

# Fills MISSING (to install) and REASONS, for the purposes given.
find_missing() {
  MISSING=() OPTIONAL=() REASONS=()
  local purpose package reason chosen
  while read -r purpose package reason; do
    [[ " $* " == *" $purpose "* ]] || continue
    chosen=$(choose_package "${package#\?}")
    [ -n "$chosen" ] && [[ " ${MISSING[*]} ${OPTIONAL[*]} " != *" $chosen "* ]] || continue
    if [[ $package == \?* ]]; then
      OPTIONAL+=("$chosen")
    else
      MISSING+=("$chosen")
      REASONS+=("$chosen ($reason)")
    fi
  done < <(grep -v '^#' tools/dev/packages.txt)
}

need() {
  if ! command -v dpkg-query >/dev/null; then
    # Another distribution: the compiler and cmake say what they lack.
    [ -n "${SORREL_PACKAGES_TOLD:-}" ] || {
      say "not Debian or Ubuntu; needed are, under this system's names:"
      awk -v purposes=" $* " '!/^#/ && index(purposes, " " $1 " ") { print "  " $2 }' \
        tools/dev/packages.txt >&2
      export SORREL_PACKAGES_TOLD=1
    }
    return 0
  fi
  find_missing "$@"
  [ ${#MISSING[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    say "to $* these packages are missing; as root:"
    say "  apt-get install ${MISSING[*]}"
    exit 2
  fi
  # A fresh machine has no package lists, and then every choice was a guess.
  if ! apt-cache show "${MISSING[0]}" >/dev/null 2>&1; then
    say "apt-get update"
    apt-get -qq update || die "apt-get update failed"
    find_missing "$@"
  fi
  say "installing for $*:"
  printf '  %s\n' "${REASONS[@]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq install -y --no-install-recommends -o Dpkg::Use-Pty=0 "${MISSING[@]}" >/tmp/dev-apt.$$ 2>&1 || {
    tail -n 20 /tmp/dev-apt.$$ >&2
    rm -f /tmp/dev-apt.$$
    die "apt-get could not install them"
  }
  rm -f /tmp/dev-apt.$$
  [ ${#OPTIONAL[@]} -eq 0 ] ||
    apt-get -qq install -y --no-install-recommends "${OPTIONAL[@]}" >/dev/null 2>&1 || true
}
