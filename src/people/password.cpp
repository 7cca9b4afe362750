#include "people/password.h"

#include <fmt/format.h>
#include <sodium.h>
#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <semaphore>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace weerbaar::people {
namespace {

// So many guesses, of who tries what people choose first, a password withstands: 10^8, above which the estimate takes
// it for safe from who guesses at a slow hash.
constexpr double kGuessedBits = 26.6;

// Words that the library does not have, and that people here build passwords of.
constexpr std::array<const char*, 16> kLocalWords = {
    "weerbaar", "belastingdienst", "belasting", "toeslagen", "douane", "gemeente", "geheim", "wachtwoord",
    "welkom",   "beheerder",       "zomer",     "herfst",    "lente",  "voorjaar", "najaar", "inloggen"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return out;
}

// By dictionaries, names, dates, keyboard rows, repetition and the account's own name (Wheeler, zxcvbn, USENIX Security
// 2016).
bool is_guessed(const std::string& password, std::string_view account) {
  const std::string name = lower(account);
  std::vector<std::string> own = {name};
  std::string word;
  for (const char c : name) {
    const bool is_letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
    if (is_letter) word += c;
    if (!is_letter && !word.empty()) own.push_back(std::exchange(word, {}));
  }
  if (!word.empty()) own.push_back(std::move(word));
  std::vector<const char*> words(kLocalWords.begin(), kLocalWords.end());
  for (const std::string& one : own) words.push_back(one.c_str());
  words.push_back(nullptr);
  return ZxcvbnMatch(password.c_str(), words.data(), nullptr) < kGuessedBits;
}

std::counting_semaphore<kHashesAtOnce>& turns() {
  static std::counting_semaphore<kHashesAtOnce> semaphore(kHashesAtOnce);
  return semaphore;
}

class Turn {
 public:
  Turn() { turns().acquire(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { turns().release(); }
};

}  // namespace

Status check_password(std::string_view password, std::string_view account) {
  if (password.size() > kPasswordBytesMax || !is_utf8(password)) {
    return fail(Code::kInvalid, fmt::format("a password has at most {} bytes of UTF-8", kPasswordBytesMax));
  }
  const auto characters =
      std::ranges::count_if(password, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; });
  if (static_cast<size_t>(characters) < kPasswordCharactersMin) {
    return fail(Code::kInvalid,
                fmt::format("a password has at least {} characters: some words together make a good one",
                            kPasswordCharactersMin));
  }
  if (password.find('\0') != std::string_view::npos || is_guessed(std::string(password), account)) {
    return fail(Code::kInvalid,
                "this password is among those that are tried first: choose some words that do not "
                "belong together");
  }
  return {};
}

Result<std::string> hash_password(std::string_view password) {
  if (sodium_init() < 0) return fail(Code::kIo, "the cryptographic library does not start");
  const Turn turn;
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kHashPasses, kHashBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(Code::kIo, fmt::format("no memory for the hash of a password: {} MiB are needed", kHashBytes >> 20U));
  }
  return std::string(hash.data());
}

bool is_password(std::string_view password, const std::string& hash) {
  if (sodium_init() < 0 || password.size() > kPasswordBytesMax) return false;
  const Turn turn;
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

void pretend_to_compare(std::string_view password) {
  static const Result<std::string> hash = hash_password("no account has this one");
  if (hash) [[maybe_unused]]
    const bool ignored = is_password(password, *hash);
}

}  // namespace weerbaar::people
