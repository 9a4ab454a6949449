# The words of the trigger lists (tests/guest/triggers/*.list), in the guest's writable copy of the
# machine's files. Each does the least that the technique needs.

# A file is changed, or one is made in a folder. A link is made anew: that is how it changes.
change() {
  if [ -d "$1" ]; then
    : >>"$1/trigger"
  elif [ -L "$1" ]; then
    ln -sfn "$(readlink "$1")" "$1"
  else
    : >>"$1"
  fi
}

# Opened for writing; nothing is written.
write_nothing() { : >>"$1"; }

read_it() {
  if [ -d "$1" ]; then cat "$1/trigger"; else cat "$1"; fi
}

# as_user ID COMMAND: as a service does it, outside a login.
as_user() {
  local id=$1
  shift
  setpriv --reuid "$id" --regid "$id" --clear-groups "$@"
}

# In the login session of user 1000, still as root, as after sudo.
session() {
  (
    echo 1000 >/proc/self/loginuid
    exec "$@"
  )
}

session_user() {
  (
    echo 1000 >/proc/self/loginuid
    exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
  )
}

# A connection that is refused, and a bound socket, both on the loopback device.
network_of() {
  case $1 in
    */bash) "$1" -c ': >/dev/tcp/127.0.0.1/9' ;;
    */busybox)
      "$1" nc 127.0.0.1 9
      "$1" nc -w 1 -l -p 7
      ;;
    */perl)
      "$1" -e 'use Socket; for (0, 1) { socket(S, PF_INET, SOCK_STREAM, 0);
        my $end = sockaddr_in($_ ? 9 : 0, INADDR_LOOPBACK); $_ ? connect(S, $end) : bind(S, $end) }'
      ;;
    */python3.*)
      if [ "$(readlink -f /usr/bin/python3)" = "$1" ]; then
        "$1" -c 'import socket; socket.socket().bind(("127.0.0.1", 0))
socket.socket().connect_ex(("127.0.0.1", 9))'
      else
        "$1" bind socket inet 16 , connect socket inet 16
      fi
      ;;
    *) "$1" bind socket inet 16 , connect socket inet 16 ;;
  esac
}
