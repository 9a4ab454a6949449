#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/call.h"
#include "enrich/field_finder.h"
#include "enrich/interpret.h"
#include "enrich/names.h"
#include "enrich/options.h"
#include "enrich/processes.h"
#include "enrich/script.h"
#include "enrich/secrets.h"
#include "enrich/value_memo.h"
#include "event/event.h"
#include "host/environment.h"
#include "host/user_db.h"

namespace sorrel::enrich {

// What the host said of the process of one event, when it was asked. Views of who asked.
struct HostAnswer {
  // Why there is no answer where one was wanted: "late", "ended", "skipped"; empty: there is one,
  // or none was wanted.
  std::string_view missing;
  const host::Environment* environment = nullptr;  // null: not known
  std::string_view exe_hash;                       // hex; empty: not known
};

// Adds to an event what the kernel did not say: names, meanings of numbers, absolute paths,
// scripts, processes. One pass over the fields of each record decides what each of them needs.
class Enricher {
 public:
  // What it is made of; each may be null, and must outlive it.
  struct Parts {
    const host::UserDb* users = nullptr;  // the names of the host's files
    MoreNames* more_names = nullptr;
    Processes* processes = nullptr;
    Secrets* secrets = nullptr;
  };
  Enricher(const Options& options, const Parts& parts);

  // Once for each event, in the order of the stream, before annotate().
  Processes::Lesson learn(event::Event& event);
  // `keeps`: the event goes out only after further events were learned. Returns how many secrets
  // were taken out of it.
  std::size_t annotate(event::Event& event, const HostAnswer& answer, bool keeps);

 private:
  // What a field needs, by its key: bits.
  using Tasks = std::uint8_t;
  static constexpr Tasks kUser = 1;
  static constexpr Tasks kGroup = 2;
  static constexpr Tasks kProcess = 4;
  static constexpr Tasks kMeaning = 8;
  static constexpr Tasks kArgument = 16;  // the meaning of an argument of a call
  static constexpr Tasks kMessage = 32;   // ids inside a message of a program
  static constexpr Tasks kCall = 64;      // ARCH and SYSCALL
  // Of ValueMemo: users, groups, and for each key what its values mean.
  static constexpr ValueMemo::Domain kNoDomain = 0;
  static constexpr ValueMemo::Domain kUsers = 1;
  static constexpr ValueMemo::Domain kGroups = 2;
  static constexpr ValueMemo::Domain kFirstMeaning = 3;

  // Of a key that has tasks.
  struct KeyUse {
    std::string_view upper;  // "UID" for uid
    ValueMemo::Domain domain = kNoDomain;
  };

  void annotate_record(event::Event& event, std::uint32_t index, const Call& call,
                       const CallContext& context, bool keeps, event::AnnotationList& out);
  [[gnu::noinline]] void annotate_field(event::Event& event, const event::Record& record,
                                        const record::Field& field, const CallContext& context,
                                        bool keeps, event::AnnotationList& out);
  bool add_known(event::Event& event, const KeyUse& key, const record::Field& field,
                 bool has_fixed_meanings, event::AnnotationList& out);
  void remember(const record::Field& field, std::string_view text, bool is_own);
  void annotate_message(event::Event& event, const event::Record& record,
                        std::span<const record::Field> fields, event::AnnotationList& out);
  void add_user(event::Event& event, const record::Field& field, bool is_group,
                event::AnnotationList& out);
  void add_meaning(event::Event& event, const event::Record& record, const record::Field& field,
                   const CallContext& context, event::AnnotationList& out);
  void annotate_call(event::Event& event, const Call& call, const HostAnswer& answer, bool keeps,
                     event::AnnotationList& out);
  void add_script(event::Event& event, const Call& call, event::AnnotationList& out);
  void add_path(event::Event& event, std::uint32_t index, const Call& call,
                event::AnnotationList& out);
  static void add_environment(event::Event& event, const host::Environment& environment, bool keeps,
                              event::AnnotationList& out);

  const Options options_;
  Names names_;
  Processes* const processes_;
  Secrets* const secrets_;
  std::array<Tasks, record::kKeyCount + 1> tasks_;  // by KeyId
  std::vector<KeyUse> keys_;                        // likewise
  std::vector<std::string> upper_;                  // what they view
  InterpretationText room_;
  ValueMemo memo_;
  CallReader calls_;
  ScriptFinder scripts_;
  FieldFinder path_name_{record::key::kName};
  // What learn() read, for the annotate() that follows at once.
  const event::Event* learned_ = nullptr;
  Call call_;
};

}  // namespace sorrel::enrich
