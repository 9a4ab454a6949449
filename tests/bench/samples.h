#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "record/datagram.h"

namespace sorrel::bench {

// What the parsers and encoders are measured with: our recordings of a real kernel, taken apart as
// far as each of them needs. Views live as long as the samples.
struct Samples {
  struct Body {
    record::RecordType type = 0;
    std::string_view text;  // followed by what record::Parser wants behind it
  };

  std::string text;                         // whole logs
  std::string audrec;                       // whole recordings
  std::vector<std::string_view> lines;      // of `text`
  std::vector<record::Datagram> datagrams;  // of `lines`
  std::vector<Body> bodies;                 // of `datagrams`
  std::vector<std::string_view> values;     // what escape_to() gets, with bytes to read behind them
  std::vector<std::string_view> hex;        // those of the values that are hex
  std::vector<std::string> addresses;       // the bytes of SOCKADDR's saddr
  std::vector<std::unique_ptr<event::Event>> events;
  std::string configuration;  // config/sorrel.yaml

  std::vector<std::unique_ptr<char[]>> memory;  // what bodies and values view
};

// Reads the recordings of `folder` (tests/golden/recordings) whose names begin with `name`, and the
// file `configuration`. Ends the program, with a message, when one cannot be read.
std::unique_ptr<Samples> read_samples(const std::string& folder, const std::string& name,
                                      const std::string& configuration);

}  // namespace sorrel::bench
