#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

  std::uint64_t asked() const noexcept { return asked_.value(); }
  // Questions that were not asked, since too many were waiting.
  std::uint64_t dropped() const noexcept { return dropped_.value(); }

 private:
  static constexpr std::size_t kPlaces = 256;
  static constexpr std::size_t kRemembered = 4096;

  struct Question {
    bool is_group = false;
    std::uint32_t id = 0;
  };
  struct Answer {
    Question question;
    host::NameState state = host::NameState::failed;
    std::string name;
  };
  struct Known {
    bool is_asked = false;  // and not answered yet
    bool has_name = false;
    std::string name;
    std::uint64_t until_ns = 0;
  };

  NameResolver(host::NameSource& source, const Clock& clock, Wakeup wakeup);
  void run();
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
