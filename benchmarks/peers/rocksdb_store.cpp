// RocksDB: a synced WriteBatch a batch of events, with a row and two index keys for each event.
//
// Rows are keyed by a sequence number; an index key is the subject or the actor, the time and that number, in an order
// that sorts. A needle runs along the index keys of the subject and fetches the rows in one MultiGet.
#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <thread>

#include "base/bytes.h"
#include "peers/stores.h"

namespace weerbaar::benchmarks {
namespace {

constexpr size_t kBsnBytes = 9;
constexpr size_t kActorBytes = 7;
constexpr size_t kRowFields = 9;
constexpr uint64_t kWriteBufferBytesMax = 64U << 20U;

Status status_of(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return fail(Code::kIo, status.ToString());
}

template <class T>
void append_be(std::string& to, T value) {
  std::array<uint8_t, sizeof(T)> bytes{};
  store_be(bytes.data(), value);
  to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
template <class T>
T read_be(rocksdb::Slice from, size_t at) {
  return load_be<T>(reinterpret_cast<const uint8_t*>(from.data()) + at);
}

// The time, the action, and nine texts with their lengths in a byte each.
struct Row {
  int64_t micros = 0;
  std::array<std::string_view, kRowFields> texts;

  enum Text : size_t { kId, kSource, kActor, kUnit, kFunction, kSystem, kComponent, kSubject, kCase };
};

void encode(const AccessEvent& event, std::string& to) {
  to.clear();
  append_be(to, static_cast<uint64_t>(event.time.micros));
  to += static_cast<char>(event.action);
  to += static_cast<char>(*event.records);
  for (const std::string_view text : {event.id, event.source, event.actor.id, event.actor.unit, event.actor.function,
                                      event.system, event.component, event.subjects[0].id, event.purpose.case_id}) {
    to += static_cast<char>(text.size());
    to += text;
  }
}

Row decode(rocksdb::Slice from) {
  constexpr size_t kTexts = sizeof(uint64_t) + 2;
  Row row;
  row.micros = static_cast<int64_t>(read_be<uint64_t>(from, 0));
  const char* at = from.data() + kTexts;
  for (std::string_view& text : row.texts) {
    const auto size = static_cast<size_t>(static_cast<unsigned char>(*at));
    text = {at + 1, size};
    at += 1 + size;
  }
  return row;
}

class RocksdbStore : public Store {
 public:
  explicit RocksdbStore(StoreOptions options) : Store(std::move(options)) {}
  ~RocksdbStore() override { static_cast<void>(RocksdbStore::close()); }

  [[nodiscard]] std::string describe() const override {
    return fmt::format(
        "{}.{}.{}, in process; a WriteBatch of 10,000 with sync; LZ4, at the bottom zstd; bloom filters; "
        "block cache {} MiB, write buffers 3 x 2 x {} MiB",
        ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH, options().cache_bytes >> 20U, write_buffer_bytes() >> 20U);
  }

  Status create() override { return open(); }
  Status open() override;
  Status close() override;
  Status append(std::span<const AccessEvent> events) override;
  Status settle() override;
  Status needle(std::string_view bsn, std::vector<Access>& accesses) override;
  Result<std::vector<DayCount>> by_day_and_system() override;

 private:
  [[nodiscard]] uint64_t write_buffer_bytes() const {
    return std::clamp<uint64_t>(options().cache_bytes / 8, 1U << 20U, kWriteBufferBytesMax);
  }
  [[nodiscard]] rocksdb::ColumnFamilyOptions family(size_t prefix_bytes) const;

  std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::ColumnFamilyHandle* rows_ = nullptr;
  rocksdb::ColumnFamilyHandle* by_subject_ = nullptr;
  rocksdb::ColumnFamilyHandle* by_actor_ = nullptr;
  uint64_t next_ = 0;
  std::string key_, value_;
};

rocksdb::ColumnFamilyOptions RocksdbStore::family(size_t prefix_bytes) const {
  rocksdb::ColumnFamilyOptions family;
  family.compression = rocksdb::kLZ4Compression;
  family.bottommost_compression = rocksdb::kZSTD;
  family.level_compaction_dynamic_level_bytes = true;
  family.write_buffer_size = write_buffer_bytes();
  if (prefix_bytes > 0) family.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(prefix_bytes));
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache_;
  table.cache_index_and_filter_blocks = true;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

Status RocksdbStore::open() {
  rocksdb::DBOptions database;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  database.IncreaseParallelism(static_cast<int>(std::thread::hardware_concurrency()));
  database.keep_log_file_num = 1;
  cache_ = rocksdb::NewLRUCache(options().cache_bytes);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, family(0)},
                                                                 {"by_subject", family(kBsnBytes)},
                                                                 {"by_actor", family(kActorBytes)}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  WEERBAAR_TRY(status_of(rocksdb::DB::Open(database, directory() + "/events", families, &handles, &opened)));
  database_.reset(opened);
  rows_ = handles[0];
  by_subject_ = handles[1];
  by_actor_ = handles[2];
  return {};
}

Status RocksdbStore::close() {
  if (!database_) return {};
  for (rocksdb::ColumnFamilyHandle* family : {rows_, by_subject_, by_actor_}) {
    WEERBAAR_TRY(status_of(database_->DestroyColumnFamilyHandle(family)));
  }
  const rocksdb::Status status = database_->Close();
  database_.reset();
  cache_.reset();
  return status_of(status);
}

Status RocksdbStore::append(std::span<const AccessEvent> events) {
  rocksdb::WriteBatch batch;
  const auto add_index = [&](rocksdb::ColumnFamilyHandle* family, std::string_view who, int64_t micros) {
    key_ = who;
    append_be(key_, static_cast<uint64_t>(micros));
    append_be(key_, next_);
    return status_of(batch.Put(family, key_, rocksdb::Slice()));
  };
  for (const AccessEvent& event : events) {
    key_.clear();
    append_be(key_, next_);
    encode(event, value_);
    WEERBAAR_TRY(status_of(batch.Put(rows_, key_, value_)));
    WEERBAAR_TRY(add_index(by_subject_, event.subjects[0].id, event.time.micros));
    WEERBAAR_TRY(add_index(by_actor_, event.actor.id, event.time.micros));
    ++next_;
  }
  rocksdb::WriteOptions durable;
  durable.sync = true;
  return status_of(database_->Write(durable, &batch));
}

Status RocksdbStore::settle() {
  rocksdb::CompactRangeOptions whole;
  whole.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (rocksdb::ColumnFamilyHandle* family : {rows_, by_subject_, by_actor_}) {
    WEERBAAR_TRY(status_of(database_->CompactRange(whole, family, nullptr, nullptr)));
  }
  return {};
}

Status RocksdbStore::needle(std::string_view bsn, std::vector<Access>& accesses) {
  constexpr size_t kNumberAt = kBsnBytes + sizeof(uint64_t);
  rocksdb::ReadOptions reading;
  reading.prefix_same_as_start = true;
  std::vector<std::string> keys;
  {
    const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(reading, by_subject_));
    for (at->Seek(bsn); at->Valid(); at->Next()) keys.emplace_back(at->key().data() + kNumberAt, sizeof(uint64_t));
    WEERBAAR_TRY(status_of(at->status()));
  }
  if (keys.empty()) return {};
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> rows(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->MultiGet({}, rows_, keys.size(), slices.data(), rows.data(), statuses.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    WEERBAAR_TRY(status_of(statuses[i]));
    const Row row = decode(rows[i]);
    accesses.push_back({row.micros, std::string(row.texts[Row::kActor])});
  }
  return {};
}

Result<std::vector<DayCount>> RocksdbStore::by_day_and_system() {
  rocksdb::ReadOptions reading;
  reading.readahead_size = 2U << 20U;
  reading.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(reading, rows_));
  DayCounter counter;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const Row row = decode(at->value());
    counter.add(row.micros, row.texts[Row::kSystem]);
  }
  WEERBAAR_TRY(status_of(at->status()));
  return counter.counts();
}

}  // namespace

std::unique_ptr<Store> make_rocksdb(StoreOptions options) {
  return std::make_unique<RocksdbStore>(std::move(options));
}

}  // namespace weerbaar::benchmarks
