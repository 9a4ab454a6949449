#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "config/load.h"
#include "config/tree.h"

namespace sorrel::config {
namespace {

// A directory of its own for a test; removed with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "sorrel-config-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string write(const std::string& name, std::string_view text, mode_t mode) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a file is loaded and its name is in the messages", "[config]") {
  const TemporaryDirectory directory;
  const std::string good = directory.write("good.yaml", "log_level: debug\n", 0644);
  const Result<Options> options = load_file(good);
  REQUIRE(options);
  CHECK((*options).log_level == Level::debug);

  const std::string bad = directory.write("bad.yaml", "log_levle: debug\n", 0600);
  const Result<Options> failed = load_file(bad);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == bad + ":1:1: unknown key 'log_levle'; did you mean 'log_level'?");
}

TEST_CASE("a file that every user may write to is refused", "[config]") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("c.yaml", "", 0646);
  const Result<Options> options = load_file(path);
  REQUIRE_FALSE(options);
  CHECK(options.error().code == std::errc::permission_denied);
  CHECK(options.error().message.find("every user of the host may write to this file") !=
        std::string::npos);
  CHECK(options.error().message.find("chmod o-w " + path) != std::string::npos);

  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(load_file(path));
  REQUIRE(::chmod(path.c_str(), 0664) == 0);  // a warning only
  CHECK(load_file(path));
}

TEST_CASE("what is not a regular file is refused and never waited for", "[config]") {
  const TemporaryDirectory directory;
  const std::string fifo = directory.path() + "/fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  for (const std::string& path : {fifo, directory.path(), std::string("/dev/null")}) {
    const Result<Options> options = load_file(path);
    REQUIRE_FALSE(options);
    CHECK(options.error().message == path + ": is not a regular file");
  }
}

TEST_CASE("a missing file says so", "[config]") {
  const TemporaryDirectory directory;
  const Result<Options> options = load_file(directory.path() + "/none.yaml");
  REQUIRE_FALSE(options);
  CHECK(options.error().code == std::errc::no_such_file_or_directory);
  CHECK(options.error().to_string() == directory.path() +
                                           "/none.yaml: the configuration file cannot be opened: "
                                           "No such file or directory");
}

TEST_CASE("a file is read up to its limit and no further", "[config]") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("big.yaml", std::string(kMaxFileBytes, '#'), 0600);
  CHECK(load_file(path));
  std::ofstream(path, std::ios::app) << std::string(kMaxFileBytes, '#');
  const Result<Options> options = load_file(path);
  REQUIRE_FALSE(options);
  CHECK(options.error().message == path + ": larger than 1048576 bytes, the most that is read");
}

}  // namespace sorrel::config
