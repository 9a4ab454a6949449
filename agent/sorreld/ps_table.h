#pragma once

#include <memory>

#include "host/user_db.h"
#include "pipeline/process_knowledge.h"
#include "sorreld/ps_source.h"

namespace sorrel::agent {

// The process table's rows for `sorrelctl ps`: the newest entry of each process, exited ones too.
// All on the pipeline's thread.
class PsTable final : public PsSource {
 public:
  // `knowledge` must outlive it.
  explicit PsTable(const ProcessKnowledge& knowledge) : knowledge_(knowledge) {}

  // Who names the users from here on; null: nobody.
  void set_users(std::shared_ptr<const host::UserDb> users) { users_ = std::move(users); }

  bool read(const PsQuery& query, std::uint64_t& cursor, std::size_t max,
            std::vector<PsRow>& rows) override;

 private:
  PsRow row_of(const enrich::Process& process) const;
  PsIdentity identity_of(const enrich::Process& process) const;

  const ProcessKnowledge& knowledge_;
  std::shared_ptr<const host::UserDb> users_;
  std::vector<const enrich::Process*> slice_;
};

}  // namespace sorrel::agent
