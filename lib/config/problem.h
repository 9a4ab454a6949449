#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sorrel::config {

// A place in a configuration file, counted from 1. Line 0 stands for the file as a whole.
struct Position {
  int line = 0;
  int column = 0;
};

// One thing that is wrong with a configuration.
struct Problem {
  std::string file;
  int line = 0;    // from 1; 0 when the file as a whole is meant
  int column = 0;  // from 1
  std::string message;

  // "file:line:column", or "file" for the file as a whole.
  std::string place() const;
  // "file:line:column: message", the form that editors and compilers share.
  std::string to_string() const;
};

// All problems, one a line.
std::string one_a_line(const std::vector<Problem>& problems);

// Collects the problems of one file, so that a person sees all of them at once, not only the first.
// It keeps kMaxProblems and counts the rest.
class Report {
 public:
  static constexpr std::size_t kMaxProblems = 100;

  explicit Report(std::string file) : file_(std::move(file)) {}

  void add(Position at, std::string message);
  // The same for the option being read: the message starts with its name, "events.timeout: ".
  void add_here(Position at, std::string_view message);
  // How many were added so far, also those beyond kMaxProblems.
  std::size_t count() const noexcept { return count_; }
  // The problems in the order of the file. Takes them: the report is empty afterwards.
  std::vector<Problem> take();

  // The name of the section being read, with dots, from the top of the file.
  const std::string& path() const noexcept { return path_; }
  // Enters the option `key` while it lives.
  class Inside {
   public:
    Inside(Report& report, std::string_view key);
    ~Inside() { report_.path_.resize(size_before_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Report& report_;
    std::size_t size_before_;
  };

 private:
  std::string file_;
  std::string path_;
  std::vector<Problem> problems_;
  std::size_t count_ = 0;
};

// Text from a file inside a message: in single quotes, shortened, no control characters, so that a
// configuration cannot play tricks with the terminal of the person who reads the message.
std::string in_quotes(std::string_view text);

}  // namespace sorrel::config
