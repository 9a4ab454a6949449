#include "sink/dead_letter_file.h"

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include <simdjson.h>

#include "sink/base64.h"

namespace sorrel::sink {
namespace {

namespace dom = simdjson::dom;

Unexpected<Error> no_letter() {
  return fail(std::errc::bad_message, "a line that is no dead letter");
}

std::string_view text_of(const dom::object& object, const char* key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::optional<std::uint64_t> number_of(const dom::object& object, const char* key) {
  std::uint64_t number = 0;
  if (object[key].get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

bool read_uid(std::string_view text, std::uint64_t (&uid)[2]) {
  constexpr std::size_t kHalf = 16;
  if (text.size() != 2 * kHalf) return false;
  for (std::size_t half = 0; half < 2; ++half) {
    const char* const begin = text.data() + half * kHalf;
    const auto [end, error] = std::from_chars(begin, begin + kHalf, uid[half], 16);
    if (error != std::errc() || end != begin + kHalf) return false;
  }
  return true;
}

}  // namespace

Result<DeadLetter> read_dead_letter(std::string_view line) {
  dom::parser parser;
  dom::object object;
  if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS) return no_letter();
  DeadLetter letter;
  letter.line = line;
  letter.reason = text_of(object, "reason");
  const auto lane = number_of(object, "lane");
  const auto sequence = number_of(object, "sequence");
  const auto time_ns = number_of(object, "time_ns");
  const auto severity = number_of(object, "severity");
  const std::string_view format = text_of(object, "format");
  auto bytes = decode_base64(text_of(object, "frame"));
  const bool is_whole = lane && *lane <= 2 && sequence && time_ns && severity && *severity <= 7 &&
                        (format == "json" || format == "raw") && bytes && !bytes->empty();
  if (!is_whole || !read_uid(text_of(object, "event_uid"), letter.header.event_uid)) {
    return no_letter();
  }
  letter.header.lane = static_cast<buffer::Lane>(*lane);
  letter.header.sequence = *sequence;
  letter.header.time_ns = *time_ns;
  letter.header.severity = static_cast<std::uint8_t>(*severity);
  letter.header.format = format == "json" ? buffer::Format::json : buffer::Format::raw;
  letter.header.size_bytes = static_cast<std::uint32_t>(bytes->size());
  letter.bytes = *std::move(bytes);
  return letter;
}

Result<DeadLetterFile> read_dead_letters(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno(errno, "cannot read " + path);
  DeadLetterFile file;
  for (std::string line; std::getline(in, line);) {
    file.size += line.size() + (in.eof() ? 0 : 1);
    if (line.empty()) continue;
    auto letter = read_dead_letter(line);
    if (letter) {
      file.letters.push_back(*std::move(letter));
    } else {
      file.unreadable.push_back(std::move(line));
    }
  }
  if (in.bad()) return fail(std::errc::io_error, "cannot read " + path);
  return file;
}

}  // namespace sorrel::sink
