// The texts of the columns of one message.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/sources/syslog/cef.h"
#include "ingest/sources/syslog/column.h"
#include "ingest/sources/syslog/message.h"
#include "ingest/sources/syslog/pairs.h"

namespace weerbaar::ingest::syslog {

// What of the content is read; what no column asks for is not.
struct Wanted {
  bool cef = false;
  bool json = false;
  bool pairs = false;

  void add(Part part);
};

class Content {
 public:
  // `message` must stay until the last call of text(). An error: the content begins as CEF or JSON and is broken;
  // columns of the header can be asked for all the same.
  Status read(const Message& message, const Wanted& wanted);

  // Puts the text of a column, as UTF-8, into `to`; an empty one when the message has no such part. Not for kTime.
  // kInvalid when the part comes twice, so that two readers could take two meanings from it, and when it is not UTF-8.
  Status text(const Column& column, std::string& to) const;

 private:
  Status json_text(const Column& column, std::string& to) const;

  const Message* message_ = nullptr;
  bool is_cef_ = false;
  bool is_json_ = false;
  Cef cef_;
  Pairs pairs_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace weerbaar::ingest::syslog
