#pragma once

#include "record/body.h"
#include "record/plain_run.h"
#include "record/prediction.h"
#include "record/record_type.h"

namespace sorrel::record {

struct BodyRest {
  Field* end;        // behind the last field
  bool unpredicted;  // a key came that was not predicted, or something that is no key
};

// Takes what take_plain() leaves: unknown keys, nested messages, braces, words, enriched fields;
// and more plain fields between them. Goes on where `run` stopped, up to `end`, where kSentinel
// stands; `first` is the body's first field, with room for all that may follow. Remembers in
// `after` which key followed which. The kernel's own records hardly ever come here.
BodyRest parse_rest(RecordType type, const char* end, Origin origin, Prediction* after,
                    Field* first, const PlainRun& run);

}  // namespace sorrel::record
