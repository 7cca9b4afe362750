#include "trail/package/package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "domain/access_event_json.h"
#include "os/testing.h"
#include "trail/format/checkpoint.h"
#include "trail/format/cosignature.h"
#include "trail/format/note.h"
#include "trail/package/guide.h"
#include "trail/package/manifest.h"
#include "trail/package/package_files.h"
#include "trail/package/repacked.h"
#include "trail/package/shown_entry.h"
#include "trail/package/statement.h"
#include "trail/package/testing.h"
#include "trail/package/zip.h"
#include "trail/store/testing.h"

namespace weerbaar::trail {
namespace {

using os::refusal;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kQuestion = "Who consulted the data of this person in March 2026?";

AccessEvent full_event() {
  static const Subject subjects[] = {{SubjectType::kBsn, "123456782", ""},
                                     {SubjectType::kVehicle, "AB-12-CD", "owner"}};
  static const std::string_view data[] = {"address", "income"};
  static const Attribute attributes[] = {{"printer", "\"P-7\\u0041\""}, {"pages", "12"}, {"late", "true"}};
  AccessEvent event;
  event.id = "7f0c-000017";
  event.source = "bvr-3270";
  event.time = parse_time("2026-03-02T07:14:03.412Z").value();
  event.actor = {"u104233", ActorType::kEmployee, "inspecteur", "inning-west", "u200000"};
  event.action = Action::kSearch;
  event.system = "BVR";
  event.component = "BVR0210";
  event.subjects = subjects;
  event.data = data;
  event.query = "naam = Jansen\nen \"plaats\" = Delft";
  event.records = 1;
  event.purpose = {"https://example.org/activity/1", "Z-2026-0004711", "AWR art. 47", "spoed: aan de balie", true};
  event.workplace = {"T01A4", "10.1.2.3", "Delft"};
  event.trace = {"0123456789abcdef", "01234567", "76543210"};
  event.attributes = attributes;
  return event;
}

// Texts of full_event() that only the holder of the keys may show.
constexpr const char* kIdentities[] = {"123456782", "AB-12-CD",     "u104233", "u200000", "Jansen",
                                       "P-7",       "aan de balie", "T01A4",   "10.1.2.3"};

AccessEvent plain_event(std::string_view id, std::string_view time) {
  static const Subject subjects[] = {{SubjectType::kBsn, "123456782", ""}};
  AccessEvent event;
  event.id = id;
  event.source = "inning-sql";
  event.time = parse_time(time).value();
  event.actor.id = "u104233";
  event.system = "INNING";
  event.subjects = subjects;
  return event;
}

// Entry 0: everything; 1 and 2: the same person, in two periods; 3: a record; 4 and on: filling.
class Package : public ::testing::Test {
 protected:
  Package() {
    made_.add(full_event());
    made_.add(plain_event("a", "2026-03-02T07:15:00Z"));
    made_.add(plain_event("b", "2025-11-02T07:15:00Z"));
    EXPECT_TRUE(made_.trail().append_record("retention", R"({"period":"2018-Q1"})").has_value());
    made_.fill(300);
  }

  [[nodiscard]] const VerifierKey& key() { return made_.keys().verifier_key(); }

  PackageRequest request(Disclosure disclosure) {
    return {{EntryIndex(0), EntryIndex(1), EntryIndex(2), EntryIndex(3), EntryIndex(255), EntryIndex(299)},
            disclosure,
            kQuestion,
            "auditor 7 (internal audit)",
            parse_time("2026-04-01T09:00:00Z").value()};
  }
  Bytes package(Disclosure disclosure) { return make_package(made_.trail(), request(disclosure)).value(); }

  TestTrail made_;
};

TEST_F(Package, of_pseudonyms_is_proven_without_the_trail) {
  const auto report = verify(package(Disclosure::kPseudonyms), {key(), {}});
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_EQ(report.events, 5U);
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.origin, "weerbaar.example/trail");
  EXPECT_EQ(report.size, TreeSize(300));
  EXPECT_TRUE(report.trusted_key);
  EXPECT_EQ(report.proven.size(), 3U);
  EXPECT_THAT(report.proven[0], HasSubstr("6 entries, of which 5 accesses"));
  EXPECT_THAT(report.proven[1], HasSubstr(key().format()));
  EXPECT_THAT(report.assumed[0], HasSubstr("completeness is not proven"));
}

TEST_F(Package, of_identities_is_proven_apart_from_their_translation) {
  const auto report = verify(package(Disclosure::kIdentities), {key(), {}});
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_EQ(report.events, 5U);
  EXPECT_THAT(report.assumed, ::testing::Contains(HasSubstr("translated pseudonyms and encrypted texts rightly")));
  EXPECT_THAT(report.proven[2], HasSubstr("apart from identities"));
}

TEST_F(Package, without_a_key_from_elsewhere_says_that_it_vouches_for_itself) {
  const auto report = verify(package(Disclosure::kPseudonyms));
  EXPECT_TRUE(report.ok);
  EXPECT_FALSE(report.trusted_key);
  EXPECT_THAT(report.assumed, ::testing::Contains(HasSubstr("only as trustworthy as whoever gave it")));
}

TEST_F(Package, cosignatures_are_held_against_a_policy_and_named_without_one) {
  std::array<uint8_t, kSeedBytes> seed{7};
  const auto witness = SigningKey::from_seed("w.example/1", seed, SignatureType::kCosignature).value();
  seed = {8};
  const auto other = SigningKey::from_seed("w.example/2", seed, SignatureType::kCosignature).value();
  const std::string line = cosign(note_text(made_.trail().checkpoint_note()).value(), 1'780'000'000, witness).value();
  auto members = unpack(package(Disclosure::kPseudonyms));
  for (ZipMember& each : members) {
    // The checkpoint is the end of a proof.
    if (each.name == "checkpoint" || each.name.ends_with(".tlog-proof")) append(each.content, as_bytes(line));
  }
  list_again(members);
  const Bytes cosigned = pack(members);
  const std::vector<TlogPolicy::Witness> both = {{"one", witness.verifier(), ""}, {"two", other.verifier(), ""}};
  const auto trust = [&](const VerifierKey& log, size_t quorum) {
    PackageTrust made;
    made.policy = TlogPolicy::of(log, both, quorum);
    return made;
  };
  const PackageReport report = verify(cosigned, trust(key(), 1));
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_TRUE(report.trusted_key) << "the policy gave it";
  EXPECT_THAT(report.proven, ::testing::Contains(HasSubstr("cosigned that tree, as it asks: one")));
  EXPECT_THAT(problems_of(verify(cosigned, trust(key(), 2))), HasSubstr("not cosigned as the policy asks: 1 of"));
  EXPECT_THAT(problems_of(verify(package(Disclosure::kPseudonyms), trust(key(), 1))),
              HasSubstr("not cosigned as the policy asks: 0 of"));
  seed = {9};
  const auto stranger = SigningKey::from_seed(key().name, seed).value();
  EXPECT_THAT(problems_of(verify(cosigned, trust(stranger.verifier(), 0))),
              HasSubstr("the key of no log of the policy"));
  const PackageReport unchecked = verify(cosigned, {key(), {}});
  EXPECT_TRUE(unchecked.ok);
  EXPECT_THAT(unchecked.assumed, ::testing::Contains(HasSubstr("which were not checked (--policy does): w.example/1")));
}

TEST_F(Package, of_pseudonyms_holds_no_identity_anywhere) {
  auto members = unpack(package(Disclosure::kPseudonyms));
  EXPECT_EQ(members.size(), 8U + 3 * 6);
  for (const ZipMember& each : members) {
    for (const char* identity : kIdentities) {
      EXPECT_THAT(std::string(as_text(each.content)), Not(HasSubstr(identity))) << each.name;
    }
  }
  const std::string statement = text_of(members, "STATEMENT.en.md");
  EXPECT_THAT(statement, HasSubstr("~2026-Q1:"));
  EXPECT_THAT(statement, HasSubstr("not shown here: `query`, `purpose.reason`, `attributes.pages`, "));
}

TEST_F(Package, of_identities_says_what_the_source_said) {
  auto members = unpack(package(Disclosure::kIdentities));
  const std::string json = text_of(members, "entries/000000000000000000.json");
  EXPECT_THAT(json, HasSubstr(R"("actor":{"id":"u104233","function":"inspecteur","unit":"inning-west")"));
  EXPECT_THAT(json, HasSubstr(R"("attributes":{"late":true,"pages":12,"printer":"P-7\u0041"})"));
  EXPECT_THAT(json, HasSubstr(R"("query":"naam = Jansen\nen \"plaats\" = Delft")"));
  const std::string statement = text_of(members, "STATEMENT.nl.md");
  EXPECT_THAT(statement, HasSubstr("> Who consulted the data of this person in March 2026?\n"));
  EXPECT_THAT(statement, HasSubstr("- Wie: medewerker `u104233`, functie `inspecteur`, afdeling `inning-west`, namens "
                                   "`u200000`\n"));
  EXPECT_THAT(statement, HasSubstr("BSN `123456782`"));
  EXPECT_THAT(statement, HasSubstr("voertuig `AB-12-CD` (als `owner`)"));
  EXPECT_THAT(statement, HasSubstr("- Handeling: zoeken, `BVR`, onderdeel `BVR0210`\n"));
  EXPECT_THAT(statement, HasSubstr("zaak `Z-2026-0004711`"));
  EXPECT_THAT(statement, HasSubstr("### Regel 299: handeling\n"));
  EXPECT_THAT(statement, HasSubstr("### Regel 3: aantekening over het logboek zelf\n"));
  EXPECT_THAT(statement, HasSubstr(key().format()));
  EXPECT_THAT(statement, HasSubstr(to_base64(made_.trail().checkpoint().root)));
}

TEST_F(Package, is_the_same_for_the_same_request) {
  PackageRequest other = request(Disclosure::kIdentities);
  std::ranges::reverse(other.entries);
  other.entries.push_back(EntryIndex(0));
  EXPECT_EQ(make_package(made_.trail(), other).value(), package(Disclosure::kIdentities));
}

TEST_F(Package, of_one_entry_in_a_tree_of_one) {
  TestTrail made;
  made.add(full_event());
  made.sign();
  PackageRequest one = request(Disclosure::kIdentities);
  one.entries = {EntryIndex(0)};
  const auto report = verify(make_package(made.trail(), one).value());
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_EQ(report.size, TreeSize(1));
}

TEST_F(Package, of_events_varied_in_every_field_is_proven) {
  TestTrail made;
  EventBatch batch;
  testing::EventMaker(7).make(0, 400, batch);
  const auto receipt = made.trail().append(batch.events()).value();
  ASSERT_EQ(receipt.accepted, 400U);
  made.sign();
  PackageRequest all = request(Disclosure::kIdentities);
  all.entries.clear();
  for (uint64_t index = 0; index < 400; ++index) all.entries.emplace_back(index);
  const Bytes identities = make_package(made.trail(), all).value();
  auto report = verify(identities);
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_EQ(report.events, 400U);
  all.disclosure = Disclosure::kPseudonyms;
  report = verify(make_package(made.trail(), all).value());
  EXPECT_TRUE(report.ok) << problems_of(report);
  // The trail keeps subjects and attributes in an order of its own; all else is what came in.
  auto members = unpack(identities);
  for (uint64_t index = 0; index < 400; ++index) {
    const AccessEvent& event = batch.events()[index];
    const std::string json = text_of(members, entry_json_file(EntryIndex(index)));
    EXPECT_THAT(json, HasSubstr(fmt::format(R"("event":{{"id":"{}","source":"{}","time":"{}","actor":{{"id":"{}")",
                                            event.id, event.source, format_time(event.time), event.actor.id)));
    for (const Subject& subject : event.subjects) EXPECT_THAT(json, HasSubstr(std::string(subject.id)));
    for (const Attribute& attribute : event.attributes) {
      EXPECT_THAT(json, HasSubstr(fmt::format("\"{}\":{}", attribute.key, attribute.value)));
    }
  }
}

TEST_F(Package, shows_pseudonyms_where_the_key_was_destroyed) {
  ASSERT_TRUE(
      made_.keys().destroy(Period{2025 * 4 + 3}, parse_time("2033-01-01T00:00:00Z").value(), "term").has_value());
  const Bytes bytes = package(Disclosure::kIdentities);
  const auto report = verify(bytes, {key(), {}});
  EXPECT_TRUE(report.ok) << problems_of(report);
  auto members = unpack(bytes);
  EXPECT_THAT(text_of(members, "entries/000000000000000002.json"), HasSubstr("~2025-Q4:"));
  EXPECT_THAT(text_of(members, "entries/000000000000000001.json"), HasSubstr("123456782"));
  EXPECT_THAT(text_of(members, "STATEMENT.en.md"), HasSubstr("- The key of 2025-Q4 was destroyed"));
}

TEST_F(Package, is_not_made_of_what_cannot_be_proven) {
  const auto refused = [&](auto change) {
    PackageRequest wrong = request(Disclosure::kPseudonyms);
    change(wrong);
    return refusal(make_package(made_.trail(), wrong));
  };
  EXPECT_EQ(refused([](PackageRequest& r) { r.entries.clear(); }), Code::kInvalid);
  EXPECT_EQ(refused([](PackageRequest& r) { r.entries.emplace_back(300); }), Code::kInvalid);
  made_.add(plain_event("behind the checkpoint", "2026-03-02T08:00:00Z"));
  EXPECT_EQ(refused([](PackageRequest& r) { r.entries.emplace_back(300); }), Code::kInvalid);
  EXPECT_EQ(refused([](PackageRequest& r) { r.question = ""; }), Code::kInvalid);
  EXPECT_EQ(refused([](PackageRequest& r) { r.question = "one\ntwo"; }), Code::kInvalid);
  EXPECT_EQ(refused([](PackageRequest& r) { r.question = "\xFF"; }), Code::kInvalid);
  EXPECT_EQ(refused([](PackageRequest& r) { r.made_by = std::string(201, 'x'); }), Code::kInvalid);
  EXPECT_EQ(refused([](PackageRequest& r) {
              r.entries.clear();
              for (uint64_t i = 0; i <= kPackageEntriesMax; ++i) r.entries.emplace_back(i);
            }),
            Code::kInvalid);
  EXPECT_EQ(refused([](PackageRequest&) {}), std::nullopt);
}

TEST_F(Package, every_changed_file_is_named) {
  const auto original = unpack(package(Disclosure::kIdentities));
  for (const ZipMember& each : original) {
    auto members = original;
    member(members, each.name).content.back() ^= 1U;
    const auto report = verify(pack(members));
    EXPECT_FALSE(report.ok) << each.name;
    EXPECT_TRUE(report.proven.empty());
    const bool named = std::ranges::any_of(report.problems, [&](const Problem& p) { return p.where == each.name; });
    EXPECT_TRUE(named) << each.name << "\n" << problems_of(report);
  }
}

// Whatever somebody changes and lists again, what is proven is found changed at its place. Identities under the key
// are not proven: a test of its own.
TEST_F(Package, every_changed_file_is_found_also_when_the_manifest_agrees) {
  const auto original = unpack(package(Disclosure::kPseudonyms));
  for (const ZipMember& each : original) {
    if (each.name == "manifest.json") continue;
    for (size_t at = 0; at < each.content.size(); at += 1 + each.content.size() / 20) {
      auto members = original;
      member(members, each.name).content[at] ^= 2U;
      list_again(members);
      const auto report = verify(pack(members));
      EXPECT_FALSE(report.ok) << each.name << " byte " << at;
    }
  }
}

TEST_F(Package, a_changed_field_is_found_however_well_the_rest_agrees) {
  const auto original = unpack(package(Disclosure::kIdentities));
  const std::pair<const char*, const char*> changes[] = {
      {"\"search\"", "\"read\""},
      {"BVR0210", "BVR0211"},
      {"Z-2026-0004711", "Z-2026-0004712"},
      {"03.412Z", "03.413Z"},
      {"inning-west", "inning-oost"},
      {"\"records\":1", "\"records\":2"},
      {"\"index\":0", "\"index\":9"},
      {"\"break_glass\":true", "\"break_glass\":false"},
      {"\"late\":true", "\"late\":false"},
      {"\"role\":\"owner\"", "\"role\":\"lender\""},
      {"\"data\":[\"address\",", "\"data\":["},
      {"2026-Q1", "2026-Q2"},
      {"\"event\":", "\"marks\":[\"future\"],\"event\":"},
      {"{\"index\"", "{ \"index\""},
      {"\"actor\":{\"id\":\"u104233\"", "\"actor\":{\"id\":\"u104234\",\"id\":\"u104233\""},
  };
  for (const auto& [from, to] : changes) {
    auto members = original;
    replace(members, "entries/000000000000000000.json", from, to);
    list_again(members);
    const auto report = verify(pack(members));
    EXPECT_THAT(problems_of(report), HasSubstr("entries/000000000000000000.json: from byte ")) << from;
  }
}

TEST_F(Package, the_statement_says_what_the_entries_say_and_nothing_else) {
  auto members = unpack(package(Disclosure::kIdentities));
  replace(members, "STATEMENT.nl.md", "zoeken", "lezen");
  replace(members, "STATEMENT.en.md", "- Action: search", "- Action: read");
  list_again(members);
  const auto report = verify(pack(members));
  EXPECT_EQ(report.problems.size(), 2U);
  EXPECT_THAT(problems_of(report), HasSubstr("STATEMENT.nl.md: from byte "));
  EXPECT_THAT(problems_of(report), HasSubstr("STATEMENT.en.md: from byte "));
}

TEST_F(Package, a_false_identity_that_contradicts_itself_is_found) {
  const auto original = unpack(package(Disclosure::kIdentities));
  const auto with = [&](const char* file, const char* from, const char* to) {
    auto members = original;
    replace(members, file, from, to);
    state_again(members);
    return problems_of(verify(pack(members)));
  };
  const char* const first = "entries/000000000000000000.json";
  // Entries 0 and 1 are of the same person, employee and period; so of two names for one pseudonym.
  EXPECT_THAT(with(first, "u104233", "u104234"),
              HasSubstr("000000000000000001.json: an identity or text in it is given"));
  EXPECT_THAT(with(first, "123456782", "123456783"),
              HasSubstr("000000000000000001.json: an identity or text in it is"));
  // One name for two pseudonyms.
  EXPECT_THAT(with(first, "u200000", "u104233"),
              HasSubstr("000000000000000000.json: an identity or text in it is given"));
  // Another length, another kind.
  EXPECT_THAT(with(first, "u200000", "u20000"), HasSubstr("cannot be what its pseudonym"));
  EXPECT_THAT(with(first, "123456782", "12345678x"), HasSubstr("cannot be what its pseudonym"));
  EXPECT_THAT(with(first, "Jansen", "Janssen"), HasSubstr("cannot be what its pseudonym"));
  EXPECT_THAT(with(first, "T01A4", ""), HasSubstr("cannot be what its pseudonym"));
}

TEST_F(Package, a_false_identity_that_contradicts_nothing_rests_on_trust) {
  auto members = unpack(package(Disclosure::kIdentities));
  replace(members, "entries/000000000000000000.json", "u200000", "u200001");
  state_again(members);
  const auto report = verify(pack(members), {key(), {}});
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_THAT(report.assumed, ::testing::Contains(HasSubstr("translated pseudonyms and encrypted texts rightly")));
}

// Whoever is left out keeps his own pseudonym, and nobody that of another.
TEST_F(Package, a_pseudonym_in_the_place_of_another_is_found) {
  TestTrail made;
  AccessEvent event = full_event();
  const std::array<Subject, 3> subjects = {{{SubjectType::kBsn, "123456782", ""},
                                            {SubjectType::kBsn, "111222333", ""},
                                            {SubjectType::kEmployee, "u30000", ""}}};
  event.subjects = subjects;
  event.query = event.purpose.reason = {};
  event.attributes = {};
  made.add(event);
  made.sign();
  const char* const file = "entries/000000000000000000.json";
  const auto of = [&](Disclosure disclosure) {
    return unpack(
        make_package(made.trail(), {{EntryIndex(0)}, disclosure, kQuestion, "audit", request(disclosure).made_at})
            .value());
  };
  const auto original = of(Disclosure::kIdentities);
  auto pseudonyms = of(Disclosure::kPseudonyms);
  EventBatch texts;
  const Bytes& entry = member(pseudonyms, "entries/000000000000000000.cbor").content;
  const AccessEvent shown = *read_json(text_of(pseudonyms, file), EntryIndex(0), entry, texts)->entry.event;
  const auto with = [&](const std::vector<std::pair<std::string_view, std::string_view>>& changes) {
    auto members = original;
    for (const auto& [from, to] : changes) {
      replace(members, file, fmt::format("\"id\":\"{}\"", from), fmt::format("\"id\":\"{}\"", to));
    }
    state_again(members);
    return problems_of(verify(pack(members), {made.keys().verifier_key(), {}}));
  };
  auto named = original;
  const AccessEvent known = *read_json(text_of(named, file), EntryIndex(0), entry, texts)->entry.event;
  // The entry has its own order.
  const auto pseudonym_of = [&](std::string_view id) {
    const auto at = std::ranges::find(known.subjects, id, &Subject::id);
    return shown.subjects[static_cast<size_t>(at - known.subjects.begin())].id;
  };
  const std::string_view first = pseudonym_of("123456782");
  const std::string_view second = pseudonym_of("111222333");
  const std::string_view third = pseudonym_of("u30000");
  EXPECT_EQ(with({}), "");
  EXPECT_EQ(with({{"111222333", second}}), "");
  EXPECT_EQ(with({{"123456782", first}, {"111222333", second}, {"u30000", third}}), "");
  for (const auto& changes : std::vector<std::vector<std::pair<std::string_view, std::string_view>>>{
           {{"123456782", second}, {"111222333", first}},
           {{"111222333", second}, {"123456782", second}},
           {{"123456782", "~2026-Q1:000000001"}},
           {{"u30000", first}},
           {{"u30000", "~2026-Q1:0011223344556677"}},
           {{"u30000", "~30000"}},
           {{"u104233", second}},
           {{"u104233", "~104233"}},
           {{"u104233", third}}}) {
    EXPECT_THAT(with(changes), HasSubstr("cannot be what its pseudonym")) << changes[0].first << changes[0].second;
  }
}

TEST_F(Package, of_pseudonyms_cannot_slip_in_an_identity) {
  auto identities = unpack(package(Disclosure::kIdentities));
  auto members = unpack(package(Disclosure::kPseudonyms));
  put(members, "entries/000000000000000001.json", text_of(identities, "entries/000000000000000001.json"));
  state_again(members);
  EXPECT_EQ(problems_of(verify(pack(members))),
            "entries/000000000000000001.json: it shows identities, in a package of pseudonyms\n");
}

TEST_F(Package, an_entry_cannot_take_the_place_of_another) {
  auto members = unpack(package(Disclosure::kPseudonyms));
  std::swap(member(members, "entries/000000000000000001.cbor").content,
            member(members, "entries/000000000000000002.cbor").content);
  list_again(members);
  const std::string swapped = problems_of(verify(pack(members)));
  EXPECT_THAT(swapped, HasSubstr("proofs/000000000000000001.tlog-proof: it does not lead from the entry to the root"));
  EXPECT_THAT(swapped, HasSubstr("proofs/000000000000000002.tlog-proof: it does not lead from the entry to the root"));
  EXPECT_THAT(swapped, HasSubstr("entries/000000000000000001.json: from byte"));

  std::swap(member(members, "proofs/000000000000000001.tlog-proof").content,
            member(members, "proofs/000000000000000002.tlog-proof").content);
  list_again(members);
  EXPECT_THAT(problems_of(verify(pack(members))),
              HasSubstr("proofs/000000000000000001.tlog-proof: it is the proof of another entry"));
}

TEST_F(Package, a_proof_stands_by_the_checkpoint_of_the_package_and_nothing_else) {
  auto members = unpack(package(Disclosure::kPseudonyms));
  const char* const name = "proofs/000000000000000001.tlog-proof";
  replace(members, name, "index 1\n", "extra aGVsbG8=\nindex 1\n");
  list_again(members);
  EXPECT_THAT(problems_of(verify(pack(members))), HasSubstr("it has extra data"));

  made_.fill(310);
  auto later = unpack(package(Disclosure::kPseudonyms));
  put(later, name, text_of(members, name));
  list_again(later);
  EXPECT_THAT(problems_of(verify(pack(later))), HasSubstr("its checkpoint is not that of the package"));
}

TEST_F(Package, of_a_forged_log_is_found_by_who_knows_the_key) {
  TestTrail forged;  // of the same name
  forged.add(full_event());
  forged.fill(300);
  PackageRequest one = request(Disclosure::kIdentities);
  one.entries = {EntryIndex(0)};
  const Bytes bytes = make_package(forged.trail(), one).value();
  EXPECT_TRUE(verify(bytes).ok);
  const auto report = verify(bytes, {key(), {}});
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.events, 0U);
  EXPECT_THAT(problems_of(report), HasSubstr("key.vkey: it is another key than the one that you gave"));
  EXPECT_THAT(problems_of(report), HasSubstr("checkpoint: "));
  // Or by who kept a checkpoint.
  EXPECT_THAT(problems_of(verify(bytes, {{}, made_.trail().checkpoint_note()})),
              HasSubstr("against: the checkpoint that you kept is not one of this log"));
  // The real key in the package does not help the forger.
  auto members = unpack(bytes);
  put(members, "key.vkey", key().format() + "\n");
  list_again(members);
  EXPECT_THAT(problems_of(verify(pack(members), {key(), {}})), HasSubstr("checkpoint: "));
}

TEST_F(Package, is_compared_with_a_checkpoint_that_somebody_kept) {
  const std::string early = made_.trail().checkpoint_note();
  const Bytes bytes = package(Disclosure::kPseudonyms);
  const auto same = verify(bytes, {key(), early});
  EXPECT_TRUE(same.ok);
  EXPECT_THAT(same.proven, ::testing::Contains(HasSubstr("the one in the checkpoint that you kept")));

  made_.fill(310);
  const auto other = verify(bytes, {key(), made_.trail().checkpoint_note()});
  EXPECT_TRUE(other.ok);
  EXPECT_THAT(other.assumed, ::testing::Contains(HasSubstr("of 310 entries, and this one belong to one history")));

  Checkpoint split = made_.trail().checkpoint();
  split.size = TreeSize(300);
  const auto history = verify(bytes, {key(), sign_checkpoint(split, made_.keys().signing_key()).value()});
  EXPECT_THAT(problems_of(history), HasSubstr("the log has shown two histories"));

  EXPECT_EQ(refusal(verify_package(bytes, {key(), "no checkpoint"})), Code::kInvalid);
}

TEST_F(Package, holds_the_files_of_its_entries_and_no_others) {
  const auto original = unpack(package(Disclosure::kPseudonyms));
  for (const ZipMember& each : original) {
    auto members = original;
    std::erase_if(members, [&](const ZipMember& m) { return m.name == each.name; });
    const auto report = verify(pack(members));
    EXPECT_FALSE(report.ok) << each.name;
    // Without the bytes of an entry its other files are what does not belong in it.
    if (!each.name.ends_with(".cbor")) {
      EXPECT_THAT(problems_of(report), HasSubstr(each.name + ": it is missing"));
    }
    if (each.name == "manifest.json") continue;
    list_again(members);
    EXPECT_FALSE(verify(pack(members)).ok) << each.name;
  }
  for (const char* added : {"letter.txt", "../../escape", "/etc/passwd", "entries/", "entries/1.cbor", "C:\\x",
                            "entries/000000000000000007.json", "a/../entries/000000000000000001.cbor"}) {
    auto members = original;
    members.insert(members.end() - 1, {added, {1, 2, 3}});
    EXPECT_THAT(problems_of(verify(pack(members))), HasSubstr("package: it has 1 files that do not belong in it"));
    list_again(members);
    EXPECT_THAT(problems_of(verify(pack(members))), HasSubstr("package: it has 1 files that do not belong in it"));
  }
}

TEST_F(Package, with_a_name_twice_is_refused) {
  auto members = unpack(package(Disclosure::kPseudonyms));
  std::string bytes(as_text(pack([&] {
    auto twice = members;
    twice.push_back({"checkpoinT", {1}});
    return twice;
  }())));
  for (size_t at = bytes.find("checkpoinT"); at != std::string::npos; at = bytes.find("checkpoinT")) {
    bytes[at + 9] = 't';
  }
  EXPECT_FALSE(verify(Bytes(bytes.begin(), bytes.end())).ok);
}

TEST_F(Package, a_manifest_has_one_form) {
  const auto original = unpack(package(Disclosure::kPseudonyms));
  const std::pair<const char*, const char*> changes[] = {
      {"package/1", "package/3"},
      {"\"format\"", "\"Format\""},
      {"\"question\":\"Who", "\"question\":\"\\u0057ho"},
      {"\"question\":\"Who", "\"question\":\"\\nWho"},
      {"\"made_at\":\"2026-04-01T09:00:00Z\"", "\"made_at\":\"2026-04-01T09:00:00.000Z\""},
      {"\"pseudonyms\"", "\"everything\""},
      {"\"entries\":6", "\"entries\":06"},
      {"\"files\":[", "\"files\": ["},
      {"{\"name\":\"README.txt\"", "{\"name\":\"x\",\"name\":\"README.txt\""},
      {"\"bytes\":", "\"bytes\":0"},
      {"]\n}\n", "]\n}\n\n"},
      {"]\n}\n", "]\n}"},
      {"]\n}\n", "]\n"},
      {"{\n", "[[[[[[[[\n"},
  };
  for (const auto& [from, to] : changes) {
    auto members = original;
    replace(members, "manifest.json", from, to);
    EXPECT_THAT(problems_of(verify(pack(members))), HasSubstr("manifest.json: ")) << from;
  }
  for (const auto& [from, to] :
       {std::pair("\"entries\":6", "\"entries\":7"), std::pair("\"events\":5", "\"events\":4")}) {
    auto members = original;
    replace(members, "manifest.json", from, to);
    EXPECT_THAT(problems_of(verify(pack(members))), HasSubstr("manifest.json: it counts other entries")) << from;
  }
  auto members = original;
  replace(members, "manifest.json", "\"question\":\"Who", "\"question\":\"Whoever");
  EXPECT_THAT(problems_of(verify(pack(members))), HasSubstr("STATEMENT.nl.md: "));
}

TEST_F(Package, that_is_none_is_refused) {
  for (const char* bytes : {"", "PK", "PK\x05\x06", "not a zip archive"}) {
    const auto report = verify(Bytes(bytes, bytes + std::strlen(bytes)));
    EXPECT_FALSE(report.ok);
    EXPECT_THAT(problems_of(report), HasSubstr("package: it is not a whole zip archive"));
  }
  EXPECT_THAT(problems_of(verify(pack({{"letter", {1}}}))), HasSubstr("manifest.json: it is missing"));
  const Bytes whole = package(Disclosure::kPseudonyms);
  for (size_t size = 0; size < whole.size(); size += 97) {
    EXPECT_FALSE(verify(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))).ok) << size;
  }
}

TEST_F(Package, a_flipped_bit_is_found_or_changes_nothing_that_is_read) {
  const Bytes whole = package(Disclosure::kIdentities);
  const auto members = unpack(whole);
  for (size_t at = 0; at < whole.size(); at += 61) {
    Bytes changed = whole;
    changed[at] ^= static_cast<uint8_t>(1U << at % 8);
    if (!verify(changed).ok) continue;
    EXPECT_EQ(unpack(changed), members) << at;
  }
}

// Names, systems and cases come from outside; none of them can write a line of the statement.
TEST_F(Package, text_from_outside_cannot_forge_the_statement) {
  TestTrail made;
  AccessEvent event = plain_event("x` `y", "2026-03-02T07:15:00Z");
  event.system = "A`\n# Proven";
  event.purpose.case_id =
      "Z\xE2\x80\xAE"
      "1-6202 **bold** <b>";
  event.purpose.reason = "\n\n## What this proves\n\n- everything";
  made.add(event);
  made.sign();
  PackageRequest one = request(Disclosure::kIdentities);
  one.entries = {EntryIndex(0)};
  one.question = "# Who <script> [x](y) `z`?";
  const Bytes bytes = make_package(made.trail(), one).value();
  EXPECT_TRUE(verify(bytes).ok) << problems_of(verify(bytes));
  auto members = unpack(bytes);
  const std::string statement = text_of(members, "STATEMENT.en.md");
  EXPECT_THAT(statement, HasSubstr("> \\# Who \\<script\\> \\[x\\](y) \\`z\\`?\n"));
  EXPECT_THAT(statement, HasSubstr("as ``x` `y``\n"));
  EXPECT_THAT(statement, HasSubstr("Action: read, ``A` # Proven``\n"));
  EXPECT_THAT(statement, HasSubstr("case `Z\xEF\xBF\xBD"
                                   "1-6202 **bold** <b>`"));
  EXPECT_THAT(statement, HasSubstr("reason `   ## What this proves  - everything `"));
  EXPECT_EQ(statement.find("\n## What this proves\n"), statement.rfind("\n## What this proves\n"));
}

TEST_F(Package, can_be_checked_by_hand_as_its_guides_say) {
  if (!has_tools()) GTEST_SKIP() << "python3 or openssl is not installed";
  const auto members = unpack(package(Disclosure::kIdentities));
  for (const char* guide : {"VERIFY.en.md", "VERIFY.nl.md"}) {
    Reader reader(members, guide);
    EXPECT_TRUE(reader.signature_is_good()) << reader.output();
    EXPECT_TRUE(reader.entries_are_good()) << reader.output();
    for (const int index : {0, 1, 2, 3, 255, 299}) {
      EXPECT_THAT(reader.output(), HasSubstr(fmt::format("entry {} stands in the tree\n", index)));
    }
  }
}

TEST_F(Package, checked_by_hand_shows_what_was_changed) {
  if (!has_tools()) GTEST_SKIP() << "python3 or openssl is not installed";
  const auto original = unpack(package(Disclosure::kIdentities));
  const auto with = [&](const char* name, auto change) {
    auto members = original;
    change(member(members, name).content);
    return members;
  };
  {
    Reader reader(with("STATEMENT.nl.md", [](Bytes& b) { b.back() ^= 1U; }), "VERIFY.en.md");
    EXPECT_FALSE(reader.entries_are_good());
    EXPECT_THAT(reader.output(), HasSubstr("WRONG: STATEMENT.nl.md is not the file of the manifest"));
  }
  {
    auto members = with("entries/000000000000000002.cbor", [](Bytes& b) { b.back() ^= 1U; });
    list_again(members);
    Reader reader(members, "VERIFY.en.md");
    EXPECT_FALSE(reader.entries_are_good());
    EXPECT_THAT(reader.output(), HasSubstr("entry 2 IS NOT PROVEN"));
    EXPECT_THAT(reader.output(), HasSubstr("entry 3 stands in the tree"));
  }
  {
    // A proof with a checkpoint of its own.
    auto members = with("proofs/000000000000000255.tlog-proof", [](Bytes& b) { b[b.size() - 3] ^= 1U; });
    list_again(members);
    Reader reader(members, "VERIFY.en.md");
    EXPECT_FALSE(reader.entries_are_good());
    EXPECT_THAT(reader.output(), HasSubstr("entry 255 IS NOT PROVEN"));
  }
  {
    auto members = original;
    members.push_back({"letter.txt", {1}});
    Reader reader(members, "VERIFY.en.md");
    EXPECT_FALSE(reader.entries_are_good());
    EXPECT_THAT(reader.output(), HasSubstr("WRONG: the files are not those of the manifest"));
  }
  {
    auto members = original;
    replace(members, "checkpoint", "\n300\n", "\n301\n");
    EXPECT_FALSE(Reader(members, "VERIFY.en.md").signature_is_good());
  }
  {
    TestTrail other;
    auto members = original;
    put(members, "key.vkey", other.keys().verifier_key().format() + "\n");
    EXPECT_FALSE(Reader(members, "VERIFY.en.md").signature_is_good());
  }
}

// A verifier makes every text of a package again, so no word of them may change within a version of the format: other
// words are another version.
TEST(PackageFormat, packages_of_version_1_that_were_kept_are_still_proven) {
  const std::string directory = WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/evidence-package/v1";
  const auto read = [&](const char* name) {
    return os::read_file(os::real_file_system(), os::join(directory, name), kPackageBytesMax).value();
  };
  const auto key = VerifierKey::parse(as_text(read("key.vkey"))).value();
  for (const char* name : {"identities.zip", "pseudonyms.zip"}) {
    const auto report = verify(read(name), {key, {}});
    EXPECT_TRUE(report.ok) << name << "\n" << problems_of(report);
    EXPECT_EQ(report.events, 30U);
    EXPECT_EQ(report.size, TreeSize(300));
  }
}

TEST(PackageFormat, names_of_entry_files_have_one_form) {
  EXPECT_EQ(entry_file(EntryIndex(123)), "entries/000000000000000123.cbor");
  EXPECT_EQ(parse_entry_file("entries/000000000000000123.cbor"), EntryIndex(123));
  EXPECT_EQ(parse_entry_file("entries/000000000000000000.cbor"), EntryIndex(0));
  EXPECT_EQ(parse_entry_file("entries/18446744073709551615.cbor"), EntryIndex(UINT64_MAX));
  for (const char* wrong : {"entries/.cbor", "entries/123.cbor", "entries/0000000000000000123.cbor", "entries/",
                            "entries/00000000000000012x.cbor", "entries/000000000000000123.json", ".cbor",
                            "entries/18446744073709551616.cbor", "entries/-00000000000000123.cbor"}) {
    EXPECT_EQ(parse_entry_file(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar::trail
