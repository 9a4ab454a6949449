#include "sink/bulk_ndjson.h"

#include "sink/raw_document.h"

namespace sorrel::sink {

void NdjsonFormat::append_body(std::span<const BulkFrame> frames, std::string& body) const {
  for (const BulkFrame& frame : frames) append_document(body, frame);
}

BulkAnswer NdjsonFormat::read(const HttpResponse& response, std::size_t) const {
  return read_status(response);
}

}  // namespace sorrel::sink
