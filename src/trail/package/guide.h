// The files of an evidence package that are the same in every package of a version: which file is what, and how to
// check it by hand. They belong to the format: a verifier compares them, so another text is another version of the
// format.
#pragma once

#include <string>
#include <string_view>

#include "trail/package/statement.h"

namespace weerbaar::trail {

// README.txt, in both languages.
std::string_view readme_text(unsigned version);

// VERIFY.nl.md and VERIFY.en.md: needs nothing but Python 3 and OpenSSL. The first ```sh block makes the files that the
// signature is checked with and checks it; the ```python block checks everything else.
std::string verify_text(unsigned version, Language language);

}  // namespace weerbaar::trail
