// Sends user-space audit messages in a test guest, as PAM, sudo, D-Bus, systemd and others do,
// through libaudit. Not to be run on a machine that is not a guest.
//
//   guest_messages login NAME UID ok|failed   what sshd and PAM send for one log-in, and a real
//   LOGIN
//                                             record of the kernel (/proc/self/loginuid), then
//                                             logout
//   guest_messages sudo COMMAND               USER_CMD, with the command in hex when it must be
//   guest_messages all                        one message of every kind, odd texts included
//   guest_messages text TYPE TEXT             one message, TYPE as a number
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include <libaudit.h>

namespace {

class Messages {
 public:
  Messages() : audit_(audit_open()) {
    if (audit_ < 0) {
      std::perror("guest_messages: audit socket");
      std::exit(1);
    }
  }
  ~Messages() { audit_close(audit_); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  void account(int type, const char* operation, const char* name, unsigned id, bool success) const {
    audit_log_acct_message(audit_, type, "/usr/sbin/sshd", operation, name, id, "host.example",
                           "203.0.113.7", "ssh", success);
  }
  void text(int type, const std::string& message) const {
    audit_log_user_message(audit_, type, message.c_str(), "host.example", "203.0.113.7", "pts/3",
                           1);
  }
  void communication(int type, const char* program, const std::string& message) const {
    audit_log_user_comm_message(audit_, type, message.c_str(), program, nullptr, nullptr, nullptr,
                                1);
  }
  void command(const char* line) const {
    audit_log_user_command(audit_, AUDIT_USER_CMD, line, "/dev/pts/3", 1);
  }
  void access_vector(const char* message) const {
    audit_log_user_avc_message(audit_, AUDIT_USER_AVC, message, nullptr, nullptr, nullptr, 81);
  }
  void policy_user(const char* operation, const char* name) const {
    audit_log_semanage_message(audit_, AUDIT_ROLE_ASSIGN, "/usr/sbin/semanage", operation, name,
                               1000, "staff_u", "staff_r", "s0-s0:c0.c1023", "user_u", "user_r",
                               "s0", "host.example", "203.0.113.7", "pts/3", 1);
  }

 private:
  int audit_;
};

// The kernel's own LOGIN record: a new login uid. It is set in a child, as a session has one.
void set_login_uid(unsigned uid) {
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream("/proc/self/loginuid") << uid;
    _exit(0);
  }
}

void login(const Messages& messages, const char* name, unsigned uid, bool success) {
  messages.account(AUDIT_USER_AUTH, "PAM:authentication grantors=pam_permit", name, uid, success);
  messages.account(AUDIT_USER_ACCT, "PAM:accounting grantors=pam_permit", name, uid, success);
  if (success) {
    messages.account(AUDIT_CRED_ACQ, "PAM:setcred grantors=pam_permit", name, uid, true);
    set_login_uid(uid);
    messages.account(AUDIT_USER_START, "PAM:session_open grantors=pam_loginuid", name, uid, true);
  }
  messages.account(AUDIT_USER_LOGIN, "login", name, uid, success);
  if (!success) return;
  messages.account(AUDIT_USER_END, "PAM:session_close grantors=pam_loginuid", name, uid, true);
  messages.account(AUDIT_CRED_DISP, "PAM:setcred grantors=pam_permit", name, uid, true);
  messages.account(AUDIT_USER_LOGOUT, "logout", name, uid, true);
}

void every_kind(const Messages& messages) {
  login(messages, "alice", 1000, true);
  login(messages, "no such user", ~0u, false);
  login(messages, "m\xc3\xbcller \"x\"", ~0u, false);
  for (const int type :
       {AUDIT_ADD_USER, AUDIT_DEL_USER, AUDIT_ADD_GROUP, AUDIT_DEL_GROUP, AUDIT_USER_MGMT,
        AUDIT_GRP_MGMT, AUDIT_USER_CHAUTHTOK, AUDIT_CHGRP_ID, AUDIT_CHUSER_ID, AUDIT_GRP_AUTH,
        AUDIT_GRP_CHAUTHTOK, AUDIT_ACCT_LOCK, AUDIT_ACCT_UNLOCK, AUDIT_CRED_REFR, AUDIT_USER_ERR,
        AUDIT_USER_SELINUX_ERR, AUDIT_USER_DEVICE, AUDIT_DAC_CHECK}) {
    messages.account(type, "adding something", "bob", 1001, type != AUDIT_USER_ERR);
  }
  for (const char* command :
       {"id", "tee /etc/motd", "sh -c echo \"quoted\" 'twice'", "caf\xc3\xa9 \xff"})
    messages.command(command);
  messages.access_vector(
      "avc:  denied  { send_msg } for msgtype=method_call interface=org.example.Unit "
      "member=Start dest=org.example.Manager spid=812 tpid=1 "
      "scontext=system_u:system_r:init_t:s0 tcontext=system_u:system_r:unit_t:s0 tclass=dbus "
      "permissive=0");
  messages.access_vector(
      "apparmor=\"DENIED\" operation=\"dbus_method_call\" bus=\"system\" path=\"/org/example\" "
      "interface=\"org.example.Unit\" member=\"Start\" mask=\"send\" name=\"org.example.Manager\" "
      "pid=812 label=\"/usr/bin/evince\" peer_pid=1 peer_label=\"unconfined\"");
  messages.policy_user("login-sename,role,range", "alice");
  messages.communication(AUDIT_SERVICE_START, "systemd",
                         "unit=cron comm=\"systemd\" exe=\"/lib/systemd/systemd\"");
  messages.communication(AUDIT_SERVICE_STOP, "systemd", "unit=with-escape\\x2dname");
  messages.communication(AUDIT_SYSTEM_BOOT, "systemd-update-utmp", "");
  messages.communication(AUDIT_SYSTEM_RUNLEVEL, "systemd-update-utmp", "old-level=N new-level=5");
  messages.text(AUDIT_USER, "words with \"double\" quotes, 'single' ones and  two spaces");
  messages.text(AUDIT_USER, "op='nested \"inner=x y\" outer' key=\"a b\" empty= last=\"");
  messages.text(AUDIT_USER, "bytes \xff\xfe and a tab\tin the text");
  messages.text(AUDIT_USER, "one line\nand type=FORGED msg=audit(1.000:1): another\r\n");
  messages.text(AUDIT_USYS_CONFIG, "op=change-system-time exe=\"/sbin/hwclock\"");
  messages.text(AUDIT_TEST, "");
  messages.text(AUDIT_TRUSTED_APP, "pid=999999 uid=0 key=\"looks like a field\" res=success");
  messages.text(AUDIT_USER_TTY, "tty pid=1 data=6C730D");
  messages.text(AUDIT_CRYPTO_KEY_USER,
                "op=destroy kind=server fp=SHA256:00:11:22 direction=? spid=5 suid=0");
  messages.text(AUDIT_CRYPTO_SESSION,
                "op=start direction=from-server cipher=aes256-gcm ksize=256 mac=<implicit>");
  messages.text(AUDIT_VIRT_CONTROL,
                "virt=kvm op=start reason=booted vm=\"guest 1\" uuid=0-0 vm-pid=77");
  messages.text(AUDIT_SOFTWARE_UPDATE,
                "op=install sw=\"tool-1.0\" sw_type=rpm key_enforce=0 gpg_res=1 root_dir=\"/\"");
  messages.text(AUDIT_ANOM_LOGIN_FAILURES, "op=pam_faillock suid=1000 acct=\"alice\"");
  messages.text(AUDIT_FIRST_USER_MSG2 + 20, "a type that no table knows: x=1");
  messages.text(AUDIT_USER, std::string(7000, 'l') + " end=1");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  const Messages messages;
  if (command == "login" && argc == 5) {
    const auto uid = static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10));
    login(messages, argv[2], uid, std::string_view(argv[4]) == "ok");
  } else if (command == "sudo" && argc == 3) {
    messages.command(argv[2]);
  } else if (command == "all") {
    every_kind(messages);
  } else if (command == "text" && argc == 4) {
    messages.text(std::atoi(argv[2]), argv[3]);
  } else {
    std::fputs(
        "usage: guest_messages login NAME UID ok|failed | sudo COMMAND | all | text TYPE TEXT\n",
        stderr);
    return 2;
  }
  return 0;
}
