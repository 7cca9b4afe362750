// ClickHouse 18.16, the one that Debian has: inserts of a batch in binary form, over HTTP on the loopback interface.
//
// A table in the order of subject and time, so that a needle reads next to nothing besides its answer, and a second
// one, that the server fills along, in the order of actor and time. Marks every 256 rows instead of 8,192, for the same
// reason. It does not sync: what it has acknowledged is lost when the power fails.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/bytes.h"
#include "peers/clickhouse_server.h"
#include "peers/http_client.h"
#include "peers/stores.h"

namespace weerbaar::benchmarks {
namespace {

constexpr std::string_view kSchema[] = {
    "CREATE TABLE event (day Date, time Int64, id String, source LowCardinality(String), actor LowCardinality(String), "
    "unit LowCardinality(String), function LowCardinality(String), action LowCardinality(String), "
    "system LowCardinality(String), component LowCardinality(String), subject String, records UInt32, case_id String) "
    "ENGINE = MergeTree ORDER BY (subject, time) SETTINGS index_granularity = 256",
    "CREATE MATERIALIZED VIEW by_actor ENGINE = MergeTree ORDER BY (actor, time) SETTINGS index_granularity = 256 "
    "AS SELECT actor, time, subject, system FROM event",
};
constexpr std::string_view kInsert = "INSERT INTO event FORMAT RowBinary";
constexpr auto kStartPatience = std::chrono::seconds(60);
constexpr auto kMergePatience = std::chrono::minutes(30);

void append_text(Bytes& to, std::string_view text) {
  size_t size = text.size();
  for (; size >= 0x80; size >>= 7U) to.push_back(static_cast<uint8_t>(size | 0x80U));
  to.push_back(static_cast<uint8_t>(size));
  append(to, as_bytes(text));
}

// Reads an answer in RowBinary.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  template <class T>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    return bytes.size() == sizeof(T) ? load_le<T>(as_bytes(bytes).data()) : 0;
  }
  std::string text() {
    size_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = number<uint8_t>();
      size |= static_cast<size_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) break;
    }
    return std::string(take(size));
  }

 private:
  std::string_view take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

class ClickhouseStore : public Store {
 public:
  explicit ClickhouseStore(StoreOptions options) : Store(std::move(options)) {}

  [[nodiscard]] std::string describe() const override {
    return "18.16 of Debian, over HTTP on loopback; NO fsync: acknowledged events are lost when the power fails; "
           "RowBinary, 10,000 rows an insert; MergeTree by (subject, time) and a view by (actor, time), marks every "
           "256 "
           "rows; zstd; size of the active parts";
  }

  Status create() override {
    WEERBAAR_TRY(open());
    for (const std::string_view sql : kSchema) WEERBAAR_TRY(run(sql));
    return {};
  }
  Status open() override;
  Status close() override {
    client_.reset();
    return server_.stop();
  }
  Status append(std::span<const AccessEvent> events) override;
  Status settle() override {
    WEERBAAR_TRY(merge("event"));
    return merge(".inner.by_actor");
  }
  Status needle(std::string_view bsn, std::vector<Access>& accesses) override;
  Result<std::vector<Suspect>> leak(std::span<const std::string> bsns) override;
  Result<std::vector<DayCount>> by_day_and_system() override;
  // What merges replaced is removed minutes later, and does not count.
  Result<uint64_t> bytes() override;

 private:
  Result<std::string> ask(std::string_view sql, std::string_view settings = "") {
    return client_->post(fmt::format("/?{}", settings), sql);
  }
  Status run(std::string_view sql) {
    WEERBAAR_ASSIGN(const std::string answer, ask(sql));
    return {};
  }

  // Until the table has one part.
  Status merge(std::string_view table);

  ClickhouseServer server_;
  std::unique_ptr<HttpClient> client_;
  Bytes rows_;
};

Status ClickhouseStore::open() {
  WEERBAAR_TRY(server_.start(directory(), 0));
  client_ = std::make_unique<HttpClient>(server_.port());
  for (const auto begin = std::chrono::steady_clock::now();;) {
    const auto answer = ask("SELECT 1");
    if (answer) return {};
    WEERBAAR_TRY(server_.check_running());
    if (std::chrono::steady_clock::now() - begin > kStartPatience) return std::unexpected(answer.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Status ClickhouseStore::append(std::span<const AccessEvent> events) {
  static const std::string target = "/?query=" + percent_encode(kInsert);
  rows_.clear();
  for (const AccessEvent& event : events) {
    append_le(rows_, static_cast<uint16_t>(event.time.micros / kMicrosPerDay));
    append_le(rows_, static_cast<uint64_t>(event.time.micros));
    for (const std::string_view text : {event.id, event.source, event.actor.id, event.actor.unit, event.actor.function,
                                        to_string(event.action), event.system, event.component, event.subjects[0].id}) {
      append_text(rows_, text);
    }
    append_le(rows_, static_cast<uint32_t>(*event.records));
    append_text(rows_, event.purpose.case_id);
  }
  WEERBAAR_ASSIGN(const std::string answer, client_->post(target, as_text(rows_)));
  return {};
}

Status ClickhouseStore::needle(std::string_view bsn, std::vector<Access>& accesses) {
  WEERBAAR_ASSIGN(const std::string answer,
                  ask(fmt::format("SELECT time, actor FROM event WHERE subject = '{}' ORDER BY time "
                                  "FORMAT RowBinary",
                                  bsn),
                      "max_threads=1"));
  for (RowReader rows(answer); !rows.at_end();) {
    const auto micros = static_cast<int64_t>(rows.number<uint64_t>());
    accesses.push_back({micros, rows.text()});
  }
  return {};
}

Result<std::vector<Suspect>> ClickhouseStore::leak(std::span<const std::string> bsns) {
  WEERBAAR_ASSIGN(
      const std::string answer,
      ask(fmt::format("SELECT actor, uniqExact(subject) AS persons, count(), max(time) FROM event "
                      "WHERE subject IN ('{}') GROUP BY actor ORDER BY persons DESC, actor FORMAT RowBinary",
                      fmt::join(bsns, "','"))));
  std::vector<Suspect> suspects;
  for (RowReader rows(answer); !rows.at_end();) {
    Suspect suspect;
    suspect.actor = rows.text();
    suspect.persons = rows.number<uint64_t>();
    suspect.accesses = rows.number<uint64_t>();
    suspect.last_micros = static_cast<int64_t>(rows.number<uint64_t>());
    suspects.push_back(std::move(suspect));
  }
  return suspects;
}

Result<std::vector<DayCount>> ClickhouseStore::by_day_and_system() {
  WEERBAAR_ASSIGN(const std::string answer,
                  ask("SELECT day, system, count() FROM event GROUP BY day, system FORMAT RowBinary"));
  std::vector<DayCount> counts;
  for (RowReader rows(answer); !rows.at_end();) {
    const auto day = rows.number<uint16_t>();
    std::string system = rows.text();
    counts.push_back({day, std::move(system), rows.number<uint64_t>()});
  }
  return counts;
}

// OPTIMIZE does nothing while a merge of its own accord is under way, and says nothing.
Status ClickhouseStore::merge(std::string_view table) {
  for (const auto begin = std::chrono::steady_clock::now();
       std::chrono::steady_clock::now() - begin < kMergePatience;) {
    WEERBAAR_TRY(run(fmt::format("OPTIMIZE TABLE `{}` FINAL", table)));
    WEERBAAR_ASSIGN(
        const std::string answer,
        ask(fmt::format("SELECT count() FROM system.parts WHERE active AND table = '{}' FORMAT RowBinary", table)));
    if (RowReader(answer).number<uint64_t>() <= 1) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return fail(Code::kIo, fmt::format("the parts of {} are not merged in time", table));
}

Result<uint64_t> ClickhouseStore::bytes() {
  WEERBAAR_ASSIGN(const std::string answer,
                  ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active FORMAT RowBinary"));
  return RowReader(answer).number<uint64_t>();
}

}  // namespace

std::unique_ptr<Store> make_clickhouse(StoreOptions options) {
  return std::make_unique<ClickhouseStore>(std::move(options));
}

}  // namespace weerbaar::benchmarks
