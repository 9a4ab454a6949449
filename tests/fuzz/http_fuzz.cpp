// What a collector may answer: any bytes, in pieces of any size, read as HTTP; and any body with
// any status, read by each format. No crash; the pieces change nothing; an answer for each frame
// comes for all of them or for none.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sink/bulk_format.h"
#include "sink/bulk_splunk.h"
#include "sink/http_response.h"
#include "sink/retry_after.h"

namespace {

using namespace sorrel;
using namespace sorrel::sink;

constexpr std::size_t kMaxBody = 4'096;
constexpr std::size_t kFrames = 3;

// What came of reading `bytes` in pieces; nothing: an error.
std::optional<HttpResponse> read(std::string_view bytes, std::size_t piece, std::size_t& used) {
  HttpResponseParser parser(kMaxBody);
  used = 0;
  while (!bytes.empty() && !parser.is_done()) {
    const std::string_view next = bytes.substr(0, piece);
    const Result<std::size_t> taken = parser.feed(next);
    if (!taken) return std::nullopt;
    SORREL_CHECK(*taken <= next.size(), "more than was given");
    SORREL_CHECK(*taken == next.size() || parser.is_done(), "bytes left over within a response");
    used += *taken;
    bytes.remove_prefix(*taken);
  }
  if (!parser.finish()) return std::nullopt;
  HttpResponse response = parser.take();
  SORREL_CHECK(response.body.size() <= kMaxBody, "a body above its limit");
  SORREL_CHECK(response.status >= 200 && response.status <= 999, "no final status");
  return response;
}

void check_answer(const BulkAnswer& answer) {
  using Verdict = BulkAnswer::Verdict;
  const std::size_t expected = answer.verdict == Verdict::each ? kFrames : 0;
  SORREL_CHECK(answer.verdict != Verdict::each || answer.frames.size() == expected,
               "not an answer for each frame");
  SORREL_CHECK(!answer.suspect || *answer.suspect < kFrames, "a suspect that was not sent");
  for (const char c : answer.reason) SORREL_CHECK(c >= 0x20 && c < 0x7f, "not fit for a log");
}

const std::array<std::unique_ptr<BulkFormat>, 6>& formats() {
  static const std::array<std::unique_ptr<BulkFormat>, 6> all = [] {
    std::array<std::unique_ptr<BulkFormat>, 6> made;
    constexpr BulkKind kKinds[] = {BulkKind::elasticsearch, BulkKind::splunk_hec,
                                   BulkKind::splunk_hec,    BulkKind::loki,
                                   BulkKind::ndjson,        BulkKind::otlp};
    for (std::size_t i = 0; i < made.size(); ++i) {
      HttpOptions options;
      options.kind = kKinds[i];
      options.splunk.has_acks = i == 2;
      made[i] = *make_bulk_format(options);
    }
    return made;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 64 + 1;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t used_whole = 0;
  std::size_t used_pieces = 0;
  const auto whole = read(bytes, SIZE_MAX, used_whole);
  const auto pieces = read(bytes, piece, used_pieces);
  SORREL_CHECK(whole.has_value() == pieces.has_value(), "the pieces decide what is a response");
  if (whole) {
    SORREL_CHECK(used_whole == used_pieces, "the pieces decide where a response ends");
    SORREL_CHECK(whole->status == pieces->status && whole->body == pieces->body &&
                     whole->keeps_connection == pieces->keeps_connection &&
                     whole->retry_after == pieces->retry_after,
                 "the pieces decide what a response is");
  }
  HttpResponse response = whole ? *whole : HttpResponse{};
  if (!whole) {
    response.status = static_cast<std::uint16_t>(data[0] < 128 ? 200 : 400);
    response.body = bytes;
  }
  for (const auto& format : formats()) check_answer(format->read(response, kFrames));
  static_cast<void>(read_acks(response));
  const auto wait = parse_retry_after(whole ? response.retry_after : bytes, 1'800'000'000);
  SORREL_CHECK(!wait || wait->count() >= 0, "a wait into the past");
  return 0;
}
