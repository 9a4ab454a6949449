// sorrelctl output resend: the events that a collector refused, once more. The file is moved aside
// first, so that a sorreld that runs begins a new one; when the command is interrupted, the next
// one goes on with the file that was moved, and events may come twice.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/exception_text.h"
#include "commands.h"
#include "letter_feed.h"
#include "output_arguments.h"
#include "output_sink.h"
#include "sink/dead_letters.h"
#include "sink/json_string.h"

namespace sorrel::sorrelctl {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Answer = LetterFeed::Answer;
using std::chrono::steady_clock;

struct Sent {
  std::size_t delivered = 0;
  std::size_t refused = 0;
  std::size_t left = 0;        // without an answer
  std::size_t unreadable = 0;  // lines
  std::string error;           // why something is left
};

// Until all are answered, or none has been for so long.
std::string run_to_the_end(asio::io_context& io, OutputSink& sink, const LetterFeed& feed,
                           unsigned timeout_s) {
  bool has_ended = false;
  std::string failure;
  asio::co_spawn(io, sink.run(), [&](std::exception_ptr escaped) {
    has_ended = true;
    if (escaped) failure = "an unexpected failure: " + text_of(escaped);
  });
  std::size_t before = feed.count(Answer::none);
  auto until = steady_clock::now() + std::chrono::seconds(timeout_s);
  while (!has_ended && steady_clock::now() < until) {
    io.run_one_for(std::chrono::milliseconds(20));
    const std::size_t now = feed.count(Answer::none);
    if (now != before) until = steady_clock::now() + std::chrono::seconds(timeout_s);
    before = now;
  }
  std::string trouble = failure.empty() ? sink.trouble() : failure;
  if (!has_ended) sink.stop();
  const auto last = steady_clock::now() + std::chrono::seconds(5);
  while (!has_ended && steady_clock::now() < last) {
    io.restart();
    io.run_one_for(std::chrono::milliseconds(20));
  }
  return trouble.empty() ? "no answer in time" : trouble;
}

// Appends lines to a file of dead letters, which keeps its owner.
Status give_back(const std::string& path, const std::string& text, const struct stat& owner) {
  if (text.empty()) return Ok{};
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out << text;
  out.close();
  if (!out) return fail_errno(errno, "cannot write " + path);
  if (::chmod(path.c_str(), 0600) != 0) return fail_errno(errno, "cannot give " + path + " back");
  if (::geteuid() == 0 && ::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0) {
    return fail_errno(errno, "cannot give " + path + " back");
  }
  return Ok{};
}

// The lines of what was refused again, with the new reason, of what is left, and of what could not
// be read.
std::string lines_to_keep(const std::string& output, const LetterFeed& feed,
                          const std::vector<std::string>& unreadable) {
  std::string text;
  for (const LetterFeed::Entry& entry : feed.entries()) {
    if (entry.answer == Answer::none) text += entry.letter.line + '\n';
    if (entry.answer != Answer::refused) continue;
    text += sink::dead_letter_line(output, entry.letter.header, entry.letter.bytes, entry.reason);
  }
  for (const std::string& line : unreadable) text += line + '\n';
  return text;
}

// What sorreld wrote into the file while it was moved, before it saw that.
std::string read_rest(const std::string& path, std::uint64_t from) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(from));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<Sent> send_file(const std::string& path, const config::OutputOptions& output,
                       unsigned timeout_s) {
  Sent sent;
  const std::string moved = path + ".sending";
  if (!fs::exists(moved)) {
    if (!fs::exists(path)) return sent;
    if (std::rename(path.c_str(), moved.c_str()) != 0) {
      return fail_errno(errno, "cannot move " + path);
    }
  }
  struct stat owner {};
  if (::stat(moved.c_str(), &owner) != 0) return fail_errno(errno, "cannot read " + moved);
  auto file = sink::read_dead_letters(moved);
  if (!file) return Unexpected<Error>(std::move(file).error());
  LetterFeed feed(std::move(file->letters));
  if (!feed.entries().empty()) {
    asio::io_context io;
    auto sink = OutputSink::create(output, io.get_executor(), feed);
    if (!sink) return Unexpected<Error>(std::move(sink).error());
    sent.error = run_to_the_end(io, **sink, feed, timeout_s);
  }
  sent.delivered = feed.count(Answer::delivered);
  sent.refused = feed.count(Answer::refused);
  sent.left = feed.count(Answer::none);
  sent.unreadable = file->unreadable.size();
  if (sent.left == 0) sent.error.clear();
  const std::string keep =
      lines_to_keep(output.name, feed, file->unreadable) + read_rest(moved, file->size);
  if (const Status kept = give_back(path, keep, owner); !kept) {
    return Unexpected<Error>(kept.error());
  }
  if (::unlink(moved.c_str()) != 0) return fail_errno(errno, "cannot remove " + moved);
  return sent;
}

void show(const OutputArguments& arguments, const std::string& path, const Sent& sent) {
  if (arguments.json) {
    std::string out = "{\"schema\":1,\"output\":";
    sink::append_json_string(out, arguments.name);
    out += ",\"delivered\":" + std::to_string(sent.delivered) +
           ",\"refused\":" + std::to_string(sent.refused) +
           ",\"left\":" + std::to_string(sent.left) +
           ",\"unreadable\":" + std::to_string(sent.unreadable) + ",\"error\":";
    sink::append_json_string(out, sent.error);
    std::printf("%s}\n", out.c_str());
    return;
  }
  std::printf("output %s: %zu delivered, %zu refused again, %zu left%s%s\n", arguments.name.c_str(),
              sent.delivered, sent.refused, sent.left, sent.error.empty() ? "" : ": ",
              sent.error.c_str());
  if (sent.unreadable != 0) {
    std::printf("%zu lines of %s are no refused events; they stay there\n", sent.unreadable,
                path.c_str());
  }
}

}  // namespace

int resend(const OutputArguments& arguments, const config::Options& options,
           const config::OutputOptions& output) {
  std::string path = arguments.file;
  if (path.empty()) {
    const std::string folder =
        options.buffer.path.empty() ? options.state_dir + "/buffer" : options.buffer.path;
    path = folder + "/refused/" + output.name + ".json";
  }
  const auto sent = send_file(path, output, arguments.timeout_s);
  if (!sent) return fail_output(sent.error(), kExitFailed);
  show(arguments, path, *sent);
  return sent->refused + sent->left + sent->unreadable == 0 ? kExitOk : kExitFailed;
}

}  // namespace sorrel::sorrelctl
