#include "pipeline/enrichment.h"

#include <optional>
#include <utility>

#include "enrich/names.h"
#include "host/user_db.h"

namespace sorrel::agent {
namespace {

class Enrichment final : public Annotator {
 public:
  Enrichment(const enrich::Options& options, std::optional<host::UserDb> users)
      : users_(std::move(users)),
        names_({.numbers = options.names, .users = options.user_names},
               users_ ? &*users_ : nullptr) {}

  void annotate(event::Event& event) override {
    for (std::uint32_t i = 0; i < event.records().size(); ++i)
      names_.annotate(event, i, event.annotate(i));
  }

 private:
  std::optional<host::UserDb> users_;
  enrich::Names names_;
};

}  // namespace

Result<std::unique_ptr<Annotator>> make_annotator(const enrich::Options& options,
                                                  const std::string& root) {
  std::unique_ptr<Annotator> annotator;
  if (!options.names && !options.user_names) return annotator;
  std::optional<host::UserDb> users;
  if (options.user_names && !root.empty()) {
    Result<host::UserDb> loaded = host::UserDb::load(root);
    if (!loaded) return Unexpected<Error>(std::move(loaded).error());
    users = *std::move(loaded);
  }
  annotator = std::make_unique<Enrichment>(options, std::move(users));
  return annotator;
}

}  // namespace sorrel::agent
