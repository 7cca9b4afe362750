#include "ingest/sources/delimited/mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <limits>

#include "base/toml.h"

namespace weerbaar::ingest::delimited {
namespace {

constexpr int64_t kSkipLinesMax = 1'000'000;
constexpr int64_t kRecordLengthMax = static_cast<int64_t>(kLineBytesMax);
constexpr size_t kColumnsMax = 4'096;
// Of one connection or file; identical messages lie near each other.
constexpr size_t kRecentMessages = 10'000;
// As the syslog source writes the column "time".
constexpr std::string_view kHeaderTimeFormat = "%Y-%m-%dT%H:%M:%S.%f%z";

constexpr std::string_view kFieldGroups[] = {"actor", "purpose", "workplace", "trace"};
constexpr std::string_view kRuleKeys[] = {"column", "columns", "separator", "constant",
                                          "values", "default", "empty",     "pad"};

using Names = std::vector<std::string_view>;

Names with(std::initializer_list<std::string_view> more) {
  Names names(std::begin(kRuleKeys), std::end(kRuleKeys));
  names.insert(names.end(), more);
  return names;
}

class MappingReader {
 public:
  MappingReader(const SourceOptions& options, Format format, os::FileSystem& files)
      : file_(options.mapping_name.empty() ? "mapping" : options.mapping_name), format_(format), files_(files) {}

  Result<Mapping> read(std::string_view text) {
    WEERBAAR_ASSIGN(const toml::table root, parse_toml(text, file_));
    mapping_.name = file_;
    mapping_.format = format_;
    WEERBAAR_TRY(read_format(root));
    if (format_ == Format::kCsv) WEERBAAR_TRY(read_csv(root));
    if (format_ == Format::kFixed) WEERBAAR_TRY(read_fixed(root));
    if (format_ == Format::kSyslog) WEERBAAR_TRY(read_syslog(root));
    WEERBAAR_TRY(read_fields(root));
    WEERBAAR_TRY(read_subjects(root));
    WEERBAAR_TRY(read_attributes(root));
    return std::move(mapping_);
  }

 private:
  [[nodiscard]] std::unexpected<Error> error(const toml::source_position& at, std::string_view text) const {
    return fail(Code::kInvalid, fmt::format("{}:{}:{}: {}", file_, at.line, at.column, text));
  }
  [[nodiscard]] std::unexpected<Error> error(const toml::node& node, std::string_view text) const {
    return error(node.source().begin, text);
  }

  // --- values of one type
  // ---------------------------------------------------------------------------------------------

  Status check_keys(const toml::table& table, std::string_view place, std::span<const std::string_view> known) const {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      return error(key.source().begin,
                   fmt::format("{} has an unknown key \"{}\": known are {}", place, key.str(), fmt::join(known, ", ")));
    }
    return {};
  }

  Result<std::string> text_of(const toml::node& node, std::string_view what) const {
    if (!node.is_string()) return error(node, fmt::format("{} must be a text in quotes", what));
    return node.as_string()->get();
  }

  Result<int64_t> number_of(const toml::node& node, std::string_view what, int64_t min, int64_t max) const {
    const int64_t number = node.is_integer() ? node.as_integer()->get() : std::numeric_limits<int64_t>::min();
    if (number < min || number > max) {
      return error(node, fmt::format("{} must be a whole number from {} to {}", what, min, max));
    }
    return number;
  }

  Status read_switch(const toml::table& table, std::string_view key, bool& to) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    if (!node->is_boolean()) return error(*node, fmt::format("{} must be true or false", key));
    to = node->as_boolean()->get();
    return {};
  }

  Status read_text(const toml::table& table, std::string_view key, std::string& to) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    WEERBAAR_ASSIGN(to, text_of(*node, key));
    return {};
  }

  // One of `words`; its position among them.
  Result<size_t> word_of(const toml::table& table, std::string_view key, std::initializer_list<std::string_view> words,
                         size_t otherwise) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return otherwise;
    WEERBAAR_ASSIGN(const std::string word, text_of(*node, key));
    const auto* found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) return error(*node, fmt::format("{} must be one of {}", key, fmt::join(words, ", ")));
    return static_cast<size_t>(found - words.begin());
  }

  Result<const toml::table*> table_of(const toml::node& node, std::string_view what) const {
    if (!node.is_table()) return error(node, fmt::format("{} must be a table, such as {{ column = \"…\" }}", what));
    return node.as_table();
  }

  Result<std::vector<std::string>> texts_of(const toml::node& node, std::string_view what) const {
    std::vector<std::string> texts;
    if (!node.is_array()) return error(node, fmt::format("{} must be a list of texts", what));
    for (const toml::node& item : *node.as_array()) {
      WEERBAAR_ASSIGN(std::string text, text_of(item, what));
      texts.push_back(std::move(text));
    }
    return texts;
  }

  // A text, whole number, boolean, or where `lists` a list of texts, as texts.
  Result<Texts> scalar_of(const toml::node& node, std::string_view what, bool lists) const {
    if (lists && node.is_array()) return texts_of(node, what);
    if (node.is_integer()) return Texts{std::to_string(node.as_integer()->get())};
    if (node.is_boolean()) return Texts{node.as_boolean()->get() ? "true" : "false"};
    WEERBAAR_ASSIGN(std::string text, text_of(node, what));
    return Texts{std::move(text)};
  }

  // --- the input
  // ------------------------------------------------------------------------------------------------------

  Status read_format(const toml::table& root) {
    constexpr std::string_view kFormatNames[] = {"csv", "fixed", "syslog"};
    const std::string_view expected = kFormatNames[static_cast<size_t>(format_)];
    const toml::node* format = root.get("format");
    if (format == nullptr) return error(root, fmt::format("format is missing: add format = \"{}\"", expected));
    WEERBAAR_ASSIGN(const std::string word, text_of(*format, "format"));
    if (word != expected) {
      return error(*format,
                   fmt::format("the mapping is for format \"{}\", the input is read as {}: use --format with the "
                               "format of the mapping",
                               word, expected));
    }
    const toml::node* source = root.get("source");
    if (source == nullptr) return error(root, "source is missing: add the name of the source that delivers this");
    WEERBAAR_ASSIGN(mapping_.source, text_of(*source, "source"));
    if (mapping_.source.empty() || mapping_.source.size() > kNameBytesMax) {
      return error(*source, fmt::format("source must be 1 to {} bytes long", kNameBytesMax));
    }
    std::string page = "utf-8";
    WEERBAAR_TRY(read_text(root, "code_page", page));
    mapping_.code_page = CodePage::find(page);
    if (mapping_.code_page == nullptr) {
      return error(*root.get("code_page"), fmt::format("code_page is unknown: known are {}", CodePage::names()));
    }
    mapping_.dialect.line_ends = mapping_.code_page->line_ends();
    if (mapping_.code_page->is_multibyte()) mapping_.dialect.mark = "\xEF\xBB\xBF";
    const size_t trim = format_ == Format::kFixed ? 1 : 0;
    WEERBAAR_ASSIGN(const size_t word_trim, word_of(root, "trim", {"none", "right", "both"}, trim));
    mapping_.trim = static_cast<Trim>(word_trim);
    WEERBAAR_TRY(read_switch(root, "last_line_may_lack_its_end", mapping_.dialect.last_line_may_lack_its_end));
    const toml::node* skip = root.get("skip_lines");
    if (skip == nullptr) return {};
    WEERBAAR_ASSIGN(const int64_t lines, number_of(*skip, "skip_lines", 0, kSkipLinesMax));
    mapping_.dialect.skip_lines = static_cast<uint64_t>(lines);
    return {};
  }

  Status read_csv(const toml::table& root) {
    constexpr std::string_view kKeys[] = {"format",    "source",  "code_page",  "delimiter",
                                          "quote",     "header",  "skip_lines", "last_line_may_lack_its_end",
                                          "trim",      "columns", "fields",     "subjects",
                                          "attributes"};
    WEERBAAR_TRY(check_keys(root, "a csv mapping", kKeys));
    WEERBAAR_TRY(read_delimiters(root));
    WEERBAAR_TRY(read_switch(root, "header", mapping_.header));
    const toml::node* columns = root.get("columns");
    if (mapping_.header) {
      if (columns != nullptr)
        return error(*columns, "columns is given, but the header names them: drop one of the two");
      return {};
    }
    if (columns == nullptr) return error(root, "columns is missing: without header it must list every column in order");
    WEERBAAR_ASSIGN(const std::vector<std::string> names, texts_of(*columns, "columns"));
    if (names.empty() || names.size() > kColumnsMax) {
      return error(*columns, fmt::format("columns must have 1 to {} names", kColumnsMax));
    }
    for (const std::string& name : names) {
      if (!name.empty() && column_named(name)) return error(*columns, fmt::format("columns has \"{}\" twice", name));
      mapping_.columns.push_back({name, 0, 0});
    }
    return {};
  }

  Status read_delimiters(const toml::table& root) {
    std::string delimiter = ",";
    std::string quote = "\"";
    WEERBAAR_TRY(read_text(root, "delimiter", delimiter));
    WEERBAAR_TRY(read_text(root, "quote", quote));
    const CodePage& page = *mapping_.code_page;
    mapping_.dialect.delimiter = page.encode(delimiter);
    if (mapping_.dialect.delimiter.empty()) {
      return error(*root.get("delimiter"), fmt::format("delimiter must be one character of {}", page.name()));
    }
    if (!quote.empty()) {
      const std::string encoded = page.encode(quote);
      if (encoded.size() != 1) {
        return error(*root.get("quote"),
                     fmt::format("quote must be one character of one byte in {}, or empty for none", page.name()));
      }
      mapping_.dialect.quote = encoded.front();
    }
    for (const std::string& mark : {delimiter, quote}) {
      const std::string encoded = page.encode(mark);
      if (encoded.size() == 1 && (page.is_line_end(encoded.front()) || encoded.front() == '\r')) {
        return error(root, "delimiter and quote cannot be a line end");
      }
    }
    if (delimiter == quote) return error(root, "delimiter and quote are the same character");
    return {};
  }

  Status read_fixed(const toml::table& root) {
    constexpr std::string_view kKeys[] = {
        "format",          "source", "code_page", "record_length", "skip_lines", "last_line_may_lack_its_end",
        "pad_short_lines", "trim",   "columns",   "fields",        "subjects",   "attributes"};
    WEERBAAR_TRY(check_keys(root, "a fixed mapping", kKeys));
    mapping_.header = false;
    WEERBAAR_TRY(read_switch(root, "pad_short_lines", mapping_.pad_short_lines));
    if (const toml::node* length = root.get("record_length")) {
      WEERBAAR_ASSIGN(const int64_t bytes, number_of(*length, "record_length", 1, kRecordLengthMax));
      mapping_.record_length = static_cast<size_t>(bytes);
      for (const std::string_view key : {"skip_lines", "pad_short_lines", "last_line_may_lack_its_end"}) {
        if (root.get(key) != nullptr) {
          return error(*root.get(key),
                       fmt::format("{} is for lines, record_length for records without lines: drop one", key));
        }
      }
    }
    const toml::node* columns = root.get("columns");
    if (columns == nullptr || !columns->is_table() || columns->as_table()->empty()) {
      return error(columns != nullptr ? *columns : root,
                   "columns is missing: add [columns] with lines such as SEQ = { start = 1, length = 8 }");
    }
    for (const auto& [key, node] : *columns->as_table()) WEERBAAR_TRY(read_fixed_column(key, node));
    return check_overlaps(*columns);
  }

  Status read_fixed_column(const toml::key& key, const toml::node& node) {
    constexpr std::string_view kKeys[] = {"start", "length"};
    const std::string place = fmt::format("column \"{}\"", key.str());
    const toml::table* table = node.as_table();
    if (table == nullptr || table->get("start") == nullptr || table->get("length") == nullptr) {
      return error(node, fmt::format("{} must be {{ start = 1, length = 8 }} with its own numbers", place));
    }
    WEERBAAR_TRY(check_keys(*table, place, kKeys));
    WEERBAAR_ASSIGN(const int64_t start, number_of(*table->get("start"), "start", 1, kRecordLengthMax));
    WEERBAAR_ASSIGN(const int64_t length, number_of(*table->get("length"), "length", 1, kRecordLengthMax));
    const auto end = static_cast<size_t>(start + length - 1);
    if (mapping_.record_length != 0 && end > mapping_.record_length) {
      return error(node,
                   fmt::format("{} ends at {}, behind the record_length of {}", place, end, mapping_.record_length));
    }
    if (mapping_.columns.size() == kColumnsMax) return error(node, fmt::format("more than {} columns", kColumnsMax));
    mapping_.columns.push_back({std::string(key.str()), static_cast<size_t>(start - 1), static_cast<size_t>(length)});
    return {};
  }

  // Its columns are known to the syslog source, which also reads the keys of its own.
  Status read_syslog(const toml::table& root) {
    constexpr std::string_view kKeys[] = {"format",
                                          "source",
                                          "last_line_may_lack_its_end",
                                          "zone",
                                          "year",
                                          "access",
                                          "every_message_is_an_access",
                                          "fields",
                                          "subjects",
                                          "attributes",
                                          "sequence",
                                          "counter"};
    WEERBAAR_TRY(check_keys(root, "a syslog mapping", kKeys));
    mapping_.hashed_records_recent = kRecentMessages;
    mapping_.id_by_hash = root["fields"].is_table() && !root["fields"].as_table()->contains("id");
    if (root["fields"].is_table() && root["fields"].as_table()->contains("time")) return {};
    WEERBAAR_ASSIGN(TimeFormat format, TimeFormat::create(kHeaderTimeFormat, std::nullopt));
    mapping_.time.emplace(TimeRule{{}, std::move(format), std::nullopt, {}, Ambiguous::kEarlier});
    mapping_.time->rule.columns.push_back(add_column("time"));
    return {};
  }

  Status check_overlaps(const toml::node& columns) {
    std::vector<Column>& all = mapping_.columns;
    std::sort(all.begin(), all.end(), [](const Column& a, const Column& b) { return a.start < b.start; });
    for (size_t i = 1; i < all.size(); ++i) {
      if (all[i].start >= all[i - 1].start + all[i - 1].length) continue;
      const toml::node* second = columns.as_table()->get(all[i].name);
      return error(*second, fmt::format("columns \"{}\" and \"{}\" overlap at position {}: correct start or length",
                                        all[i - 1].name, all[i].name, all[i].start + 1));
    }
    return {};
  }

  // --- rules
  // ----------------------------------------------------------------------------------------------------------

  [[nodiscard]] std::optional<size_t> column_named(std::string_view name) const {
    for (size_t i = 0; i < mapping_.columns.size(); ++i) {
      if (mapping_.columns[i].name == name) return i;
    }
    return std::nullopt;
  }

  size_t add_column(std::string_view name) {
    mapping_.columns.push_back({std::string(name), 0, 0});
    return mapping_.columns.size() - 1;
  }

  Result<size_t> column_of(const toml::node& node) {
    WEERBAAR_ASSIGN(const std::string name, text_of(node, "column"));
    if (const auto known = column_named(name); known && !name.empty()) return *known;
    if (name.empty()) return error(node, "a column must have a name");
    if (format_ == Format::kSyslog || (format_ == Format::kCsv && mapping_.header)) {
      if (mapping_.columns.size() == kColumnsMax) return error(node, fmt::format("more than {} columns", kColumnsMax));
      return add_column(name);
    }
    Names names;
    for (const Column& column : mapping_.columns) names.push_back(column.name);
    return error(node, fmt::format("there is no column \"{}\": the columns are {}", name, fmt::join(names, ", ")));
  }

  // `place` names the rule in errors; `lists`: its values may be lists.
  Result<Rule> read_rule(const toml::node& node, std::string_view place, const Names& known, bool lists = false) {
    WEERBAAR_ASSIGN(const toml::table* table, table_of(node, place));
    WEERBAAR_TRY(check_keys(*table, place, known));
    Rule rule;
    WEERBAAR_TRY(read_origin(*table, place, lists, rule));
    WEERBAAR_TRY(read_text(*table, "separator", rule.separator));
    if (const toml::node* empty = table->get("empty")) {
      WEERBAAR_ASSIGN(rule.empty, texts_of(*empty, "empty"));
    }
    if (const toml::node* fallback = table->get("default")) {
      WEERBAAR_ASSIGN(rule.fallback, scalar_of(*fallback, "default", lists));
    }
    if (const toml::node* pad = table->get("pad")) {
      WEERBAAR_ASSIGN(const int64_t length, number_of(*pad, "pad", 1, static_cast<int64_t>(kSubjectIdBytesMax)));
      rule.pad = static_cast<size_t>(length);
    }
    if (const toml::node* values = table->get("values")) WEERBAAR_TRY(read_values(*values, lists, rule));
    if (rule.mapped && rule.pad != 0) return error(*table, "pad and values exclude each other: drop one");
    return rule;
  }

  // Exactly one of column, columns and constant.
  Status read_origin(const toml::table& table, std::string_view place, bool lists, Rule& rule) {
    const toml::node* column = table.get("column");
    const toml::node* columns = table.get("columns");
    const toml::node* constant = table.get("constant");
    if ((column != nullptr) + (columns != nullptr) + (constant != nullptr) != 1) {
      return error(table, fmt::format("{} must have one of column, columns and constant", place));
    }
    if (constant != nullptr) {
      if (table.size() != 1) return error(table, fmt::format("{} is constant: nothing else can be said of it", place));
      WEERBAAR_ASSIGN(rule.constant, scalar_of(*constant, "constant", lists));
      return {};
    }
    if (table.get("separator") != nullptr && columns == nullptr) {
      return error(*table.get("separator"), "separator is for columns, and there is one column");
    }
    if (column != nullptr) {
      WEERBAAR_ASSIGN(const size_t index, column_of(*column));
      rule.columns.push_back(index);
      return {};
    }
    if (!columns->is_array() || columns->as_array()->empty()) return error(*columns, "columns must be a list of names");
    for (const toml::node& item : *columns->as_array()) {
      WEERBAAR_ASSIGN(const size_t index, column_of(item));
      rule.columns.push_back(index);
    }
    return {};
  }

  Status read_values(const toml::node& node, bool lists, Rule& rule) const {
    if (!node.is_table())
      return error(node, "values must be a table, such as { \"I\" = \"read\", \"Z\" = \"search\" }");
    rule.mapped = true;
    for (const auto& [key, value] : *node.as_table()) {
      WEERBAAR_ASSIGN(Texts texts, scalar_of(value, "a value of values", lists));
      rule.values.emplace_back(std::string(key.str()), std::move(texts));
    }
    std::sort(rule.values.begin(), rule.values.end());
    return {};
  }

  // Tries what the mapping itself says in the field, so that a wrong word is found now and not at the first record.
  template <class Try>
  Status check_texts(const toml::node& node, std::string_view place, const Rule& rule, Try&& attempt) const {
    std::vector<const Texts*> all;
    if (rule.constant) all.push_back(&*rule.constant);
    if (rule.fallback) all.push_back(&*rule.fallback);
    for (const auto& [from, texts] : rule.values) all.push_back(&texts);
    for (const Texts* texts : all) {
      for (const std::string& text : *texts) {
        if (text.empty()) continue;  // says: nothing there
        if (const Status status = attempt(text); !status) {
          return error(node, fmt::format("{}: \"{}\": {}", place, text, status.error().text));
        }
      }
    }
    return {};
  }

  // --- the event
  // ------------------------------------------------------------------------------------------------------

  Status read_fields(const toml::table& root) {
    const toml::node* fields = root.get("fields");
    if (fields == nullptr || !fields->is_table()) {
      return error(fields != nullptr ? *fields : root,
                   "the table [fields] is missing: it says which column is which field");
    }
    for (const auto& [key, node] : *fields->as_table()) {
      const bool group =
          std::find(std::begin(kFieldGroups), std::end(kFieldGroups), key.str()) != std::end(kFieldGroups);
      if (!group) {
        WEERBAAR_TRY(read_field(key, std::string(key.str()), node));
        continue;
      }
      WEERBAAR_ASSIGN(const toml::table* members, table_of(node, key.str()));
      for (const auto& [member, rule] : *members) {
        WEERBAAR_TRY(read_field(member, fmt::format("{}.{}", key.str(), member.str()), rule));
      }
    }
    for (const std::string_view name : {"id", "actor.id", "action", "system"}) {
      const auto is_it = [&](const FieldRule& rule) { return rule.field->name == name; };
      const bool there =
          (name == "id" && mapping_.id_by_hash) || std::any_of(mapping_.fields.begin(), mapping_.fields.end(), is_it);
      if (!there) return error(*fields, fmt::format("field {} is missing: every access event has it", name));
    }
    if (!mapping_.time) return error(*fields, "field time is missing: every access event has it");
    return {};
  }

  Status read_field(const toml::key& key, const std::string& name, const toml::node& node) {
    if (name == "time") return read_time(node);
    if (name == "data") {
      WEERBAAR_ASSIGN(mapping_.data, read_rule(node, name, with({}), true));
      return check_texts(node, name, *mapping_.data, [](std::string_view text) -> Status {
        if (text.size() <= kNameBytesMax) return {};
        return fail(Code::kInvalid, fmt::format("it is longer than {} bytes", kNameBytesMax));
      });
    }
    if (name == "id" && node.is_table() && node.as_table()->contains("hash")) return read_hash(*node.as_table());
    const Field* field = find_field(name);
    if (field == nullptr) {
      return error(key.source().begin, fmt::format("field {} is unknown: known are {}", name, field_names()));
    }
    const auto twice = [&](const FieldRule& rule) { return rule.field == field; };
    if (std::any_of(mapping_.fields.begin(), mapping_.fields.end(), twice)) {
      return error(key.source().begin, fmt::format("field {} is given twice", name));
    }
    WEERBAAR_ASSIGN(Rule rule, read_rule(node, name, with({})));
    AccessEvent event;
    EventBatch batch;
    WEERBAAR_TRY(
        check_texts(node, name, rule, [&](std::string_view text) { return set_field(*field, text, event, batch); }));
    mapping_.fields.push_back({field, std::move(rule)});
    return {};
  }

  Status read_hash(const toml::table& table) {
    constexpr std::string_view kKeys[] = {"hash"};
    WEERBAAR_TRY(check_keys(table, "id by hash", kKeys));
    WEERBAAR_TRY(read_switch(table, "hash", mapping_.id_by_hash));
    if (!mapping_.id_by_hash) return error(table, "hash must be true, or absent with column or columns in its place");
    return {};
  }

  Status read_time(const toml::node& node) {
    WEERBAAR_ASSIGN(Rule rule, read_rule(node, "time",
                                         {"column", "columns", "separator", "format", "zone", "century", "ambiguous"}));
    const toml::table& table = *node.as_table();
    const toml::node* pattern = table.get("format");
    if (pattern == nullptr) return error(node, "time needs a format, such as format = \"%d-%m-%Y %H:%M:%S\"");
    WEERBAAR_ASSIGN(const std::string pattern_text, text_of(*pattern, "format"));
    std::optional<unsigned> century;
    if (const toml::node* given = table.get("century")) {
      WEERBAAR_ASSIGN(const int64_t number, number_of(*given, "century", 0, 99));
      century = static_cast<unsigned>(number);
    }
    auto format = TimeFormat::create(pattern_text, century);
    if (!format) return error(*pattern, format.error().text);
    const toml::node* zone = table.get("zone");
    if ((zone != nullptr) == format->has_offset()) {
      return error(node, zone != nullptr ? "the format has %z, which tells the zone: drop zone"
                                         : "time needs a zone, such as zone = \"Europe/Amsterdam\" or zone = \"UTC\"");
    }
    mapping_.time.emplace(TimeRule{std::move(rule), std::move(*format), std::nullopt, {}, Ambiguous::kEarlier});
    WEERBAAR_ASSIGN(const size_t ambiguous, word_of(table, "ambiguous", {"earlier", "later", "refuse"}, 0));
    mapping_.time->ambiguous = static_cast<Ambiguous>(ambiguous);
    if (zone == nullptr) return {};
    WEERBAAR_ASSIGN(mapping_.time->zone_name, text_of(*zone, "zone"));
    auto opened = TimeZone::open(files_, mapping_.time->zone_name);
    if (!opened) return error(*zone, opened.error().text);
    mapping_.time->zone = std::move(*opened);
    return {};
  }

  Status read_subjects(const toml::table& root) {
    const toml::node* subjects = root.get("subjects");
    if (subjects == nullptr) return {};
    if (!subjects->is_array()) return error(*subjects, "subjects must be written as [[subjects]], once for each");
    for (const toml::node& node : *subjects->as_array()) {
      WEERBAAR_ASSIGN(const toml::table* table, table_of(node, "a subject"));
      if (mapping_.subjects.size() == kSubjectsMax)
        return error(node, fmt::format("more than {} subjects", kSubjectsMax));
      WEERBAAR_TRY(read_subject(*table));
    }
    return {};
  }

  Status read_subject(const toml::table& table) {
    SubjectRule subject;
    const toml::node* type = table.get("type");
    if (type == nullptr) return error(table, "a subject needs a type, such as type = \"bsn\"");
    WEERBAAR_ASSIGN(subject.type, text_or_rule(*type, "type"));
    WEERBAAR_TRY(check_texts(*type, "type", subject.type, [](std::string_view word) -> Status {
      if (parse_subject_type(word)) return {};
      return fail(Code::kInvalid, "it is not one of bsn, rsin, kvk, vehicle, address, employee, other");
    }));
    if (const toml::node* role = table.get("role")) {
      WEERBAAR_ASSIGN(subject.role, text_or_rule(*role, "role"));
    }
    // The other keys are those of a rule, for the identity.
    WEERBAAR_ASSIGN(subject.id,
                    read_rule(table, "a subject", {"type", "role", "column", "columns", "separator", "empty", "pad"}));
    mapping_.subjects.push_back(std::move(subject));
    return {};
  }

  Result<Rule> text_or_rule(const toml::node& node, std::string_view place) {
    if (!node.is_string()) return read_rule(node, place, with({}));
    Rule rule;
    rule.constant = Texts{node.as_string()->get()};
    return rule;
  }

  Status read_attributes(const toml::table& root) {
    const toml::node* attributes = root.get("attributes");
    if (attributes == nullptr) return {};
    if (!attributes->is_table()) return error(*attributes, "attributes must be a table: [attributes]");
    for (const auto& [key, node] : *attributes->as_table()) {
      const std::string place = fmt::format("attribute {}", key.str());
      if (key.str().empty() || key.str().size() > kIdBytesMax) {
        return error(key.source().begin,
                     fmt::format("the name of an attribute must be 1 to {} bytes long", kIdBytesMax));
      }
      if (mapping_.attributes.size() == kAttributesMax) {
        return error(key.source().begin, fmt::format("more than {} attributes", kAttributesMax));
      }
      AttributeRule attribute{std::string(key.str()), {}, false};
      WEERBAAR_ASSIGN(attribute.rule, read_rule(node, place, with({"type"})));
      const toml::table& table = *node.as_table();
      const toml::node* constant = table.get("constant");
      WEERBAAR_ASSIGN(const size_t type, word_of(table, "type", {"string", "integer"}, 0));
      attribute.is_json = type == 1 || (constant != nullptr && !constant->is_string());
      mapping_.attributes.push_back(std::move(attribute));
    }
    return {};
  }

  std::string file_;
  Format format_;
  os::FileSystem& files_;
  Mapping mapping_;
};

}  // namespace

Result<Mapping> read_mapping(const SourceOptions& options, Format format, os::FileSystem& files) {
  MappingReader reader(options, format, files);
  if (options.mapping.size() > kMappingBytesMax) {
    return fail(Code::kInvalid,
                fmt::format("{}: the mapping is larger than {} bytes", options.mapping_name, kMappingBytesMax));
  }
  return reader.read(options.mapping);
}

}  // namespace weerbaar::ingest::delimited
