#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "input/file_source.h"

namespace sorrel::input {

// Several files, one after the other, each opened when its turn comes.
class ChainSource final : public FileSource {
 public:
  // `paths` as rotation_order() gives them. Errors: one of them is not there or is a folder, so
  // that a typing error is found before the first file is read; an empty list.
  static Result<std::unique_ptr<ChainSource>> open(std::vector<std::string> paths,
                                                   const ReadLimits& limits = {});

  // Errors: those of the file whose turn it is. That file is then done with, and the next read()
  // goes on with the file after it: the caller chooses whether to stop.
  Result<ReadState> read(Batch& batch) override;

  // Of all files together.
  Progress progress() const noexcept override;
  FileCounts counts() const noexcept override;
  // Of the file that the last batch came from.
  bool has_every_serial() const noexcept override { return has_every_serial_; }

 private:
  ChainSource(std::vector<std::string> paths, const ReadLimits& limits, std::uint64_t bytes_total)
      : paths_(std::move(paths)), limits_(limits), bytes_total_(bytes_total) {}
  void finish_current();

  std::vector<std::string> paths_;
  ReadLimits limits_;
  std::size_t next_ = 0;
  std::unique_ptr<FileSource> current_;
  bool has_every_serial_ = false;
  std::uint64_t bytes_total_;
  std::uint64_t bytes_done_ = 0;  // of the files that are finished
  FileCounts counts_done_;
};

}  // namespace sorrel::input
