#pragma once

#include "base/counter.h"

namespace sorrel::sink {

// What an http output has done. A frame is counted once in acknowledged or rejected.
struct HttpCounters {
  Counter requests;    // that were sent in full
  Counter body_bytes;  // of them, before compression
  Counter sent_bytes;  // of them, heads included, as they went to the wire or into TLS
  Counter connections;
  Counter acknowledged;  // frames; those that the collector had already are among them
  Counter duplicates;    // frames that the collector had already
  Counter rejected;      // frames to the dead letters
  Counter busy;          // requests answered with "not now" (429, 503 of Splunk)
  Counter failed;        // requests without an answer, or with one that says the collector is ill
  Counter denied;        // requests that a person has to see to: credentials, path, index
  Counter split;         // requests made smaller, to find a frame or since they were too large
  Counter retried;       // frames that were given back to be sent again
  Counter unconfirmed;   // frames sent again since no acknowledgement came in time (Splunk)
};

}  // namespace sorrel::sink
