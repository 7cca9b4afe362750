// What pgaudit writes in the message column: "AUDIT: " and nine fields of CSV, ten with pgaudit.log_rows.
// Source: README of pgaudit 1.7, and logs of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::ingest::pgaudit {

inline constexpr std::string_view kAuditPrefix = "AUDIT: ";
inline constexpr size_t kParametersMax = 65'535;  // of PostgreSQL's protocol

// The values bound to $1, $2 …. A value is absent when the log does not hold it whole. NULL is an empty value: it
// identifies nobody.
using Parameters = std::vector<std::optional<std::string>>;

enum class Text : uint8_t { kGiven, kNone, kNotLogged, kPreviouslyLogged };

struct AuditMessage {
  uint64_t statement_id = 0;
  std::string_view audit_class;  // READ, WRITE, FUNCTION, ROLE, DDL, MISC …
  std::string_view command;      // SELECT, INSERT, COPY …
  std::string_view object_type;  // TABLE, VIEW …, empty when not logged
  std::string_view object_name;  // schema.name
  Text statement_kind = Text::kGiven;
  std::string_view statement;
  Text parameters_kind = Text::kGiven;
  std::string_view parameters;  // for parse_parameter_list
  std::optional<uint64_t> rows;
};

// Texts that had to be unescaped; reused from message to message.
struct AuditScratch {
  std::string statement;
  std::string parameters;
  std::string object_name;
};

// `message` starts with kAuditPrefix; the result is views of it and of `scratch`. kInvalid when it is not of this form.
Result<AuditMessage> parse_audit_message(std::string_view message, AuditScratch& scratch);

// The parameters field: values as CSV. Nothing when malformed.
std::optional<Parameters> parse_parameter_list(std::string_view text);

// As PostgreSQL itself writes them, after "parameters: ": $1 = 'it''s', $2 = NULL. Nothing when malformed. Text behind
// the last value is left alone.
std::optional<Parameters> parse_parameter_detail(std::string_view text);

}  // namespace weerbaar::ingest::pgaudit
