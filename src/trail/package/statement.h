// The statement of an evidence package: what the entries say, what that proves and what it rests on, in Markdown that
// reads well as plain text too. It follows from its input byte for byte, so that a verifier can make it again.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/strong.h"
#include "base/time.h"
#include "trail/format/sha256.h"
#include "trail/package/answer_check.h"
#include "trail/package/shown_entry.h"

namespace weerbaar::trail {

enum class Language { kDutch, kEnglish };

struct Statement {
  std::string_view question;
  std::string_view made_by;
  Time made_at;
  Disclosure disclosure = Disclosure::kPseudonyms;
  std::string_view origin;
  TreeSize size;
  Hash root{};
  std::string_view key;  // the verifier key in its text form
  std::span<const ShownEntry> entries;
  const AnswerSummary* answer = nullptr;  // of version 2
};

std::string to_markdown(const Statement& statement, Language language);

}  // namespace weerbaar::trail
