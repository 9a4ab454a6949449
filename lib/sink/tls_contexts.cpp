// TlsContexts: certificates that change while the daemon runs.
#include <sys/stat.h>

#include <utility>

#include "base/log.h"
#include "sink/tls_context.h"

namespace sorrel::sink {

Result<std::unique_ptr<TlsContexts>> TlsContexts::create(std::string output,
                                                         const TlsOptions& options) {
  std::unique_ptr<TlsContexts> made(new TlsContexts(std::move(output), options));
  made->stamp_ = made->stamp();
  auto loaded = TlsContext::load(options);
  if (!loaded) return Unexpected<Error>(std::move(loaded).error());
  made->current_ = *std::move(loaded);
  return made;
}

// What tells one state of the files from another. stat() follows links, so that a swapped one
// shows.
std::string TlsContexts::stamp() const {
  std::string text;
  for (const std::string* path : {&options_.ca, &options_.crl, &options_.cert, &options_.key}) {
    struct stat status {};
    if (path->empty() || ::stat(path->c_str(), &status) != 0) {
      text += "- ";
      continue;
    }
    text += std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) + ':' +
            std::to_string(status.st_size) + ':' + std::to_string(status.st_mtim.tv_sec) + '.' +
            std::to_string(status.st_mtim.tv_nsec) + ' ';
  }
  return text;
}

void TlsContexts::refresh() {
  std::string now = stamp();
  if (now == stamp_) return;
  stamp_ = std::move(now);
  auto loaded = TlsContext::load(options_);
  if (!loaded) {
    // A file may be half written: its next change is seen, too.
    trouble_ = loaded.error().to_string();
    log(Level::warning, "new TLS files cannot be used; the old ones stay in use",
        {{"output", output_}, {"error", trouble_}});
    return;
  }
  trouble_.clear();
  current_->set_replaced();
  current_ = *std::move(loaded);
  log(Level::info, "new TLS files are in use for new connections", {{"output", output_}});
}

}  // namespace sorrel::sink
