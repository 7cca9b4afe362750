#include "trail/package/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

std::string quoted(std::optional<Time> time) {
  return time ? fmt::format("\"{}\"", format_time(*time)) : "null";
}

// Elements on lines of their own, with commas between.
template <class List, class ToLine>
void append_list(std::string& json, std::string_view name, const List& list, const ToLine& to_line) {
  json += fmt::format("\"{}\":[\n", name);
  for (const auto& element : list) {
    json += to_line(element);
    json += &element == &list.back() ? "\n" : ",\n";
  }
  json += "]";
}

void append_path(std::string& line, const std::vector<Hash>& path) {
  line += ",\"path\":[";
  for (const Hash& hash : path) {
    if (&hash != path.data()) line += ',';
    line += fmt::format("\"{}\"", to_hex(hash));
  }
  line += "]}";
}

void append_neighbour(std::string& line, std::string_view name, const std::optional<IndexLeaf>& leaf) {
  if (!leaf) return;
  line += fmt::format(R"(,"{}":{{"position":{},"key":"{}","postings_sha256":"{}")", name, leaf->position,
                      to_hex(leaf->key), to_hex(leaf->postings_hash));
  append_path(line, leaf->path);
}

std::string to_line(const AnswerProof& proof) {
  std::string line = fmt::format(R"({{"index":{},"pseudonym":{})", proof.index, proof.pseudonym);
  if (proof.proof.present) {
    line += fmt::format(R"(,"present":{{"position":{},"postings":"{}")", proof.proof.present->position,
                        to_hex(proof.postings));
    append_path(line, proof.proof.present->path);
  }
  append_neighbour(line, "before", proof.proof.before);
  append_neighbour(line, "behind", proof.proof.behind);
  return line + "}";
}

// Takes one line apart from the front. After the first thing that is not there, nothing is any more.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  // True, and passed, when the line goes on with this; false changes nothing.
  bool take_if(std::string_view literal) {
    if (failed_ || !rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  void take(std::string_view literal) { failed_ = !take_if(literal); }
  uint64_t take_number() {
    const size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const auto number = parse_decimal(rest_.substr(0, digits));
    failed_ = failed_ || !number;
    if (failed_) return 0;
    rest_.remove_prefix(digits);
    return *number;
  }
  // Lower case, in quotation marks.
  Bytes take_hex() {
    take("\"");
    const size_t digits = std::min(rest_.find('"'), rest_.size());
    auto bytes = from_hex(rest_.substr(0, digits));
    failed_ = failed_ || !bytes || to_hex(*bytes) != rest_.substr(0, digits);
    if (failed_) return {};
    rest_.remove_prefix(digits);
    take("\"");
    return std::move(*bytes);
  }
  Hash take_hash() {
    const Bytes bytes = take_hex();
    Hash hash{};
    failed_ = failed_ || bytes.size() != hash.size();
    if (!failed_) std::ranges::copy(bytes, hash.begin());
    return hash;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool ended_well() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::vector<Hash> take_path(LineReader& line) {
  std::vector<Hash> path;
  line.take(",\"path\":[");
  while (!line.failed() && !line.take_if("]}")) {
    if (!path.empty()) line.take(",");
    path.push_back(line.take_hash());
  }
  return path;
}

std::optional<IndexLeaf> take_neighbour(LineReader& line, std::string_view name) {
  if (!line.take_if(fmt::format(R"(,"{}":{{"position":)", name))) return std::nullopt;
  IndexLeaf leaf;
  leaf.position = line.take_number();
  line.take(",\"key\":");
  leaf.key = line.take_hex();
  line.take(",\"postings_sha256\":");
  leaf.postings_hash = line.take_hash();
  leaf.path = take_path(line);
  return leaf;
}

AnswerProof take_proof(LineReader& line, const std::vector<Bytes>& pseudonyms) {
  AnswerProof proof;
  line.take("{\"index\":");
  proof.index = line.take_number();
  line.take(",\"pseudonym\":");
  proof.pseudonym = line.take_number();
  if (line.take_if(R"(,"present":{"position":)")) {
    IndexLeaf leaf;
    leaf.position = line.take_number();
    line.take(",\"postings\":");
    proof.postings = line.take_hex();
    leaf.postings_hash = sha256(proof.postings);
    leaf.path = take_path(line);
    // A number of no pseudonym is found when the proof is checked; the leaf then has no key.
    if (proof.pseudonym < pseudonyms.size()) leaf.key = pseudonyms[proof.pseudonym];
    proof.proof.present = std::move(leaf);
  }
  proof.proof.before = take_neighbour(line, "before");
  proof.proof.behind = take_neighbour(line, "behind");
  line.take("}");
  return proof;
}

// Takes the file apart line by line.
class AnswerReader {
 public:
  explicit AnswerReader(std::string_view json) : rest_(json) {}

  Result<Answer> read() {
    Answer answer;
    const bool whole = line_is("{") && read_time("from", answer.range.from) && read_time("to", answer.range.to) &&
                       read_list("pseudonyms",
                                 [&](LineReader& line) {
                                   if (answer.pseudonyms.size() == kPseudonymsMax) return false;
                                   answer.pseudonyms.push_back(line.take_hex());
                                   return true;
                                 }) &&
                       line_is("],") &&
                       read_list("indexes",
                                 [&](LineReader& line) {
                                   answer.indexes.emplace_back(line.take_number());
                                   return true;
                                 }) &&
                       line_is("],") &&
                       read_list("proofs",
                                 [&](LineReader& line) {
                                   answer.proofs.push_back(take_proof(line, answer.pseudonyms));
                                   return true;
                                 }) &&
                       line_is("]") && line_is("}") && rest_.empty();
    if (whole) return answer;
    return fail(Code::kInvalid, fmt::format("line {} is not what an answer has there", number_));
  }

 private:
  std::optional<std::string_view> next() {
    ++number_;
    return take_line(rest_);
  }
  bool line_is(std::string_view expected) { return next() == expected; }

  bool read_time(std::string_view name, std::optional<Time>& time) {
    const std::string opening = fmt::format("\"{}\":", name);
    auto line = next();
    if (!line || !line->starts_with(opening) || !line->ends_with(',')) return false;
    const std::string_view json = line->substr(opening.size(), line->size() - opening.size() - 1);
    if (json == "null") return true;
    const auto parsed = parse_time(json.substr(json.empty() ? 0 : 1, json.size() < 2 ? 0 : json.size() - 2));
    if (!parsed || quoted(*parsed) != json) return false;
    time = *parsed;
    return true;
  }

  // The lines of a list, up to the one that closes it.
  template <class Take>
  bool read_list(std::string_view name, const Take& take) {
    if (!line_is(fmt::format("\"{}\":[", name))) return false;
    for (bool comma = false, first = true; comma || (first && !rest_.starts_with("]")); first = false) {
      auto line = next();
      if (!line) return false;
      comma = line->ends_with(',');
      LineReader reader(line->substr(0, line->size() - (comma ? 1 : 0)));
      if (!take(reader) || !reader.ended_well()) return false;
    }
    return true;
  }

  std::string_view rest_;
  size_t number_ = 0;
};

}  // namespace

std::string to_json(const Answer& answer) {
  std::string json = fmt::format("{{\n\"from\":{},\n\"to\":{},\n", quoted(answer.range.from), quoted(answer.range.to));
  append_list(json, "pseudonyms", answer.pseudonyms,
              [](const Bytes& key) { return fmt::format("\"{}\"", to_hex(key)); });
  json += ",\n";
  append_list(json, "indexes", answer.indexes, [](EntryIndex index) { return std::to_string(index.value()); });
  json += ",\n";
  append_list(json, "proofs", answer.proofs, to_line);
  return json + "\n}\n";
}

Result<Answer> parse_answer(std::string_view json) {
  return AnswerReader(json).read();
}

}  // namespace weerbaar::trail
