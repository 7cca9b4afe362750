#include "ingest/sources/pgaudit/audit_message.h"

#include <array>
#include <charconv>

#include "ingest/sources/pgaudit/csv_records.h"

namespace weerbaar::ingest::pgaudit {
namespace {

enum Field : size_t {
  kType,
  kStatementId,
  kSubstatementId,
  kClass,
  kCommand,
  kObjectType,
  kObjectName,
  kStatement,
  kParameters,
  kRows,
  kFieldsMax
};

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Text kind_of(std::string_view text) {
  if (text == "<none>") return Text::kNone;
  if (text == "<not logged>") return Text::kNotLogged;
  if (text == "<previously logged>") return Text::kPreviouslyLogged;
  return Text::kGiven;
}

constexpr size_t kWordBytesMax = 64;

// Capitals and the characters of `also`.
bool is_word(std::string_view text, std::string_view also) {
  if (text.size() > kWordBytesMax) return false;
  for (const char c : text) {
    if ((c < 'A' || c > 'Z') && also.find(c) == std::string_view::npos) return false;
  }
  return true;
}

}  // namespace

Result<AuditMessage> parse_audit_message(std::string_view message, AuditScratch& scratch) {
  std::array<std::string_view, kFieldsMax> fields;
  const auto count = split_csv(message.substr(kAuditPrefix.size()), fields);
  if (!count || *count < kRows) {
    return fail(Code::kInvalid, "message: the AUDIT text is not the nine or ten fields that pgaudit writes");
  }
  const auto statement_id = number(fields[kStatementId]);
  if ((fields[kType] != "SESSION" && fields[kType] != "OBJECT") || !statement_id || !number(fields[kSubstatementId])) {
    return fail(Code::kInvalid,
                "message: the AUDIT text has no audit type and statement numbers as pgaudit writes them");
  }
  if (!is_word(fields[kClass], "_") || !is_word(fields[kCommand], " _?") || !is_word(fields[kObjectType], " _") ||
      fields[kClass].empty() || fields[kCommand].empty()) {
    return fail(Code::kInvalid, "message: class, command or object type of the AUDIT text is no word of pgaudit");
  }
  AuditMessage audit;
  audit.statement_id = *statement_id;
  audit.audit_class = fields[kClass];
  audit.command = fields[kCommand];
  audit.object_type = fields[kObjectType];
  audit.object_name = unquote_csv(fields[kObjectName], scratch.object_name);
  audit.statement_kind = kind_of(fields[kStatement]);
  audit.statement = unquote_csv(fields[kStatement], scratch.statement);
  audit.parameters_kind = kind_of(fields[kParameters]);
  audit.parameters = unquote_csv(fields[kParameters], scratch.parameters);
  if (*count == kFieldsMax) {
    audit.rows = number(fields[kRows]);
    if (!audit.rows) return fail(Code::kInvalid, "message: the row count of the AUDIT text is not a number");
  }
  return audit;
}

std::optional<Parameters> parse_parameter_list(std::string_view text) {
  Parameters values;
  std::string scratch;
  std::array<std::string_view, 1> field;
  // Field by field, for the number of fields has no small limit.
  for (size_t at = 0; values.size() < kParametersMax;) {
    size_t end = at;
    if (end < text.size() && text[end] == '"') {
      for (++end; end < text.size() && !(text[end] == '"' && (end + 1 == text.size() || text[end + 1] != '"'));) {
        end += text[end] == '"' ? size_t{2} : size_t{1};
      }
      ++end;
    } else {
      end = text.find(',', end);
    }
    end = end > text.size() ? text.size() : end;
    if (!split_csv(text.substr(at, end - at), field)) return std::nullopt;
    values.emplace_back(unquote_csv(field[0], scratch));
    if (end == text.size()) return values;
    if (text[end] != ',') return std::nullopt;
    at = end + 1;
  }
  return std::nullopt;
}

std::optional<Parameters> parse_parameter_detail(std::string_view text) {
  Parameters values;
  size_t at = 0;
  while (values.size() < kParametersMax && at < text.size() && text[at] == '$') {
    const size_t equals = text.find(" = ", at);
    if (equals == std::string_view::npos || number(text.substr(at + 1, equals - at - 1)) != values.size() + 1) {
      return std::nullopt;
    }
    at = equals + 3;
    if (text.substr(at).starts_with("NULL")) {
      values.emplace_back("");
      at += 4;
    } else {
      if (at >= text.size() || text[at] != '\'') return std::nullopt;
      std::string value;
      for (++at;; ++at) {
        const size_t quote = text.find('\'', at);
        if (quote == std::string_view::npos) return std::nullopt;
        value += text.substr(at, quote - at);
        at = quote + 1;
        if (at >= text.size() || text[at] != '\'') break;
        value += '\'';
      }
      // PostgreSQL marks a value cut at log_parameter_max_length so.
      if (value.ends_with("...")) {
        values.emplace_back(std::nullopt);
      } else {
        values.emplace_back(std::move(value));
      }
    }
    if (!text.substr(at).starts_with(", $")) break;
    at += 2;
  }
  return values;
}

}  // namespace weerbaar::ingest::pgaudit
