#include "sorreld/ps_service.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sorreld/ps_row.h"

namespace sorrel::agent {

bool PsQuery::wants(std::uint32_t pid, bool has_exited) const noexcept {
  if (state == State::running && has_exited) return false;
  if (state == State::exited && !has_exited) return false;
  return pids.empty() || std::binary_search(pids.begin(), pids.end(), pid);
}

Result<PsQuery, control::Refusal> read_ps_query(const control::Request& request) {
  using control::ArgumentKind;
  const auto checked =
      request.check_arguments({{"state", ArgumentKind::text}, {"pids", ArgumentKind::numbers}});
  if (!checked) return Unexpected<control::Refusal>(checked.error());
  PsQuery query;
  if (const std::string* const state = request.text("state")) {
    if (*state != "running" && *state != "exited" && *state != "all") {
      return Unexpected<control::Refusal>(
          {"bad_arguments", "the argument 'state' of ps is running, exited or all"});
    }
    query.state = *state == "all"      ? PsQuery::State::all
                  : *state == "exited" ? PsQuery::State::exited
                                       : PsQuery::State::running;
  }
  if (const auto* const pids = request.numbers("pids")) {
    for (const std::int64_t pid : *pids) {
      if (pid < 0 || pid > std::numeric_limits<std::int32_t>::max()) {
        return Unexpected<control::Refusal>(
            {"bad_arguments", std::to_string(pid) + " is no process id"});
      }
      query.pids.push_back(static_cast<std::uint32_t>(pid));
    }
    std::sort(query.pids.begin(), query.pids.end());
  }
  return query;
}

void PsService::answer(const control::Request& request,
                       std::shared_ptr<control::Responder> responder) {
  auto query = read_ps_query(request);
  if (!query) return responder->fail(query.error().code, query.error().message);
  const std::uint64_t id = next_id_++;
  answers_.emplace(id, InProgress{.responder = std::move(responder),
                                  .query = std::make_shared<const PsQuery>(*std::move(query)),
                                  .slice = {},
                                  .sent = 0});
  ask_for_slice(id);
}

void PsService::ask_for_slice(std::uint64_t id) {
  const InProgress& answer = answers_.at(id);
  const auto read = [this, id, query = answer.query, cursor = answer.slice.cursor] {
    const auto slice = std::make_shared<Slice>();
    slice->cursor = cursor;
    slice->is_last = !source_.read(*query, slice->cursor, kSlice, slice->rows);
    threads_.to_main([this, id, slice] { take_slice(id, std::move(*slice)); });
  };
  if (threads_.to_table(read)) return;
  answer.responder->fail("unavailable",
                         "sorreld takes no questions at the moment: an output of it is stuck");
  answers_.erase(id);
}

void PsService::take_slice(std::uint64_t id, Slice slice) {
  const auto answer = answers_.find(id);
  if (answer == answers_.end()) return;
  answer->second.slice = std::move(slice);
  answer->second.sent = 0;
  send_rows(id);
}

void PsService::send_rows(std::uint64_t id) {
  InProgress& answer = answers_.at(id);
  control::Responder& responder = *answer.responder;
  for (; answer.sent < answer.slice.rows.size(); ++answer.sent) {
    line_.clear();
    append_ps_row(answer.slice.rows[answer.sent], line_);
    const control::Sent sent = responder.row(line_);
    if (sent == control::Sent::not_now) return responder.when_ready([this, id] { send_rows(id); });
    if (sent == control::Sent::gone) break;
  }
  if (!responder.is_open()) {
    answers_.erase(id);
  } else if (answer.slice.is_last) {
    responder.finish();
    answers_.erase(id);
  } else {
    ask_for_slice(id);
  }
}

}  // namespace sorrel::agent
