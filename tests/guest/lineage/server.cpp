// A web server that is made to run programs, and its client.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "lineage.h"

namespace lineage {
namespace {

sockaddr_in loopback(const char* port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The worker: a fork of the server under another uid, as nginx and Apache have them.
int work(int listener, int count, uid_t uid, Arguments program) {
  if (setgid(uid) != 0 || setuid(uid) != 0) return failed("setuid");
  tell("born");
  for (int i = 0; i < count; ++i) {
    const int client = accept(listener, nullptr, nullptr);
    std::array<char, 256> request;
    if (client < 0 || read(client, request.data(), request.size()) < 0) return failed("accept");
    run(program);
    const char answer[] = "HTTP/1.0 200 OK\r\n\r\n";
    if (write(client, answer, sizeof answer - 1) < 0) return failed("write");
    close(client);
  }
  return 0;
}

}  // namespace

int serve(Arguments arguments) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(arguments[0]);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 8) != 0) {
    return failed("listen");
  }
  const pid_t worker = fork();
  if (worker == 0) {
    const auto uid = static_cast<uid_t>(std::atoi(arguments[2]));
    _exit(work(listener, std::atoi(arguments[1]), uid, arguments + 3));
  }
  return wait_for(worker);
}

int get(Arguments port) {
  const sockaddr_in address = loopback(port[0]);
  for (int attempt = 0; attempt < 100; ++attempt) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      std::array<char, 256> answer;
      const char request[] = "GET /status HTTP/1.0\r\n\r\n";
      if (write(server, request, sizeof request - 1) < 0) return failed("write");
      while (read(server, answer.data(), answer.size()) > 0) continue;
      return 0;
    }
    close(server);
    usleep(20'000);
  }
  return failed("connect");
}

}  // namespace lineage
