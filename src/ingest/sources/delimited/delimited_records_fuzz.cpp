// Any bytes as records: nothing crashes, no byte gets lost unseen, and the cuts do not matter. The first byte chooses
// the mapping, the second the size of the pieces.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/sources/delimited/delimited.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::ingest;

constexpr std::string_view kFields = R"(
[fields]
id = { columns = ["A", "B"], separator = "-" }
time = { column = "B", format = "%Y%m%d%H%M%S", zone = "+01:00" }
actor.id = { column = "A" }
action = { column = "C", values = { I = "read", Z = "search" }, default = "execute" }
system = { constant = "BVR" }
records = { column = "D" }
[[subjects]]
type = "bsn"
column = "D"
pad = 9
[attributes]
terminal = { column = "C" }
)";
constexpr std::string_view kHash = R"(
[fields]
id = { hash = true }
time = { column = "B", format = "%d-%m-%Y %H:%M:%S", zone = "UTC" }
actor.id = { column = "A" }
action = { constant = "read" }
system = { constant = "BVR" }
)";
constexpr std::string_view kColumns =
    "[columns]\nA = {start=1,length=2}\nB={start=3,length=14}\nC={start=17,length=1}\nD={start=19,length=3}\n";

struct Kind {
  bool csv;
  std::string mapping;
};

const Kind& kind_of(uint8_t choice) {
  static const Kind kKinds[] = {
      {true, "format=\"csv\"\nsource=\"f\"\ndelimiter=\";\"\n" + std::string(kFields)},
      {true,
       "format=\"csv\"\nsource=\"f\"\ncode_page=\"windows-1252\"\nskip_lines=1\ntrim=\"both\"\n" + std::string(kHash)},
      {true,
       "format=\"csv\"\nsource=\"f\"\nheader=false\ndelimiter=\"¦\"\nquote=\"'\"\ncolumns=[\"A\",\"B\",\"C\",\"D\"]\n"
       "last_line_may_lack_its_end=true\n" +
           std::string(kFields)},
      {true, "format=\"csv\"\nsource=\"f\"\ncode_page=\"cp1047\"\nquote=\"\"\n" + std::string(kHash)},
      {false, "format=\"fixed\"\nsource=\"f\"\ncode_page=\"cp037\"\nrecord_length=21\n" + std::string(kColumns) +
                  std::string(kFields)},
      {false, "format=\"fixed\"\nsource=\"f\"\npad_short_lines=true\n" + std::string(kColumns) + std::string(kFields)},
  };
  return kKinds[choice % std::size(kKinds)];
}

struct Results {
  std::string text;
  size_t raw_bytes = 0;
  size_t events = 0;
};

Results run(const Kind& kind, std::string_view input, size_t piece_bytes) {
  const SourceOptions options{kind.mapping, "fuzz"};
  const auto source = kind.csv ? create_csv(options) : create_fixed(options);
  WEERBAAR_CHECK(source.has_value());
  Output output;
  while (!input.empty()) {
    const std::string piece(input.substr(0, piece_bytes));
    input.remove_prefix(piece.size());
    (*source)->feed(piece, output);
  }
  (*source)->finish(output);
  Results results;
  for (const AccessEvent& event : output.events.events()) {
    WEERBAAR_CHECK(validate(event).has_value());
    append_json(results.text, event);
    ++results.events;
  }
  for (const Refusal& refusal : output.refusals) {
    results.text += std::to_string(refusal.line) + refusal.reason + refusal.raw;
    results.raw_bytes += refusal.raw.size();
  }
  return results;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Kind& kind = kind_of(data[0]);
  const Results whole = run(kind, input, input.size() + 1);
  const Results pieces = run(kind, input, data[1] % 37 + size_t{1});
  WEERBAAR_CHECK(whole.text == pieces.text);
  WEERBAAR_CHECK(whole.raw_bytes <= input.size());
  return 0;
}
