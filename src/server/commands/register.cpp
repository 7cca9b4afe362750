#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "os/process.h"
#include "register/fact_file.h"
#include "register/formats.h"
#include "register/register.h"
#include "server/commands.h"
#include "server/fact_import.h"
#include "trail/format/sha256.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kFactFileBytesMax = uint64_t{4} << 30U;
constexpr uint64_t kMappingBytesMax = uint64_t{4} << 20U;

std::string name_of(const std::string& path) {
  return path == "-" ? "standard input" : path.substr(path.rfind('/') + 1);
}

Result<Bytes> read_standard_input(uint64_t bytes_max) {
  WEERBAAR_ASSIGN(const std::unique_ptr<os::InputStream> input, os::open_input("-"));
  constexpr size_t kPiece = size_t{1} << 20U;
  Bytes all;
  for (size_t size = 0;; size = all.size()) {
    all.resize(size + kPiece);
    WEERBAAR_ASSIGN(const size_t count, input->read(std::span(all).subspan(size)));
    all.resize(size + count);
    if (count == 0) return all;
    if (all.size() > bytes_max) {
      return fail(Code::kInvalid,
                  fmt::format("standard input: it may have {} bytes; is it the right file?", bytes_max));
    }
  }
}

template <class Named>
std::string names_of(const Named& all) {
  std::vector<std::string_view> names;
  for (const auto& one : all) names.push_back(one.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// A file that was read, and how its facts are to be taken.
struct Opened {
  Bytes file;
  std::string mapping_digest;  // empty without a mapping
  std::unique_ptr<facts::Delivery> delivery;
  facts::Source source;
};

// What the options ask of a snapshot must fit what is delivered. Gives whether it is one.
Result<bool> check_snapshot(const RegisterImportOptions& options, const facts::DeliveryFormat* format) {
  const bool is_snapshot = options.is_snapshot || (format != nullptr && !format->knows_history);
  if (options.as_of && !is_snapshot) {
    return fail(Code::kInvalid, "--as-of is the moment of a snapshot: add --snapshot, or leave it out");
  }
  if (options.as_of && *options.as_of > os::now()) {
    return fail(Code::kInvalid, "--as-of lies in the future: nobody knows yet what is so then");
  }
  if (is_snapshot && format == nullptr && options.origin.empty()) {
    return fail(
        Code::kInvalid,
        "--snapshot needs --origin NAME: what that origin said before and says no more will end, and nothing of "
        "others");
  }
  return is_snapshot;
}

Status check_origin(std::string_view origin) {
  if (origin.size() <= kNameBytesMax && is_utf8(origin) && origin.find_first_of("\n\r") == std::string_view::npos) {
    return {};
  }
  return fail(Code::kInvalid, fmt::format("the origin must be a text of at most {} bytes on one line", kNameBytesMax));
}

Result<Opened> open_facts(const RegisterImportOptions& options, os::FileSystem& files) {
  const facts::Table* const table = facts::find_table(options.what);
  const facts::DeliveryFormat* const format = facts::find_delivery_format(options.what);
  if (table == nullptr && format == nullptr) {
    return fail(Code::kInvalid,
                fmt::format("\"{}\" is no table of the register: {}; and no format of deliveries: {}", options.what,
                            names_of(facts::tables()), names_of(facts::delivery_formats())));
  }
  if (format == nullptr && !options.mapping.empty()) {
    return fail(Code::kInvalid, "--mapping: the columns of CSV have the names of the table, and need none");
  }
  WEERBAAR_ASSIGN(const bool is_snapshot, check_snapshot(options, format));
  facts::DeliveryMapping mapping;
  Opened opened;
  if (format != nullptr) {
    Bytes text;
    if (!options.mapping.empty()) {
      WEERBAAR_ASSIGN(text, os::read_file(files, options.mapping, kMappingBytesMax));
      opened.mapping_digest = to_hex(trail::sha256(text));
    }
    WEERBAAR_ASSIGN(mapping, facts::parse_delivery_mapping(format->name, as_text(text), options.mapping));
  }
  // The standard input gives no size that could be asked first.
  if (options.file == "-") {
    WEERBAAR_ASSIGN(opened.file, read_standard_input(kFactFileBytesMax));
  } else {
    WEERBAAR_ASSIGN(opened.file, os::read_file(files, options.file, kFactFileBytesMax));
  }
  opened.source = {name_of(options.file), to_hex(trail::sha256(opened.file)), os::user_name(), os::now()};
  opened.source.origin = format == nullptr ? "csv" : std::string(format->name);
  if (!mapping.origin.empty()) opened.source.origin = mapping.origin;
  if (!options.origin.empty()) opened.source.origin = options.origin;
  WEERBAAR_TRY(check_origin(opened.source.origin));
  if (is_snapshot) opened.source.snapshot_at = options.as_of.value_or(opened.source.made_at);
  if (format != nullptr) {
    opened.delivery = format->open(as_text(opened.file), std::move(mapping), is_snapshot);
    return opened;
  }
  auto delivery = facts::open_fact_file(*table, as_text(opened.file));
  if (!delivery) return fail_in(name_of(options.file), delivery.error());
  opened.delivery = std::move(*delivery);
  return opened;
}

void tell(const facts::ImportReport& report, const Opened& opened, const std::string& file, Console& console) {
  for (const facts::Refusal& refusal : report.refusals) {
    const std::string place = facts::name_place(opened.delivery->format(), refusal.place);
    console.note(fmt::format("Refused: {}, {}: {}", file, place, refusal.why));
  }
  if (report.refused > report.refusals.size()) {
    console.note(fmt::format("… and {} more.", grouped(report.refused - report.refusals.size())));
  }
  if (report.kept > 0) {
    console.note(fmt::format(
        "Not in the snapshot, and yet not ended: {}. Of their tables something was refused that may be what "
        "is missing: mend that, and deliver again.",
        counted(report.kept, "fact", "facts")));
  }
  if (console.json()) {
    nlohmann::ordered_json json = counts_json(report);
    json["accepted"] = report.added + report.corrected + report.unchanged + report.withdrawn;
    console.result(to_line(json));
    return;
  }
  std::string ended;
  if (report.withdrawn > 0) ended = fmt::format("{} withdrawn, ", grouped(report.withdrawn));
  if (opened.source.snapshot_at) ended += fmt::format("{} ended, ", grouped(report.ended));
  console.result(fmt::format("Import {}: {} new, {} in the place of others, {} there already, {}{} refused",
                             report.number, counted(report.added, "fact", "facts"), grouped(report.corrected),
                             grouped(report.unchanged), ended, grouped(report.refused)));
}

}  // namespace

Result<int> run_register_import(const RegisterImportOptions& options, Console& console) {
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  WEERBAAR_ASSIGN(const Opened opened, open_facts(options, files));
  WEERBAAR_ASSIGN(const std::unique_ptr<os::Lock> turn, data.lock_register());
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data.open_register());
  auto report = import_facts(*turn, [&data](const auto& work) { return data.with_trail(work); }, *facts,
                             *opened.delivery, {opened.source, options.what, opened.mapping_digest});
  // What is wrong with the register, or with the trail, is not in the file.
  if (!report && report.error().code == Code::kCorrupt) return std::unexpected(report.error());
  const std::string& shown = options.file == "-" ? opened.source.name : options.file;
  if (!report) return fail_in(shown, report.error());
  tell(*report, opened, shown, console);
  return report->refused == 0 ? kExitYes : kExitNegative;
}

Result<int> run_register_restored(const RegisterRestoredOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<os::Lock> turn, data.lock_register());
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data.open_register());
  WEERBAAR_ASSIGN(const uint64_t undone, take_restored(*turn, *trail, *facts, options.purpose));
  WEERBAAR_ASSIGN(const uint64_t last, facts->imports());
  if (console.json()) {
    console.result(to_line({{"undone", undone}, {"last_import", last}}));
  } else if (undone == 0) {
    console.result("The register is what the trail says: nothing was put back.");
  } else {
    console.result(fmt::format("Recorded: the register holds {}; undone: {}. Deliver again what was undone.",
                               counted(last, "import", "imports"), counted(undone, "later one", "later ones")));
  }
  return kExitYes;
}

}  // namespace weerbaar::server
