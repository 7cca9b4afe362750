#include "ingest/source.h"

namespace weerbaar::ingest {

void Output::accept(const AccessEvent& event, uint64_t line, std::string_view raw) {
  if (Status status = validate(event); !status) {
    refuse(line, std::move(status.error().text), raw);
    return;
  }
  events.add(event);
  ++accepted;
}

void Output::refuse(uint64_t line, std::string reason, std::string_view raw) {
  refusals.push_back({line, std::move(reason), std::string(raw.substr(0, kLineBytesMax))});
}

}  // namespace weerbaar::ingest
