#include "trail/format/note.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace weerbaar::trail {
namespace {

constexpr std::string_view kText = "first line\n\nsecond paragraph\n";

SigningKey test_key(std::string_view name = "example.com/log", uint8_t byte = 7) {
  std::array<uint8_t, kSeedBytes> seed;
  seed.fill(byte);
  return SigningKey::from_seed(name, seed).value();
}

Result<OpenedNote> open_with(std::string_view note, const VerifierKey& key) {
  return open_note(note, {&key, 1});
}

// The last line of a signed note.
std::string signature_line(std::string_view note) {
  return std::string(note.substr(note.rfind('\n', note.size() - 2) + 1));
}

TEST(Note, opens_what_was_signed) {
  const auto key = test_key();
  const std::string note = sign_note(kText, key).value();
  const auto opened = open_with(note, key.verifier()).value();
  EXPECT_EQ(opened.text, kText);
  EXPECT_EQ(opened.verified, (std::vector<NoteSigner>{{"example.com/log", key.verifier().id}}));
  EXPECT_TRUE(opened.unverified.empty());
}

TEST(Note, every_change_of_a_byte_is_refused) {
  const auto key = test_key();
  const std::string note = sign_note(kText, key).value();
  for (size_t at = 0; at < note.size(); ++at) {
    for (const char flip : {'\x01', '\x20', '\x40'}) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      ASSERT_FALSE(open_with(changed, key.verifier())) << at;
    }
    ASSERT_FALSE(open_with(note.substr(0, at), key.verifier())) << at;
  }
}

TEST(Note, keeps_signatures_of_unknown_keys_unverified) {
  const auto known = test_key("known", 1);
  const auto unknown = test_key("unknown", 2);
  const std::string line = signature_line(sign_note(kText, unknown).value());
  const std::string note = sign_note(kText, known).value() + line;
  const auto opened = open_with(note, known.verifier()).value();
  EXPECT_EQ(opened.verified, (std::vector<NoteSigner>{{"known", known.verifier().id}}));
  EXPECT_EQ(opened.unverified, (std::vector<NoteSigner>{{"unknown", unknown.verifier().id}}));
  EXPECT_EQ(opened.unverified_lines.at(0) + '\n', line);
}

TEST(Note, a_key_that_shares_only_name_or_only_id_is_another_key) {
  const auto key = test_key();
  const std::string note = sign_note(kText, key).value();
  VerifierKey other = key.verifier();
  other.id ^= 1;
  EXPECT_EQ(open_with(note, other).error().code, Code::kDenied);
  other = key.verifier();
  other.name += "2";
  EXPECT_EQ(open_with(note, other).error().code, Code::kDenied);
}

TEST(Note, one_wrong_signature_of_a_known_key_refuses_the_whole_note) {
  const auto good = test_key("good", 1);
  const auto bad = test_key("bad", 2);
  const std::string note = sign_note(kText, good).value() + signature_line(sign_note("another text\n", bad).value());
  const VerifierKey both[] = {good.verifier(), bad.verifier()};
  EXPECT_EQ(open_note(note, both).error().code, Code::kCorrupt);
  EXPECT_TRUE(open_note(note, std::span(both).first(1)));
}

TEST(Note, a_repeated_signature_counts_once_and_is_checked_each_time) {
  const auto key = test_key();
  const std::string note = sign_note(kText, key).value();
  EXPECT_EQ(open_with(note + signature_line(note), key.verifier()).value().verified.size(), 1U);
  const std::string wrong = signature_line(sign_note("another text\n", key).value());
  EXPECT_EQ(open_with(note + wrong, key.verifier()).error().code, Code::kCorrupt);
}

TEST(Note, known_keys_that_cannot_be_told_apart_are_refused) {
  const auto key = test_key();
  VerifierKey twin = test_key("example.com/log", 8).verifier();
  twin.id = key.verifier().id;
  const VerifierKey keys[] = {key.verifier(), twin};
  EXPECT_EQ(open_note(sign_note(kText, key).value(), keys).error().code, Code::kInvalid);
  const VerifierKey same[] = {key.verifier(), key.verifier()};
  EXPECT_TRUE(open_note(sign_note(kText, key).value(), same));
}

TEST(Note, text_that_looks_like_a_signature_stays_text) {
  const auto key = test_key();
  const std::string inner = sign_note(kText, key).value();
  const std::string outer = sign_note(inner, key).value();
  EXPECT_EQ(open_with(outer, key.verifier()).value().text, inner);
}

TEST(Note, limits_are_kept) {
  const auto key = test_key();
  std::string note = sign_note(kText, key).value();
  const std::string line = signature_line(note);
  for (size_t i = 1; i < kNoteSignaturesMax; ++i) note += line;
  EXPECT_TRUE(open_with(note, key.verifier()));
  EXPECT_EQ(open_with(note + line, key.verifier()).error().code, Code::kInvalid);

  const std::string long_text = std::string(kNoteBytesMax - line.size() - 2, 'a') + '\n';
  const std::string long_note = sign_note(long_text, key).value();
  EXPECT_EQ(long_note.size(), kNoteBytesMax);
  EXPECT_TRUE(open_with(long_note, key.verifier()));
  EXPECT_EQ(sign_note('a' + long_text, key).error().code, Code::kInvalid);
  EXPECT_EQ(open_with('a' + long_note, key.verifier()).error().code, Code::kInvalid);
}

TEST(Note, does_not_sign_what_cannot_be_opened) {
  const auto key = test_key();
  for (const char* text : {"", "no end", "tab\t\n", "\xff\n", "return\r\n"}) {
    EXPECT_EQ(sign_note(text, key).error().code, Code::kInvalid) << text;
  }
  EXPECT_TRUE(open_with(sign_note("\n", key).value(), key.verifier()));
}

// --- public vectors: C2SP, golang.org/x/mod, a real log
// -----------------------------------------------------------------

const std::filesystem::path kVectors = WEERBAAR_SOURCE_DIR "/../shared/data/tlog/note_vectors.json";

nlohmann::json load_vectors() {
  std::ifstream stream(kVectors);
  return nlohmann::json::parse(stream);
}

std::vector<std::string> names_of(const std::vector<NoteSigner>& signers) {
  std::vector<std::string> names;
  for (const auto& signer : signers) names.push_back(signer.name);
  return names;
}

// Ours for what a vector expects, whose words may be followed by an explanation in parentheses.
Code code_of(std::string_view expected) {
  if (expected.starts_with("malformed")) return Code::kInvalid;
  if (expected == "invalid-signature") return Code::kCorrupt;
  EXPECT_EQ(expected, "unverified");
  return Code::kDenied;
}

TEST(Note, agrees_with_the_public_vectors) {
  if (!std::filesystem::exists(kVectors)) GTEST_SKIP() << "no vectors at " << kVectors;
  const auto vectors = load_vectors();
  size_t opened_count = 0;
  size_t refused_count = 0;
  for (const auto& vector : vectors.at("notes")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    std::vector<VerifierKey> known;
    for (const auto& key : vector.at("vkeys")) known.push_back(VerifierKey::parse(key.get<std::string>()).value());
    const std::string note = vector.contains("note")
                                 ? vector.at("note").get<std::string>()
                                 : std::string(as_text(from_hex(vector.at("note_hex").get<std::string>()).value()));
    const auto opened = open_note(note, known);
    const auto expected = vector.at("expect").get<std::string>();
    if (expected != "ok") {
      ++refused_count;
      ASSERT_FALSE(opened.has_value());
      EXPECT_EQ(opened.error().code, code_of(expected)) << opened.error().text;
      continue;
    }
    ++opened_count;
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    EXPECT_TRUE(note.starts_with(opened->text + "\n\u2014 "));
    if (vector.contains("verified")) {
      EXPECT_EQ(names_of(opened->verified), vector.at("verified").get<std::vector<std::string>>());
    }
    if (vector.contains("unverified")) {
      EXPECT_EQ(names_of(opened->unverified), vector.at("unverified").get<std::vector<std::string>>());
    }
  }
  EXPECT_EQ(opened_count, 5U);
  EXPECT_EQ(refused_count, 10U);
}

TEST(Note, signs_as_go_does) {
  if (!std::filesystem::exists(kVectors)) GTEST_SKIP() << "no vectors at " << kVectors;
  const auto vectors = load_vectors();
  const auto& vector = vectors.at("sign_deterministic");
  const auto key = SigningKey::parse(vector.at("skey").get<std::string>()).value();
  EXPECT_EQ(sign_note(vector.at("text").get<std::string>(), key).value(), vector.at("want").get<std::string>());
}

}  // namespace
}  // namespace weerbaar::trail
