#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <string>
#include <vector>

#include "buffer/buffer.h"
#include "buffer/frame.h"
#include "buffer/options.h"

// What the buffer is measured with.
namespace sorrel::bench {

inline constexpr std::size_t kFramesOfCommit = 256;

// Batches of 256 frames, the lines of a file. Ends the program, with a message, when it cannot be
// read, or has no 256 lines.
std::vector<buffer::FrameBatch> read_batches(const std::string& path);

// A buffer in `path` whose commits are as large as the batches that it gets, without quotas.
buffer::Options bench_options(const std::string& path, buffer::Sync sync,
                              std::uint32_t compression);

// One batch and its commit, on this thread.
void commit(buffer::Buffer& buffer, const buffer::FrameBatch& batch);

// The next frames of an output, into `out`; what is on the disk is read from there. False: no more.
bool read_frames(buffer::Reader& reader, buffer::FrameBatch& out);

// CPU seconds of this process, of the user and of the system.
inline double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Makes `gigabytes` of frames that four outputs have yet to read, starts a buffer over them in a
// process of its own, and prints what that took.
void measure_backlog(const std::vector<buffer::FrameBatch>& batches, const std::string& folder,
                     double gigabytes);
// The part of it that runs in that process.
int read_backlog(const std::string& folder);

}  // namespace sorrel::bench
