#include "simulated_storage.h"

#include <algorithm>
#include <cerrno>

#include "buffer/segment_format.h"

namespace sorrel::simulation {
namespace {

constexpr std::uint64_t kPage = 512;  // a sector: smaller than a block of the test

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

const char* fault_name(std::size_t fault) {
  constexpr const char* kNames[kFaults] = {
      "crash",      "process kill", "torn write",  "reordered write", "lost page",
      "lost name",  "write error",  "read error",  "sync error",      "folder error",
      "open error", "no space",     "short write", "bit rot"};
  return kNames[fault];
}

void SimulatedStorage::enter() {
  if (is_peeking_) return;
  ++calls_;
  if (is_dead_) return;
  if (crash_after_ != 0 && --crash_after_ == 0) {
    is_dead_ = true;
    count(Fault::crash);
    throw Crashed{};
  }
}

bool SimulatedStorage::happens(Fault fault) {
  if (is_peeking_ || one_in_ == 0 || random_() % one_in_ != 0) return false;
  count(fault);
  return true;
}

void SimulatedStorage::apply(const Change& change, std::string& content) {
  if (change.is_truncation) {
    content.resize(change.offset);
    return;
  }
  if (content.size() < change.offset + change.bytes.size()) {
    content.resize(change.offset + change.bytes.size());
  }
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

void SimulatedStorage::crash(Loss loss) {
  is_dead_ = false;
  crash_after_ = 0;
  open_.clear();
  lost_files_.clear();
  if (loss == Loss::process) {
    count(Fault::kill);
    return;
  }
  lose_names();
  for (const auto& [path, file] : names_) lose_pages(*file);
}

// Each name that differs is there or not, by itself.
void SimulatedStorage::lose_names() {
  Names left;
  for (const auto& [path, file] : names_) {
    const auto durable = durable_names_.find(path);
    const bool is_durable = durable != durable_names_.end();
    if ((is_durable && durable->second == file) || is_odd()) {
      left.emplace(path, file);
      continue;
    }
    count(Fault::lost_name);
    if (is_durable) left.emplace(path, durable->second);
    if (!is_durable) lost_files_.push_back(path);
  }
  for (const auto& [path, file] : durable_names_) {
    if (names_.contains(path) || left.contains(path)) continue;
    if (is_odd()) continue;
    left.emplace(path, file);  // its removal was not durable
    count(Fault::lost_name);
  }
  names_ = durable_names_ = std::move(left);
}

void SimulatedStorage::lose_pages(File& file) {
  bool is_one_lost = false;
  for (Change& change : file.changes) {
    if (is_odd()) {
      count(Fault::lost_page);
      is_one_lost = true;
      continue;
    }
    if (is_one_lost) count(Fault::reordered_write);
    if (!change.is_truncation && random_() % 4 == 0) {
      change.bytes.resize(random_() % (change.bytes.size() + 1));
      count(Fault::torn_write);
    }
    apply(change, file.durable);
  }
  file.changes.clear();
  file.now = file.durable;
}

void SimulatedStorage::rot(const std::string& path) {
  File& file = *names_.at(path);
  if (file.now.empty()) return;
  const std::size_t at = random_() % file.now.size();
  file.now[at] = static_cast<char>(file.now[at] ^ static_cast<char>(1 + random_() % 255));
  // The kernel had written it long ago, synced or not.
  file.durable = file.now;
  file.changes.clear();
  count(Fault::bit_rot);
}

int SimulatedStorage::make_folder(const std::string&) {
  enter();
  return is_dead_ ? -EIO : 0;
}

int SimulatedStorage::open(const std::string& path, Access access) {
  enter();
  if (is_dead_) return -EIO;
  if (happens(Fault::open_error)) return -EIO;
  auto found = names_.find(path);
  if (access == Access::create) {
    if (found != names_.end()) return -EEXIST;
    found = names_.emplace(path, std::make_shared<File>()).first;
  }
  if (found == names_.end()) return -ENOENT;
  open_[next_fd_] = found->second;
  return next_fd_++;
}

void SimulatedStorage::close(int fd) {
  open_.erase(fd);
}

void SimulatedStorage::write(File& file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const std::uint64_t room = kPage - offset % kPage;
    Change change{.offset = offset, .bytes = std::string(bytes.substr(0, room))};
    apply(change, file.now);
    bytes.remove_prefix(change.bytes.size());
    offset += change.bytes.size();
    file.changes.push_back(std::move(change));
  }
}

// A block's header tells its number, the beginning of its file the salt. `bytes`: the whole block,
// also when only a part of it came to the file, since that part is under the nonce as well.
void SimulatedStorage::watch_nonces(const File& file, std::string_view bytes) {
  const auto segment = buffer::parse_segment_header(file.now);
  if (!segment || !segment->is_encrypted) return;
  const auto block = buffer::parse_block_header(bytes);
  if (!block) return;
  // The rest of a copy may begin with one.
  bytes = bytes.substr(0, buffer::kBlockHeaderBytes + block->stored_bytes);
  std::string nonce(segment->salt.begin(), segment->salt.end());
  nonce += std::to_string(block->number);
  const auto [known, is_new] = nonces_.emplace(nonce, bytes);
  if (!is_new && known->second != bytes) {
    reused_nonce_ = "block " + std::to_string(block->number) + " was ciphered twice with one nonce";
  }
}

std::int64_t SimulatedStorage::write_at(int fd, std::string_view head, std::string_view tail,
                                        std::uint64_t offset) {
  const std::string joined = std::string(head).append(tail);
  std::string_view bytes = joined;
  // A crash in the middle of the call: a part is written, of which a part may come to the disk.
  if (crash_after_ == 1 && !is_dead_) {
    File& file = *open_.at(fd);
    const std::string_view part = bytes.substr(0, random_() % (bytes.size() + 1));
    if (part.size() > buffer::kBlockHeaderBytes) watch_nonces(file, bytes);
    write(file, part, offset);
  }
  enter();
  if (is_dead_) return -EIO;
  File& file = *open_.at(fd);
  watch_nonces(file, bytes);
  const bool is_full = !has_room_ && happens(Fault::no_space);
  if (is_full || happens(Fault::write_error)) {
    write(file, bytes.substr(0, random_() % (bytes.size() + 1)), offset);
    return is_full ? -ENOSPC : -EIO;
  }
  if (bytes.size() > 1 && happens(Fault::short_write))
    bytes = bytes.substr(0, 1 + random_() % (bytes.size() - 1));
  write(file, bytes, offset);
  return static_cast<std::int64_t>(bytes.size());
}

std::int64_t SimulatedStorage::read_at(int fd, std::span<char> into, std::uint64_t offset) {
  enter();
  if (is_dead_) return -EIO;
  if (happens(Fault::read_error)) return -EIO;
  const std::string& now = open_.at(fd)->now;
  if (offset >= now.size()) return 0;
  const std::size_t size = std::min<std::size_t>(into.size(), now.size() - offset);
  std::copy_n(now.begin() + static_cast<std::ptrdiff_t>(offset), size, into.begin());
  return static_cast<std::int64_t>(size);
}

std::int64_t SimulatedStorage::size(int fd) {
  enter();
  return is_dead_ ? -EIO : static_cast<std::int64_t>(open_.at(fd)->now.size());
}

int SimulatedStorage::truncate(int fd, std::uint64_t size) {
  enter();
  if (is_dead_) return -EIO;
  Change change{.offset = size, .bytes = {}, .is_truncation = true};
  apply(change, open_.at(fd)->now);
  open_.at(fd)->changes.push_back(std::move(change));
  return 0;
}

int SimulatedStorage::sync_data(int fd) {
  enter();
  if (is_dead_) return -EIO;
  File& file = *open_.at(fd);
  if (happens(Fault::sync_error)) {
    for (const Change& change : file.changes) {
      if (is_odd()) apply(change, file.durable);
    }
    file.changes.clear();
    return -EIO;
  }
  for (const Change& change : file.changes) apply(change, file.durable);
  file.changes.clear();
  return 0;
}

int SimulatedStorage::sync_folder(const std::string& path) {
  enter();
  if (is_dead_) return -EIO;
  // More often than others: there are few such calls.
  if (happens(Fault::folder_error) || happens(Fault::folder_error) ||
      happens(Fault::folder_error)) {
    return -EIO;
  }
  std::erase_if(durable_names_, [&](const auto& entry) { return folder_of(entry.first) == path; });
  for (const auto& [name, file] : names_) {
    if (folder_of(name) == path) durable_names_[name] = file;
  }
  return 0;
}

int SimulatedStorage::remove(const std::string& path) {
  enter();
  if (is_dead_) return -EIO;
  return names_.erase(path) == 1 ? 0 : -ENOENT;
}

int SimulatedStorage::rename(const std::string& from, const std::string& to) {
  enter();
  if (is_dead_) return -EIO;
  const auto found = names_.find(from);
  if (found == names_.end()) return -ENOENT;
  names_[to] = found->second;
  names_.erase(from);
  return 0;
}

int SimulatedStorage::list(const std::string& path, std::vector<std::string>& names) {
  enter();
  names.clear();
  if (is_dead_) return -EIO;
  for (const auto& [name, file] : names_) {
    if (folder_of(name) == path) names.push_back(name.substr(path.size() + 1));
  }
  return 0;
}

int SimulatedStorage::space(const std::string&, buffer::Space& space) {
  enter();
  std::uint64_t used = others_bytes_;
  for (const auto& [path, file] : names_) used += file->now.size();
  space = {.total_bytes = kDiskBytes, .free_bytes = kDiskBytes - std::min(used, kDiskBytes)};
  return is_dead_ ? -EIO : 0;
}

}  // namespace sorrel::simulation
