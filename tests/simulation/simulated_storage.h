#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "buffer/storage.h"

namespace sorrel::simulation {

// The process or the power has gone: thrown out of a call of the storage, which then is dead until
// crash() says what is left.
struct Crashed {};

enum class Fault : std::uint8_t {
  crash,            // in the middle of a call
  kill,             // of these, the process alone: what it wrote stays
  torn_write,       // at a crash: a page of which only a part came to the disk
  reordered_write,  // at a crash: a page that came, though an older one did not
  lost_page,        // at a crash: a page that was written and not synced
  lost_name,        // at a crash: a file made, or removed, and the folder not synced
  write_error,
  read_error,
  sync_error,  // some pages are lost, and the kernel counts all as clean: no later sync writes them
  folder_error,
  open_error,
  no_space,
  short_write,
  bit_rot,  // a byte of a file that nobody writes to any more
};
inline constexpr std::size_t kFaults = 14;

// What a crash takes with it.
enum class Loss : std::uint8_t {
  process,  // nothing that was written
  power,    // any part of what was not synced
};
const char* fault_name(std::size_t fault);

// A file system in memory with what a crash leaves of it beside what a process sees. Everything
// comes from one seed.
class SimulatedStorage final : public buffer::Storage {
 public:
  explicit SimulatedStorage(std::uint64_t seed) : random_(seed) {}

  // One call in `one_in` fails in each way that it can; 0: none.
  void set_fault_rate(unsigned one_in) { one_in_ = one_in; }
  // Whether a write may find the disk full, whatever space() says.
  void set_has_room(bool has_room) { has_room_ = has_room; }
  // The model's own look at the disk: nothing fails, or crashes.
  void set_peeking(bool is_peeking) { is_peeking_ = is_peeking; }
  // What others take of the disk.
  void set_others(std::uint64_t bytes) { others_bytes_ = bytes; }
  // The call after so many more crashes; 0: none does.
  void crash_after(std::uint64_t calls) { crash_after_ = calls; }
  // Nothing more comes to the disk: what is still called fails.
  void die() { is_dead_ = true; }
  // After a Crashed, or as if it had come between two calls: what is left becomes all.
  void crash(Loss loss);
  // Changes one byte of a file for good.
  void rot(const std::string& path);

  const std::array<std::uint64_t, kFaults>& counts() const { return counts_; }
  std::uint64_t calls() const { return calls_; }
  // Files that the last crash took, since their names had not been synced.
  const std::vector<std::string>& lost_files() const { return lost_files_; }
  // Two blocks were ciphered under one salt and number: what it says, or empty.
  const std::string& reused_nonce() const { return reused_nonce_; }

  int make_folder(const std::string& path) override;
  int open(const std::string& path, Access access) override;
  void close(int fd) override;
  std::int64_t write_at(int fd, std::string_view head, std::string_view tail,
                        std::uint64_t offset) override;
  std::int64_t read_at(int fd, std::span<char> into, std::uint64_t offset) override;
  std::int64_t size(int fd) override;
  int truncate(int fd, std::uint64_t size) override;
  int sync_data(int fd) override;
  int sync_folder(const std::string& path) override;
  int remove(const std::string& path) override;
  int rename(const std::string& from, const std::string& to) override;
  int list(const std::string& path, std::vector<std::string>& names) override;
  int space(const std::string& path, buffer::Space& space) override;

 private:
  // What was done to a file since it was synced: a page, or a new size.
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    bool is_truncation = false;
  };
  struct File {
    std::string now;
    std::string durable;
    std::vector<Change> changes;
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;

  static constexpr std::uint64_t kDiskBytes = 200'000;

  void enter();  // each call: counts, and crashes when it is time
  bool happens(Fault fault);
  void lose_names();
  void lose_pages(File& file);
  void count(Fault fault) { ++counts_[static_cast<std::size_t>(fault)]; }
  static void apply(const Change& change, std::string& content);
  void write(File& file, std::string_view bytes, std::uint64_t offset);
  void watch_nonces(const File& file, std::string_view bytes);
  bool is_odd() { return (random_() & 1) != 0; }

  std::mt19937_64 random_;
  unsigned one_in_ = 0;
  std::uint64_t crash_after_ = 0;
  std::uint64_t calls_ = 0;
  bool is_dead_ = false;
  bool has_room_ = false;
  bool is_peeking_ = false;
  std::uint64_t others_bytes_ = 0;
  std::array<std::uint64_t, kFaults> counts_{};
  Names names_;
  Names durable_names_;
  std::map<int, std::shared_ptr<File>> open_;
  int next_fd_ = 3;
  std::vector<std::string> lost_files_;
  std::map<std::string, std::string> nonces_;  // salt and number: what was written with them
  std::string reused_nonce_;
};

}  // namespace sorrel::simulation
