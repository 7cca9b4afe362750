#include "people/password.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <semaphore>

#include "base/utf8.h"

namespace weerbaar::people {
namespace {

// What lists of passwords that leaked hold most, of at least twelve characters; shorter ones are refused anyway. In
// lower case; digits and signs at the end do not save them.
constexpr std::array<std::string_view, 30> kCommon = {"passwordpassword",
                                                      "wachtwoordwachtwoord",
                                                      "welkomwelkom",
                                                      "qwertyuiop",
                                                      "qwertyuiopasdfghjkl",
                                                      "qwertyuiopas",
                                                      "asdfghjkl",
                                                      "iloveyou",
                                                      "administrator",
                                                      "adminadmin",
                                                      "letmeinletmein",
                                                      "wachtwoord",
                                                      "welkom",
                                                      "password",
                                                      "weerbaar",
                                                      "belastingdienst",
                                                      "gemeente",
                                                      "geheim",
                                                      "geheimgeheim",
                                                      "zomer",
                                                      "winter",
                                                      "herfst",
                                                      "lente",
                                                      "changeme",
                                                      "changemechangeme",
                                                      "correcthorsebatterystaple",
                                                      "trustno",
                                                      "passw0rd",
                                                      "p@ssword",
                                                      "p@ssw0rd"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return out;
}

// Without the digits and signs at its end.
std::string_view stem(std::string_view text) {
  while (!text.empty() && (text.back() < 'a' || text.back() > 'z') && static_cast<unsigned char>(text.back()) < 0x80) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_row(std::string_view text) {
  for (const int step : {0, 1, -1}) {
    bool all = true;
    for (size_t i = 1; all && i < text.size(); ++i) {
      const int to_come = text[i - 1] + step;
      // After 9 comes 0.
      all = text[i] == to_come || (step == 1 && text[i - 1] == '9' && text[i] == '0') ||
            (step == -1 && text[i - 1] == '0' && text[i] == '9');
    }
    if (all) return true;
  }
  return false;
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
  const std::string small = lower(password);
  const std::string_view core = stem(small);
  if (is_row(small) || std::ranges::find(kCommon, core) != kCommon.end() ||
      std::ranges::find(kCommon, small) != kCommon.end() || core == stem(lower(account)) || small == lower(account)) {
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
