#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "buffer/buffer.h"
#include "buffer/os_storage.h"
#include "config/options.h"
#include "pipeline/pipeline.h"
#include "sink/sink.h"
#include "sorreld/privileges.h"
#include "sorreld/reactor.h"
#include "sorreld/shipped_output.h"

namespace sorrel::agent {

// The configuration's outputs to collectors; `node` is the host's name where they say none.
std::vector<config::OutputOptions> shipped_outputs(const config::Options& options,
                                                   const std::string& node);

// All outputs to collectors, and the buffer that they share. Made only when there are some.
class Shipping {
 public:
  // Says a gap in a format's words: the bytes of a frame.
  using EncodeGap = std::function<std::string(const std::string& output, buffer::Format format,
                                              const buffer::Gap& gap)>;

  // Opens the buffer and reads all files that outputs name, while there are privileges for it; what
  // it makes belongs to `account`. `node`: this host's name, for protocols that want one. Nothing
  // when no output ships. Errors: a folder, file or option cannot be used.
  static Result<std::unique_ptr<Shipping>> open(const config::Options& options,
                                                const std::optional<Account>& account,
                                                Reactor& reactor, const Clock& clock,
                                                const std::string& node, EncodeGap encode_gap);
  ~Shipping();

  // After privileges were dropped: threads begin, collectors are connected to.
  void start();
  // The pipeline's outputs: one a format, with a wish for each output.
  void add_outputs(std::vector<Output>& outputs) const;

  // A reload, in two steps around the pipeline's, only while is_settled(). prepare() reads all
  // files that new and changed outputs name and opens new cursors; add_outputs() then has the new
  // wishes. It may wait for the disk. Errors: as open(); all is as it was.
  Status prepare(const config::Options& options, const std::string& node);
  // ... instead of the second step: all is as it was.
  void undo();
  // From `ends` on, frames are as the pipeline's new outputs want them: what changed ends in order
  // and begins anew where it was, what is new begins, what has gone may take what is before.
  // Returns at once.
  void commit(const buffer::LaneEnds& ends);
  // All that a reload has changed is done, or cannot be: an output does not end.
  bool is_settled() const noexcept { return is_settled_; }
  // Called when that has come to be.
  void on_settled(std::function<void()> tell) { tell_settled_ = std::move(tell); }

  // On the reactor's thread, after Reactor::stop(): lets outputs deliver for a bounded time, ends
  // them, makes what is left durable.
  void stop();

  std::vector<ShippedStatus> outputs() const;
  const buffer::Buffer& buffer() const noexcept { return *buffer_; }

 private:
  struct ShippedWish {
    buffer::Format format = buffer::Format::json;
    Wish wish;
  };
  // The pipeline's side of the buffer.
  class BufferSink final : public sink::Sink {
   public:
    explicit BufferSink(buffer::Buffer& buffer) : buffer_(buffer) {}
    sink::Answer write(const buffer::FrameBatch& batch) override {
      buffer_.append(batch);
      return sink::Answer::acknowledged;
    }

   private:
    buffer::Buffer& buffer_;
  };

  using Time = std::chrono::steady_clock::time_point;
  // An output on its way from one set of options to the next.
  enum class Stage : std::uint8_t {
    runs,
    delivers,  // it has gone from the configuration, and takes what was accepted before
    finishes,  // it takes nothing more, and waits for answers
    aborted,
    stuck,  // nothing of that ended it
  };
  struct Slot {
    config::OutputOptions options;
    std::uint64_t bit = 0;  // of its frames
    std::size_t place = 0;  // in the buffer
    std::unique_ptr<ShippedOutput> output;
    std::unique_ptr<ShippedOutput> next = nullptr;  // takes over when `output` has ended
    Stage stage = Stage::runs;
    Time until = {};  // the stage, at most
    bool is_leaving = false;
    bool has_ended = false;  // as seen a round ago
  };
  // What prepare() has made for an output of the new configuration.
  struct Planned {
    config::OutputOptions options;
    std::uint64_t bit = 0;
    std::optional<std::size_t> place = std::nullopt;
    bool is_new = false;
    std::unique_ptr<ShippedOutput> next = nullptr;  // null: what there is goes on
  };

  Shipping(Reactor& reactor, const Clock& clock, std::string path, EncodeGap encode_gap)
      : reactor_(reactor),
        clock_(clock),
        path_(std::move(path)),
        encode_gap_(std::move(encode_gap)) {}
  Result<std::unique_ptr<ShippedOutput>> make_output(const config::OutputOptions& options,
                                                     std::size_t place);
  void tell_feeds();

  // Of a reload.
  Slot* find_slot(const std::string& name);
  Status plan(const config::Options& options, const std::string& node);
  Status assign_bits();
  Status make_planned(Planned& planned);
  void commit_planned(Planned& planned, const buffer::LaneEnds& ends);
  void enter(Slot& slot, Stage stage);
  std::uint32_t settle();
  void advance(Slot& slot);
  void take_over(Slot& slot);

  Reactor& reactor_;
  const Clock& clock_;
  const std::string path_;  // of the buffer
  const EncodeGap encode_gap_;
  buffer::OsStorage storage_;
  std::vector<ShippedWish> wishes_;  // of the configuration's outputs
  Fd lock_;                          // of the buffer
  std::unique_ptr<buffer::Buffer> buffer_;
  std::unique_ptr<BufferSink> sink_;
  boost::asio::thread_pool disk_{1};
  std::vector<Slot> outputs_;
  std::vector<Planned> planned_;
  std::vector<ShippedWish> old_wishes_;  // of undo()
  std::function<void()> tell_settled_;
  bool is_settled_ = true;
  bool is_watching_ = false;  // settle() is called again and again
  bool is_stopping_ = false;
  std::atomic<bool> is_told_{false};  // a look at the feeds is on its way
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace sorrel::agent
