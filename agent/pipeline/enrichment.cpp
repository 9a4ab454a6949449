#include "pipeline/enrichment.h"

#include <optional>
#include <utility>

#include "enrich/enricher.h"
#include "host/user_db.h"
#include "pipeline/host_questions.h"

namespace sorrel::agent {
namespace {

using enrich::Processes;

class Enrichment final : public Annotator {
 public:
  Enrichment(const enrich::Options& options, std::optional<host::UserDb> users,
             ProcessKnowledge& knowledge, EnrichmentCounters& counters, const LiveHost& live)
      : users_(std::move(users)),
        processes_(options, knowledge.table, knowledge.sessions, knowledge.pid_namespace),
        enricher_(options, users_ ? &*users_ : nullptr, live.names,
                  options.knows_processes() ? &processes_ : nullptr),
        table_(knowledge.table) {
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
    enricher_.annotate(event, answer, wait != Wait::none);
  }

  void end_of_batch() override {
    if (questions_) questions_->flush();
  }
  std::optional<Ticket> next_answer() override {
    return questions_ ? questions_->next_answer() : std::nullopt;
  }
  bool has_answers() const override { return questions_ && questions_->has_answers(); }
  void came_late() override {
    if (questions_) questions_->came_late();
  }

  void tick(std::uint64_t time_ns) override {
    constexpr std::uint64_t kNsPerMs = 1'000'000;
    table_.expire(time_ns / kNsPerMs, kExpiredATick);
    if (questions_) questions_->tick(time_ns);
  }

 private:
  static constexpr std::uint32_t kExpiredATick = 4096;

  std::optional<host::UserDb> users_;
  Processes processes_;
  enrich::Enricher enricher_;
  enrich::ProcessTable& table_;
  std::optional<HostQuestions> questions_;
};

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
  annotator = std::make_unique<Enrichment>(options, std::move(users), knowledge, counters, live);
  return annotator;
}

}  // namespace sorrel::agent
