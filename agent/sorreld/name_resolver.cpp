#include "sorreld/name_resolver.h"

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

}  // namespace

std::uint64_t NameResolver::key_of(const Question& question) noexcept {
  return static_cast<std::uint64_t>(question.subject) << 32 | question.id;
}

Result<std::unique_ptr<NameResolver>> NameResolver::create(host::NameSource& source,
                                                           const Clock& clock) {
  auto wakeup = Wakeup::create();
  if (!wakeup) return Unexpected<Error>(std::move(wakeup).error());
  return std::unique_ptr<NameResolver>(new NameResolver(source, clock, *std::move(wakeup)));
}

NameResolver::NameResolver(host::NameSource& source, const Clock& clock, Wakeup wakeup)
    : clock_(clock), service_(source, {.max_groups = kMaxGroups}), wakeup_(std::move(wakeup)) {}

NameResolver::~NameResolver() {
  stop();
}

void NameResolver::start() {
  thread_.start("names", [this] { run(); });
}

// Nothing can interrupt a look-up that is under way.
bool NameResolver::stop(std::uint32_t wait_ms) {
  ends_.store(true);
  wakeup_.notify();
  return thread_.join(wait_ms);
}

std::optional<std::string_view> NameResolver::name(bool is_group, std::uint32_t id) {
  const Known* const known = look_up({is_group ? Subject::group : Subject::user, id});
  if (known == nullptr || known->names.empty()) return std::nullopt;
  return known->names.front();
}

std::span<const std::string> NameResolver::groups_of(std::uint32_t uid) {
  const Known* const known = look_up({Subject::groups_of_user, uid});
  return known == nullptr ? std::span<const std::string>{} : known->names;
}

const NameResolver::Known* NameResolver::look_up(const Question& question) {
  const std::uint64_t now_ns = clock_.monotonic_ns();
  take_answers(now_ns);
  const std::uint64_t key = key_of(question);
  Known* const known = known_.find(key);
  if (known == nullptr) {
    Known asked;
    asked.is_asked = true;
    if (ask(question)) known_.put(key, std::move(asked));
    return nullptr;
  }
  if (!known->is_asked && known->until_ns <= now_ns) known->is_asked = ask(question);
  return known;
}

bool NameResolver::ask(const Question& question) {
  Question* const place = questions_.free();
  if (place == nullptr) {
    dropped_.add();
    return false;
  }
  *place = question;
  questions_.push();
  wakeup_.notify();
  asked_.add();
  return true;
}

void NameResolver::take_answers(std::uint64_t now_ns) {
  while (const Answer* const answer = answers_.front()) {
    Known known;
    known.names = answer->names;
    known.until_ns = now_ns + age_ns(answer->state);
    known_.put(key_of(answer->question), std::move(known));
    answers_.pop();
    if (!questions_.empty()) wakeup_.notify();
  }
}

host::NameState NameResolver::answer(const Question& question, std::vector<std::string>& names) {
  const std::uint64_t now_ms = clock_.monotonic_ns() / kNsPerMs;
  names.clear();
  if (question.subject == Subject::groups_of_user) {
    const host::GroupsAnswer& found = service_.groups_of(question.id, now_ms);
    names = found.names;
    return found.state;
  }
  const host::NameAnswer& found = question.subject == Subject::group
                                      ? service_.group(question.id, now_ms)
                                      : service_.user(question.id, now_ms);
  if (found.state == host::NameState::found) names.push_back(found.name);
  return found.state;
}

void NameResolver::run() {
  while (!ends_.load()) {
    const Question* const question = questions_.front();
    Answer* const place = question == nullptr ? nullptr : answers_.free();
    if (place != nullptr) {
      place->state = answer(*question, place->names);
      if (ends_.load()) return;
      place->question = *question;
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
