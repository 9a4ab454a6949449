# The host that a lineage recording shows: its accounts, programs and configuration, none of it this
# machine's. Sourced by record_lineage.sh in the guest, before audit is on.

# An account for each part, and no other.
make_accounts() {
  cat >/etc/passwd <<END
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/srv/www:/usr/sbin/nologin
sshd:x:105:65534::/run/sshd:/usr/sbin/nologin
alice:x:1000:1000:Alice:/home/alice:/bin/sh
bob:x:1001:1001:Bob:/home/bob:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
END
  cat >/etc/group <<END
root:x:0:
daemon:x:1:
www-data:x:33:
crontab:x:101:
alice:x:1000:
bob:x:1001:
nogroup:x:65534:
END
  sed 's/:.*/:*:19700:0:99999:7:::/' /etc/passwd >/etc/shadow
  chmod 640 /etc/shadow
  rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/sub?id*
  echo guest >/etc/hostname
  echo '127.0.0.1 localhost guest' >/etc/hosts
  : >/etc/resolv.conf
  printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n' >/etc/nsswitch.conf
  rm -f /etc/profile.d/* /etc/environment
  : >/etc/environment
}

# A folder whose content can be changed: tmpfs with links to what was there.
make_writable() {
  local kept
  kept=/run/kept$(tr / - <<<"$1")
  mkdir -p "$kept"
  mount --bind "$1" "$kept"
  mount -t tmpfs -o mode=755 tmpfs "$1"
  ln -s "$kept"/* "$1"/
}

make_host() {
  mkdir /run/lineage
  cp -a /etc /run/lineage/etc
  mount --bind /run/lineage/etc /etc
  for folder in /opt /srv /home /root /usr/local/bin /usr/local/sbin /var/spool; do
    mount -t tmpfs -o mode=755 tmpfs $folder
  done
  make_accounts
  mkdir -p /opt/web /opt/tools /srv/www /srv/jobs /home/alice /home/bob /var/spool/cron/crontabs /run/sshd
  chown 1000:1000 /home/alice
  chown 1001:1001 /home/bob
  for name in web/httpd web/httpclient tools/collect tools/report tools/backup tools/burn tools/start \
    tools/shell tools/upload tools/audit-me; do
    cp "$SORREL_BIN/guest_lineage" "/opt/$name"
  done
}

# The real ones, from Debian's packages, in places of their own.
make_sudo() {
  cp /run/sudo/usr/bin/sudo /usr/local/bin/sudo
  chmod 4755 /usr/local/bin/sudo
  make_writable /usr/libexec
  cp -r /run/sudo/usr/libexec/sudo /usr/libexec/
  cp /run/sudo/etc/pam.d/sudo* /etc/pam.d/
  : >/etc/sudo.conf
  printf 'Defaults !lecture\nDefaults !use_pty\nroot ALL=(ALL) ALL\nalice ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers
  chmod 440 /etc/sudoers
}

make_cron() {
  cp /run/cron/usr/sbin/cron /usr/local/sbin/cron
  cp /run/cron/etc/pam.d/cron /etc/pam.d/
  mkdir -p /etc/cron.d
  rm -f /etc/cron.d/*
}

make_sshd() {
  cp /run/openssh-server/usr/sbin/sshd /usr/local/sbin/sshd
  cp /run/openssh-server/etc/pam.d/sshd /etc/pam.d/
  cp -L /run/libwrap0/*/x86_64-linux-gnu/libwrap.so.0 /run/libwrap0/usr/lib/x86_64-linux-gnu/libwrap.so.0 \
    /opt/ 2>/dev/null || true
  echo /opt >/etc/ld.so.conf.d/opt.conf
  /sbin/ldconfig -X
  rm -rf /etc/ssh
  mkdir -p /etc/ssh /home/alice/.ssh /root/.ssh
  ssh-keygen -q -t ed25519 -N '' -C host -f /etc/ssh/ssh_host_ed25519_key
  ssh-keygen -q -t ed25519 -N '' -C key -f /root/.ssh/id_ed25519
  cp /root/.ssh/id_ed25519.pub /home/alice/.ssh/authorized_keys
  chown -R 1000:1000 /home/alice/.ssh
  chmod 700 /home/alice/.ssh
  cat >/etc/ssh/sshd_config <<END
ListenAddress 127.0.0.1
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
UsePAM yes
UseDNS no
PrintMotd no
END
}
