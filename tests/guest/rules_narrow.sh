#!/bin/bash
# Proves: a rule on a folder that is limited to the calls of its permission catches what the rule as
# written does, call by call.
. "$SORREL_ROOT/tests/guest/lib.sh"

rules() { "$SORREL_BIN/sorrelctl" rules "$@"; }

folder=/tmp/watched
work() {
  mkdir $folder/dir
  echo 1 >$folder/file
  cat $folder/file >/dev/null
  chmod 600 $folder/file
  chown 1:1 $folder/file
  ln -s file $folder/link
  ln $folder/file $folder/hard
  readlink $folder/link >/dev/null
  mv $folder/hard $folder/moved
  truncate -s 9 $folder/file
  cp /tmp/true $folder/program
  $folder/program
  mkfifo $folder/pipe
  python3 - <<'PYTHON'
import os, socket
folder = "/tmp/watched"
try:
    os.setxattr(folder + "/file", "user.x", b"1")
except OSError:
    pass
socket.socket(socket.AF_UNIX).bind(folder + "/socket")
os.open(folder + "/file", os.O_RDWR)
os.utime(folder + "/file")
os.stat(folder + "/file")
os.listdir(folder)
PYTHON
  rm -r ${folder:?}/*
}

# calls KEY: how often each system call has the key.
calls() {
  python3 - "$EVENTS" "$1" <<'PYTHON'
import collections, json, sys
count = collections.Counter()
for line in open(sys.argv[1], errors="surrogateescape"):
    call = json.loads(line).get("SYSCALL", {})
    if call.get("key") == sys.argv[2]:
        count[call["syscall"]] += 1
for number, times in sorted(count.items()):
    print(number, times)
PYTHON
}

mkdir -p $folder
start_sorreld
load_rules '-b 65536' '-e 1'
for permission in wa r x rwxa; do
  for form in written narrow; do
    option=--as-written
    [ $form = written ] || option=
    echo "-w $folder -p $permission -k $permission-$form" >/tmp/narrow.rules
    rules apply $option --rules /tmp/narrow.rules >/dev/null
    if [ $form = narrow ]; then
      [ "$(rules list | grep -c 'arch=b64\|arch=b32')" = 2 ] || fail "not narrowed: $(rules list)"
    fi
    work
  done
done
rules apply --rules /dev/null >/dev/null
settle
stop_sorreld
for permission in wa r x rwxa; do
  calls $permission-written >/tmp/written
  calls $permission-narrow >/tmp/narrow
  [ -s /tmp/written ] || fail "$permission: nothing was caught"
  diff /tmp/written /tmp/narrow || fail "$permission: not the same calls"
  note "$permission: $(wc -l </tmp/written) calls, $(awk '{sum += $2} END {print sum}' /tmp/written) events, the same in both forms"
done
