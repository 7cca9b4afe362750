// Cuts LDIF (RFC 2849), and what ldapsearch writes beside it, into records of attributes: lines joined, comments
// dropped, the version line checked.
//
// Pull interface: feed() what came, then next() until it says no. What comes out does not depend on the cuts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::facts {

inline constexpr size_t kLdifRecordBytesMax = size_t{16} << 20U;

struct LdifAttribute {
  enum class Form : uint8_t { kPlain, kBase64, kUrl };

  uint64_t line = 0;    // of its first byte, from 1
  std::string name;     // as it is written, without options
  std::string options;  // "lang-nl", "range=0-1499"; several with ';' between
  Form form = Form::kPlain;
  std::string value;  // as it is written

  // The value itself. kInvalid for what is no base64, and for a URL: nothing is fetched.
  [[nodiscard]] Result<std::string> text() const;
};

struct LdifRecord {
  // ldapsearch writes more than entries: references to other directories, how a search ended ("result: 0 Success"), and
  // behind "# numResponses" the comment "# numEntries", here an attribute of that name.
  enum class Sort : uint8_t { kEntry, kReference, kResult, kCount };

  Sort sort = Sort::kEntry;
  uint64_t line = 0;                      // of the first line, or of the one that is wrong
  std::vector<LdifAttribute> attributes;  // of an entry the first is the dn
  std::string_view problem;               // what is wrong and what to do; empty for a right one
};

class LdifSplitter {
 public:
  void feed(std::string_view bytes);
  // The input has ended.
  void finish() { ended_ = true; }
  // False: more input is needed, or there is none left.
  bool next(LdifRecord& record);

 private:
  bool take_lines();
  void take_line(std::string_view line);
  void take_comment(std::string_view line);
  void end_logical_line();
  void take_attribute();
  void end_record();
  void fault(uint64_t line, std::string_view problem);

  std::string buffer_;
  size_t start_ = 0;    // of the line at hand, in buffer_
  size_t scanned_ = 0;  // bytes of it that hold no line end
  uint64_t line_ = 1;
  bool ended_ = false;
  bool drops_line_ = false;  // it is too long, and its rest is not kept

  std::string logical_;  // lines that were joined
  uint64_t logical_line_ = 0;
  bool has_logical_ = false;
  bool in_comment_ = false;
  bool is_behind_responses_ = false;  // the line before was "# numResponses"
  bool at_start_ = true;              // nothing but comments came yet: a version line may

  LdifRecord record_;
  size_t record_bytes_ = 0;
  bool is_complete_ = false;
};

}  // namespace weerbaar::facts
