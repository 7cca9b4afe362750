// The committed samples of every format of a trail: they must stay readable for ever, by the ordinary readers.
//
// Together they are one small trail: a sealed segment with its chapter and ids, the checkpoint over it, a tail behind
// it, and the keys. With WEERBAAR_WRITE_SAMPLES in the environment, samples that do not exist yet are made first; none
// is ever overwritten.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/toml.h"
#include "domain/access_event_json.h"
#include "os/memory.h"
#include "os/testing.h"
#include "trail/format/checkpoint.h"
#include "trail/format/index_key.h"
#include "trail/format/merkle.h"
#include "trail/store/ids.h"
#include "trail/store/index_writer.h"
#include "trail/store/open_tail.h"
#include "trail/store/search.h"
#include "trail/store/segment_writer.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kOrigin = "example.org/trail";
constexpr std::string_view kVerifierKey = "example.org/trail+5b70d99a+ASIf5faFmhpP7HkFfJ0yyNP8NW4USx2jsPkBbvbymIja";
constexpr Time kReceived{1'775'000'000'000'000, 0};  // 2026-03-31T23:33:20Z
constexpr Period kPeriod{8104};                      // 2026-Q1
constexpr Period kDestroyedPeriod{8103};
constexpr std::string_view kReason = "bewaartermijn verstreken";
constexpr uint64_t kEventIndex = 1;         // in the segment, and in the tail
constexpr uint64_t kEventDistance = 8'192;  // between events like it, in the segment
constexpr uint64_t kSize = kSegmentEntries + 3;
constexpr uint64_t kSampleBytesMax = 200'000;

// The sample of an event, which is in the tail too, as its source gave it: every field is filled.
constexpr std::string_view kEventJson =
    R"({"id":"aanvraag-i","source":"inning-sql","time":"2026-03-02T08:04:16.412000789Z",)"
    R"("actor":{"id":"u104233","type":"service","function":"inspecteur","unit":"inning-west","on_behalf_of":"u104234"},)"
    R"("action":"search","system":"INNING","component":"INN0210","subjects":[{"type":"bsn","id":"111222333"},)"
    R"({"type":"bsn","id":"123456782","role":"partner"},{"type":"vehicle","id":"AB-123-C"}],)"
    R"("data":["address","income"],"query":"naam = ?","records":2,)"
    R"("purpose":{"processing_activity":"https://example.org/activity/1","case":"Z-2026-0004711",)"
    R"("legal_basis":"AWR art. 52","reason":"spoed: burger aan de balie","break_glass":true},"outcome":"denied",)"
    R"("workplace":{"terminal":"T01A4","ip":"192.0.2.7","location":"Utrecht"},)"
    R"("trace":{"trace_id":"30313233343536373839616263646566","span_id":"3031323334353637",)"
    R"("parent_span_id":"3736353433323130"},"attributes":{"late":true,"note":null,"copies":2}})";
constexpr std::string_view kEventEntry =
    "b81e016a61616e76726161672d6902821b00064c0608806960190315031b0000019d463e960004191fa805471bbd0ee2489e"
    "5f0601076a696e7370656374657572086b696e6e696e672d77657374096a696e6e696e672d73716c0a010b66494e4e494e47"
    "0c67494e4e303231300d82676164647265737366696e636f6d650e781e68747470733a2f2f6578616d706c652e6f72672f61"
    "637469766974792f310f6b415752206172742e2035321001118382001a08955f1c83001a3766788167706172746e65728203"
    "48355e711a5c1ac1bc1202136e5a2d323032362d303030343731311458187857fb01d205f80527277a498a9fe9084cc6b2a2"
    "4341581a15f516503031323334353637383961626364656617483031323334353637181947db04b9959f89f4181a582aa855"
    "6a9f7cb70b19e6ec00f3ac8c5a8d66a9414de684ff1bb953268c667739e83f3094597329ffaf381e181b452b51594fce181c"
    "49238803103406358c2b181d6755747265636874181e483736353433323130181fa3646c617465f5646e6f7465f666636f70"
    "6965735142f60526d8ed20b5d1d22868f4cbdc6946";
// The event at kEventIndex.
constexpr std::string_view kSegmentEventEntry =
    "b81d016a61616e76726161672d6102821b00064c05f93e2960190315031b0000019d463e960004191fa805471bbd0ee2489e"
    "5f0601076a696e7370656374657572086b696e6e696e672d77657374096a696e6e696e672d73716c0a010b66494e4e494e47"
    "0c67494e4e303231300d82676164647265737366696e636f6d650e781e68747470733a2f2f6578616d706c652e6f72672f61"
    "637469766974792f310f6b415752206172742e2035321001118382001a08955f1c83001a3766788167706172746e65728203"
    "48355e711a5c1ac1bc1202136e5a2d323032362d303030343731311458187857fb01d205f80527277a498a9fe9084cc6b2a2"
    "4341581a15f516503031323334353637383961626364656617483031323334353637181947db04b9959f89f4181a582aa855"
    "6a9f7cb70b19e6ec00f3ac8c5a8d66a9414de684ff1bb953268c667739e83f3094597329ffaf381e181b452b51594fce181c"
    "49238803103406358c2b181e483736353433323130181fa3646c617465f5646e6f7465f666636f706965735142f60526d8ed"
    "20b5d1d22868f4cbdc6946";
constexpr std::string_view kRecordEntry = "a400010166696d706f7274021b0000019d463e9600036b7b2266696c6573223a317d";
constexpr std::string_view kSegmentRoot = "e278c0f5a4e53b49790a48253cddb5bdb98eedf5e5aa42d7cefc31dabbca2b87";
constexpr std::string_view kIndexRoot = "e7a12be41faacbb2c5c8a76d63dd127ea8aabe936361538f6d199bd61dc2bf94";
constexpr std::string_view kFirstTile = "533739e8dceb54595d18656feb9936b681e9c52f215c3b12cb8098a01d36390c";
constexpr std::string_view kTailRoot = "4fd78be6be32b5b5de33e83537c589ca67ae9b69b450a33b17ab65e0b33e0b2f";
constexpr std::string_view kTrailRoot = "57e7761317b9f437ac5e9ac9da1f20338f34e9ffbb60e7373a28e18114efb5f0";

struct Sample {
  std::string_view format;
  std::string_view name;
  std::string_view place;  // in the trail that the samples are
  unsigned version = 1;
};

constexpr Sample kEventSample = {"entry", "event.cbor", "event.cbor"};
constexpr Sample kRecordSample = {"entry", "record.cbor", "record.cbor"};
constexpr Sample kTailSample = {"tail", "000000000000065536.tail", "trail/tail/000000000000065536.tail"};
constexpr Sample kSegmentSample = {"segment", "000000000.segment", "trail/segments/000000000.segment"};
// Of an earlier program; nothing reads it any more.
constexpr Sample kChapterSample = {"data-directory", "000000.chapter", "trail/chapters/000000.chapter"};
constexpr Sample kIndexSample = {"index", "000000000-000000001.index", "trail/index/000000000-000000001.index"};
constexpr Sample kCheckpointSample = {"checkpoint-and-tree", "checkpoint", "trail/checkpoint"};
constexpr Sample kVerifierKeySample = {"checkpoint-and-tree", "key.vkey", "key.vkey"};
constexpr Sample kSettingsSample = {"data-directory", "weerbaar.toml", "weerbaar.toml"};
// The same entries as in version 1: beside the trail, which holds one of them.
constexpr Sample kSegmentSample2 = {"segment", "000000000.segment", "beside/000000000.segment", 2};
constexpr Sample kSamples[] = {
    kSegmentSample2,
    kEventSample,
    kRecordSample,
    kTailSample,
    kSegmentSample,
    kChapterSample,
    kIndexSample,
    kCheckpointSample,
    kVerifierKeySample,
    kSettingsSample,
    {"ids", "000000000-000000001.run", "trail/ids/000000000-000000001.run"},
    {"ids", "numbers", "trail/ids/numbers"},
    {"keys", "signing.key", "keys/signing.key"},
    {"keys", "signed", "keys/signed"},
    {"keys", "made", "keys/made"},
    {"keys", "periods/2025-Q4.key", "keys/periods/2025-Q4.key"},
    {"keys", "periods/2026-Q1.key", "keys/periods/2026-Q1.key"},
};

std::string committed(const Sample& sample) {
  return fmt::format("{}/tests/fixtures/formats/{}/v{}/{}", WEERBAAR_SOURCE_DIR, sample.format, sample.version,
                     sample.name);
}

// --- making samples
// -----------------------------------------------------------------------------------------------------

// The second in which the 256 events round this one happened: few different times keep the segment small.
Time time_of(uint64_t index) {
  return {1'772'438'400'000'000 + static_cast<int64_t>(index / kTileEntries) * kMicrosPerSecond, 0};
}

AccessEvent full_event(uint64_t index, EventBatch& batch) {
  AccessEvent event;
  event.id = batch.keep(fmt::format("aanvraag-{}", static_cast<char>('a' + index / kEventDistance)));
  event.source = "inning-sql";
  event.time = time_of(index);
  event.time.micros += 412'000;
  event.time.nanos = 789;
  event.actor = {"u104233", ActorType::kService, "inspecteur", "inning-west", "u104234"};
  event.action = Action::kSearch;
  event.system = "INNING";
  event.component = "INN0210";
  const Subject subjects[] = {{SubjectType::kBsn, "123456782", "partner"},
                              {SubjectType::kBsn, "111222333", ""},
                              {SubjectType::kVehicle, "AB-123-C", ""}};
  event.subjects = batch.keep(subjects);
  const std::string_view data[] = {"address", "income"};
  event.data = batch.keep(data);
  event.query = "naam = ?";
  event.records = 2;
  event.purpose = {"https://example.org/activity/1", "Z-2026-0004711", "AWR art. 52", "spoed: burger aan de balie",
                   true};
  event.outcome = Outcome::kDenied;
  // Not in the segment, so that it has a column of texts that is the same for all rows too.
  event.workplace = {"T01A4", "192.0.2.7", index < kSegmentEntries ? "" : "Utrecht"};
  event.trace = {"0123456789abcdef", "01234567", "76543210"};
  const Attribute attributes[] = {{"copies", "2"}, {"late", "true"}, {"note", "null"}};
  event.attributes = batch.keep(attributes);
  return event;
}

AccessEvent plain_event(uint64_t index, EventBatch& batch) {
  AccessEvent event;
  event.id = batch.keep(fmt::format("bvr/{:09}", index));
  event.source = "bvr-3270";
  event.time = time_of(index);
  event.actor.id = batch.keep(fmt::format("u10423{}", index / kTileEntries % 5));
  event.system = "BVR";
  event.component = "BVR0210";
  const Subject subjects[] = {{SubjectType::kBsn, index % 32 == 0 ? "123456782" : "111222333", ""}};
  if (index % 16 == 0) event.subjects = batch.keep(subjects);
  return event;
}

bool is_full(uint64_t index) {
  return index % kEventDistance == kEventIndex;
}

Bytes make_entry(uint64_t index, const Pseudonymiser& key, std::vector<uint64_t>& hashes) {
  thread_local EventEncoder encoder;
  Bytes entry;
  if (index % kSegmentEntries == 0) {
    encode(StoredRecord{"import", kReceived.micros / 1'000, R"({"files":1})"}, entry);
    return entry;
  }
  EventBatch batch;
  const AccessEvent event = is_full(index) ? full_event(index, batch) : plain_event(index, batch);
  EXPECT_TRUE(validate(event));
  EXPECT_TRUE(encoder.encode(event, kReceived, kPeriod, key, entry, hashes));
  return entry;
}

Pseudonymiser period_key() {
  return *Pseudonymiser::create(Bytes(kPeriodKeyBytes, 0x07));
}

// Two batches behind the segment, as intake writes them.
void make_tail(os::FileSystem& files, const Pseudonymiser& key) {
  const auto tail = OpenTail::create(files, "trail/tail", kSegmentEntries);
  ASSERT_TRUE(tail.has_value());
  for (const uint64_t count : {uint64_t{2}, uint64_t{1}}) {
    TailBatch batch;
    for (uint64_t i = 0; i < count; ++i) {
      std::vector<uint64_t> hashes;
      const Bytes entry = make_entry((*tail)->first_index() + (*tail)->size() + i, key, hashes);
      uint8_t length[2];
      store_be(length, static_cast<uint16_t>(entry.size()));
      append(batch.bytes, length);
      append(batch.bytes, entry);
      batch.lengths.push_back(static_cast<uint32_t>(entry.size()));
    }
    ASSERT_TRUE((*tail)->append(std::move(batch), kSegmentEntries));
  }
}

// Without what was reserved behind the last batch.
void cut_tail(os::FileSystem& files) {
  const std::string path(kTailSample.place);
  const Bytes content = *os::read_file(files, path, uint64_t{1} << 30U);
  const auto found = read_tail(content);
  ASSERT_TRUE(found.has_value());
  ASSERT_TRUE(os::write_file_atomically(files, path, ByteView(content).first(found->end)));
}

void make_keys(os::FileSystem& files, const SigningKey& signing_key, std::string_view note) {
  const auto put = [&files](std::string_view path, ByteView content) {
    ASSERT_TRUE(os::write_file_atomically(files, std::string(path), content));
  };
  ASSERT_TRUE(files.make_directory("keys/periods"));
  put("keys/signing.key", as_bytes(*signing_key.format() + "\n"));
  put("keys/signed", {});
  put("keys/made", format_period_list({kDestroyedPeriod, kPeriod}));
  for (const Period period : {kDestroyedPeriod, kPeriod}) {
    PeriodKeyFile file;
    file.period = period;
    file.created = start_of(period);
    file.key = Secret(Bytes(kPeriodKeyBytes, 0x07));
    put(fmt::format("keys/periods/{}.key", to_string(period)), format_period_key(file).bytes());
  }
  const auto keys = KeyStore::open(files, "keys");
  ASSERT_TRUE(keys.has_value()) << keys.error().text;
  ASSERT_TRUE((*keys)->remember_signed(note));
  ASSERT_TRUE((*keys)->destroy(kDestroyedPeriod, Time{1'988'150'400'000'000, 0}, kReason));
}

// The segment, and what is derived from it. Gives its root.
Hash make_segment(os::FileSystem& files, const Pseudonymiser& key) {
  const auto put = [&files](const Sample& sample, ByteView content) {
    EXPECT_TRUE(os::write_file_atomically(files, std::string(sample.place), content));
  };
  const auto ids = IdIndex::open(files, "trail/ids");
  std::vector<Bytes> entries;
  std::vector<uint64_t> hashes;
  for (uint64_t index = 0; index < kSegmentEntries; ++index) {
    entries.push_back(make_entry(index, key, hashes));
    if (index == 0) continue;
    EventBatch batch;
    const AccessEvent event = is_full(index) ? full_event(index, batch) : plain_event(index, batch);
    (*ids)->add(event.source, event.id, EntryIndex(index));
  }
  EXPECT_TRUE((*ids)->seal(TreeSize(kSegmentEntries)));
  const std::vector<ByteView> views(entries.begin(), entries.end());
  std::vector<Hash> leaves(views.size());
  leaf_hashes(views, leaves);
  const Bytes file = write_segment(0, 0, views, leaves)->file;
  put(kRecordSample, entries[0]);
  put(kEventSample, make_entry(kSegmentEntries + kEventIndex, key, hashes));
  put(kSegmentSample, file);
  put(kSegmentSample2, file);
  const Segment segment = *Segment::open(file);
  put(kIndexSample, *index_of(segment));
  return tree_root(leaves);
}

void make_trail(os::FileSystem& files) {
  ASSERT_TRUE(files.make_directory("beside"));
  for (const std::string_view name : {"tail", "segments", "index"}) {
    ASSERT_TRUE(files.make_directory(fmt::format("trail/{}", name)));
  }
  const Pseudonymiser key = period_key();
  const Hash root = make_segment(files, key);
  make_tail(files, key);
  cut_tail(files);
  const std::array<uint8_t, kSeedBytes> seed = {1, 2, 3};
  const auto signing_key = SigningKey::from_seed(kOrigin, seed);
  ASSERT_TRUE(signing_key.has_value());
  const auto note = sign_checkpoint({std::string(kOrigin), TreeSize(kSegmentEntries), root, {}}, *signing_key);
  ASSERT_TRUE(note.has_value());
  const std::string verifier = signing_key->verifier().format();
  const auto put = [&files](const Sample& sample, std::string_view text) {
    ASSERT_TRUE(os::write_file_atomically(files, std::string(sample.place), as_bytes(text)));
  };
  put(kCheckpointSample, *note);
  put(kVerifierKeySample, verifier + "\n");
  put(kSettingsSample, fmt::format("origin = \"{}\"\nverifier_key = \"{}\"\nkeys = \"../trail.keys\"\n\n"
                                   "[retention]\nmonths = 84\n",
                                   kOrigin, verifier));
  make_keys(files, *signing_key, *note);
}

void write_missing_samples() {
  os::MemoryFileSystem made;
  make_trail(made);
  os::FileSystem& real = os::real_file_system();
  for (const Sample& sample : kSamples) {
    const std::string path = committed(sample);
    if (real.exists(path)) continue;
    const auto content = os::read_file(made, std::string(sample.place), kSampleBytesMax);
    ASSERT_TRUE(content.has_value()) << content.error().text;
    ASSERT_TRUE(real.make_directory(os::parent(path)));
    ASSERT_TRUE(os::write_file_atomically(real, path, *content));
  }
}

// --- reading them
// -------------------------------------------------------------------------------------------------------

class FormatsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("WEERBAAR_WRITE_SAMPLES") != nullptr) write_missing_samples();
  }

  // Readers get copies: some of them clear away what they do not understand.
  void SetUp() override {
    for (const Sample& sample : kSamples) {
      const std::string place(sample.place);
      const auto content = os::read_file(os::real_file_system(), committed(sample), kSampleBytesMax);
      ASSERT_TRUE(content.has_value()) << content.error().text;
      ASSERT_TRUE(files_.make_directory(os::parent(place)));
      ASSERT_TRUE(os::write_file_atomically(files_, place, *content));
    }
  }

  Bytes bytes_of(const Sample& sample) { return *os::read_file(files_, std::string(sample.place), kSampleBytesMax); }
  std::string text_of(const Sample& sample) { return std::string(as_text(bytes_of(sample))); }

  // As the source gave it.
  static std::string json_of(ByteView bytes) {
    Entry entry;
    if (!entry.decode(bytes) || !entry.is_event()) return "not an event";
    const Pseudonymiser key = period_key();
    EventBatch batch;
    if (!decode(entry.event(), Disclosure::kIdentities, &key, batch)) return "not readable";
    return to_json(batch.events()[0]);
  }

  static StoredSubject known_subject() {
    return {SubjectType::kBsn, true, 929'462'401, {}, {}};  // docs/formats/keys.md
  }

  os::MemoryFileSystem files_;
};

TEST_F(FormatsTest, an_event_of_version_1_reads_as_its_source_gave_it_and_is_written_again_byte_for_byte) {
  const Bytes bytes = bytes_of(kEventSample);
  EXPECT_EQ(to_hex(bytes), kEventEntry);
  EXPECT_EQ(json_of(bytes), kEventJson);
  Entry entry;
  ASSERT_TRUE(entry.decode(bytes));
  Bytes again;
  encode(entry.event(), again);
  EXPECT_EQ(again, bytes);
}

TEST_F(FormatsTest, a_record_of_version_1_is_read_and_written_again_byte_for_byte) {
  const Bytes bytes = bytes_of(kRecordSample);
  EXPECT_EQ(to_hex(bytes), kRecordEntry);
  Entry entry;
  ASSERT_TRUE(entry.decode(bytes));
  ASSERT_FALSE(entry.is_event());
  EXPECT_EQ(entry.record().type, "import");
  EXPECT_EQ(entry.record().received_ms, 1'775'000'000'000);
  EXPECT_EQ(entry.record().body, R"({"files":1})");
  Bytes again;
  encode(entry.record(), again);
  EXPECT_EQ(again, bytes);
}

TEST_F(FormatsTest, a_tail_of_version_1_gives_its_entries) {
  const Bytes file = bytes_of(kTailSample);
  const auto tail = read_tail(file);
  ASSERT_TRUE(tail.has_value());
  EXPECT_EQ(tail->how, TailEnd::kClean);
  EXPECT_EQ(tail->first_index, kSegmentEntries);
  EXPECT_EQ(tail->signed_size, kSegmentEntries);
  EXPECT_EQ(tail->end, file.size());
  ASSERT_EQ(tail->entries.size(), 3U);
  EXPECT_EQ(to_hex(tail->entries[0]), kRecordEntry);
  EXPECT_EQ(to_hex(tail->entries[1]), kEventEntry);
  EXPECT_EQ(json_of(tail->entries[2]),
            R"({"id":"bvr/000065538","source":"bvr-3270","time":"2026-03-02T08:04:16Z","actor":{"id":"u104231"},)"
            R"("action":"read","system":"BVR","component":"BVR0210"})");
  std::vector<Hash> leaves(tail->entries.size());
  leaf_hashes(tail->entries, leaves);
  EXPECT_EQ(to_hex(tree_root(leaves)), kTailRoot);
}

TEST_F(FormatsTest, a_segment_of_version_1_gives_every_entry_under_its_root) {
  const Bytes file = bytes_of(kSegmentSample);
  const auto segment = Segment::open(file);
  ASSERT_TRUE(segment.has_value()) << segment.error().text;
  EXPECT_EQ(to_hex(segment->header().root), kSegmentRoot);
  EXPECT_EQ(to_hex(segment->tile_hash(0)), kFirstTile);
  std::vector<Hash> leaves;
  Bytes entry;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    entry.clear();
    segment->entry(row, entry);
    leaves.push_back(leaf_hash(entry));
    if (row == 0) {
      EXPECT_EQ(to_hex(entry), kRecordEntry);
    } else if (row == kEventIndex) {
      EXPECT_EQ(to_hex(entry), kSegmentEventEntry);
    }
  }
  EXPECT_EQ(to_hex(tree_root(leaves)), kSegmentRoot);
}

TEST_F(FormatsTest, a_segment_of_version_2_gives_the_same_entries) {
  const Bytes file = bytes_of(kSegmentSample2);
  const auto segment = Segment::open(file);
  ASSERT_TRUE(segment.has_value()) << segment.error().text;
  EXPECT_EQ(segment->header().version, 2U);
  EXPECT_EQ(to_hex(segment->header().root), kSegmentRoot);
  EXPECT_EQ(to_hex(segment->tile_hash(0)), kFirstTile);
  const Bytes older = bytes_of(kSegmentSample);
  const auto of_version_1 = Segment::open(older);
  Bytes entry;
  Bytes same;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    entry.clear();
    same.clear();
    segment->entry(row, entry);
    of_version_1->entry(row, same);
    ASSERT_EQ(entry, same) << row;
  }
}

TEST_F(FormatsTest, a_segment_of_version_1_has_its_counts_and_finds_its_people) {
  const Bytes file = bytes_of(kSegmentSample);
  const auto segment = Segment::open(file);
  ASSERT_TRUE(segment.has_value()) << segment.error().text;
  const SegmentHeader& header = segment->header();
  EXPECT_EQ(header.first_index, 0U);
  EXPECT_EQ(header.signed_size, 0U);
  EXPECT_EQ(header.time_min, 1'772'438'400'000'000);
  EXPECT_EQ(header.time_max, 1'772'438'655'000'000);
  EXPECT_EQ(header.actors, 7U);  // five, one in another function, and that of the record
  EXPECT_EQ(header.version, 1U);
  EXPECT_EQ(header.applications, 3U);
  EXPECT_EQ(header.subjects, 3U);
  EXPECT_EQ(header.items, 4'095U + 3 * 8);
  std::vector<uint64_t> found;
  uint64_t of_actor = 0;
  const Bytes actor = *from_hex("1bbd0ee2489e5f");  // u104233
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    for (const uint32_t code : segment->subjects_of(row)) {
      if (segment->subject(code) == known_subject()) found.push_back(row);
    }
    of_actor += segment->actor(segment->actor_code(row)).id == as_text(actor) ? 1U : 0U;
  }
  ASSERT_EQ(found.size(), 2'047U + 8);
  EXPECT_EQ(found[0], kEventIndex);
  EXPECT_EQ(found[1], 32U);
  EXPECT_EQ(of_actor, 51U * kTileEntries + 7);
}

TEST_F(FormatsTest, an_index_of_version_1_says_where_a_key_occurs) {
  const auto content = os::read_file(files_, std::string(kIndexSample.place), kSampleBytesMax);
  ASSERT_TRUE(content.has_value());
  const auto index = IndexFile::open(*content);
  ASSERT_TRUE(index.has_value()) << index.error().text;
  EXPECT_EQ(index->first_index(), 0U);
  EXPECT_EQ(index->end(), kSegmentEntries);
  EXPECT_EQ(to_hex(index->commitment().root), kIndexRoot);
  Bytes key;
  append_subject_key(kPeriod.number, known_subject(), key);
  const auto found = index->find(key);
  ASSERT_TRUE(found && *found);
  IndexPostings postings = **found;
  IndexPosting posting;
  ASSERT_TRUE(postings.next(posting));
  EXPECT_EQ(posting.index, kEventIndex);
  EXPECT_EQ(posting.time.micros, time_of(kEventIndex).micros + 412'000);
  EXPECT_EQ(posting.time.nanos, 789);
  uint64_t count = 1;
  while (postings.next(posting)) ++count;
  EXPECT_EQ(count, 2'047U + 8);
  Bytes actor;
  ASSERT_TRUE(index->actor_key(0, actor));
  ++key.back();
  EXPECT_FALSE(index->find(key)->has_value());
}

TEST_F(FormatsTest, ids_of_version_1_know_every_event_and_no_other) {
  const auto ids = IdIndex::open(files_, "trail/ids");
  ASSERT_TRUE(ids.has_value());
  EXPECT_EQ((*ids)->covered(), TreeSize(kSegmentEntries));
  std::vector<uint64_t> asked;
  const IdIndex::Confirm confirm = [&asked](EntryIndex index, std::string_view, std::string_view) -> Result<bool> {
    asked.push_back(index.value());
    return true;
  };
  EXPECT_TRUE(*(*ids)->contains("bvr-3270", "bvr/000000002", confirm));
  EXPECT_TRUE(*(*ids)->contains("bvr-3270", "bvr/000065535", confirm));
  EXPECT_FALSE(*(*ids)->contains("bvr-3270", "bvr/000000001", confirm));  // that one has another id
  EXPECT_FALSE(*(*ids)->contains("bvr-3270", "bvr/000065536", confirm));
  EXPECT_FALSE(*(*ids)->contains("inning-sql", "bvr/000000002", confirm));
  EXPECT_FALSE(*(*ids)->contains("inning-sql", "aanvraag-i", confirm));
  EXPECT_TRUE(asked.empty());
  EXPECT_TRUE(*(*ids)->contains("inning-sql", "aanvraag-b", confirm));
  EXPECT_EQ(asked, std::vector<uint64_t>{kEventDistance + kEventIndex});
}

TEST_F(FormatsTest, a_checkpoint_of_version_1_is_signed_by_the_key_beside_it) {
  std::string text = text_of(kVerifierKeySample);
  EXPECT_EQ(text, fmt::format("{}\n", kVerifierKey));
  text.pop_back();
  const auto key = VerifierKey::parse(text);
  ASSERT_TRUE(key.has_value());
  const auto checkpoint = open_checkpoint(text_of(kCheckpointSample), *key, kOrigin);
  ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().text;
  EXPECT_EQ(checkpoint->size, TreeSize(kSegmentEntries));
  EXPECT_EQ(to_hex(checkpoint->root), kSegmentRoot);
  EXPECT_TRUE(checkpoint->extensions.empty());
}

TEST_F(FormatsTest, keys_of_version_1_open_and_tell_live_periods_from_destroyed_ones) {
  const auto keys = KeyStore::open(files_, "keys");
  ASSERT_TRUE(keys.has_value()) << keys.error().text;
  EXPECT_EQ((*keys)->verifier_key().format(), kVerifierKey);
  EXPECT_EQ(*(*keys)->last_signed(), text_of(kCheckpointSample));
  const auto periods = (*keys)->periods();
  ASSERT_TRUE(periods.has_value());
  ASSERT_EQ(periods->size(), 2U);
  EXPECT_EQ((*periods)[0].period, kDestroyedPeriod);
  EXPECT_EQ((*periods)[0].state, PeriodState::kDestroyed);
  ASSERT_TRUE((*periods)[0].destruction.has_value());
  EXPECT_EQ((*periods)[0].destruction->reason, kReason);
  EXPECT_EQ((*periods)[1].period, kPeriod);
  EXPECT_EQ((*periods)[1].state, PeriodState::kLive);
  const auto key = (*keys)->period(kPeriod);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(*(*key)->decrypt_digits(Domain::kSubjectBsn, known_subject().number, 9), "123456782");
  EXPECT_EQ(os::refusal((*keys)->period(kDestroyedPeriod)), Code::kDenied);
}

TEST_F(FormatsTest, settings_of_version_1_name_the_log_its_key_and_its_term) {
  const auto settings = parse_toml(text_of(kSettingsSample), "weerbaar.toml");
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ((*settings)["origin"].value<std::string>(), kOrigin);
  EXPECT_EQ((*settings)["verifier_key"].value<std::string>(), kVerifierKey);
  EXPECT_EQ((*settings)["keys"].value<std::string>(), "../trail.keys");
  EXPECT_EQ((*settings)["retention"]["months"].value<int64_t>(), 84);
}

TEST_F(FormatsTest, the_samples_together_are_a_trail_that_is_read_and_appended_to) {
  TrailOptions options;
  options.files = &files_;
  options.directory = "trail";
  options.origin = kOrigin;
  options.verifier = *VerifierKey::parse(kVerifierKey);
  options.clock = [] { return kReceived; };
  options.seal_in_background = false;
  options.index_merge_width = 2;
  {
    const auto trail = Trail::open(options, Access::kRead);
    ASSERT_TRUE(trail.has_value()) << trail.error().text;
    EXPECT_EQ((*trail)->size(), TreeSize(kSize));
    EXPECT_EQ((*trail)->checkpoint().size, TreeSize(kSegmentEntries));
    EXPECT_EQ((*trail)->sealed().indexes()->files.size(), 1U);
    EXPECT_EQ(to_hex(*(*trail)->root(TreeSize(kSize))), kTrailRoot);
  }
  const auto keys = KeyStore::open(files_, "keys");
  ASSERT_TRUE(keys.has_value()) << keys.error().text;
  options.keys = keys->get();
  const auto trail = Trail::open(options, Access::kAppend);
  ASSERT_TRUE(trail.has_value()) << trail.error().text;
  EventBatch batch;
  batch.add(full_event(kEventIndex, batch));
  batch.add(plain_event(kSize, batch));
  const auto receipt = (*trail)->append(batch.events());
  ASSERT_TRUE(receipt.has_value()) << receipt.error().text;
  EXPECT_EQ(receipt->duplicates, 1U);
  EXPECT_EQ(receipt->accepted, 1U);
  EXPECT_EQ(receipt->size, TreeSize(kSize + 2));  // and the record of the root of the index
  EXPECT_FALSE(files_.exists("trail/chapters"));
}

// As an earlier program left it: with a chapter, and no index.
TEST_F(FormatsTest, a_trail_without_index_answers_and_gets_one) {
  ASSERT_TRUE(files_.remove(std::string(kIndexSample.place)));
  ASSERT_TRUE(files_.remove("trail/index"));
  const auto keys = KeyStore::open(files_, "keys");
  ASSERT_TRUE(keys.has_value()) << keys.error().text;
  TrailOptions options;
  options.files = &files_;
  options.directory = "trail";
  options.keys = keys->get();
  options.clock = [] { return kReceived; };
  options.seal_in_background = false;
  const Whom whom = OfSubject{SubjectType::kBsn, "123456782"};
  std::vector<Hit> before;
  {
    const auto trail = Trail::open(options, Access::kRead);
    ASSERT_TRUE(trail.has_value()) << trail.error().text;
    EXPECT_TRUE((*trail)->sealed().indexes()->files.empty());
    before = search(**trail, whom, {})->hits;
    EXPECT_GE(before.size(), 2'047U + 8);
  }
  const auto trail = Trail::open(options, Access::kAppend);
  ASSERT_TRUE(trail.has_value()) << trail.error().text;
  EXPECT_TRUE(files_.exists(std::string(kIndexSample.place)));
  EXPECT_EQ(search(**trail, whom, {})->hits, before);
  const auto again = os::read_file(files_, std::string(kIndexSample.place), kSampleBytesMax);
  const auto sample = os::read_file(os::real_file_system(), committed(kIndexSample), kSampleBytesMax);
  EXPECT_EQ(*again, *sample);
}

}  // namespace
}  // namespace weerbaar::trail
