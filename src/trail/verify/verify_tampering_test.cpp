// Somebody who knows the formats, may write every file, and mends every checksum, but does not have the signing key.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <functional>

#include "trail/format/entry.h"
#include "trail/format/filter.h"
#include "trail/verify/parallel.h"
#include "trail/verify/segment_check.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kSegment = "segments/000000000.segment";
constexpr const char* kChapter = "chapters/000000.chapter";
constexpr uint64_t kRow = 1300;  // an event in tile 5
constexpr const char* kTile = "segments/000000000.segment, entries 1280 to 1535";

// The row of the first record.
uint64_t record_row(const Segment& segment) {
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    if (!segment.opaque(row).empty()) return row;
  }
  return kSegmentEntries;
}

// The first posting of `row`, and its subject; an event with a subject from `row` on is looked for.
struct FoundPosting {
  uint64_t row;
  uint64_t posting;
  uint64_t subject;
};
FoundPosting posting_from(const SegmentForge& forge, uint64_t row) {
  const auto rows = forge.integers(Section::kSubjectPostings);
  const auto firsts = forge.integers(Section::kSubjectFirst);
  for (;; ++row) {
    const auto found = std::ranges::find(rows, static_cast<int64_t>(row));
    if (found == rows.end()) continue;
    const auto posting = found - rows.begin();
    const auto subject = std::ranges::upper_bound(firsts, posting) - firsts.begin() - 1;
    return {row, static_cast<uint64_t>(posting), static_cast<uint64_t>(subject)};
  }
}

template <class T>
void erase_at(std::vector<T>& values, uint64_t at) {
  values.erase(values.begin() + static_cast<std::ptrdiff_t>(at));
}

template <class T>
void insert_at(std::vector<T>& values, uint64_t at, T value) {
  values.insert(values.begin() + static_cast<std::ptrdiff_t>(at), std::move(value));
}

void set_integer(SegmentForge& forge, Section section, uint64_t row, int64_t value) {
  auto values = forge.integers(section);
  values[row] = value;
  forge.set(section, values);
}

void set_text(SegmentForge& forge, Section section, uint64_t row, std::string value) {
  auto values = forge.texts(section);
  values[row] = std::move(value);
  forge.set(section, values);
}

// Takes one posting away, or adds one, and keeps all that counts them right.
void change_postings(SegmentForge& forge, uint64_t at, uint64_t subject, std::optional<uint64_t> added_row) {
  auto rows = forge.integers(Section::kSubjectPostings);
  auto roles = forge.texts(Section::kSubjectRole);
  auto firsts = forge.integers(Section::kSubjectFirst);
  if (added_row) {
    insert_at(rows, at, static_cast<int64_t>(*added_row));
    insert_at(roles, at, std::string());
  } else {
    erase_at(rows, at);
    erase_at(roles, at);
  }
  for (uint64_t i = subject + 1; i < firsts.size(); ++i) firsts[i] += added_row ? 1 : -1;
  forge.header.postings = rows.size();
  forge.set_postings(Section::kSubjectPostings, rows);
  forge.set(Section::kSubjectRole, roles);
  forge.set(Section::kSubjectFirst, firsts);
}

// Actor postings as they follow from the actor codes.
void mend_actor_postings(SegmentForge& forge, const std::vector<int64_t>& codes) {
  std::vector<int64_t> rows(kSegmentEntries);
  for (size_t row = 0; row < rows.size(); ++row) rows[row] = static_cast<int64_t>(row);
  std::ranges::sort(rows, {}, [&](int64_t row) { return std::pair(codes[static_cast<size_t>(row)], row); });
  std::vector<int64_t> firsts(forge.header.actors + 1, 0);
  for (const int64_t code : codes) ++firsts[static_cast<size_t>(code) + 1];
  for (size_t i = 1; i < firsts.size(); ++i) firsts[i] += firsts[i - 1];
  forge.set(Section::kActorFirst, firsts);
  forge.set_postings(Section::kActorPostings, rows);
}

// The filter as it follows from these tables.
void mend_filter(SegmentForge& forge) {
  const SegmentForge now(forge.assemble());
  Bytes filter(filter_bytes(now.header.subjects + now.header.actors));
  for (uint64_t i = 0; i < now.header.subjects; ++i) filter_insert(filter, subject_hash(now.segment().subject(i)));
  for (uint64_t i = 0; i < now.header.actors; ++i) filter_insert(filter, actor_hash(now.segment().actor(i).id));
  forge.bytes(Section::kFilter) = filter;
}

template <class T>
void swap_rows(SegmentForge& forge, Section section, std::vector<T> values, uint64_t a, uint64_t b) {
  std::swap(values[a], values[b]);
  forge.set(section, values);
}

// Whether a subject and the next one occur in the same entry.
bool meet_in_an_entry(const std::vector<int64_t>& rows, const std::vector<int64_t>& firsts, uint64_t code) {
  const auto postings = [&](uint64_t i) {
    return std::span(rows).subspan(static_cast<size_t>(firsts[i]), static_cast<size_t>(firsts[i + 1] - firsts[i]));
  };
  return std::ranges::any_of(postings(code),
                             [&](int64_t row) { return std::ranges::count(postings(code + 1), row) > 0; });
}

// Exchanges two neighbouring subjects with all their postings: every entry stays what it was.
void exchange_subjects(SegmentForge& forge) {
  auto firsts = forge.integers(Section::kSubjectFirst);
  auto rows = forge.integers(Section::kSubjectPostings);
  auto roles = forge.texts(Section::kSubjectRole);
  uint64_t code = 0;
  while (meet_in_an_entry(rows, firsts, code)) ++code;
  const auto begin = static_cast<std::ptrdiff_t>(firsts[code]);
  const auto middle = static_cast<std::ptrdiff_t>(firsts[code + 1]);
  const auto end = static_cast<std::ptrdiff_t>(firsts[code + 2]);
  std::rotate(rows.begin() + begin, rows.begin() + middle, rows.begin() + end);
  std::rotate(roles.begin() + begin, roles.begin() + middle, roles.begin() + end);
  firsts[code + 1] = begin + end - middle;
  for (const Section section : {Section::kSubjectType, Section::kSubjectIsNumber, Section::kSubjectNumber}) {
    swap_rows(forge, section, forge.integers(section), code, code + 1);
  }
  swap_rows(forge, Section::kSubjectBytes, forge.texts(Section::kSubjectBytes), code, code + 1);
  forge.set(Section::kSubjectFirst, firsts);
  forge.set_postings(Section::kSubjectPostings, rows);
  forge.set(Section::kSubjectRole, roles);
}

// Makes an event a record of the same bytes, and takes it out of every index: the tree stays what it was.
void hide_event_among_records(SegmentForge& forge) {
  const auto firsts = forge.integers(Section::kSubjectFirst);
  uint64_t code = 0;  // a subject that stays with other entries
  while (firsts[code + 1] - firsts[code] < 2) ++code;
  const auto posting = static_cast<uint64_t>(firsts[code]);
  const uint64_t row = forge.segment().subject_posting(posting);
  const uint64_t record = record_row(forge.segment());
  Bytes entry;
  forge.segment().entry(row, entry);
  change_postings(forge, posting, code, std::nullopt);
  for (const Section section : {Section::kId, Section::kCase, Section::kQuery, Section::kTraceId, Section::kReason,
                                Section::kOnBehalfOf, Section::kTerminal, Section::kAttributes}) {
    set_text(forge, section, row, "");
  }
  for (const Section section : {Section::kTime, Section::kTimeNanos, Section::kReceived, Section::kPeriod,
                                Section::kRecords, Section::kBreakGlass}) {
    set_integer(forge, section, row, 0);
  }
  auto actors = forge.integers(Section::kActorCode);
  actors[row] = actors[record];
  forge.set(Section::kActorCode, actors);
  mend_actor_postings(forge, actors);
  set_integer(forge, Section::kShapeCode, row, forge.integers(Section::kShapeCode)[record]);
  set_text(forge, Section::kOpaque, row, std::string(as_text(entry)));
}

// --- one segment
// --------------------------------------------------------------------------------------------------------

// What is changed in a segment, and what the report must name.
struct Forgery {
  const char* name;
  std::function<void(SegmentForge&)> change;
  std::vector<std::string> where;  // or what
  // The entries, and so the tree, are as they were signed: only what finds them was changed.
  bool keeps_the_tree = false;
};

std::string in_section(const char* name) {
  return fmt::format("{}, section \"{}\"", kSegment, name);
}

constexpr bool kKeepsTheTree = true;

const Forgery kForgeries[] = {
    {"a_case", [](SegmentForge& f) { set_text(f, Section::kCase, kRow, "Z-2026-0000001"); }, {kTile, "checkpoint"}},
    {"a_time",
     [](SegmentForge& f) { set_integer(f, Section::kTime, kRow, f.integers(Section::kTime)[kRow] + 1); },
     {kTile, "checkpoint"}},
    {"a_time_outside_the_range", [](SegmentForge& f) { set_integer(f, Section::kTime, kRow, 5); }, {kTile, ", head"}},
    {"a_value_that_no_entry_can_have",
     [](SegmentForge& f) { set_integer(f, Section::kReceived, kRow, -1); },
     {"entry 1300", kTile}},
    {"an_id_that_is_gone", [](SegmentForge& f) { set_text(f, Section::kId, kRow, ""); }, {"entry 1300", kTile}},
    {"a_role",
     [](SegmentForge& f) { set_text(f, Section::kSubjectRole, posting_from(f, kRow).posting, "neighbour"); },
     {kTile}},
    {"a_posting_removed",
     [](SegmentForge& f) {
       const FoundPosting found = posting_from(f, kRow);
       change_postings(f, found.posting, found.subject, std::nullopt);
     },
     {kTile, "checkpoint"}},
    {"a_posting_to_another_entry",
     [](SegmentForge& f) {
       auto rows = f.integers(Section::kSubjectPostings);
       rows[posting_from(f, kRow).posting] = 65'000;
       f.set_postings(Section::kSubjectPostings, rows);
     },
     {kTile, "entries 64768 to 65023"}},
    {"a_posting_to_a_record",
     [](SegmentForge& f) {
       const FoundPosting found = posting_from(f, kRow);
       const uint64_t end = static_cast<uint64_t>(f.integers(Section::kSubjectFirst)[found.subject + 1]);
       change_postings(f, end, found.subject, record_row(f.segment()));
     },
     {"entry 57344"},
     kKeepsTheTree},
    {"postings_in_another_order",
     [](SegmentForge& f) {
       const auto firsts = f.integers(Section::kSubjectFirst);
       auto rows = f.integers(Section::kSubjectPostings);
       const auto roles = f.texts(Section::kSubjectRole);
       const auto starts_run = [&](size_t at) { return std::ranges::count(firsts, static_cast<int64_t>(at)) > 0; };
       size_t at = 0;  // two postings of one subject that differ in the entry only
       while (starts_run(at + 1) || rows[at] == rows[at + 1] || roles[at] != roles[at + 1]) ++at;
       std::swap(rows[at], rows[at + 1]);
       f.set_postings(Section::kSubjectPostings, rows);
     },
     {in_section("subject postings")},
     kKeepsTheTree},
    {"an_actor",
     [](SegmentForge& f) { swap_rows(f, Section::kActorCode, f.integers(Section::kActorCode), kRow, kRow + 1); },
     {kTile, in_section("actor postings")}},
    {"an_actor_with_its_postings",
     [](SegmentForge& f) {
       auto codes = f.integers(Section::kActorCode);
       std::swap(codes[kRow], codes[kRow + 1]);
       f.set(Section::kActorCode, codes);
       mend_actor_postings(f, codes);
     },
     {kTile, "checkpoint"}},
    {"actor_postings",
     [](SegmentForge& f) {
       auto rows = f.integers(Section::kActorPostings);
       std::swap(rows[40'000], rows[50'000]);
       f.set_postings(Section::kActorPostings, rows);
     },
     {in_section("actor postings")},
     kKeepsTheTree},
    {"the_actor_index",
     [](SegmentForge& f) { set_integer(f, Section::kActorFirst, 9, f.integers(Section::kActorFirst)[8]); },
     {in_section("actor index")},
     kKeepsTheTree},
    {"the_order_of_actors",
     [](SegmentForge& f) {
       auto codes = f.integers(Section::kActorCode);
       for (int64_t& code : codes) code = code == 20 ? 21 : code == 21 ? 20 : code;
       f.set(Section::kActorCode, codes);
       mend_actor_postings(f, codes);
       swap_rows(f, Section::kActorType, f.integers(Section::kActorType), 20, 21);
       for (const Section section : {Section::kActorId, Section::kActorFunction, Section::kActorUnit}) {
         swap_rows(f, section, f.texts(section), 20, 21);
       }
     },
     {in_section("actor id")},
     kKeepsTheTree},
    {"an_actor_without_entries",
     [](SegmentForge& f) {
       auto codes = f.integers(Section::kActorCode);
       std::ranges::replace(codes, 20, 21);
       f.set(Section::kActorCode, codes);
       mend_actor_postings(f, codes);
     },
     {"row 20 is an actor without entries", "checkpoint"}},
    {"a_shape_without_entries",
     [](SegmentForge& f) {
       auto codes = f.integers(Section::kShapeCode);
       std::ranges::replace(codes, 20, 21);
       f.set(Section::kShapeCode, codes);
     },
     {"row 20 is a shape without entries", "checkpoint"}},
    {"more_subjects_than_an_entry_has",
     [](SegmentForge& f) {
       const auto firsts = f.integers(Section::kSubjectFirst);
       auto rows = f.integers(Section::kSubjectPostings);
       for (size_t code = 0; code <= kSubjectsMax; ++code) rows[static_cast<size_t>(firsts[code])] = kRow;
       f.set_postings(Section::kSubjectPostings, rows);
     },
     {"segments/000000000.segment, entry 1300: the entry has 100", " subjects; at most 1000 fit"}},
    {"the_order_of_subjects", exchange_subjects, {in_section("subject type")}, kKeepsTheTree},
    {"a_number_that_has_bytes_too",
     [](SegmentForge& f) {
       uint64_t code = 0;
       while (f.integers(Section::kSubjectIsNumber)[code] == 0) ++code;
       set_text(f, Section::kSubjectBytes, code, "x");
     },
     {in_section("subject bytes"), "the columns say something else"},
     kKeepsTheTree},
    {"bytes_that_have_a_number_too",
     [](SegmentForge& f) {
       const auto forms = f.integers(Section::kSubjectIsNumber);
       const auto code = static_cast<uint64_t>(std::ranges::find(forms, 0) - forms.begin());
       set_integer(f, Section::kSubjectNumber, code, 1);
     },
     {in_section("subject number")},
     kKeepsTheTree},
    {"an_event_among_the_records",
     hide_event_among_records,
     {"an access event stands among the records"},
     kKeepsTheTree},
    {"the_actor_of_a_record",
     [](SegmentForge& f) {
       auto codes = f.integers(Section::kActorCode);
       codes[record_row(f.segment())] = 30;
       f.set(Section::kActorCode, codes);
       mend_actor_postings(f, codes);
     },
     {"entry 57344"},
     kKeepsTheTree},
    {"the_filter",
     [](SegmentForge& f) {
       Bytes& filter = f.bytes(Section::kFilter);
       *std::ranges::find_if(filter, [](uint8_t byte) { return byte != 0; }) = 0;
     },
     {in_section("filter")},
     kKeepsTheTree},
    {"the_size_of_the_filter",
     [](SegmentForge& f) { f.bytes(Section::kFilter).resize(32); },
     {in_section("filter")},
     kKeepsTheTree},
    {"a_tile_hash",
     [](SegmentForge& f) { f.bytes(Section::kTileHashes)[77] ^= 1U; },
     {in_section("tile hashes")},
     kKeepsTheTree},
    {"the_root", [](SegmentForge& f) { f.header.root[0] ^= 1U; }, {std::string(kSegment) + ", head"}, kKeepsTheTree},
    {"the_earliest_time",
     [](SegmentForge& f) { ++f.header.time_min; },
     {std::string(kSegment) + ", head"},
     kKeepsTheTree},
    {"the_latest_time",
     [](SegmentForge& f) { --f.header.time_max; },
     {std::string(kSegment) + ", head"},
     kKeepsTheTree},
    {"the_signed_size",
     [](SegmentForge& f) { f.header.signed_size = kSegmentEntries + 1; },
     {"checkpoint", std::string(kSegment) + ", head"}},
    {"the_first_index", [](SegmentForge& f) { f.header.first_index = kSegmentEntries; }, {kSegment}},
    {"the_number_of_actors", [](SegmentForge& f) { --f.header.actors; }, {kSegment}},
};

class VerifyForgery : public testing::TestWithParam<Forgery> {};

TEST_P(VerifyForgery, is_found_and_named) {
  SegmentForge forge(one_segment_sample().files.at(kSegment));
  GetParam().change(forge);
  Files files = one_segment_sample().files;
  files[kSegment] = forge.assemble();
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_FALSE(report.ok);
  const std::string text = to_text(report);
  for (const std::string& where : GetParam().where) {
    EXPECT_TRUE(text.contains(where)) << where << "\n" << text;
  }
  if (GetParam().keeps_the_tree) {
    EXPECT_FALSE(names(report, "checkpoint")) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(of, VerifyForgery, testing::ValuesIn(kForgeries),
                         [](const auto& forgery) { return std::string(forgery.param.name); });

// Every section is evidence or is recomputed: none can be changed so that a reader would notice and we would not. A
// third of them is tried, for each takes a verification.
TEST(VerifyTampering, finds_a_bit_changed_in_a_section_unless_it_means_nothing) {
  constexpr size_t kEvery = 3;
  const Bytes& honest = one_segment_sample().files.at(kSegment);
  const std::vector<Bytes> entries = entries_of(SegmentForge(honest).segment());
  const SegmentHead head = read_segment_head(honest).value();
  std::atomic<size_t> meaningless = 0;
  for_each_in_parallel(0, head.sections.size() / kEvery, [&](size_t i) {
    const SectionPlace& place = head.sections[i * kEvery];
    if (place.length == 0) return;
    SegmentForge forge(honest);
    forge.bytes(place.id)[place.length / 2] ^= 2U;
    const Bytes file = forge.assemble();
    Part part;
    part.sealed = true;
    check_segment(file, {}, part);
    if (!part.problems.empty() || part.root != head.header.root) return;
    ++meaningless;  // as the step of a text without number
    EXPECT_EQ(entries_of(Segment::open(file).value()), entries) << to_string(place.id);
  });
  EXPECT_LT(meaningless, 8U);
}

TEST(VerifyTampering, a_forge_that_changes_nothing_gives_the_same_file) {
  const Bytes& file = one_segment_sample().files.at(kSegment);
  EXPECT_EQ(SegmentForge(file).assemble(), file);
}

// Takes the subjects out of an entry and seals the segment anew, as if the entry had always been so.
Bytes sealed_without_subjects(uint64_t row) {
  const SegmentForge forge(one_segment_sample().files.at(kSegment));
  std::vector<Bytes> entries = entries_of(forge.segment());
  Entry decoded;
  EXPECT_TRUE(decoded.decode(entries[row]).has_value());
  StoredEvent event = decoded.event();
  event.subjects = {};
  Bytes changed;
  encode(event, changed);
  entries[row] = changed;
  return seal(0, forge.header.signed_size, entries);
}

TEST(VerifyTampering, finds_an_entry_rewritten_with_all_indexes_under_the_old_hashes) {
  SegmentForge honest(one_segment_sample().files.at(kSegment));
  SegmentForge forge(sealed_without_subjects(posting_from(honest, kRow).row));
  forge.header.root = honest.header.root;
  forge.bytes(Section::kTileHashes) = honest.bytes(Section::kTileHashes);
  Files files = one_segment_sample().files;
  files[kSegment] = forge.assemble();
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, kTile)) << to_text(report);
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
}

TEST(VerifyTampering, finds_a_segment_rewritten_with_all_its_hashes) {
  const SegmentForge honest(one_segment_sample().files.at(kSegment));
  Files files = one_segment_sample().files;
  files[kSegment] = sealed_without_subjects(posting_from(honest, kRow).row);
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_FALSE(names(report, kSegment)) << to_text(report);
}

TEST(VerifyTampering, finds_a_subject_removed_from_every_table) {
  SegmentForge forge(one_segment_sample().files.at(kSegment));
  const FoundPosting found = posting_from(forge, kRow);
  const auto firsts = forge.integers(Section::kSubjectFirst);
  const auto begin = static_cast<uint64_t>(firsts[found.subject]);
  for (auto end = static_cast<uint64_t>(firsts[found.subject + 1]); end > begin; --end) {
    change_postings(forge, end - 1, found.subject, std::nullopt);
    forge = SegmentForge(forge.assemble());
  }
  for (const Section section :
       {Section::kSubjectType, Section::kSubjectIsNumber, Section::kSubjectNumber, Section::kSubjectFirst}) {
    auto values = forge.integers(section);
    erase_at(values, found.subject);
    forge.set(section, values);
  }
  auto texts = forge.texts(Section::kSubjectBytes);
  erase_at(texts, found.subject);
  forge.set(Section::kSubjectBytes, texts);
  --forge.header.subjects;
  mend_filter(forge);
  Files files = one_segment_sample().files;
  files[kSegment] = forge.assemble();
  files.erase(kChapter);
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, kTile)) << to_text(report);
}

TEST(VerifyTampering, finds_a_subject_added_without_entries) {
  SegmentForge forge(one_segment_sample().files.at(kSegment));
  auto numbers = forge.integers(Section::kSubjectNumber);
  const auto forms = forge.integers(Section::kSubjectIsNumber);
  uint64_t code = 0;  // room for a number between two that follow each other
  while (forms[code] == 0 || forms[code + 1] == 0 || numbers[code + 1] - numbers[code] < 2) ++code;
  for (const Section section : {Section::kSubjectType, Section::kSubjectIsNumber}) {
    auto values = forge.integers(section);
    insert_at(values, code + 1, values[code]);
    forge.set(section, values);
  }
  insert_at(numbers, code + 1, numbers[code] + 1);
  forge.set(Section::kSubjectNumber, numbers);
  auto firsts = forge.integers(Section::kSubjectFirst);
  insert_at(firsts, code + 1, firsts[code + 1]);
  forge.set(Section::kSubjectFirst, firsts);
  auto texts = forge.texts(Section::kSubjectBytes);
  insert_at(texts, code, std::string());
  forge.set(Section::kSubjectBytes, texts);
  ++forge.header.subjects;
  mend_filter(forge);
  Files files = one_segment_sample().files;
  files[kSegment] = forge.assemble();
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, in_section("subject index"))) << to_text(report);
}

}  // namespace
}  // namespace weerbaar::trail
