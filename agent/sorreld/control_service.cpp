#include "sorreld/control_service.h"

#include <unistd.h>

#include <utility>

namespace sorrel::agent {

Result<std::unique_ptr<control::Server>> open_control(const control::Options& options,
                                                      const std::optional<Account>& account,
                                                      const Reactor& reactor) {
  if (options.socket.empty()) return std::unique_ptr<control::Server>();
  control::Access access{.own_uid = account ? account->uid : ::geteuid(), .group = {}};
  control::ListenSettings settings{.path = options.socket,
                                   .owner = access.own_uid,
                                   .owner_group = account ? account->gid : ::getegid(),
                                   .group = {}};
  if (options.group) {
    auto group = control::find_group(*options.group);
    if (!group) return Unexpected<Error>(std::move(group).error());
    settings.group = group->gid;
    access.group = *std::move(group);
  }
  auto listener = control::Listener::open(settings);
  if (!listener) return Unexpected<Error>(std::move(listener).error());
  return std::make_unique<control::Server>(reactor.executor(), *std::move(listener),
                                           std::move(access));
}

void serve_status(control::Server& server, std::function<Statistics()> statistics) {
  server.handle("status", [&server, read = std::move(statistics)](
                              const control::Request& request,
                              const std::shared_ptr<control::Responder>& responder) {
    if (const auto checked = request.check_arguments({}); !checked) {
      return responder->fail(checked.error().code, checked.error().message);
    }
    responder->row(status_row(read(), server.counters()));
    responder->finish();
  });
}

std::string status_row(const Statistics& statistics, const control::Counters& counters) {
  std::string row = to_json(statistics);
  row.resize(row.rfind('}'));
  row += ",\"version\":\"" SORREL_VERSION "\",\"pid\":" + std::to_string(::getpid());
  const std::pair<const char*, const Counter*> all[] = {{"connections", &counters.connections},
                                                        {"requests", &counters.requests},
                                                        {"rows", &counters.rows},
                                                        {"refused", &counters.refused},
                                                        {"over_limit", &counters.over_limit},
                                                        {"bad", &counters.bad},
                                                        {"too_large", &counters.too_large},
                                                        {"half_lines", &counters.half_lines},
                                                        {"idle", &counters.idle},
                                                        {"stalled", &counters.stalled},
                                                        {"unanswered", &counters.unanswered},
                                                        {"cut_off", &counters.cut_off},
                                                        {"out_of_files", &counters.out_of_files}};
  row += ",\"control\":{";
  for (const auto& [name, counter] : all) {
    row += '"' + std::string(name) + "\":" + std::to_string(counter->value()) + ',';
  }
  row.back() = '}';
  return row + '}';
}

}  // namespace sorrel::agent
