#include "output_sink.h"

#include <random>
#include <utility>

#include "base/clock.h"
#include "sink/connector.h"
#include "sink/http_sink.h"
#include "sink/kafka_sink.h"
#include "sink/relp_sink.h"
#include "sink/syslog_sink.h"
#include "sink/udp_sink.h"

namespace sorrel::sorrelctl {
namespace {

namespace asio = boost::asio;
using config::OutputOptions;
using config::OutputType;
using Connector = std::unique_ptr<sink::NetConnector>;

template <class Sink>
class Made final : public OutputSink {
 public:
  Made(std::unique_ptr<Sink> sink, std::string step, std::unique_ptr<SystemClock> clock = nullptr,
       Connector connector = nullptr)
      : clock_(std::move(clock)),
        connector_(std::move(connector)),
        step_(std::move(step)),
        sink_(std::move(sink)) {}
  asio::awaitable<void> run() override { return sink_->run(); }
  void stop() override { sink_->stop(); }
  const std::string& trouble() const override { return sink_->trouble(); }
  std::string step() const override {
    if (!connector_) return step_;
    const sink::ConnectStep failed = connector_->failed_step();
    return failed == sink::ConnectStep::done ? step_ : sink::connect_step_name(failed);
  }

 private:
  const std::unique_ptr<SystemClock> clock_;
  const Connector connector_;
  const std::string step_;
  const std::unique_ptr<Sink> sink_;
};

using Created = Result<std::unique_ptr<OutputSink>>;

Created make_connected(const OutputOptions& output, const asio::any_io_executor& executor,
                       sink::Feed& feed) {
  auto clock = std::make_unique<SystemClock>();
  auto random = [engine = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
  auto connector =
      sink::NetConnector::create(output.name, output.network, executor, *clock, std::move(random));
  if (!connector) return Unexpected<Error>(std::move(connector).error());
  const std::string step = "answer";
  if (output.type == OutputType::http) {
    auto made =
        sink::HttpSink::create(output.name, output.http, executor, feed, **connector, *clock);
    if (!made) return Unexpected<Error>(std::move(made).error());
    return Created(std::make_unique<Made<sink::HttpSink>>(*std::move(made), step, std::move(clock),
                                                          *std::move(connector)));
  }
  std::unique_ptr<sink::StreamSink> made;
  if (output.type == OutputType::relp) {
    made = std::make_unique<sink::RelpSink>(output.name, output.relp, executor, feed, **connector);
  } else {
    made =
        std::make_unique<sink::SyslogSink>(output.name, output.syslog, executor, feed, **connector);
  }
  return Created(std::make_unique<Made<sink::StreamSink>>(std::move(made), step, std::move(clock),
                                                          *std::move(connector)));
}

}  // namespace

Result<std::unique_ptr<OutputSink>> OutputSink::create(const OutputOptions& output,
                                                       const asio::any_io_executor& executor,
                                                       sink::Feed& feed) {
  if (output.type == OutputType::kafka) {
    auto made = sink::make_kafka_sink(output.name, output.kafka, executor, feed);
    if (!made) return Unexpected<Error>(std::move(made).error());
    return Created(std::make_unique<Made<sink::KafkaSink>>(*std::move(made), "Kafka"));
  }
  if (output.type == OutputType::syslog_udp) {
    auto made = sink::UdpSink::create(output.name, output.udp, executor, feed);
    if (!made) return Unexpected<Error>(std::move(made).error());
    return Created(std::make_unique<Made<sink::UdpSink>>(*std::move(made), "UDP"));
  }
  return make_connected(output, executor, feed);
}

}  // namespace sorrel::sorrelctl
