#include "sorreld/name_resolver.h"

#include <sys/prctl.h>

#include <utility>

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
// So long an answer holds; a service that failed is asked again soon.
constexpr std::uint64_t kFoundNs = 1800 * kNsPerSecond;
constexpr std::uint64_t kAbsentNs = 300 * kNsPerSecond;
constexpr std::uint64_t kFailedNs = 10 * kNsPerSecond;

std::uint64_t age_ns(host::NameState state) noexcept {
  switch (state) {
    case host::NameState::found:
      return kFoundNs;
    case host::NameState::absent:
      return kAbsentNs;
    case host::NameState::failed:
      return kFailedNs;
  }
  return kFailedNs;
}

std::uint64_t key_of(bool is_group, std::uint32_t id) noexcept {
  return std::uint64_t{is_group} << 32 | id;
}

}  // namespace

Result<std::unique_ptr<NameResolver>> NameResolver::create(host::NameSource& source,
                                                           const Clock& clock) {
  auto wakeup = Wakeup::create();
  if (!wakeup) return Unexpected<Error>(std::move(wakeup).error());
  return std::unique_ptr<NameResolver>(new NameResolver(source, clock, *std::move(wakeup)));
}

NameResolver::NameResolver(host::NameSource& source, const Clock& clock, Wakeup wakeup)
    : clock_(clock), service_(source, {}), wakeup_(std::move(wakeup)) {}

NameResolver::~NameResolver() {
  stop();
}

void NameResolver::start() {
  thread_ = std::thread([this] {
    ::prctl(PR_SET_NAME, "names");
    run();
  });
}

// Waits for an answer that is under way: nothing can interrupt a look-up.
void NameResolver::stop() {
  if (!thread_.joinable()) return;
  ends_.store(true);
  wakeup_.notify();
  thread_.join();
}

std::optional<std::string_view> NameResolver::name(bool is_group, std::uint32_t id) {
  const std::uint64_t now_ns = clock_.monotonic_ns();
  take_answers(now_ns);
  const std::uint64_t key = key_of(is_group, id);
  const Known* const known = known_.find(key);
  if (known == nullptr || (!known->is_asked && known->until_ns <= now_ns)) {
    ask(key, {is_group, id});
    return std::nullopt;
  }
  return known->has_name ? std::optional<std::string_view>(known->name) : std::nullopt;
}

void NameResolver::ask(std::uint64_t key, const Question& question) {
  Question* const place = questions_.free();
  if (place == nullptr) return dropped_.add();
  *place = question;
  questions_.push();
  wakeup_.notify();
  Known asked;
  asked.is_asked = true;
  known_.put(key, std::move(asked));
}

void NameResolver::take_answers(std::uint64_t now_ns) {
  while (const Answer* const answer = answers_.front()) {
    Known known;
    known.has_name = answer->state == host::NameState::found;
    known.name = answer->name;
    known.until_ns = now_ns + age_ns(answer->state);
    known_.put(key_of(answer->question.is_group, answer->question.id), std::move(known));
    answers_.pop();
    if (!questions_.empty()) wakeup_.notify();
  }
}

void NameResolver::run() {
  while (!ends_.load()) {
    const Question* const question = questions_.front();
    Answer* const place = question == nullptr ? nullptr : answers_.free();
    if (place != nullptr) {
      const std::uint64_t now_ms = clock_.monotonic_ns() / kNsPerMs;
      const host::NameAnswer& found = question->is_group ? service_.group(question->id, now_ms)
                                                         : service_.user(question->id, now_ms);
      place->question = *question;
      place->state = found.state;
      place->name = found.name;
      answers_.push();
      questions_.pop();
      continue;
    }
    wakeup_.prepare();
    const bool has_work = !questions_.empty() && answers_.free() != nullptr;
    if (!has_work && !ends_.load()) wakeup_.wait(Wakeup::kForEver);
    wakeup_.cancel();
  }
}

}  // namespace sorrel::agent
