#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/answer.h"
#include "control/request.h"
#include "sorreld/ps_source.h"

namespace sorrel::agent {

// The ways between the main thread and the one that has the process table.
struct PsThreads {
  // Runs something there. False: it takes nothing at the moment.
  std::function<bool(std::function<void()>)> to_table;
  // Runs something on the main thread.
  std::function<void(std::function<void()>)> to_main;
};

// Answers the command "ps". It asks the table for one slice, sends its rows, asks for the next one:
// so a peer that reads slowly holds up nothing but its own answer, and costs one slice of memory.
// The main thread's, and lives until the other thread has ended.
class PsService {
 public:
  static constexpr std::size_t kSlice = 256;  // entries looked at in one go

  PsService(PsSource& source, PsThreads threads) : source_(source), threads_(std::move(threads)) {}

  // The handler.
  void answer(const control::Request& request, std::shared_ptr<control::Responder> responder);

  std::size_t answers_in_progress() const noexcept { return answers_.size(); }

 private:
  struct Slice {
    std::uint64_t cursor = 0;
    bool is_last = false;
    std::vector<PsRow> rows;
  };
  struct InProgress {
    std::shared_ptr<control::Responder> responder;
    std::shared_ptr<const PsQuery> query;
    Slice slice;
    std::size_t sent = 0;  // rows of the slice
  };

  void ask_for_slice(std::uint64_t id);
  void take_slice(std::uint64_t id, Slice slice);
  void send_rows(std::uint64_t id);

  PsSource& source_;
  const PsThreads threads_;
  // By number, since what goes through the other thread may hold nothing of an answer: it would
  // come to its end there.
  std::map<std::uint64_t, InProgress> answers_;
  std::uint64_t next_id_ = 0;
  std::string line_;
};

// Reads the arguments of a request: state ("running", "exited" or "all") and pids.
Result<PsQuery, control::Refusal> read_ps_query(const control::Request& request);

}  // namespace sorrel::agent
