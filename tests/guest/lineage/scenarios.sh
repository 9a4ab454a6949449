# What is played for the lineage recordings: one function each, by guest_lineage's verbs (main.cpp)
# under the names of other programs. Sourced by record_lineage.sh in the guest.
T=/opt/tools

# A shell's wait without a program: until the keeper has seen a label.
write_seen() {
  cat >/srv/jobs/seen.sh <<END
seen() {
  while :; do
    while read -r line; do
      case \$line in *'"label": "'"\$1"'"'*) return ;; esac
    done <$TRUTH
  done
}
END
  . /srv/jobs/seen.sh
}

web_server() {
  cat >/srv/www/status.cgi <<END
#!/bin/sh
$T/collect label=collect
$T/collect label=left | $T/report label=right
/bin/sh -c '$T/upload label=upload; :' label=inner
END
  chmod 755 /srv/www/status.cgi
  /opt/web/httpd label=master serve 8080 2 33 /srv/www/status.cgi label=script-status &
  local server=$!
  /opt/web/httpclient label=client get 8080
  /opt/web/httpclient label=client get 8080
  wait $server
}

sudo_and_su() {
  local sudo=/usr/local/bin/sudo
  $T/start label=login login 1000 /bin/sh -c "
    $sudo $T/report label=by-sudo
    $sudo -u bob /bin/sh -c '$T/collect label=as-bob; :' label=shell-of-bob
    $sudo /bin/sh -c '$T/collect label=as-root
      /bin/su bob -c \"$T/report label=by-su\"
      /bin/su - bob -c \"$T/upload label=by-su-login; :\"
      :' label=shell-of-root
    $T/collect label=after" label=shell
}

cron() {
  cat >/srv/jobs/backup.sh <<END
#!/bin/sh
$T/backup label=backup run $T/upload label=upload
END
  chmod 755 /srv/jobs/backup.sh
  printf 'SHELL=/bin/sh\n@reboot root /srv/jobs/backup.sh label=script-backup\n' >/etc/crontab
  printf '@reboot %s/report label=report\n' $T >/var/spool/cron/crontabs/alice
  chown 1000:101 /var/spool/cron/crontabs/alice
  chmod 600 /var/spool/cron/crontabs/alice
  $T/start label=init exec /usr/local/sbin/cron -f &
  local daemon=$!
  seen upload
  seen report
  sleep 0.5
  kill $daemon
  wait $daemon || true
}

ssh_sessions() {
  $T/start label=init exec /usr/local/sbin/sshd -D &
  local daemon=$! client='ssh -q -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'
  until (: </dev/tcp/127.0.0.1/22) 2>/dev/null; do sleep 0.1; done
  $client alice@127.0.0.1 "$T/collect label=first; $T/report label=second"
  # Two at once.
  $client alice@127.0.0.1 "$T/backup label=slow until /run/lineage/go run $T/upload label=slow-child; :" &
  local slow=$!
  seen slow
  echo "$T/collect label=quick" | $client alice@127.0.0.1 /bin/sh
  : >/run/lineage/go
  wait $slow
  kill $daemon
  wait $daemon || true
}

# What a container's runtime does: new namespaces, another root folder, an init of its own. The
# pids in it are those of processes outside, too.
container() {
  local root=/srv/rootfs
  mkdir -p $root/opt/tools $root/run/lineage
  cp $T/* $root/opt/tools/
  mount --bind /run/lineage $root/run/lineage
  $T/start label=session pid 2500 $T/backup label=outside until /run/lineage/go run $T/upload label=outside-child &
  local outside=$!
  seen outside
  $T/start label=runtime run /usr/bin/unshare --pid --fork --mount --uts --ipc --net --root=$root \
    $T/start label=c-init twice $T/collect label=c-first -- \
    $T/start label=c-second twice $T/report label=c-second-child -- \
    $T/start label=c-third twice @renamed $T/start label=c-same pid 2500 $T/collect label=c-2500 -- \
    $T/start label=c-fourth twice $T/start label=c-fork forkpid 2500 $T/report label=c-of-2500 -- \
    $T/start label=c-service until /run/lineage/stop run $T/upload label=c-last &
  local runtime=$!
  seen c-service
  local init
  init=$(sed -n 's/.*"chain": \[{"pid": \([0-9]*\),[^}]*"label": "c-init".*/\1/p' $TRUTH)
  $T/start label=operator run /usr/bin/nsenter --target $init --pid --mount --root --wd=/ \
    $T/report label=entered run $T/collect label=entered-child
  : >/run/lineage/go
  : >/run/lineage/stop
  wait $outside $runtime
}

double_fork() {
  $T/start label=session run /bin/sh -c "
    . /srv/jobs/seen.sh
    $T/start label=launcher daemon $T/backup label=daemon run $T/collect label=of-daemon
    seen of-daemon
    (exec $T/upload label=orphan orphan $T/report label=of-orphan) &
    seen orphan" label=shell
  seen of-orphan
  $T/start label=subreaper reaper $T/start label=launcher2 daemon $T/backup label=daemon2 \
    run $T/collect label=of-daemon2
}

exec_chain() {
  $T/start label=session run /bin/sh -c "
    exec /usr/bin/env A=1 /usr/bin/nice -n 1 $T/start label=chain-1 exec $T/collect label=chain-2 \
      exec $T/report label=chain-3 run $T/upload label=chain-child" label=shell
  $T/start label=become-0 become $T/backup label=become-1 hold -- \
    $T/collect label=become-2 run $T/report label=become-child
  $T/start label=thread-0 thread $T/collect label=thread-1 run $T/report label=thread-child
  $T/start label=vfork-0 vfork $T/collect label=vfork-1 run $T/report label=vfork-child
  $T/start label=memory-0 memory $T/shell label=memory-1 run $T/report label=memory-child
  $T/start label=name-0 run @[kworker/u4:0] $T/shell label=name-1 comm 'x" exe="/bin/y' \
    run $T/report label=name-child
  scripts
}

scripts() {
  printf '#!/bin/sh\n%s/collect label=of-sh; :\n' $T >'/srv/jobs/run me.sh'
  printf '#!/usr/bin/perl\nsystem("%s/collect", "label=of-perl");\n' $T >/srv/jobs/run.pl
  printf '#!/usr/bin/env -S perl -w\nsystem("%s/collect", "label=of-env");\n' $T >/srv/jobs/env.pl
  chmod 755 /srv/jobs/*
  cd /srv/jobs
  $T/start label=scripts twice './run me.sh' label=script-sh -- \
    $T/start label=scripts-2 twice ../jobs/./run.pl label=script-perl -- /srv/jobs/env.pl
  cd /tmp
}

# The number 850 again and again.
pid_reuse() {
  local n=850
  echo 900 >/proc/sys/kernel/pid_max
  # Its fork and its exec are told.
  $T/start label=a-session pid $n $T/backup label=a run $T/collect label=a-child
  # Its exec only: who forked is not audited.
  $T/burn burn $n
  /opt/web/httpd label=b run $T/report label=b-child
  # Its fork only.
  $T/start label=c-session forkpid $n $T/upload label=c-child
  # The same program as the first one.
  $T/start label=d-session pid $n $T/backup label=d run $T/collect label=d-child
  # One that leaves a child behind, which is at work when another one has the number.
  $T/start label=e-session pid $n $T/shell label=e daemon $T/upload label=e-daemon \
    until /run/lineage/go run $T/collect label=e-child
  seen e-daemon
  $T/start label=f-session pid $n /opt/web/httpd label=f run $T/report label=f-child
  $T/start label=g-session pid $n $T/backup label=g until /run/lineage/e-done run $T/report label=g-child &
  local running=$!
  seen g
  : >/run/lineage/go
  seen e-child
  : >/run/lineage/e-done
  wait $running
  # Neither its fork nor an exec: nothing tells who it is.
  $T/burn burn $n
  ($T/upload label=h-child; :)
}

arguments() {
  local list=()
  for i in {1..5000}; do
    case $((i % 10)) in
      0) list+=("argument $i") ;;
      1) list+=("") ;;
      2) list+=("say \"$i\"") ;;
      3) list+=($'\xff'"$i") ;;
      *) list+=("$i") ;;
    esac
  done
  $T/start label=session run $T/collect label=many take "${list[@]}"
  $T/start label=session-2 run /bin/sh -c "$T/report label=child; :" label=shell "${list[@]}"
  $T/start label=session-3 run $T/collect label=long take "$(printf %090000d 7)" "$(printf '%0100d' 0)"
}

non_utf8() {
  local folder=$'/srv/d\xe9p\xf4t "x"' tool
  mkdir "$folder"
  tool=$folder/$'caf\xe9\n\xff\xfe tool'
  cp $T/report "$tool"
  cp $T/report "$folder/plain"
  local script=$folder/$'na\xefve \x1djob.sh'
  printf '#!/bin/sh\n"$2" label=of-script; :\n' >"$script"
  chmod 755 "$script"
  $T/start label=session run "$tool" label=one comm $'\xff"\x01 comm\xc3' run "$tool" label=two \
    run @$'\x80\x81' "$tool" label=three take $'\xff\xfe' $'a\nb' $'\xc3' '%41' ''
  cd "$folder"
  $T/start label=session-2 run "./${script##*/}" label=script-bytes "./${tool##*/}"
  cd /tmp
  $T/start label=session-3 run "$tool" label=parent run "$folder/plain" label=child
}
