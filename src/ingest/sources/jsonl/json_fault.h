// Says where a line stops being JSON, for people. Slow: only for lines that are refused already.
#pragma once

#include <string>
#include <string_view>

namespace weerbaar::ingest::jsonl {

// What is wrong with a line that the fast parser refused, with the byte (from 1) or the field, and the remedy.
std::string explain_json_fault(std::string_view line);

// `name` in quotes when it can be shown: a short identifier ([A-Za-z0-9_.-], at most 64) with fewer than six digits, so
// that no identification number can be in it. `otherwise` when it cannot.
std::string field_to_show(std::string_view name, std::string_view otherwise);

}  // namespace weerbaar::ingest::jsonl
