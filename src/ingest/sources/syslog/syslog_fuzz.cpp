// Any bytes as messages: nothing crashes, the cuts do not matter, and what comes out obeys the rules. The first byte
// chooses the mapping.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/sources/syslog/syslog.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::ingest;

constexpr std::string_view kFields = R"(
[fields]
action = { constant = "read" }
system = { column = "app", default = "BRP" }
)";
constexpr std::string_view kCef = R"(
actor.id = { column = "cef.suser" }
time = { column = "cef.rt", format = "%Q" }
[[subjects]]
type = "other"
column = "cef.label.Person"
)";
constexpr std::string_view kJson = R"(
actor.id = { columns = ["json.user.id", "sd.a@1.user"] }
[attributes]
all = { column = "msg" }
rows = { column = "json.rows.0" }
)";
constexpr std::string_view kPairs = "actor.id = { column = \"pair.user\" }\n";

std::unique_ptr<Source> make(uint8_t choice) {
  std::string text = "format = \"syslog\"\nsource = \"f\"\nzone = \"Europe/Amsterdam\"\nyear = 2026\n";
  if (choice % 3 == 0) {
    text += "every_message_is_an_access = true\n" + std::string(kFields) + std::string(kCef);
  } else if (choice % 3 == 1) {
    text += std::string(kFields) + std::string(kJson) + "[[access]]\n\"json.kind\" = [\"read\", 1]\n";
  } else {
    text += "last_line_may_lack_its_end = true\n" + std::string(kFields) + std::string(kPairs) +
            "[[access]]\napp = \"brp\"\n[[access]]\nseverity = \"5\"\n";
  }
  return create_syslog({text, "fuzz.toml"}).value();
}

void take(uint8_t choice, std::string_view input, size_t piece_bytes, Output& output) {
  const auto source = make(choice);
  for (; !input.empty(); input.remove_prefix(std::min(piece_bytes, input.size()))) {
    source->feed(input.substr(0, piece_bytes), output);
  }
  source->finish(output);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input = as_text({data + 1, size - 1});
  Output whole;
  Output cut;
  take(data[0], input, input.size() + 1, whole);
  take(data[0], input, 1 + data[0] / 3 % 16, cut);
  WEERBAAR_CHECK(whole.events.size() == cut.events.size() && whole.refusals.size() == cut.refusals.size());
  for (size_t i = 0; i < whole.refusals.size(); ++i) {
    WEERBAAR_CHECK(whole.refusals[i].line == cut.refusals[i].line && whole.refusals[i].raw == cut.refusals[i].raw);
    WEERBAAR_CHECK(whole.refusals[i].reason == cut.refusals[i].reason);
  }
  for (size_t i = 0; i < whole.events.size(); ++i) {
    WEERBAAR_CHECK(validate(whole.events.events()[i]).has_value());
    WEERBAAR_CHECK(to_json(whole.events.events()[i]) == to_json(cut.events.events()[i]));
  }
  return 0;
}
