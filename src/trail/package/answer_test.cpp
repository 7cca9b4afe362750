#include "trail/package/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "trail/format/cosignature.h"
#include "trail/format/index_key.h"
#include "trail/format/note.h"
#include "trail/package/memory_indexes.h"
#include "trail/package/package.h"
#include "trail/package/repacked.h"
#include "trail/package/testing.h"
#include "trail/package/witnessed.h"

namespace weerbaar::trail {
namespace {

using os::refusal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPerson = "123456782";
constexpr const char* kNobody = "111222333";

AccessEvent access(std::string_view id, std::string_view time) {
  static const Subject subjects[] = {{SubjectType::kBsn, kPerson, ""}, {SubjectType::kBsn, kPerson, "partner"}};
  AccessEvent event;
  event.id = id;
  event.source = "inning-sql";
  event.time = parse_time(time).value();
  event.actor.id = "u104233";
  event.system = "INNING";
  event.subjects = subjects;
  return event;
}

// Accesses to the person are entries 0, 1 (of 2025-Q4), 100 and 150; indexes are over [0, 50), [50, 120) and [120,
// 202), with their records in the entries 200 to 202.
class AnswerPackage : public ::testing::Test {
 protected:
  AnswerPackage() {
    made_.add(access("a", "2026-03-02T07:15:00Z"));
    made_.add(access("b", "2025-11-02T07:15:00Z"));
    made_.fill(100);
    made_.add(access("c", "2026-02-02T07:15:00Z"));
    made_.fill(150);
    made_.add(access("d", "2026-03-02T07:15:00.000000001Z"));
    made_.fill(200);
    constexpr std::array<uint64_t, 2> kEnds = {50, 120};
    indexes_ = MemoryIndexes::commit(made_.trail(), kEnds).value();
    made_.sign();
  }

  [[nodiscard]] const VerifierKey& key() { return made_.keys().verifier_key(); }
  std::vector<Bytes> pseudonyms(const char* bsn) {
    return person_pseudonyms(made_.trail(), OfSubject{SubjectType::kBsn, bsn}).value();
  }
  AnswerRequest request(const char* bsn = kPerson) {
    return {pseudonyms(bsn),         {},
            Disclosure::kPseudonyms, "Who consulted the data of this person?",
            "internal audit",        parse_time("2026-04-01T09:00:00Z").value()};
  }
  Bytes package(const AnswerRequest& asked) { return make_answer(made_.trail(), asked, *indexes_).value().package; }
  Bytes package() { return package(request()); }
  std::vector<ZipMember> members() { return unpack(package()); }

  TestTrail made_;
  std::unique_ptr<MemoryIndexes> indexes_;
};

Answer answer_in(std::vector<ZipMember>& members) {
  return parse_answer(text_of(members, "answer.json")).value();
}

// Everything that somebody may do who wants to hide something, and makes the package agree with itself again.
template <class Change>
void change_answer(std::vector<ZipMember>& members, const Change& change) {
  Answer answer = answer_in(members);
  change(answer);
  put(members, "answer.json", to_json(answer));
  state_again(members);
}

void leave_out(std::vector<ZipMember>& members, uint64_t index) {
  std::string lines = text_of(members, "entries.jsonl");
  const size_t begin = lines.find(fmt::format("{{\"index\":{},", index));
  lines.erase(begin, lines.find('\n', begin) + 1 - begin);
  put(members, "entries.jsonl", lines);
  std::erase_if(members, [&](const ZipMember& each) {
    return each.name == entry_file(EntryIndex(index)) || each.name == proof_file(EntryIndex(index));
  });
}

// Counts again too, which changes of the entries need.
void count_again(std::vector<ZipMember>& members) {
  auto manifest = parse_manifest(text_of(members, "manifest.json")).value();
  manifest.entries = manifest.events = 0;
  for (const ZipMember& each : members) {
    if (!parse_entry_file(each.name)) continue;
    ++manifest.entries;
    if (each.content[1] != 0) ++manifest.events;  // a record begins with A4 00
  }
  put(members, "manifest.json", to_json(manifest));
  state_again(members);
}

std::string problems_in(const std::vector<ZipMember>& members) {
  const auto report = verify(pack(members));
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.ok, report.problems.empty());
  return problems_of(report);
}

TEST_F(AnswerPackage, proves_every_access_and_that_there_are_no_others) {
  const auto report = verify(package(), {key(), {}});
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.events, 4U);
  EXPECT_EQ(report.size, TreeSize(203));
  EXPECT_THAT(report.not_covered, IsEmpty());
  EXPECT_THAT(report.proven,
              ::testing::Contains(HasSubstr("these 4 accesses, and no others, are those from the beginning "
                                            "up to the end under the pseudonyms given (bsn ~2025-Q4:")));
  EXPECT_THAT(report.assumed, ::testing::Contains(HasSubstr("`weerbaar verify`, run on the log, recomputes them")));
  auto files = members();
  const Answer answer = answer_in(files);
  EXPECT_THAT(answer.indexes, ElementsAre(EntryIndex(200), EntryIndex(201), EntryIndex(202)));
  EXPECT_EQ(answer.pseudonyms.size(), 2U);
  EXPECT_EQ(answer.proofs.size(), 4U);  // 2025-Q4 is in the first index only
  EXPECT_EQ(files.size(), 10U + 2 * 7);
  const std::string statement = text_of(files, "STATEMENT.en.md");
  EXPECT_THAT(statement, HasSubstr("- **Accesses: 4, and no others.** When the log had 203 entries"));
  EXPECT_THAT(statement, HasSubstr("the roots of 3 indexes, which together are over exactly its first 202 entries"));
  EXPECT_THAT(statement,
              HasSubstr("- Time asked: from the beginning up to the end\n- Pseudonym asked: `bsn ~2025-Q4:"));
  EXPECT_THAT(statement,
              HasSubstr("- Entry 201: `index`, taken in at 2026-03-02T08:00:00Z: `{\"first\":50,\"end\":120,"));
  EXPECT_THAT(text_of(files, "STATEMENT.nl.md"), HasSubstr("- **Handelingen: 4, en geen andere.**"));
}

TEST_F(AnswerPackage, shows_in_a_time_asked_what_lies_in_it_to_the_nanosecond) {
  AnswerRequest asked = request();
  const auto accesses = [&](const char* from, const char* to) {
    asked.range = {parse_time(from).value(), parse_time(to).value()};
    const auto report = verify(package(asked));
    EXPECT_TRUE(report.complete) << problems_of(report);
    return report.events;
  };
  EXPECT_EQ(accesses("2026-03-02T07:15:00Z", "2026-03-02T07:15:00.000000001Z"), 1U);
  EXPECT_EQ(accesses("2026-03-02T07:15:00.000000001Z", "2026-03-02T07:15:00.000000002Z"), 1U);
  EXPECT_EQ(accesses("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"), 1U);
  EXPECT_EQ(accesses("2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), 4U);
  EXPECT_EQ(accesses("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"), 0U);
}

TEST_F(AnswerPackage, proves_that_nobody_consulted_a_person) {
  const Bytes bytes = package(request(kNobody));
  const auto report = verify(bytes, {key(), {}});
  EXPECT_TRUE(report.complete) << problems_of(report);
  EXPECT_EQ(report.events, 0U);
  auto files = unpack(bytes);
  EXPECT_THAT(text_of(files, "STATEMENT.en.md"), HasSubstr("\nThere are none.\n"));
  for (const AnswerProof& proof : answer_in(files).proofs) EXPECT_FALSE(proof.proof.present);
}

// As the policy of somebody who believes no log without its witnesses.
TEST_F(AnswerPackage, stands_on_what_witnesses_saw_of_the_log_also_when_that_was_less) {
  std::array<uint8_t, kSeedBytes> seed{};
  seed.fill(7);
  const SigningKey witness = SigningKey::from_seed("w.example", seed, SignatureType::kCosignature).value();
  const auto cosigned = [&](const std::string& note) {
    return note + cosign(note_text(note).value(), 1'700'000'000, witness).value();
  };
  const TlogPolicy policy = TlogPolicy::of(key(), {{"w", witness.verifier(), ""}}, 1);
  const std::string seen = cosigned(made_.trail().checkpoint_note());
  const auto report_of = [&](const std::string& witnessed) {
    AnswerRequest asked = request();
    asked.witnessed = witnessed;
    return verify(package(asked), {std::nullopt, std::nullopt, policy});
  };
  EXPECT_THAT(problems_of(report_of("")), HasSubstr("checkpoint: it is not cosigned as the policy asks"));
  const auto all = report_of(seen);
  EXPECT_TRUE(all.ok && all.complete) << problems_of(all);
  EXPECT_THAT(all.proven.back(), HasSubstr("cosigned that tree, as it asks: w at 2023-11-14T22:13:20Z"));
  ASSERT_TRUE(all.witnessed);
  EXPECT_EQ(all.witnessed->size, TreeSize(203));
  EXPECT_EQ(all.witnessed->complete_up_to, 203U);
  EXPECT_EQ(format_time(all.witnessed->earliest()), "2023-11-14T22:13:20Z");

  constexpr std::array<uint64_t, 1> kEnds = {203};
  made_.fill(300);
  indexes_ = MemoryIndexes::commit(made_.trail(), kEnds).value();
  made_.sign();
  AnswerRequest asked = request();
  asked.witnessed = seen;
  const auto made = make_answer(made_.trail(), asked, *indexes_);
  ASSERT_TRUE(made) << made.error().text;
  auto members = unpack(made->package);
  const auto part = verify(made->package, {std::nullopt, std::nullopt, policy});
  EXPECT_TRUE(part.ok) << problems_of(part);
  EXPECT_THAT(part.proven.back(), HasSubstr("the tree of the first 203 entries"));
  EXPECT_THAT(part.assumed, ::testing::Contains(HasSubstr("no witness had seen the last")));
  EXPECT_THAT(part.assumed,
              ::testing::Contains(HasSubstr("its first 203 by 2023-11-14T22:13:20Z: whether it went on")));
  // The index over the first 203 entries was recorded behind what the witness saw.
  ASSERT_TRUE(part.complete && part.witnessed);
  EXPECT_EQ(part.witnessed->size, TreeSize(203));
  EXPECT_EQ(part.witnessed->complete_up_to, 0U);
  EXPECT_THAT(part.assumed, ::testing::Contains(HasSubstr("what witnesses saw for the first 0 entries")));
  const auto unasked = verify(made->package, {key(), {}});
  EXPECT_FALSE(unasked.witnessed) << "nobody said whose word counts";
  EXPECT_THAT(unasked.assumed, ::testing::Contains(HasSubstr("no witness tells when that was")));
  EXPECT_TRUE(verify(made->package, {key(), {}}).ok) << "without a policy it is checked too";

  Witnessed wrong = parse_witnessed(text_of(members, "witnessed")).value();
  ASSERT_FALSE(wrong.proof.empty());
  wrong.proof[0][0] ^= 1;
  put(members, "witnessed", to_text(wrong));
  state_again(members);
  EXPECT_THAT(problems_in(members), HasSubstr("witnessed: it does not prove"));
  put(members, "witnessed", "nothing");
  state_again(members);
  EXPECT_THAT(problems_in(members), HasSubstr("witnessed: "));
  asked.witnessed = cosigned(TestTrail("other.example/log").trail().checkpoint_note());
  EXPECT_EQ(make_answer(made_.trail(), asked, *indexes_).error().code, Code::kDenied);
}

TEST_F(AnswerPackage, is_the_same_for_the_same_request) {
  AnswerRequest other = request();
  std::ranges::reverse(other.pseudonyms);
  other.pseudonyms.push_back(other.pseudonyms.front());
  EXPECT_EQ(package(other), package());
}

TEST_F(AnswerPackage, of_identities_is_complete_too) {
  AnswerRequest asked = request();
  asked.disclosure = Disclosure::kIdentities;
  const Bytes bytes = package(asked);
  EXPECT_TRUE(verify(bytes).complete) << problems_of(verify(bytes));
  auto files = unpack(bytes);
  EXPECT_THAT(text_of(files, "entries.jsonl"), HasSubstr(kPerson));
}

TEST_F(AnswerPackage, of_identities_names_none_of_the_others_of_the_same_accesses_unless_that_is_asked) {
  TestTrail made;
  AccessEvent event = access("a", "2026-03-02T07:15:00Z");
  const std::array<Subject, 2> both = {{{SubjectType::kBsn, kPerson, {}}, {SubjectType::kBsn, "111222333", "partner"}}};
  event.subjects = both;
  made.add(event);
  made.sign();
  const auto indexes = MemoryIndexes::commit(made.trail(), {}).value();
  made.sign();
  AnswerRequest asked = request();
  asked.pseudonyms = person_pseudonyms(made.trail(), OfSubject{SubjectType::kBsn, kPerson}).value();
  asked.disclosure = Disclosure::kIdentities;
  for (const bool everybody : {false, true}) {
    asked.everybody = everybody;
    const Bytes package = make_answer(made.trail(), asked, *indexes).value().package;
    const auto report = verify(package, {made.keys().verifier_key(), {}});
    EXPECT_TRUE(report.ok && report.complete) << problems_of(report);
    auto members = unpack(package);
    for (const char* const name : {"entries.jsonl", "STATEMENT.nl.md"}) {
      const std::string text = text_of(members, name);
      EXPECT_THAT(text, HasSubstr(kPerson));
      EXPECT_EQ(text.find("111222333") != std::string::npos, everybody) << name;
    }
  }
}

// Free text may name whoever is not shown, so it goes with him; what stands there cannot be made up afterwards.
TEST_F(AnswerPackage, of_identities_withholds_free_text_beside_persons_whom_it_does_not_show) {
  TestTrail made;
  AccessEvent event = access("a", "2026-03-02T07:15:00Z");
  const std::array<Subject, 2> both = {{{SubjectType::kBsn, kPerson, {}}, {SubjectType::kBsn, "111222333", "partner"}}};
  const std::array<Attribute, 2> attributes = {{{"screen", "\"of Jansen\""}, {"late", "true"}}};
  event.query = "name = Jansen";
  event.purpose.reason = "partner of Jansen";
  event.attributes = attributes;
  made.add(event);  // the person alone: nothing to hide
  event.id = "b";
  event.subjects = both;
  made.add(event);
  made.sign();
  const auto indexes = MemoryIndexes::commit(made.trail(), {}).value();
  made.sign();
  AnswerRequest asked = request();
  asked.pseudonyms = person_pseudonyms(made.trail(), OfSubject{SubjectType::kBsn, kPerson}).value();
  asked.disclosure = Disclosure::kIdentities;
  auto members = unpack(make_answer(made.trail(), asked, *indexes).value().package);
  const PackageTrust trust{made.keys().verifier_key(), {}};
  EXPECT_TRUE(verify(pack(members), trust).complete) << problems_of(verify(pack(members), trust));
  std::string lines = text_of(members, "entries.jsonl");
  const std::string alone = take_whole_line(lines);
  const std::string with_partner = take_whole_line(lines);
  EXPECT_THAT(alone, HasSubstr("partner of Jansen"));
  EXPECT_THAT(with_partner, ::testing::Not(HasSubstr("Jansen")));
  EXPECT_THAT(with_partner, HasSubstr(R"("withheld":["query","purpose.reason","attributes.screen"])"));
  EXPECT_THAT(with_partner, HasSubstr(R"("attributes":{"late":true})"));
  EXPECT_THAT(text_of(members, "STATEMENT.en.md"), HasSubstr("In the entry, not shown here: `query`"));

  const auto verified = [&](const std::string& first, const std::string& second) {
    auto changed = members;
    put(changed, "entries.jsonl", first + second + lines);
    list_again(changed);
    return problems_of(verify(pack(changed), trust));
  };
  const auto replaced = [](std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
  };
  // Free text that was withheld is made up, alone and with the person beside it; it is withheld where all are shown.
  const std::string masked = with_partner.substr(with_partner.find('~'), 18);
  const std::string made_up = replaced(replaced(alone, "\"index\":0", "\"index\":1"), "\"a\"", "\"b\"");
  const std::string subjects = with_partner.substr(
      with_partner.find("\"subjects\":"),
      with_partner.find("],", with_partner.find("\"subjects\":")) - with_partner.find("\"subjects\":"));
  const std::string own = alone.substr(alone.find("\"subjects\":"),
                                       alone.find("],", alone.find("\"subjects\":")) - alone.find("\"subjects\":"));
  EXPECT_THAT(verified(alone, replaced(made_up, own, subjects)), HasSubstr("it shows free text"));
  EXPECT_THAT(verified(alone, replaced(with_partner, masked, "111222333")), HasSubstr("it withholds free text"));
  EXPECT_THAT(verified(alone, replaced(with_partner, ",\"purpose.reason\"", "")), HasSubstr("from byte"));
  EXPECT_THAT(verified(alone, replaced(with_partner, R"("late":true)", R"("late":true,"screen":"x")")),
              HasSubstr("from byte"));
}

TEST_F(AnswerPackage, of_a_pseudonym_is_what_that_period_holds) {
  const auto shown = pseudonym_text(Period{2025 * 4 + 3}, parse_subject_key(request().pseudonyms[0])->subject);
  AnswerRequest asked = request();
  asked.pseudonyms = person_pseudonyms(made_.trail(), OfPseudonym{SubjectType::kBsn, shown}).value();
  const auto report = verify(package(asked));
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.events, 1U);
  EXPECT_THAT(report.not_covered, ElementsAre("2026-Q1"));
}

TEST_F(AnswerPackage, names_the_periods_whose_key_was_destroyed) {
  ASSERT_TRUE(
      made_.keys().destroy(Period{2025 * 4 + 3}, parse_time("2033-01-01T00:00:00Z").value(), "term").has_value());
  const Bytes bytes = package();
  const auto report = verify(bytes);
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.events, 3U);
  EXPECT_THAT(report.not_covered, ElementsAre("2025-Q4"));
  EXPECT_THAT(report.assumed, ::testing::Contains(HasSubstr("nothing is shown for 2025-Q4")));
  auto files = unpack(bytes);
  EXPECT_THAT(text_of(files, "STATEMENT.en.md"), HasSubstr("**Not shown for 2025-Q4.**"));
}

TEST_F(AnswerPackage, shows_all_that_stands_behind_the_indexes) {
  made_.add(access("e", "2026-03-02T07:20:00Z"));
  ASSERT_TRUE(made_.trail().append_record("retention", R"({"period":"2018-Q1"})").has_value());
  made_.sign();
  const Bytes bytes = package();
  const auto report = verify(bytes);
  EXPECT_TRUE(report.complete) << problems_of(report);
  EXPECT_EQ(report.events, 5U);
  for (const uint64_t hidden : {203U, 204U}) {
    auto files = unpack(bytes);
    leave_out(files, hidden);
    count_again(files);
    EXPECT_EQ(
        problems_in(files),
        "answer.json: from entry 202 on no index is given, and 1 of the 3 entries there are not in the package\n");
  }
}

TEST_F(AnswerPackage, hides_no_access_of_another_period_behind_the_indexes) {
  AccessEvent late = access("e", "2025-12-02T07:20:00Z");
  made_.add(late);
  made_.sign();
  AnswerRequest asked = request();
  asked.pseudonyms.erase(asked.pseudonyms.begin());
  EXPECT_EQ(refusal(make_answer(made_.trail(), asked, *indexes_)), Code::kInvalid);
}

TEST_F(AnswerPackage, is_not_made_of_what_cannot_be_proven) {
  const auto refused = [&](auto change) {
    AnswerRequest wrong = request();
    change(wrong);
    return refusal(make_answer(made_.trail(), wrong, *indexes_));
  };
  EXPECT_EQ(refused([](AnswerRequest&) {}), std::nullopt);
  EXPECT_EQ(refused([](AnswerRequest& r) { r.question = ""; }), Code::kInvalid);
  EXPECT_EQ(refused([](AnswerRequest& r) {
              for (uint8_t i = 0; r.pseudonyms.size() <= kPseudonymsMax; ++i) {
                for (uint8_t j = 0; j < 250; ++j) r.pseudonyms.push_back({1, 31, 168, 6, 0, i, j});
              }
            }),
            Code::kInvalid);
  EXPECT_EQ(refused([](AnswerRequest& r) { r.pseudonyms.push_back({2, 31, 168, 97}); }), Code::kCorrupt) << "an actor";
  made_.fill(204);
  EXPECT_EQ(refused([](AnswerRequest&) {}), Code::kInvalid) << "somebody else behind the indexes";
  indexes_ = MemoryIndexes::commit(made_.trail()).value();
  EXPECT_EQ(refused([](AnswerRequest&) {}), Code::kInvalid) << "not signed";
  made_.sign();
  EXPECT_EQ(refused([](AnswerRequest&) {}), std::nullopt);
}

// An index file that hides something, under the root that the log has.
class Hiding : public CompletenessSource {
 public:
  explicit Hiding(CompletenessSource& source) : source_(source) {}
  Result<std::vector<CommittedRange>> ranges() override { return source_.ranges(); }
  Result<KeyProof> prove(const CommittedRange& range, ByteView key) override {
    auto proof = source_.prove(range, key);
    if (proof && range.first == 0 && proof->proof.present) proof->postings.resize(proof->postings.size() - 18);
    return proof;
  }

 private:
  CompletenessSource& source_;
};

TEST_F(AnswerPackage, is_not_made_by_an_index_that_hides_a_posting) {
  made_.add(access("e", "2026-03-02T07:20:00Z"));
  indexes_ = MemoryIndexes::commit(made_.trail()).value();
  made_.sign();
  Hiding hiding(*indexes_);
  EXPECT_EQ(refusal(make_answer(made_.trail(), request(), hiding)), Code::kCorrupt);
}

TEST_F(AnswerPackage, a_hidden_posting_is_found) {
  auto files = members();
  leave_out(files, 100);
  count_again(files);
  EXPECT_EQ(problems_in(files),
            "answer.json: 1 entries that the proofs name are not in the package, the first is 100\n");
  change_answer(files, [](Answer& answer) {
    answer.proofs[2].postings.clear();
    append_subject_posting(101, {}, answer.proofs[2].postings);
  });
  EXPECT_THAT(problems_in(files), HasSubstr("answer.json: pseudonym 1 in index 1, over the entries 50 to 119: key "));
}

TEST_F(AnswerPackage, an_absence_cannot_be_made_up) {
  auto nobody = unpack(package(request(kNobody)));
  const AnswerProof absent = answer_in(nobody).proofs[2];
  auto files = members();
  leave_out(files, 100);
  change_answer(files, [&](Answer& answer) { answer.proofs[2] = absent; });
  count_again(files);
  EXPECT_THAT(problems_in(files),
              HasSubstr("answer.json: pseudonym 1 in index 1, over the entries 50 to 119: the key that "
                        "would stand "));
  // Nor with the true neighbours of the one that is there, which are not next to each other.
  change_answer(files, [&](Answer& answer) {
    AnswerProof& proof = answer.proofs[2];
    proof = answer_in(nobody).proofs[2];
    if (proof.proof.before && !(proof.proof.before->key < answer.pseudonyms[1])) proof.proof.before.reset();
    if (proof.proof.behind && !(answer.pseudonyms[1] < proof.proof.behind->key)) proof.proof.behind.reset();
  });
  EXPECT_THAT(problems_in(files), HasSubstr("the keys in the proof are not neighbours"));
}

TEST_F(AnswerPackage, a_moved_neighbour_is_found) {
  const auto original = unpack(package(request(kNobody)));
  const auto with = [&](auto change) {
    auto files = original;
    change_answer(files, [&](Answer& answer) {
      for (AnswerProof& proof : answer.proofs) {
        for (auto* leaf : {&proof.proof.before, &proof.proof.behind}) {
          if (*leaf) return change(**leaf);
        }
      }
      FAIL() << "no neighbour";
    });
    return problems_in(files);
  };
  EXPECT_THAT(with([](IndexLeaf& leaf) { ++leaf.position; }), HasSubstr("answer.json: pseudonym 0 in index 0"));
  EXPECT_THAT(with([](IndexLeaf& leaf) { leaf.key.back() ^= 1U; }), HasSubstr("answer.json: pseudonym 0 in index 0"));
  EXPECT_THAT(with([](IndexLeaf& leaf) { leaf.path.pop_back(); }), HasSubstr("answer.json: pseudonym 0 in index 0"));
}

TEST_F(AnswerPackage, a_missing_proof_or_pseudonym_is_found) {
  const auto original = members();
  auto files = original;
  change_answer(files, [](Answer& answer) { answer.proofs.erase(answer.proofs.begin() + 1); });
  EXPECT_THAT(problems_in(files), HasSubstr("answer.json: the proof about pseudonym 1 in index 0 is missing\n"));
  files = original;
  change_answer(files, [](Answer& answer) { answer.proofs.push_back(answer.proofs.back()); });
  EXPECT_THAT(problems_in(files),
              HasSubstr("answer.json: it has proofs that belong to no pseudonym and index in it\n"));
  // Without the pseudonym of a period and all that belongs to it the package holds, and says what it does not show.
  files = original;
  leave_out(files, 1);
  change_answer(files, [](Answer& answer) {
    answer.pseudonyms.erase(answer.pseudonyms.begin());
    std::erase_if(answer.proofs, [](const AnswerProof& proof) { return proof.pseudonym == 0; });
    for (AnswerProof& proof : answer.proofs) --proof.pseudonym;
  });
  count_again(files);
  const auto report = verify(pack(files));
  EXPECT_TRUE(report.ok) << problems_of(report);
  EXPECT_FALSE(report.complete);
  EXPECT_THAT(report.not_covered, ElementsAre("2025-Q4"));
}

TEST_F(AnswerPackage, the_indexes_must_follow_each_other_from_the_first_entry_on) {
  const auto original = members();
  const auto with = [&](std::vector<uint64_t> indexes) {
    auto files = original;
    change_answer(files, [&](Answer& answer) {
      answer.indexes.clear();
      for (const uint64_t index : indexes) answer.indexes.emplace_back(index);
      std::erase_if(answer.proofs, [&](const AnswerProof& proof) { return proof.index >= indexes.size(); });
    });
    return problems_in(files);
  };
  EXPECT_THAT(with({201, 202}),
              HasSubstr("index 0, of the record in entry 201: it is over the entries from 50 on and not "
                        "from 0"));
  EXPECT_THAT(with({200, 202}), HasSubstr("index 1, of the record in entry 202: it is over the entries from 120 on"));
  EXPECT_THAT(with({200, 200, 201, 202}),
              HasSubstr("index 1, of the record in entry 200: it is over the entries from 0"));
  EXPECT_THAT(with({201, 200, 202}), HasSubstr("index 0, of the record in entry 201"));
  EXPECT_THAT(with({200, 201}), HasSubstr("from entry 120 on no index is given, and 79 of the 83 entries there"));
  EXPECT_THAT(with({}), HasSubstr("from entry 0 on no index is given, and 196 of the 203 entries there"));
  EXPECT_THAT(with({200, 201, 7}), HasSubstr("index 2, of the record in entry 7: the entry is not in the package"));
  EXPECT_THAT(with({100, 201, 202}),
              HasSubstr("entries/000000000000000100.cbor: it is no record of the root of an index"));
}

TEST_F(AnswerPackage, a_record_of_another_trail_proves_nothing) {
  TestTrail other;
  other.fill(200);
  constexpr std::array<uint64_t, 2> kEnds = {50, 120};
  const auto indexes = MemoryIndexes::commit(other.trail(), kEnds).value();
  auto files = members();
  Bytes record;
  ASSERT_TRUE(other.trail().entry(EntryIndex(201), record));
  member(files, entry_file(EntryIndex(201))).content = record;
  std::string lines = text_of(files, "entries.jsonl");
  list_again(files);
  EXPECT_THAT(problems_in(files),
              HasSubstr("proofs/000000000000000201.tlog-proof: it does not lead from the entry to the root"));
}

TEST_F(AnswerPackage, holds_no_entry_that_does_not_belong_to_it) {
  PackageRequest chosen{{EntryIndex(7)}, Disclosure::kPseudonyms, "one", "internal audit", {}};
  auto others = unpack(make_package(made_.trail(), chosen).value());
  auto files = members();
  const auto behind = std::ranges::find(files, entry_file(EntryIndex(100)), &ZipMember::name);
  files.insert(behind, member(others, entry_file(EntryIndex(7))));
  const auto proof = std::ranges::find(files, proof_file(EntryIndex(100)), &ZipMember::name);
  files.insert(proof, member(others, proof_file(EntryIndex(7))));
  std::string lines = text_of(files, "entries.jsonl");
  lines.insert(lines.find("{\"index\":100,"), text_of(others, entry_json_file(EntryIndex(7))));
  put(files, "entries.jsonl", lines);
  count_again(files);
  EXPECT_EQ(problems_in(files),
            "entries/000000000000000007.cbor: it does not belong to the answer: no index names it for the pseudonyms "
            "given\n");
}

TEST_F(AnswerPackage, another_time_than_that_of_its_entries_is_found) {
  auto files = members();
  change_answer(files, [](Answer& answer) { answer.range.to = parse_time("2026-03-01T00:00:00Z").value(); });
  const std::string problems = problems_in(files);
  EXPECT_THAT(problems, HasSubstr("entries/000000000000000000.cbor: it does not belong to the answer"));
  EXPECT_THAT(problems, HasSubstr("entries/000000000000000150.cbor: it does not belong to the answer"));
}

TEST_F(AnswerPackage, every_changed_file_is_found_also_when_the_manifest_agrees) {
  const auto original = members();
  for (const ZipMember& each : original) {
    if (each.name == "manifest.json") continue;
    for (size_t at = 0; at < each.content.size(); at += 1 + each.content.size() / 40) {
      auto files = original;
      member(files, each.name).content[at] ^= 2U;
      list_again(files);
      EXPECT_FALSE(verify(pack(files)).ok) << each.name << " byte " << at;
    }
  }
}

TEST_F(AnswerPackage, every_missing_file_is_found) {
  const auto original = members();
  for (const ZipMember& each : original) {
    auto files = original;
    std::erase_if(files, [&](const ZipMember& other) { return other.name == each.name; });
    EXPECT_FALSE(verify(pack(files)).ok) << each.name;
    if (each.name == "manifest.json") continue;
    list_again(files);
    EXPECT_FALSE(verify(pack(files)).ok) << each.name;
  }
}

TEST_F(AnswerPackage, an_answer_has_one_form) {
  AnswerRequest asked = request();
  asked.range.from = parse_time("2026-01-01T00:00:00Z").value();
  auto files = unpack(package(asked));
  const std::string json = text_of(files, "answer.json");
  EXPECT_EQ(to_json(parse_answer(json).value()), json);
  const std::string_view letters = "0a\"[]{},:\n ";
  for (size_t at = 0; at < json.size(); at += at < 400 ? 1 : 41) {
    for (const char letter : letters) {
      std::string other = json;
      other.insert(at, 1, letter);
      const auto parsed = parse_answer(other);
      ASSERT_TRUE(!parsed || to_json(*parsed) == other) << at << letter;
    }
    EXPECT_FALSE(parse_answer(std::string_view(json).substr(0, at))) << at;
  }
  const Answer empty;
  EXPECT_EQ(to_json(empty),
            "{\n\"from\":null,\n\"to\":null,\n\"pseudonyms\":[\n],\n\"indexes\":[\n],\n\"proofs\":[\n]\n}\n");
  EXPECT_TRUE(parse_answer(to_json(empty)));
}

TEST_F(AnswerPackage, can_be_checked_by_hand_as_its_guides_say) {
  if (!has_tools()) GTEST_SKIP() << "python3 or openssl is not installed";
  for (const char* guide : {"VERIFY.en.md", "VERIFY.nl.md"}) {
    Reader reader(members(), guide);
    EXPECT_TRUE(reader.signature_is_good()) << reader.output();
    EXPECT_TRUE(reader.entries_are_good()) << reader.output();
    EXPECT_THAT(reader.output(), HasSubstr("\naccesses: 4 and no others\n"));
  }
  AnswerRequest asked = request();
  asked.range = {parse_time("2026-01-01T00:00:00Z").value(), parse_time("2026-03-02T07:15:00.000000001Z").value()};
  Reader ranged(unpack(package(asked)), "VERIFY.en.md");
  EXPECT_TRUE(ranged.entries_are_good()) << ranged.output();
  EXPECT_THAT(ranged.output(), HasSubstr("\naccesses: 2 and no others\n"));
  Reader nobody(unpack(package(request(kNobody))), "VERIFY.en.md");
  EXPECT_TRUE(nobody.entries_are_good()) << nobody.output();
  EXPECT_THAT(nobody.output(), HasSubstr("\naccesses: 0 and no others\n"));
}

TEST_F(AnswerPackage, checked_by_hand_shows_what_was_hidden) {
  if (!has_tools()) GTEST_SKIP() << "python3 or openssl is not installed";
  const auto original = members();
  const auto output_with = [&](auto change) {
    auto files = original;
    change(files);
    Reader reader(files, "VERIFY.en.md");
    EXPECT_FALSE(reader.entries_are_good()) << reader.output();
    return reader.output();
  };
  EXPECT_THAT(output_with([](auto& files) {
                leave_out(files, 100);
                count_again(files);
              }),
              HasSubstr("WRONG: entry 100 is named by an index and missing\n"));
  EXPECT_THAT(output_with([](auto& files) {
                leave_out(files, 100);
                change_answer(files, [](Answer& answer) { answer.proofs[2].postings.resize(0); });
                count_again(files);
              }),
              HasSubstr("WRONG: what index 1 holds for pseudonym 1 is not proven\n"));
  EXPECT_THAT(output_with([](auto& files) { change_answer(files, [](Answer& answer) { answer.indexes.pop_back(); }); }),
              HasSubstr("WRONG: entries behind the indexes are missing\n"));
  EXPECT_THAT(output_with([](auto& files) {
                change_answer(files, [](Answer& answer) { std::swap(answer.indexes[0], answer.indexes[1]); });
              }),
              HasSubstr("WRONG: the indexes do not follow each other at the record in entry 201\n"));
}

TEST(PackageFormat, packages_of_version_2_that_were_kept_are_still_complete) {
  const std::string directory = WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/evidence-package/v2";
  const auto read = [&](const char* name) {
    return os::read_file(os::real_file_system(), os::join(directory, name), kPackageBytesMax).value();
  };
  const auto key = VerifierKey::parse(as_text(read("key.vkey"))).value();
  for (const auto& [name, events] : {std::pair("identities.zip", 4U), std::pair("nobody.zip", 0U)}) {
    const auto report = verify(read(name), {key, {}});
    EXPECT_TRUE(report.complete) << name << "\n" << problems_of(report);
    EXPECT_EQ(report.events, events);
    EXPECT_EQ(report.size, TreeSize(203));
  }
  const TlogPolicy policy = TlogPolicy::parse(as_text(read("witnessed.policy"))).value();
  const auto witnessed = verify(read("witnessed.zip"), {std::nullopt, std::nullopt, policy});
  EXPECT_TRUE(witnessed.complete) << problems_of(witnessed);
  EXPECT_EQ(witnessed.size, TreeSize(302));
}

}  // namespace
}  // namespace weerbaar::trail
