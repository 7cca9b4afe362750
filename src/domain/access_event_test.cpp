#include "domain/access_event.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace weerbaar {
namespace {

AccessEvent minimal() {
  AccessEvent event;
  event.id = "1";
  event.source = "bvr-3270";
  event.actor.id = "u104233";
  event.system = "BVR";
  return event;
}

TEST(AccessEvent, a_minimal_event_is_valid) {
  EXPECT_TRUE(validate(minimal()).has_value());
}

TEST(AccessEvent, names_the_field_that_breaks_a_rule) {
  const std::string long_text(kTextBytesMax + 1, 'x');
  const std::vector<Subject> many(kSubjectsMax + 1, Subject{SubjectType::kOther, "1", ""});
  const std::vector<Subject> nameless = {Subject{SubjectType::kBsn, "", ""}};
  const std::vector<Attribute> valueless = {{"a", ""}};
  const std::vector<Attribute> twice = {{"a", "1"}, {"a", "2"}};
  const std::pair<std::string, std::function<void(AccessEvent&)>> cases[] = {
      {"id", [](AccessEvent& e) { e.id = ""; }},
      {"source", [&](AccessEvent& e) { e.source = long_text; }},
      {"actor.id", [](AccessEvent& e) { e.actor.id = "a\nb"; }},
      {"system", [](AccessEvent& e) { e.system = "\xC3"; }},
      {"component", [&](AccessEvent& e) { e.component = long_text; }},
      {"query", [](AccessEvent& e) { e.query = std::string_view("a\0b", 3); }},
      {"time", [](AccessEvent& e) { e.time.micros = kMicrosMax + 1; }},
      {"records", [](AccessEvent& e) { e.records = kRecordsMax + 1; }},
      {"trace.span_id", [](AccessEvent& e) { e.trace.span_id = "1234567"; }},
      {"subjects", [&](AccessEvent& e) { e.subjects = many; }},
      {"subjects.id", [&](AccessEvent& e) { e.subjects = nameless; }},
      {"attributes", [&](AccessEvent& e) { e.attributes = twice; }},
      {"attributes", [&](AccessEvent& e) { e.attributes = valueless; }},
  };
  for (const auto& [field, spoil] : cases) {
    AccessEvent event = minimal();
    spoil(event);
    const Status status = validate(event);
    ASSERT_FALSE(status.has_value()) << field;
    EXPECT_EQ(status.error().code, Code::kInvalid);
    EXPECT_NE(status.error().text.find(field), std::string::npos) << status.error().text;
  }
}

TEST(AccessEvent, no_identity_begins_as_a_pseudonym_does) {
  const auto refusal = [](auto&& spoil) {
    AccessEvent event = minimal();
    spoil(event);
    const Status status = validate(event);
    return status ? std::string() : status.error().text;
  };
  for (const char* shown : {"~", "~2026-Q1:5f3a", "~\xC3\xA9"}) {
    const std::vector<Subject> subjects = {{SubjectType::kOther, "1", ""}, {SubjectType::kOther, shown, ""}};
    const std::string remedy = " begins with '~', by which pseudonyms are known: the source must write it without";
    EXPECT_EQ(refusal([&](AccessEvent& e) { e.actor.id = shown; }), "actor.id" + remedy);
    EXPECT_EQ(refusal([&](AccessEvent& e) { e.actor.on_behalf_of = shown; }), "actor.on_behalf_of" + remedy);
    EXPECT_EQ(refusal([&](AccessEvent& e) { e.subjects = subjects; }), "subjects.id" + remedy);
    // Elsewhere it is a character like any other.
    EXPECT_EQ(refusal([&](AccessEvent& e) { e.id = e.source = e.system = e.component = shown; }), "");
  }
  EXPECT_EQ(refusal([](AccessEvent& e) { e.actor.id = e.actor.on_behalf_of = "a~"; }), "");
}

// Texts are looked at in words of eight bytes; a bad byte must show at any place in them.
TEST(AccessEvent, finds_a_bad_byte_in_any_place_of_a_name) {
  for (size_t size = 1; size <= 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string name(size, 'x');
        name[at] = static_cast<char>(byte);
        AccessEvent event = minimal();
        event.component = name;
        const bool printable = byte >= 0x20 && byte < 0x7F;
        ASSERT_EQ(validate(event).has_value(), printable) << size << ' ' << at << ' ' << byte;
      }
    }
  }
}

TEST(AccessEvent, takes_text_beyond_ascii) {
  AccessEvent event = minimal();
  event.component = "caf\xC3\xA9 \xE2\x82\xAC";
  event.query = "two\nlines";
  const Attribute attributes[] = {{"k\xC3\xA9y", "\"\xC3\xA9\""}, {"key", "1"}};
  event.attributes = attributes;
  EXPECT_TRUE(validate(event).has_value());
  event.component = "\xE2\x82";
  EXPECT_FALSE(validate(event).has_value());
}

TEST(AccessEvent, every_word_of_the_vocabulary_goes_both_ways) {
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(parse_action(to_string(static_cast<Action>(i))), static_cast<Action>(i));
  }
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(parse_subject_type(to_string(static_cast<SubjectType>(i))), static_cast<SubjectType>(i));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(parse_outcome(to_string(static_cast<Outcome>(i))), static_cast<Outcome>(i));
    EXPECT_EQ(parse_actor_type(to_string(static_cast<ActorType>(i))), static_cast<ActorType>(i));
  }
  EXPECT_FALSE(parse_action("READ").has_value());
}

TEST(EventBatch, a_deep_copy_outlives_its_origin) {
  EventBatch batch;
  {
    const std::string id = "u104233-000001";
    const std::string bsn = "123456782";
    const std::vector<Subject> subjects = {{SubjectType::kBsn, bsn, "partner"}};
    AccessEvent event = minimal();
    event.id = id;
    event.subjects = subjects;
    batch.add_copy(event);
  }
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.events()[0].id, "u104233-000001");
  EXPECT_EQ(batch.events()[0].subjects[0].id, "123456782");
  EventBatch moved = std::move(batch);
  EXPECT_EQ(moved.events()[0].subjects[0].role, "partner");
  moved.clear();
  EXPECT_TRUE(moved.empty());
}

}  // namespace
}  // namespace weerbaar
