#include "ingest/source.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

#include "base/bytes.h"

namespace weerbaar::ingest {

uint64_t counter_of(std::string_view name) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> hash{};
  const ByteView bytes = as_bytes(name);
  SHA256(bytes.data(), bytes.size(), hash.data());
  return load_be<uint64_t>(hash.data());
}

std::string another_source(std::string_view own) {
  return fmt::format("source must be \"{}\": this sender writes as nobody else", own);
}

void Output::accept(const AccessEvent& event, uint64_t line, std::string_view raw) {
  if (Status status = validate(event); !status) {
    refuse(line, std::move(status.error().text), raw);
    return;
  }
  if (!only_source.empty() && event.source != only_source) {
    refuse(line, another_source(only_source), raw);
    return;
  }
  events.add(event);
  ++accepted;
}

void Output::refuse(uint64_t line, std::string reason, std::string_view raw) {
  refusals.push_back({line, std::move(reason), std::string(raw.substr(0, raw_bytes_max)), raw.size() > raw_bytes_max});
}

}  // namespace weerbaar::ingest
