#include "service/senders.h"

#include <fmt/format.h>

#include <array>

#include "base/bytes.h"
#include "ingest/registry.h"
#include "trail/format/sha256.h"

namespace weerbaar::service {
namespace {

constexpr uint64_t kMappingBytesMax = 1 << 20;
constexpr std::string_view kTokenMark = "wbt_";
constexpr std::string_view kBearer = "bearer ";

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// Over the network the halves of an access come apart: they are taken as they come, rather than lost.
std::string default_mapping(const std::string& source) {
  return fmt::format("source = \"{}\"\nhalves_may_come_alone = true\nspans_may_hold_several = true\n", source);
}

}  // namespace

Result<std::shared_ptr<const Senders>> Senders::read(const std::vector<SourceSettings>& sources, os::FileSystem& files,
                                                     const std::string& directory) {
  auto senders = std::make_shared<Senders>();
  for (const SourceSettings& source : sources) {
    auto sender = std::make_unique<Sender>();
    sender->source = source.name;
    sender->mapping = default_mapping(source.name);
    if (!source.mapping.empty()) {
      const std::string path = source.mapping.starts_with('/') ? source.mapping : os::join(directory, source.mapping);
      WEERBAAR_ASSIGN(const Bytes mapping, os::read_file(files, path, kMappingBytesMax));
      sender->mapping = as_text(mapping);
      WEERBAAR_TRY(ingest::make_source("otlp", {sender->mapping, source.mapping}));
    }
    if (!source.syslog_mapping.empty()) {
      const std::string path =
          source.syslog_mapping.starts_with('/') ? source.syslog_mapping : os::join(directory, source.syslog_mapping);
      WEERBAAR_ASSIGN(const Bytes mapping, os::read_file(files, path, kMappingBytesMax));
      sender->syslog_mapping = as_text(mapping);
      WEERBAAR_TRY(ingest::make_source("syslog", {sender->syslog_mapping, source.syslog_mapping}));
    }
    if (!source.token_sha256.empty()) senders->by_token_.emplace(source.token_sha256, sender.get());
    if (!source.certificate_subject.empty()) senders->by_subject_.emplace(source.certificate_subject, sender.get());
    senders->senders_.push_back(std::move(sender));
  }
  return senders;
}

const Sender* Senders::find(const http::Request& request) const {
  const std::string_view said = request.field("authorization");
  if (!said.empty()) {
    if (!equals_ignoring_case(said.substr(0, kBearer.size()), kBearer)) return nullptr;
    const auto found = by_token_.find(token_hash(said.substr(kBearer.size())));
    return found == by_token_.end() ? nullptr : found->second;
  }
  return find_by_certificate(request.certificate_subject);
}

const Sender* Senders::find_by_certificate(std::string_view subject) const {
  if (subject.empty()) return nullptr;
  const auto found = by_subject_.find(subject);
  return found == by_subject_.end() ? nullptr : found->second;
}

Result<std::string> make_token() {
  std::array<uint8_t, 32> random{};
  WEERBAAR_TRY(os::fill_random(random));
  return std::string(kTokenMark) + to_hex(random);
}

std::string token_hash(std::string_view token) {
  return to_hex(trail::sha256(as_bytes(token)));
}

}  // namespace weerbaar::service
