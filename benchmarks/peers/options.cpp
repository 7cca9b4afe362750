#include "peers/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

namespace weerbaar::benchmarks {
namespace {

// Fills the target, or says what is wrong as CLI11 wants it.
template <class T>
CLI::callback_t reading(T& target, Result<T> (*parse)(std::string_view)) {
  return [&target, parse](const CLI::results_t& texts) {
    Result<T> value = parse(texts.at(0));
    if (!value) throw CLI::ValidationError(value.error().text);
    target = std::move(*value);
    return true;
  };
}

}  // namespace

Result<uint64_t> parse_amount(std::string_view text) {
  uint64_t amount = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), amount);
  const std::string_view rest(read.ptr, static_cast<size_t>(text.data() + text.size() - read.ptr));
  const uint64_t factor = rest.empty()  ? 1
                          : rest == "k" ? 1'000
                          : rest == "M" ? 1'000'000
                          : rest == "G" ? 1'000'000'000
                                        : 0;
  if (read.ec == std::errc() && amount > 0 && factor > 0) return amount * factor;
  return fail(Code::kInvalid, fmt::format("{} is no amount: write it as 200000, 200k, 10M or 1G", text));
}

ParsedOptions parse_options(int argc, const char* const* argv) {
  ParsedOptions parsed;
  Options& options = parsed.options;
  CLI::App app("Weerbaar and what else one would keep such a log in, side by side on the same events.");
  app.add_option("--events", reading<uint64_t>(options.events, parse_amount), "how many; 10M when absent")
      ->type_name("COUNT");
  app.add_option("--memory", reading<uint64_t>(options.memory_bytes, parse_amount),
                 "for the row of scarce memory: bytes for a store, its servers and its page cache; 300M when absent")
      ->type_name("BYTES");
  app.add_option("--only", options.only, "stores, as weerbaar,sqlite; all when absent")
      ->delimiter(',')
      ->type_name("STORE");
  app.add_option("--rows", reading<std::set<Row>>(options.rows, parse_rows), "rows, as needle,disk; all when absent")
      ->type_name("ROW,...");
  app.add_option("--json", options.json_file, "also write all figures to this file")->type_name("FILE");
  app.add_option("--directory", options.directory,
                 "where the stores are made, on the disk to be measured; /var/tmp when absent")
      ->type_name("DIR");
  int64_t minutes = 10;
  app.add_option("--patience", minutes, "after which an ingest with scarce memory is cut off; 10 when absent")
      ->check(CLI::Range(1, 10'000))
      ->type_name("MINUTES");
  app.add_option("--commit", options.commit, "what is measured; ./dev bench fills it in");
  app.add_flag("--keep-page-cache", options.keep_page_cache, "do not drop it: cold is then only newly opened");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kWrongUse = 2;
    parsed.exit_code = app.exit(error) == 0 ? 0 : kWrongUse;
  }
  options.patience = std::chrono::minutes(minutes);
  return parsed;
}

}  // namespace weerbaar::benchmarks
