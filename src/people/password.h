// Passwords: which are taken (NIST SP 800-63B section 5.1.1.2), and how they are kept (Argon2id, RFC 9106).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::people {

inline constexpr size_t kPasswordCharactersMin = 12;
inline constexpr size_t kPasswordBytesMax = 128;
// Memory and passes of one hash: about a tenth of a second.
inline constexpr size_t kHashBytes = size_t{64} << 20U;
inline constexpr unsigned kHashPasses = 3;

// kInvalid with the rule that it breaks: too short or long, no UTF-8, or found within 10^8 guesses by who knows which
// passwords leaked, which words, names and dates people choose, and the name of the account. Nothing else is asked of
// it.
Status check_password(std::string_view password, std::string_view account);

// "$argon2id$…", with a salt of its own. Thread-safe, as the others are: no more than kHashesAtOnce are made at once,
// whoever asks for more waits. kIo when there is no memory for it.
inline constexpr int kHashesAtOnce = 2;
Result<std::string> hash_password(std::string_view password);
// False for any text that hash_password() did not make. Takes as long whatever the password.
bool is_password(std::string_view password, const std::string& hash);
// Takes the time of is_password(), for an account that does not exist.
void pretend_to_compare(std::string_view password);

}  // namespace weerbaar::people
