#include "service/senders.h"

#include <fmt/format.h>

#include "ingest/registry.h"
#include "service/named_file.h"

namespace weerbaar::service {
namespace {

constexpr uint64_t kMappingBytesMax = 1 << 20;

// Over the network the halves of an access come apart: one whose other half never came is taken alone, rather than
// lost.
std::string default_mapping(const std::string& source) {
  return fmt::format("source = \"{}\"\nhalves_may_come_alone = true\nspans_may_hold_several = true\n", source);
}

}  // namespace

Sender Sender::by_default(std::string source) {
  Sender sender;
  sender.mapping = default_mapping(source);
  sender.otlp_mapping.source = source;
  sender.otlp_mapping.halves_may_come_alone = true;
  sender.otlp_mapping.spans_may_hold_several = true;
  sender.source = std::move(source);
  return sender;
}

Result<std::shared_ptr<const Senders>> Senders::read(const std::vector<SourceSettings>& sources, os::FileSystem& files,
                                                     const std::string& directory) {
  auto senders = std::make_shared<Senders>();
  for (const SourceSettings& source : sources) {
    auto sender = std::make_unique<Sender>(Sender::by_default(source.name));
    sender->join_within = source.join_within;
    sender->heartbeat = source.heartbeat;
    sender->sequence_attribute = source.sequence_attribute;
    sender->counter_attribute = source.counter_attribute;
    if (!source.mapping.empty()) {
      const std::string setting = fmt::format("serve.source.mapping of {}", source.name);
      WEERBAAR_ASSIGN(sender->mapping, read_named_file(files, directory, setting, source.mapping, kMappingBytesMax));
      WEERBAAR_ASSIGN(sender->otlp_mapping, ingest::otlp::read_mapping({sender->mapping, source.mapping}));
    }
    if (!source.syslog_mapping.empty()) {
      const std::string setting = fmt::format("serve.source.syslog_mapping of {}", source.name);
      WEERBAAR_ASSIGN(sender->syslog_mapping,
                      read_named_file(files, directory, setting, source.syslog_mapping, kMappingBytesMax));
      WEERBAAR_TRY(ingest::make_source("syslog", {sender->syslog_mapping, source.syslog_mapping}));
    }
    for (const std::string& text : source.syslog_addresses) {
      WEERBAAR_ASSIGN(const http::AddressRange range, http::parse_address_range(text));
      if (!senders->addresses_.add(range, senders->senders_.size())) {
        return fail(Code::kInvalid,
                    "two sources have the same range in syslog_addresses: nobody could tell them apart");
      }
    }
    senders->credentials_.add(source.token_sha256, source.certificate_subject, senders->senders_.size());
    senders->senders_.push_back(std::move(sender));
  }
  return senders;
}

const Sender* Senders::find(const http::Request& request) const {
  const auto number = credentials_.find(request);
  return number ? senders_[*number].get() : nullptr;
}

const Sender* Senders::find_by_certificate(std::string_view subject) const {
  const auto number = credentials_.find_by_certificate(subject);
  return number ? senders_[*number].get() : nullptr;
}

const Sender* Senders::find_by_address(std::string_view address) const {
  const auto number = addresses_.find(address);
  return number ? senders_[*number].get() : nullptr;
}

}  // namespace weerbaar::service
