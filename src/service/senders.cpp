#include "service/senders.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "ingest/registry.h"

namespace weerbaar::service {
namespace {

constexpr uint64_t kMappingBytesMax = 1 << 20;

// Over the network the halves of an access come apart: they are taken as they come, rather than lost.
std::string default_mapping(const std::string& source) {
  return fmt::format("source = \"{}\"\nhalves_may_come_alone = true\nspans_may_hold_several = true\n", source);
}

}  // namespace

Result<std::shared_ptr<const Senders>> Senders::read(const std::vector<SourceSettings>& sources, os::FileSystem& files,
                                                     const std::string& directory) {
  auto senders = std::make_shared<Senders>();
  for (const SourceSettings& source : sources) {
    Sender sender{source.name, default_mapping(source.name)};
    if (!source.mapping.empty()) {
      const std::string path = source.mapping.starts_with('/') ? source.mapping : os::join(directory, source.mapping);
      WEERBAAR_ASSIGN(const Bytes mapping, os::read_file(files, path, kMappingBytesMax));
      sender.mapping = as_text(mapping);
      WEERBAAR_TRY(ingest::make_source("otlp", {sender.mapping, source.mapping}));
    }
    senders->credentials_.add(source.token_sha256, source.certificate_subject, senders->senders_.size());
    senders->senders_.push_back(std::move(sender));
  }
  return senders;
}

const Sender* Senders::find(const http::Request& request) const {
  const auto number = credentials_.find(request);
  return number ? &senders_[*number] : nullptr;
}

}  // namespace weerbaar::service
