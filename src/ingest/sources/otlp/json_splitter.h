// Cuts a byte stream into the JSON objects at its top: one document over many lines, JSON Lines, objects one after
// another, or an array of objects. It knows just enough JSON to find the ends, and to see at once where a file that was
// cut off or mixed up goes wrong, so that one broken object does not take those behind it along.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::ingest::otlp {

// Deepest nesting of objects and arrays in an object that is parsed as one.
inline constexpr size_t kJsonDepthMax = 64;
inline constexpr std::string_view kObjectTooDeep = "the JSON nests deeper than 64 levels: flatten the attributes";
// Largest object: an OTLP request of tens of thousands of spans.
inline constexpr size_t kJsonBytesMax = 16 * 1024 * 1024;

// An object, or a stretch of input that is none.
struct JsonPiece {
  uint64_t line;             // of its first byte, from 1
  std::string_view text;     // the whole object; of a broken stretch the first kLineBytesMax bytes
  std::string_view problem;  // empty for an object; else what is wrong and what to do
  bool is_cut = false;       // more of a broken stretch came than `text` has
  size_t depth = 0;          // deepest nesting in an object, itself counted: there is no limit to it here
};

// An object is only known to have balanced brackets and strings that end: the parser behind judges the rest. Behind a
// broken object the input goes on at the next line that begins like the line on which that object began: the same
// indentation and an opening bracket. Pieces do not depend on the cuts. Holds at most bytes_max, a bit for each level
// of nesting, and what was fed last.
class JsonSplitter {
 public:
  explicit JsonSplitter(size_t bytes_max = kJsonBytesMax) : bytes_max_(bytes_max) {}

  // Takes a copy of the next bytes, cut anywhere.
  void feed(std::string_view bytes);
  // The input has ended: next() gives what was held back.
  void finish() { ended_ = true; }
  // The next piece; nothing when it takes more input to know it, or when the input has ended and all was given. The
  // texts hold until the next call of any function.
  std::optional<JsonPiece> next();

 private:
  enum class State : uint8_t {
    kBetween,   // head_ stands outside an object
    kObject,    // head_ is the start of an object, at_ how far it was read
    kTooLarge,  // an object is read to its end without being kept
    kBroken,    // looking for the line at which the input makes sense again
  };
  enum class Scan : uint8_t { kMore, kDone, kBad };

  bool find_object();
  std::optional<JsonPiece> next_of_object();
  std::optional<JsonPiece> next_of_too_large();
  std::optional<JsonPiece> next_of_broken();
  bool resumes_here();

  void begin_object();
  Scan scan(size_t end);
  bool skip_string(size_t end);
  bool open(char bracket);
  bool close(char bracket);

  void begin_broken(std::string_view problem);
  void consume(size_t to);
  void discard(size_t to);
  JsonPiece broken_piece();

  const size_t bytes_max_;
  std::string bytes_;  // what was fed and is still needed
  size_t head_ = 0;    // of bytes_: everything before it was dealt with
  uint64_t line_ = 1;  // of head_
  State state_ = State::kBetween;
  bool ended_ = false;
  bool at_start_ = true;  // of the input: a byte order mark may come

  bool in_array_ = false;         // between the brackets of an array at the top
  bool array_is_broken_ = false;  // something in it was broken, and its end may have gone with that
  bool line_is_blank_ = true;     // nothing but blanks before head_ on its line
  size_t blanks_ = 0;             // how many
  size_t indentation_ = 0;        // of the line on which the current object began

  // The current object.
  size_t at_ = 0;
  std::vector<bool> levels_;  // the innermost last: it is an object
  size_t deepest_ = 0;
  char previous_ = 0;  // last byte that is not blank, outside strings
  bool in_string_ = false;
  bool escaped_ = false;
  std::string_view fault_;

  // The current broken stretch.
  std::string raw_;
  bool raw_is_cut_ = false;
  uint64_t broken_line_ = 0;
  std::string_view problem_;
};

}  // namespace weerbaar::ingest::otlp
