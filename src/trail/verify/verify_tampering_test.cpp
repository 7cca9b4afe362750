// Somebody who knows the formats, may write every file, and mends every checksum, but does not have the signing key.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/parallel.h"
#include "trail/format/checkpoint.h"
#include "trail/format/entry.h"
#include "trail/verify/segment_check.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kSegment = "segments/000000000.segment";
constexpr uint64_t kRow = 1300;  // an event in tile 5
constexpr const char* kTile = "segments/000000000.segment, entries 1280 to 1535";

// The row of the first record.
uint64_t record_row(const Segment& segment) {
  return segment.record_rows().front();
}

// The first row from kRow on, in the same tile, whose entry has so many subjects.
uint64_t row_with(const Segment& segment, size_t subjects) {
  uint64_t row = kRow;
  while (segment.subjects_of(row).size() != subjects) ++row;
  return row;
}

// The first item of the list of a row.
uint64_t item_of(const Segment& segment, uint64_t row) {
  return segment.items_of(segment.list_of(row)).first;
}

void add_value(SegmentForge& forge, Section section, int64_t value) {
  auto values = forge.integers(section);
  values.push_back(value);
  forge.set(section, values);
}

// A row behind the last of a table: the same texts, but for one that is longer.
void add_row(SegmentForge& forge, std::initializer_list<Section> sections, Section longer) {
  for (const Section section : sections) {
    const bool is_text = section == Section::kSubjectBytes || section == Section::kActorId || section == longer ||
                         section == Section::kActorFunction || section == Section::kActorUnit ||
                         section == Section::kApplicationSource || section == Section::kApplicationSystem ||
                         section == Section::kApplicationData || section == Section::kApplicationActivity ||
                         section == Section::kApplicationLegalBasis || section == Section::kOperationComponent;
    if (!is_text) {
      add_value(forge, section, forge.integers(section).back());
      continue;
    }
    auto values = forge.texts(section);
    values.push_back(values.back() + (section == longer ? "~" : ""));
    forge.set(section, values);
  }
}

template <class T>
void swap_rows(SegmentForge& forge, Section section, std::vector<T> values, uint64_t a, uint64_t b) {
  std::swap(values[a], values[b]);
  forge.set(section, values);
}

void exchange_codes(std::vector<int64_t>& codes, int64_t a, int64_t b) {
  for (int64_t& code : codes) code = code == a ? b : code == b ? a : code;
}

// Exchanges two neighbouring rows of a table, and the codes that mean them: every entry stays what it was.
void exchange_actors(SegmentForge& forge) {
  ForgedRows rows = forge.rows();
  exchange_codes(rows.integers[Section::kActorCode], 20, 21);
  forge.set_rows(rows);
  swap_rows(forge, Section::kActorType, forge.integers(Section::kActorType), 20, 21);
  for (const Section section : {Section::kActorId, Section::kActorFunction, Section::kActorUnit}) {
    swap_rows(forge, section, forge.texts(section), 20, 21);
  }
}

void exchange_subjects(SegmentForge& forge) {
  const Segment& segment = forge.segment();
  const auto meet = [&](uint64_t code) {
    for (uint64_t list = 0; list < segment.lists(); ++list) {
      const auto [first, end] = segment.items_of(list);
      const auto has = [&](uint64_t wanted) {
        for (uint32_t item = first; item < end; ++item) {
          if (segment.subject(wanted) == StoredSubject{segment.item(item).type,
                                                       segment.item(item).is_number,
                                                       segment.item(item).number,
                                                       segment.item(item).bytes,
                                                       {}}) {
            return true;
          }
        }
        return false;
      };
      if (end - first > 1 && has(code) && has(code + 1)) return true;
    }
    return false;
  };
  uint64_t code = 40;
  while (meet(code)) ++code;
  auto items = forge.integers(Section::kItemSubject);
  exchange_codes(items, static_cast<int64_t>(code), static_cast<int64_t>(code) + 1);
  forge.set(Section::kItemSubject, items);
  for (const Section section : {Section::kSubjectType, Section::kSubjectIsNumber, Section::kSubjectNumber}) {
    swap_rows(forge, section, forge.integers(section), code, code + 1);
  }
  swap_rows(forge, Section::kSubjectBytes, forge.texts(Section::kSubjectBytes), code, code + 1);
}

void exchange_lists(SegmentForge& forge) {
  const auto lengths = forge.integers(Section::kListLength);
  uint64_t list = 0;
  while (lengths[list] != 1 || lengths[list + 1] != 1) ++list;
  const uint64_t item = forge.segment().items_of(list).first;
  swap_rows(forge, Section::kItemSubject, forge.integers(Section::kItemSubject), item, item + 1);
  swap_rows(forge, Section::kItemRole, forge.texts(Section::kItemRole), item, item + 1);
  auto codes = forge.integers(Section::kListCode);
  exchange_codes(codes, static_cast<int64_t>(list), static_cast<int64_t>(list) + 1);
  forge.set(Section::kListCode, codes);
}

void exchange_applications(SegmentForge& forge) {
  uint64_t code = 0;
  while (forge.segment().application(code).source != forge.segment().application(code + 1).source) ++code;
  auto codes = forge.integers(Section::kApplicationCode);
  exchange_codes(codes, static_cast<int64_t>(code), static_cast<int64_t>(code) + 1);
  forge.set(Section::kApplicationCode, codes);
  for (const Section section : {Section::kApplicationSource, Section::kApplicationSystem, Section::kApplicationData,
                                Section::kApplicationActivity, Section::kApplicationLegalBasis}) {
    swap_rows(forge, section, forge.texts(section), code, code + 1);
  }
}

void exchange_operations(SegmentForge& forge) {
  auto codes = forge.integers(Section::kOperationCode);
  exchange_codes(codes, 3, 4);
  forge.set(Section::kOperationCode, codes);
  for (const Section section : {Section::kOperationAction, Section::kOperationOutcome}) {
    swap_rows(forge, section, forge.integers(section), 3, 4);
  }
  swap_rows(forge, Section::kOperationComponent, forge.texts(Section::kOperationComponent), 3, 4);
}

// Makes an event a record of the same bytes, and takes it out of every column: the tree stays what it was.
void hide_event_among_records(SegmentForge& forge) {
  ForgedRows rows = forge.rows();
  const uint64_t record = record_row(forge.segment());
  Bytes entry;
  forge.segment().entry(kRow, entry);
  for (auto& [section, values] : rows.integers) values[kRow] = values[record];
  for (auto& [section, values] : rows.texts) values[kRow] = "";
  rows.texts[Section::kOpaque][kRow] = as_text(entry);
  forge.set_rows(rows);
}

// --- one segment

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
    {"a_case", [](SegmentForge& f) { f.set_at(Section::kCase, kRow, "Z-2026-9999999"); }, {kTile, "checkpoint"}},
    {"a_time",
     [](SegmentForge& f) { f.set_at(Section::kTime, kRow, f.integers(Section::kTime)[kRow] + 1); },
     {kTile, "checkpoint"}},
    {"a_time_outside_the_range", [](SegmentForge& f) { f.set_at(Section::kTime, kRow, 5); }, {kTile, ", head"}},
    {"a_value_that_no_entry_can_have",
     [](SegmentForge& f) { f.set_at(Section::kReceived, kRow, -1); },
     {"entry 1300", kTile}},
    {"an_id_that_is_gone", [](SegmentForge& f) { f.set_at(Section::kId, kRow, ""); }, {"entry 1300", kTile}},
    {"an_id_that_is_no_text", [](SegmentForge& f) { f.set_at(Section::kId, kRow, "\xFF"); }, {"entry 1300", kTile}},
    {"a_case_that_is_no_text", [](SegmentForge& f) { f.set_at(Section::kCase, kRow, "\xFF"); }, {"entry 1300", kTile}},
    {"attributes_that_end_early",
     [](SegmentForge& f) { f.set_at(Section::kAttributes, kRow, "\xA2\x61x\xF5"); },
     {"entry 1300", kTile}},
    {"attributes_that_hold_another_field",
     [](SegmentForge& f) { f.set_at(Section::kLocation, kRow, "Utrecht\x18\x63\x61x"); },
     {kTile}},
    {"more_records_than_there_can_be",
     [](SegmentForge& f) { f.set_at(Section::kRecords, kRow, static_cast<int64_t>(kRecordsMax) + 2); },
     {"entry 1300", kTile}},
    {"a_negative_mark", [](SegmentForge& f) { f.set_at(Section::kMarks, kRow, -1); }, {"entry 1300", kTile}},
    {"nanoseconds_that_are_more_than_a_microsecond",
     [](SegmentForge& f) { f.set_at(Section::kTimeNanos, kRow, 1000); },
     {"section \"time nanoseconds\""}},
    {"a_function_that_is_no_text",
     [](SegmentForge& f) { f.set_at(Section::kActorFunction, f.segment().actor_code(kRow), "\xFF"); },
     {"not a canonical access event", kTile}},
    {"an_actor_without_id",
     [](SegmentForge& f) { f.set_at(Section::kActorId, f.segment().actor_code(kRow), ""); },
     {"not a canonical access event", kTile}},
    {"data_that_hold_another_field",
     [](SegmentForge& f) {
       f.set_at(Section::kApplicationData, f.segment().application_code(kRow), "\x81\x61x\x0E\x61y");
     },
     {"not a canonical access event"}},
    {"a_component_that_is_no_text",
     [](SegmentForge& f) { f.set_at(Section::kOperationComponent, f.segment().operation_code(kRow), "\xFF"); },
     {"not a canonical access event"}},
    {"a_role",
     [](SegmentForge& f) { f.set_at(Section::kItemRole, item_of(f.segment(), row_with(f.segment(), 1)), "neighbour"); },
     {kTile, "checkpoint"}},
    {"a_subject_removed_from_an_entry",
     [](SegmentForge& f) {
       f.set_at(Section::kListCode, row_with(f.segment(), 1),
                static_cast<int64_t>(f.segment().list_of(row_with(f.segment(), 0))));
     },
     {kTile, "checkpoint"}},
    {"a_subject_exchanged",
     [](SegmentForge& f) { f.set_at(Section::kItemSubject, item_of(f.segment(), row_with(f.segment(), 1)), 7); },
     {kTile, "checkpoint"}},
    {"the_subjects_of_an_entry_in_another_order",
     [](SegmentForge& f) {
       const uint64_t item = item_of(f.segment(), row_with(f.segment(), 2));
       swap_rows(f, Section::kItemSubject, f.integers(Section::kItemSubject), item, item + 1);
       swap_rows(f, Section::kItemRole, f.texts(Section::kItemRole), item, item + 1);
     },
     {"not a canonical access event", kTile}},
    {"subjects_of_a_record",
     [](SegmentForge& f) {
       f.set_at(Section::kListCode, record_row(f.segment()),
                static_cast<int64_t>(f.segment().list_of(row_with(f.segment(), 1))));
     },
     {"a record stands there"},
     kKeepsTheTree},
    {"the_actor_of_a_record",
     [](SegmentForge& f) {
       ForgedRows rows = f.rows();
       rows.integers[Section::kActorCode][record_row(f.segment())] = 30;
       f.set_rows(rows);
     },
     {"a record stands there"},
     kKeepsTheTree},
    {"the_time_of_a_record",
     [](SegmentForge& f) { f.set_at(Section::kTime, record_row(f.segment()), 5); },
     {"a record stands there"},
     kKeepsTheTree},
    {"the_case_of_a_record",
     [](SegmentForge& f) { f.set_at(Section::kCase, record_row(f.segment()), "Z"); },
     {"a record stands there"},
     kKeepsTheTree},
    {"an_actor",
     [](SegmentForge& f) {
       ForgedRows rows = f.rows();
       std::swap(rows.integers[Section::kActorCode][kRow], rows.integers[Section::kActorCode][kRow + 1]);
       f.set_rows(rows);
     },
     {kTile, "checkpoint"}},
    {"an_actor_and_with_it_the_order_of_the_columns",
     [](SegmentForge& f) { f.set_at(Section::kActorCode, kRow, 20); },
     {"entries were changed", "checkpoint"}},
    {"the_order_of_actors", exchange_actors, {in_section("actor id")}, kKeepsTheTree},
    {"the_order_of_subjects", exchange_subjects, {in_section("subject type")}, kKeepsTheTree},
    {"the_order_of_lists", exchange_lists, {in_section("subject list length")}, kKeepsTheTree},
    {"the_order_of_applications", exchange_applications, {in_section("source")}, kKeepsTheTree},
    {"the_order_of_operations", exchange_operations, {in_section("action")}, kKeepsTheTree},
    {"an_actor_without_entries",
     [](SegmentForge& f) {
       add_row(f, {Section::kActorId, Section::kActorType, Section::kActorFunction, Section::kActorUnit},
               Section::kActorId);
       ++f.header.actors;
     },
     {in_section("actor id"), "belongs to no entry"},
     kKeepsTheTree},
    {"an_application_without_entries",
     [](SegmentForge& f) {
       add_row(f,
               {Section::kApplicationSource, Section::kApplicationSystem, Section::kApplicationData,
                Section::kApplicationActivity, Section::kApplicationLegalBasis},
               Section::kApplicationLegalBasis);
       ++f.header.applications;
     },
     {in_section("source"), "belongs to no entry"},
     kKeepsTheTree},
    {"an_operation_without_entries",
     [](SegmentForge& f) {
       add_row(f, {Section::kOperationAction, Section::kOperationComponent, Section::kOperationOutcome},
               Section::kOperationComponent);
       ++f.header.operations;
     },
     {in_section("action"), "belongs to no entry"},
     kKeepsTheTree},
    {"a_subject_without_entries",
     [](SegmentForge& f) {
       add_row(f, {Section::kSubjectType, Section::kSubjectIsNumber, Section::kSubjectNumber, Section::kSubjectBytes},
               Section::kSubjectBytes);
       ++f.header.subjects;
     },
     {in_section("subject type"), "belongs to no entry"},
     kKeepsTheTree},
    {"a_list_without_entries",
     [](SegmentForge& f) {
       const auto last = f.integers(Section::kListLength).back();
       auto subjects = f.integers(Section::kItemSubject);
       auto roles = f.texts(Section::kItemRole);
       const size_t begin = subjects.size() - static_cast<size_t>(last);
       for (int64_t i = 0; i <= last; ++i) {
         const size_t from = begin + static_cast<size_t>(std::min(i, last - 1));
         subjects.push_back(subjects[from]);
         roles.push_back(roles[from] + (i == last ? "~" : ""));
       }
       f.set(Section::kItemSubject, subjects);
       f.set(Section::kItemRole, roles);
       add_value(f, Section::kListLength, last + 1);
       ++f.header.lists;
       f.header.items = subjects.size();
     },
     {in_section("subject list length"), "belongs to no entry"},
     kKeepsTheTree},
    {"more_subjects_than_an_entry_has",
     [](SegmentForge& f) { f.set_at(Section::kListLength, 3, kSubjectsMax + 1); },
     {kSegment, "section \"subject list length\""}},
    {"subjects_that_are_longer_than_an_entry",
     [](SegmentForge& f) {
       const uint64_t item = item_of(f.segment(), row_with(f.segment(), 2));
       for (const int64_t code :
            {f.integers(Section::kItemSubject)[item], f.integers(Section::kItemSubject)[item + 1]}) {
         f.set_at(Section::kSubjectIsNumber, static_cast<uint64_t>(code), 0);
         f.set_at(Section::kSubjectNumber, static_cast<uint64_t>(code), 0);
         auto texts = SegmentForge(f.assemble()).texts(Section::kSubjectBytes);
         texts[static_cast<size_t>(code)] = std::string(40'000, 'x');
         f.set(Section::kSubjectBytes, texts);
       }
     },
     {"the entry is longer than 65,535 bytes", kTile}},
    {"a_number_that_has_bytes_too",
     [](SegmentForge& f) {
       uint64_t code = 0;
       while (f.integers(Section::kSubjectIsNumber)[code] == 0) ++code;
       f.set_at(Section::kSubjectBytes, code, "x");
     },
     {"the columns say something else"},
     kKeepsTheTree},
    {"bytes_that_have_a_number_too",
     [](SegmentForge& f) {
       const auto forms = f.integers(Section::kSubjectIsNumber);
       f.set_at(Section::kSubjectNumber, static_cast<uint64_t>(std::ranges::find(forms, 0) - forms.begin()), 1);
     },
     {"the columns say something else"},
     kKeepsTheTree},
    {"an_event_among_the_records",
     hide_event_among_records,
     {"an access event stands among the records"},
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
    check_segment(file, part);
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

// Takes subjects out of entries and seals the segment anew, as if the entries had always been so.
Bytes sealed_without(const std::function<bool(uint64_t row, const StoredSubject& subject)>& is_hidden) {
  const SegmentForge forge(one_segment_sample().files.at(kSegment));
  std::vector<Bytes> entries = entries_of(forge.segment());
  Entry decoded;
  std::vector<StoredSubject> left;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    EXPECT_TRUE(decoded.decode(entries[row]).has_value());
    if (!decoded.is_event()) continue;
    StoredEvent event = decoded.event();
    left.assign(event.subjects.begin(), event.subjects.end());
    if (std::erase_if(left, [&](const StoredSubject& subject) { return is_hidden(row, subject); }) == 0) continue;
    event.subjects = left;
    Bytes changed;
    encode(event, changed);
    entries[row] = changed;
  }
  return seal(0, forge.header.signed_size, entries);
}

// A row of which nobody is left then.
Bytes sealed_without_subjects(uint64_t row) {
  return sealed_without([row](uint64_t at, const StoredSubject&) { return at == row; });
}

TEST(VerifyTampering, finds_an_entry_rewritten_with_all_columns_under_the_old_hashes) {
  SegmentForge honest(one_segment_sample().files.at(kSegment));
  SegmentForge forge(sealed_without_subjects(row_with(honest.segment(), 1)));
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
  files[kSegment] = sealed_without_subjects(row_with(honest.segment(), 1));
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_FALSE(names(report, kSegment)) << to_text(report);
  EXPECT_TRUE(names(report, "index/")) << to_text(report);
}

TEST(VerifyTampering, finds_a_subject_removed_from_every_table) {
  SegmentForge honest(one_segment_sample().files.at(kSegment));
  StoredSubject hidden =
      honest.segment().item(static_cast<uint32_t>(item_of(honest.segment(), row_with(honest.segment(), 1))));
  hidden.role = {};
  SegmentForge forge(sealed_without([&](uint64_t, StoredSubject subject) {
    subject.role = {};
    return subject == hidden;
  }));
  EXPECT_EQ(forge.header.subjects, honest.header.subjects - 1);
  forge.header.root = honest.header.root;
  forge.bytes(Section::kTileHashes) = honest.bytes(Section::kTileHashes);
  Files files = one_segment_sample().files;
  files[kSegment] = forge.assemble();
  files.erase("index/000000000-000000001.index");
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, kTile)) << to_text(report);
}

// --- version 1

// A trail of the one segment that is kept of version 1, with an index.
Files trail_of_version_1() {
  std::ifstream stream(WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/segment/v1/000000000.segment", std::ios::binary);
  const Bytes file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const Segment segment = Segment::open(file).value();
  EXPECT_EQ(segment.header().version, 1U);
  const SampleTrail& sample = one_segment_sample();
  const Checkpoint checkpoint{sample.origin(), TreeSize(kSegmentEntries), segment.header().root, {}};
  const std::string note = sign_checkpoint(checkpoint, *sample.key).value();
  return {{kSegment, file},
          {"index/000000000-000000001.index", index_file_of(0, entries_of(segment))},
          {"checkpoint", Bytes(note.begin(), note.end())}};
}

// Changes a byte within a section, and makes all checksums right.
void change_section(Bytes& file, Section section, uint64_t at, uint8_t change) {
  constexpr size_t kPlaceBytes = 32;
  constexpr size_t kDirectoryAt = 120;  // of version 1
  const SegmentHead head = read_segment_head(file).value();
  const auto place = std::ranges::find(head.sections, section, &SectionPlace::id);
  file[place->offset + at] ^= change;
  const auto number = static_cast<size_t>(place - head.sections.begin());
  store_le(file.data() + kDirectoryAt + number * kPlaceBytes + 24,
           uint64_t{XXH3_64bits(file.data() + place->offset, place->length)});
  const size_t end = kDirectoryAt + head.sections.size() * kPlaceBytes;
  store_le(file.data() + end, uint64_t{XXH3_64bits(file.data(), end)});
}

TEST(VerifyTampering, finds_nothing_wrong_with_a_segment_of_version_1) {
  const Report report = verify_files(trail_of_version_1(), one_segment_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  EXPECT_EQ(report.size.value(), kSegmentEntries);
}

TEST(VerifyTampering, finds_what_was_changed_in_a_segment_of_version_1) {
  Files moved = trail_of_version_1();
  change_section(moved[kSegment], Section::kSubjectPostings, 2, 0x80);
  Report report = verify_files(moved, one_segment_sample());
  EXPECT_TRUE(names(report, "segments/000000000.segment, entr")) << to_text(report);
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);

  Files hidden = trail_of_version_1();
  IndexForge forge(hidden.at("index/000000000-000000001.index"));
  forge.keys.erase(forge.keys.begin());
  hidden["index/000000000-000000001.index"] = forge.assemble();
  report = verify_files(hidden, one_segment_sample());
  EXPECT_TRUE(names(report, "index/000000000-000000001.index")) << to_text(report);
}

}  // namespace
}  // namespace weerbaar::trail
