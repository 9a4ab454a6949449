#include "sorreld/shipped_output.h"

#include <sys/stat.h>

#include <ctime>
#include <exception>
#include <random>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "base/exception_text.h"
#include "base/log.h"
#include "sink/connector.h"
#include "sink/http_sink.h"
#include "sink/kafka_sink.h"
#include "sink/relp_sink.h"
#include "sink/syslog_sink.h"
#include "sink/udp_sink.h"

namespace sorrel::agent {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t kDayS = 86'400;

const char* type_name(config::OutputType type) {
  constexpr const char* kNames[] = {"file", "syslog", "relp", "http", "kafka", "syslog_udp"};
  return kNames[static_cast<std::size_t>(type)];
}

sink::EndpointList::Random random_numbers() {
  return [engine = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

// What every sink knows of itself.
template <class Sink>
void copy(const Sink& sink, ShippedStatus& status) {
  status.acknowledged = sink.counters().acknowledged.value();
  status.rejected = sink.counters().rejected.value();
  status.sent_bytes = sink.counters().sent_bytes.value();
  status.trouble = sink.trouble();
}

// What all types have in common.
class Common : public ShippedOutput {
 public:
  Common(const config::OutputOptions& options, const Place& place)
      : options_(options),
        executor_(place.executor),
        dead_letters_(options.name, place.dead_letters),
        feed_(*place.buffer, place.output, options.format, place.executor, place.disk,
              dead_letters_, place.encode_gap) {}

  void start() override {
    asio::co_spawn(executor_, run(), [this](std::exception_ptr escaped) {
      has_ended_ = true;
      if (!escaped) return;
      log(Level::error, "an output failed and has ended; its events stay in the buffer",
          {{"output", options_.name}, {"error", text_of(escaped)}});
    });
  }
  void finish() override { feed_.stop(); }
  bool has_ended() const override { return has_ended_; }
  sink::LogFeed& feed() override { return feed_; }
  ShippedStatus status() const override {
    ShippedStatus status;
    status.name = options_.name;
    status.type = type_name(options_.type);
    status.lag = feed_.lag();
    status.gap_frames = feed_.counters().gap_frames.value();
    status.dead_letters = dead_letters_.counters().written.value();
    status.dead_letters_dropped = dead_letters_.counters().dropped.value();
    fill(status);
    status.state = has_ended_ ? "stopped" : (status.trouble.empty() ? "connected" : "trying");
    return status;
  }

 protected:
  virtual asio::awaitable<void> run() = 0;
  virtual void fill(ShippedStatus& status) const = 0;

  const config::OutputOptions options_;
  const asio::any_io_executor executor_;
  sink::DeadLetters dead_letters_;
  sink::LogFeed feed_;
  bool has_ended_ = false;
};

// Over connections that we make ourselves.
class Connected : public Common {
 public:
  Connected(const config::OutputOptions& options, const Place& place,
            std::unique_ptr<sink::NetConnector> connector)
      : Common(options, place), connector_(std::move(connector)) {}
  void refresh() override { connector_->refresh(); }

 protected:
  void add_certificate(ShippedStatus& status) const {
    const sink::TlsContexts* const tls = connector_->tls();
    if (tls == nullptr) return;
    if (const auto ends_s = tls->current()->ends_s()) {
      status.certificate_days = (*ends_s - std::time(nullptr)) / kDayS;
    }
    if (status.trouble.empty()) status.trouble = tls->trouble();
  }
  const std::unique_ptr<sink::NetConnector> connector_;
};

class Streaming final : public Connected {
 public:
  Streaming(const config::OutputOptions& options, const Place& place,
            std::unique_ptr<sink::NetConnector> connector)
      : Connected(options, place, std::move(connector)) {
    if (options.type == config::OutputType::relp) {
      sink_ = std::make_unique<sink::RelpSink>(options.name, options.relp, executor_, feed_,
                                               *connector_);
    } else {
      sink_ = std::make_unique<sink::SyslogSink>(options.name, options.syslog, executor_, feed_,
                                                 *connector_);
    }
  }
  void abort() override { sink_->stop(); }

 private:
  asio::awaitable<void> run() override { return sink_->run(); }
  void fill(ShippedStatus& status) const override {
    copy(*sink_, status);
    status.peer = sink_->peer();
    add_certificate(status);
  }
  std::unique_ptr<sink::StreamSink> sink_;
};

class Http final : public Connected {
 public:
  Http(const config::OutputOptions& options, const Place& place,
       std::unique_ptr<sink::NetConnector> connector)
      : Connected(options, place, std::move(connector)) {}
  Status make_sink(const Clock& clock) {
    auto made =
        sink::HttpSink::create(options_.name, options_.http, executor_, feed_, *connector_, clock);
    if (!made) return Unexpected<Error>(std::move(made).error());
    sink_ = *std::move(made);
    return Ok{};
  }
  void abort() override { sink_->stop(); }

 private:
  asio::awaitable<void> run() override { return sink_->run(); }
  void fill(ShippedStatus& status) const override {
    copy(*sink_, status);
    status.peer = sink_->peer();
    add_certificate(status);
  }
  std::unique_ptr<sink::HttpSink> sink_;
};

class Udp final : public Common {
 public:
  using Common::Common;
  Status make_sink() {
    log(Level::warning,
        "an output sends events over UDP: unencrypted, and what is lost on the way is not noticed",
        {{"output", options_.name}});
    auto made = sink::UdpSink::create(options_.name, options_.udp, executor_, feed_);
    if (!made) return Unexpected<Error>(std::move(made).error());
    sink_ = *std::move(made);
    return Ok{};
  }
  void abort() override { sink_->stop(); }
  void refresh() override {}

 private:
  asio::awaitable<void> run() override { return sink_->run(); }
  void fill(ShippedStatus& status) const override {
    copy(*sink_, status);
    status.peer = sink_->peer();
  }
  std::unique_ptr<sink::UdpSink> sink_;
};

class Kafka final : public Common {
 public:
  using Common::Common;
  Status make_sink() {
    auto made = sink::make_kafka_sink(options_.name, options_.kafka, executor_, feed_);
    if (!made) return Unexpected<Error>(std::move(made).error());
    sink_ = *std::move(made);
    stamp_ = stamp();
    return Ok{};
  }
  void abort() override { sink_->stop(); }
  void refresh() override {
    std::string now = stamp();
    if (now == stamp_) return;
    stamp_ = std::move(now);
    if (const Status reloaded = sink_->reload(); !reloaded) {
      log(Level::warning, "new TLS files cannot be used; the old ones stay in use",
          {{"output", options_.name}, {"error", reloaded.error().to_string()}});
    }
  }

 private:
  std::string stamp() const {
    std::string text;
    const sink::KafkaTlsOptions& tls = options_.kafka.tls;
    for (const std::string* path : {&tls.ca_file, &tls.crl_file, &tls.cert_file, &tls.key_file,
                                    &options_.kafka.sasl.password_file}) {
      struct stat status {};
      if (path->empty() || ::stat(path->c_str(), &status) != 0) continue;
      text += std::to_string(status.st_ino) + ':' + std::to_string(status.st_mtim.tv_sec) + '.' +
              std::to_string(status.st_mtim.tv_nsec) + ' ';
    }
    return text;
  }
  asio::awaitable<void> run() override { return sink_->run(); }
  void fill(ShippedStatus& status) const override { copy(*sink_, status); }
  std::unique_ptr<sink::KafkaSink> sink_;
  std::string stamp_;
};

template <class Output>
Result<std::unique_ptr<ShippedOutput>> make(const config::OutputOptions& options,
                                            const ShippedOutput::Place& place) {
  auto made = std::make_unique<Output>(options, place);
  if (const Status ready = made->make_sink(); !ready) return Unexpected<Error>(ready.error());
  return std::unique_ptr<ShippedOutput>(std::move(made));
}

Result<std::unique_ptr<sink::NetConnector>> make_connector(const config::OutputOptions& options,
                                                           const ShippedOutput::Place& place) {
  if (!options.network.tls.is_on) {
    log(Level::warning, "an output sends events unencrypted, to whoever answers (tls: none)",
        {{"output", options.name}});
  }
  return sink::NetConnector::create(options.name, options.network, place.executor, *place.clock,
                                    random_numbers());
}

}  // namespace

Result<std::unique_ptr<ShippedOutput>> ShippedOutput::create(const config::OutputOptions& options,
                                                             Place place) {
  if (options.type == config::OutputType::kafka) return make<Kafka>(options, place);
  if (options.type == config::OutputType::syslog_udp) return make<Udp>(options, place);
  auto connector = make_connector(options, place);
  if (!connector) return Unexpected<Error>(std::move(connector).error());
  if (options.type != config::OutputType::http) {
    return std::unique_ptr<ShippedOutput>(
        std::make_unique<Streaming>(options, place, *std::move(connector)));
  }
  auto made = std::make_unique<Http>(options, place, *std::move(connector));
  if (const Status ready = made->make_sink(*place.clock); !ready) {
    return Unexpected<Error>(ready.error());
  }
  return std::unique_ptr<ShippedOutput>(std::move(made));
}

}  // namespace sorrel::agent
