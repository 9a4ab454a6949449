# Sourced by scenarios that change system files: a copy-on-write view of the machine's own files, in
# memory, at $WRITABLE_ROOT. Needs the packages user-mode-linux (its overlay module), auditd, libauparse0.
WRITABLE_ROOT=/run/writable/root
AUDITCTL=$(find /run/auditd -name auditctl -type f | head -n 1)
AUPARSE=$(dirname "$(find /run/libauparse0 -name 'libauparse.so.0' | head -n 1)")

make_writable_root() {
  grep -q overlay /proc/filesystems ||
    busybox insmod "$(find /run/user-mode-linux -name overlay.ko | head -n 1)" ||
    skip "this guest's kernel has no overlay file system"
  mkdir /run/writable
  mount -t tmpfs tmpfs /run/writable
  mkdir /run/writable/{root,upper,work}
  mount -t overlay -o lowerdir=/,upperdir=/run/writable/upper,workdir=/run/writable/work \
    overlay $WRITABLE_ROOT
  local folder
  for folder in proc sys dev run tmp; do
    mount --rbind /$folder $WRITABLE_ROOT/$folder
  done
}

in_writable_root() { chroot $WRITABLE_ROOT env LD_LIBRARY_PATH="$AUPARSE" "$@"; }
