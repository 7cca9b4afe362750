#include "ingest/sources/jsonl/plain_reader.h"

#include <bit>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "base/time.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace weerbaar::ingest::jsonl {
namespace {

// Bytes read at once. The line is padded with so many zeros, so that nothing looks where it ends.
constexpr size_t kBlockBytes = 64;
constexpr size_t kDigitsMax = 18;

// What a block of the line holds.
struct Block {
  uint64_t quotes;
  bool plain;  // no backslash, control character, DEL or byte beyond ASCII
};

#if defined(__SSE2__)

Block look_at(const char* bytes) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i before_space = _mm_set1_epi8(0x1F);
  const __m128i del = _mm_set1_epi8(0x7F);
  __m128i strange = _mm_setzero_si128();
  uint64_t quotes = 0;
  for (size_t i = 0; i < kBlockBytes / 16; ++i) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(part, quote)));
    quotes |= uint64_t{mask} << (16 * i);
    // As signed numbers, bytes beyond ASCII lie below the space too.
    const __m128i fine = _mm_cmpgt_epi8(part, before_space);
    strange = _mm_or_si128(strange, _mm_or_si128(_mm_cmpeq_epi8(part, backslash), _mm_cmpeq_epi8(part, del)));
    strange = _mm_or_si128(strange, _mm_andnot_si128(fine, _mm_set1_epi8(-1)));
  }
  return {quotes, _mm_movemask_epi8(strange) == 0};
}

#else

Block look_at(const char* bytes) {
  Block block{0, true};
  for (size_t i = 0; i < kBlockBytes; ++i) {
    if (bytes[i] == '"') block.quotes |= uint64_t{1} << i;
    block.plain = block.plain && bytes[i] >= ' ' && bytes[i] < 0x7F && bytes[i] != '\\';
  }
  return block;
}

#endif

constexpr uint64_t bit(unsigned field) {
  return uint64_t{1} << field;
}

}  // namespace

// One line. Every function takes what it is named after from the front, and is false when something else is there.
class PlainReader::Pass {
 public:
  Pass(PlainReader& buffers, std::string_view line, EventBatch& batch, AccessEvent& event)
      : buffers_(buffers),
        begin_(line.data()),
        at_(line.data()),
        end_(line.data() + line.size()),
        batch_(batch),
        event_(event) {
    word_ = buffers_.quotes_.data();
    bits_ = *word_;
  }

  bool line() {
    uint32_t seen = 0;
    const bool whole = object([&](std::string_view key) { return field(key, seen); });
    skip_spaces();
    constexpr uint32_t kRequired = bit(kTime) | bit(kAction);
    return whole && at_ == end_ && (seen & kRequired) == kRequired;
  }

 private:
  enum Field : uint8_t {
    kId,
    kSource,
    kSystem,
    kComponent,
    kQuery,
    kActor,
    kTime,
    kAction,
    kSubjects,
    kData,
    kRecords,
    kPurpose,
    kOutcome,
    kWorkplace,
    kTrace,
    kAttributes
  };

  void skip_spaces() {
    while (*at_ == ' ') ++at_;
  }
  bool take(char wanted) {
    if (*at_ == ' ') skip_spaces();
    if (*at_ != wanted) return false;
    ++at_;
    return true;
  }
  // Without escapes quotes come in pairs, so the next one in the line is always that of the text at hand.
  const char* next_quote() {
    while (bits_ == 0) bits_ = *++word_;
    const auto place = static_cast<size_t>(word_ - buffers_.quotes_.data()) * kBlockBytes +
                       static_cast<size_t>(std::countr_zero(bits_));
    bits_ &= bits_ - 1;
    return begin_ + place;
  }
  bool text(std::string_view& to) {
    if (!take('"')) return false;
    next_quote();
    const char* const close = next_quote();
    if (close >= end_) return false;
    to = {at_, static_cast<size_t>(close - at_)};
    at_ = close + 1;
    return true;
  }
  // Remembers that a field was there; false the second time.
  static bool once(uint32_t& seen, unsigned field) {
    const auto mask = static_cast<uint32_t>(bit(field));
    const bool first = (seen & mask) == 0;
    seen |= mask;
    return first;
  }
  template <class Member>
  bool object(const Member& member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    std::string_view key;
    do {
      if (!text(key) || !take(':') || !member(key)) return false;
    } while (take(','));
    return take('}');
  }
  template <class Item>
  bool array(const Item& item) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!item()) return false;
    } while (take(','));
    return take(']');
  }
  template <class Enum>
  bool word(std::optional<Enum> (*parse)(std::string_view), Enum& to) {
    std::string_view name;
    if (!text(name)) return false;
    const std::optional<Enum> value = parse(name);
    if (value) to = *value;
    return value.has_value();
  }
  bool literal(std::string_view wanted) {
    if (static_cast<size_t>(end_ - at_) < wanted.size() || std::memcmp(at_, wanted.data(), wanted.size()) != 0) {
      return false;
    }
    at_ += wanted.size();
    return true;
  }
  bool boolean(bool& to) {
    skip_spaces();
    to = literal("true");
    return to || literal("false");
  }
  // A whole number as JSON writes it, and nothing that would make it another.
  bool digits(std::string_view& to) {
    const char* const from = at_;
    while (*at_ >= '0' && *at_ <= '9') ++at_;
    to = {from, static_cast<size_t>(at_ - from)};
    const bool is_number = !to.empty() && to.size() <= kDigitsMax && (to[0] != '0' || to.size() == 1);
    return is_number && *at_ != '.' && *at_ != 'e' && *at_ != 'E';
  }
  bool time() {
    std::string_view written;
    if (!text(written)) return false;
    const Result<Time> parsed = parse_time(written);
    if (parsed) event_.time = *parsed;
    return parsed.has_value();
  }
  bool records() {
    skip_spaces();
    std::string_view written;
    if (!digits(written)) return false;
    uint64_t number = 0;
    for (const char digit : written) number = number * 10 + static_cast<uint64_t>(digit - '0');
    event_.records = number;
    return true;
  }
  bool hex(size_t bytes, std::string_view& to);
  bool scalar(std::string_view& to);

  bool field(std::string_view key, uint32_t& seen);
  bool actor();
  bool subjects();
  bool data();
  bool purpose();
  bool workplace();
  bool trace();
  bool attributes();

  PlainReader& buffers_;
  const char* begin_;
  const char* at_;
  const char* end_;  // zeros follow
  const uint64_t* word_;
  uint64_t bits_;  // of *word_, not taken yet
  EventBatch& batch_;
  AccessEvent& event_;
};

bool PlainReader::Pass::hex(size_t bytes, std::string_view& to) {
  std::string_view written;
  if (!text(written)) return false;
  if (written.empty()) return true;
  if (written.size() != 2 * bytes) return false;
  const Result<Bytes> decoded = from_hex(written);
  if (decoded) to = batch_.keep(as_text(*decoded));
  return decoded.has_value();
}

// The JSON text of a plain scalar is the one way to write its value, but for zero with a sign and fractions.
bool PlainReader::Pass::scalar(std::string_view& to) {
  skip_spaces();
  const char* const from = at_;
  bool taken = false;
  std::string_view part;
  if (*at_ == '"') {
    taken = text(part);
  } else if (*at_ == '-') {
    ++at_;
    taken = *at_ != '0' && digits(part);
  } else if (*at_ >= '0' && *at_ <= '9') {
    taken = digits(part);
  } else {
    taken = literal("true") || literal("false") || literal("null");
  }
  to = {from, static_cast<size_t>(at_ - from)};
  return taken;
}

bool PlainReader::Pass::actor() {
  uint32_t seen = 0;
  Actor& actor = event_.actor;
  return object([&](std::string_view key) {
    if (key == "id") return once(seen, 0) && text(actor.id);
    if (key == "function") return once(seen, 1) && text(actor.function);
    if (key == "unit") return once(seen, 2) && text(actor.unit);
    if (key == "type") return once(seen, 3) && word(parse_actor_type, actor.type);
    if (key == "on_behalf_of") return once(seen, 4) && text(actor.on_behalf_of);
    return false;
  });
}

bool PlainReader::Pass::subjects() {
  std::vector<Subject>& subjects = buffers_.subjects_;
  subjects.clear();
  const bool whole = array([&] {
    uint32_t seen = 0;
    Subject& subject = subjects.emplace_back();
    return object([&](std::string_view key) {
             if (key == "type") return once(seen, 0) && word(parse_subject_type, subject.type);
             if (key == "id") return once(seen, 1) && text(subject.id);
             if (key == "role") return once(seen, 2) && text(subject.role);
             return false;
           }) &&
           (seen & bit(0)) != 0;
  });
  if (whole) event_.subjects = batch_.keep(std::span<const Subject>(subjects));
  return whole;
}

bool PlainReader::Pass::data() {
  std::vector<std::string_view>& data = buffers_.data_;
  data.clear();
  if (!array([&] { return text(data.emplace_back()); })) return false;
  event_.data = batch_.keep(std::span<const std::string_view>(data));
  return true;
}

bool PlainReader::Pass::purpose() {
  uint32_t seen = 0;
  Purpose& purpose = event_.purpose;
  return object([&](std::string_view key) {
    if (key == "case") return once(seen, 0) && text(purpose.case_id);
    if (key == "processing_activity") return once(seen, 1) && text(purpose.processing_activity);
    if (key == "legal_basis") return once(seen, 2) && text(purpose.legal_basis);
    if (key == "reason") return once(seen, 3) && text(purpose.reason);
    if (key == "break_glass") return once(seen, 4) && boolean(purpose.break_glass);
    return false;
  });
}

bool PlainReader::Pass::workplace() {
  uint32_t seen = 0;
  Workplace& workplace = event_.workplace;
  return object([&](std::string_view key) {
    if (key == "terminal") return once(seen, 0) && text(workplace.terminal);
    if (key == "ip") return once(seen, 1) && text(workplace.ip);
    if (key == "location") return once(seen, 2) && text(workplace.location);
    return false;
  });
}

bool PlainReader::Pass::trace() {
  uint32_t seen = 0;
  TraceContext& trace = event_.trace;
  return object([&](std::string_view key) {
    if (key == "trace_id") return once(seen, 0) && hex(16, trace.trace_id);
    if (key == "span_id") return once(seen, 1) && hex(8, trace.span_id);
    if (key == "parent_span_id") return once(seen, 2) && hex(8, trace.parent_span_id);
    return false;
  });
}

bool PlainReader::Pass::attributes() {
  std::vector<Attribute>& attributes = buffers_.attributes_;
  attributes.clear();
  const bool whole = object([&](std::string_view key) { return scalar(attributes.emplace_back(key, "").value); });
  if (whole) event_.attributes = batch_.keep(std::span<const Attribute>(attributes));
  return whole;
}

// The letter that tells the fields of one length apart, and then the whole name.
bool PlainReader::Pass::field(std::string_view key, uint32_t& seen) {
  const auto is = [&](std::string_view name, Field field) { return key == name && once(seen, field); };
  if (key.empty()) return false;
  switch (key.front()) {
    case 'i':
      return is("id", kId) && text(event_.id);
    case 't':
      return key.size() == 4 ? is("time", kTime) && time() : is("trace", kTrace) && trace();
    case 'a':
      if (key.size() == 5) return is("actor", kActor) && actor();
      if (key.size() == 6) return is("action", kAction) && word(parse_action, event_.action);
      return is("attributes", kAttributes) && attributes();
    case 's':
      if (key.size() == 8) return is("subjects", kSubjects) && subjects();
      if (key.size() == 6 && key[1] == 'o') return is("source", kSource) && text(event_.source);
      return is("system", kSystem) && text(event_.system);
    case 'c':
      return is("component", kComponent) && text(event_.component);
    case 'd':
      return is("data", kData) && data();
    case 'r':
      return is("records", kRecords) && records();
    case 'p':
      return is("purpose", kPurpose) && purpose();
    case 'o':
      return is("outcome", kOutcome) && word(parse_outcome, event_.outcome);
    case 'w':
      return is("workplace", kWorkplace) && workplace();
    case 'q':
      return is("query", kQuery) && text(event_.query);
    default:
      return false;
  }
}

bool PlainReader::read(std::string_view line, EventBatch& batch, AccessEvent& event) {
  WEERBAAR_CHECK(line.size() <= kLineBytesMax);
  const std::string_view copy = batch.keep_padded(line, kBlockBytes);
  size_t word = 0;
  bool plain = true;
  for (; (word + 1) * kBlockBytes <= copy.size(); ++word) {
    const Block block = look_at(copy.data() + word * kBlockBytes);
    quotes_[word] = block.quotes;
    plain = plain && block.plain;
  }
  if (const size_t rest = copy.size() % kBlockBytes; rest > 0) {
    // The zeros behind the line are not of it.
    std::array<char, kBlockBytes> last;
    last.fill(' ');
    std::memcpy(last.data(), copy.data() + word * kBlockBytes, rest);
    const Block block = look_at(last.data());
    quotes_[word++] = block.quotes;
    plain = plain && block.plain;
  }
  if (!plain) return false;
  quotes_[word] = ~uint64_t{0};
  return Pass(*this, copy, batch, event).line();
}

}  // namespace weerbaar::ingest::jsonl
