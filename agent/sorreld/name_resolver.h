#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/result.h"
#include "base/spsc_queue.h"
#include "enrich/names.h"
#include "host/lru_cache.h"
#include "host/name_service.h"
#include "sorreld/wakeup.h"
#include "sorreld/worker_thread.h"

namespace sorrel::agent {

// Asks the host's name service for users and groups that the files do not have, on a thread of its
// own, since an answer may take seconds. Until there is one, and for those whom nobody knows, there
// is no name: no event waits. A name that was known holds until there is another answer.
class NameResolver final : public enrich::MoreNames {
 public:
  // `source` and `clock` must outlive it. Errors: no descriptor is left.
  static Result<std::unique_ptr<NameResolver>> create(host::NameSource& source, const Clock& clock);
  ~NameResolver() override;

  void start();
  // False: the service does not answer, and this must not be destroyed (WorkerThread::join).
  bool stop(std::uint32_t wait_ms = WorkerThread::kForEver);

  // The pipeline's thread.
  std::optional<std::string_view> name(bool is_group, std::uint32_t id) override;
  std::span<const std::string> groups_of(std::uint32_t uid) override;

  std::uint64_t asked() const noexcept { return asked_.value(); }
  // Questions that were not asked, since too many were waiting.
  std::uint64_t dropped() const noexcept { return dropped_.value(); }

 private:
  static constexpr std::size_t kPlaces = 256;
  static constexpr std::size_t kRemembered = 4096;
  static constexpr std::size_t kMaxGroups = 128;  // of one user

  enum class Subject : std::uint8_t { user, group, groups_of_user };
  struct Question {
    Subject subject = Subject::user;
    std::uint32_t id = 0;
  };
  struct Answer {
    Question question;
    host::NameState state = host::NameState::failed;
    std::vector<std::string> names;  // of a user or group: one
  };
  struct Known {
    bool is_asked = false;           // and not answered yet
    std::vector<std::string> names;  // empty: nobody knows any
    std::uint64_t until_ns = 0;
  };

  NameResolver(host::NameSource& source, const Clock& clock, Wakeup wakeup);
  void run();
  static std::uint64_t key_of(const Question& question) noexcept;
  // What is known by now; asks when that is nothing, or too old. Null: nothing was known.
  const Known* look_up(const Question& question);
  host::NameState answer(const Question& question, std::vector<std::string>& names);
  void take_answers(std::uint64_t now_ns);
  bool ask(const Question& question);

  const Clock& clock_;
  host::NameService service_;  // the thread's
  SpscQueue<Question> questions_{kPlaces};
  SpscQueue<Answer> answers_{kPlaces};
  Wakeup wakeup_;
  host::LruCache<std::uint64_t, Known> known_{kRemembered};  // the pipeline's
  Counter asked_;
  Counter dropped_;
  std::atomic<bool> ends_{false};
  WorkerThread thread_;
};

}  // namespace sorrel::agent
