#include "pipeline/enrichment.h"

#include <optional>
#include <utility>

#include "config/secret_rules.h"
#include "enrich/enricher.h"
#include "host/user_db.h"
#include "pipeline/host_questions.h"

namespace sorrel::agent {
namespace {

using enrich::Processes;

class Enrichment final : public Annotator {
 public:
  Enrichment(const enrich::Options& options, std::optional<host::UserDb> users,
             std::unique_ptr<enrich::Secrets> secrets, ProcessKnowledge& knowledge,
             EnrichmentCounters& counters, const LiveHost& live)
      : users_(std::move(users)),
        secrets_(std::move(secrets)),
        processes_(options, knowledge.table, knowledge.sessions, knowledge.pid_namespace),
        enricher_(options, {.users = users_ ? &*users_ : nullptr,
                            .more_names = live.names,
                            .processes = options.knows_processes() ? &processes_ : nullptr,
                            .secrets = secrets_.get()}),
        table_(knowledge.table),
        counters_(counters) {
    if (live.processes != nullptr && options.asks_for_processes())
      questions_.emplace(options, knowledge, counters, *live.processes);
  }

  Lesson learn(event::Event& event) override {
    const Processes::Lesson learned = enricher_.learn(event);
    Lesson lesson{.pid = learned.pid};
    if (questions_ && learned.pid != 0) lesson.ticket = questions_->learned(event, learned);
    return lesson;
  }

  void annotate(event::Event& event, Wait wait) override {
    enrich::HostAnswer answer;
    if (wait == Wait::answered && questions_) answer = questions_->answer();
    if (wait == Wait::late) answer.missing = "late";
    if (event.not_asked) answer.missing = "skipped";
    const std::size_t redacted = enricher_.annotate(event, answer, wait != Wait::none);
    if (redacted != 0) counters_.redacted.add(redacted);
  }

  void end_of_batch() override {
    if (questions_) questions_->flush();
  }
  std::optional<Ticket> next_answer() override {
    return questions_ ? questions_->next_answer() : std::nullopt;
  }
  std::optional<LateAnswer> late_answer() override {
    return questions_ ? questions_->late_answer() : std::nullopt;
  }
  bool has_answers() const override { return questions_ && questions_->has_answers(); }
  void tick(std::uint64_t time_ns) override {
    constexpr std::uint64_t kNsPerMs = 1'000'000;
    table_.expire(time_ns / kNsPerMs, kExpiredATick);
    if (questions_) questions_->tick(time_ns);
  }

 private:
  static constexpr std::uint32_t kExpiredATick = 4096;

  std::optional<host::UserDb> users_;
  std::unique_ptr<enrich::Secrets> secrets_;
  Processes processes_;
  enrich::Enricher enricher_;
  enrich::ProcessTable& table_;
  EnrichmentCounters& counters_;
  std::optional<HostQuestions> questions_;
};

Result<std::unique_ptr<enrich::Secrets>> make_secrets(const enrich::SecretOptions& options) {
  if (!options.redact) return std::unique_ptr<enrich::Secrets>();
  auto rules = config::load_secret_rules(options.patterns);
  if (!rules) return Unexpected<Error>(std::move(rules).error());
  return enrich::Secrets::make(*std::move(rules));
}

}  // namespace

Result<std::unique_ptr<Annotator>> make_annotator(const enrich::Options& options,
                                                  const std::string& root,
                                                  ProcessKnowledge& knowledge,
                                                  EnrichmentCounters& counters,
                                                  const LiveHost& live) {
  std::unique_ptr<Annotator> annotator;
  if (options.is_none()) return annotator;
  std::optional<host::UserDb> users;
  if ((options.user_names || options.groups) && !root.empty()) {
    Result<host::UserDb> loaded = host::UserDb::load(root);
    if (!loaded) return Unexpected<Error>(std::move(loaded).error());
    users = *std::move(loaded);
  }
  auto secrets = make_secrets(options.secrets);
  if (!secrets) return Unexpected<Error>(std::move(secrets).error());
  annotator = std::make_unique<Enrichment>(options, std::move(users), *std::move(secrets),
                                           knowledge, counters, live);
  return annotator;
}

}  // namespace sorrel::agent
