#include "service/waiting_room.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ingest/registry.h"
#include "os/faulty.h"
#include "service/network_intake.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::service {
namespace {

constexpr int64_t kStart = 1'780'000'000'000'000;

std::string line(int trace, int span = 1, int parent = 0) {
  return fmt::format(
      R"({{"trace_id":"{:032x}","span_id":"{:016x}","parent_span_id":"{:016x}","name":"n","status":"Ok","start_time":{},)"
      R"("resource":{{"name":"svc"}},"attributes":{{"dpl.core.data_subject_id":"s{}"}}}})",
      trace, span, parent, 1'764'068'470'000 + trace, trace);
}

std::string audit(int trace, int span = 1) {
  return fmt::format(
      R"({{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"audit"}}}}]}},)"
      R"("scopeLogs":[{{"logRecords":[{{"traceId":"{:032x}","spanId":"{:016x}","timeUnixNano":"{}000000",)"
      R"("attributes":[{{"key":"enduser.id","value":{{"stringValue":"u{}"}}}}]}}]}}]}}]}})",
      trace, span, 1'764'068'470'000 + trace, trace);
}

std::string id_of(int trace) {
  return fmt::format("{:032x}-{:016x}", trace, 1);
}

// A server without its network: a trail, the intake and the waiting room, which may end in any way and start again.
class WaitingRoomTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    start();
  }

  void start() {
    writer_ =
        std::make_unique<EventWriter>(open(), [this] { return trail::Trail::open(options(), trail::Access::kAppend); });
    intake_ = std::make_unique<NetworkIntake>(*writer_, files_, "data");
    const auto deliver = [this](const std::string& source, ingest::Output& output) -> Status {
      if (fails_) return fail(Code::kIo, "the trail fails");
      WEERBAAR_ASSIGN(const Taken taken, intake_->take(output, source));
      accepted_ += taken.accepted;
      refused_ += taken.refused;
      return {};
    };
    const auto senders = Senders::read(sources_, files_, "data");
    ASSERT_TRUE(senders.has_value());
    senders_ = *senders;
    auto room = WaitingRoom::open(faulty_, "data", *senders_, deliver, options_of_room_);
    ASSERT_TRUE(room.has_value()) << room.error().text;
    room_ = std::move(*room);
    intake_->use_waiting_room(*room_);
  }
  void stop() {
    EXPECT_TRUE(room_->finish());
    room_.reset();
    intake_.reset();
    EXPECT_TRUE(writer_->finish());
    writer_.reset();
  }
  // The power goes.
  void crash(uint64_t seed = 0) {
    files_.crash(seed);
    // Nor does anything of what had not been written yet reach the disk.
    faulty_.fail_at(0, os::Fault::kInputOutput, true);
    room_.reset();
    faulty_.fail_at(1'000'000, os::Fault::kInputOutput, false);
    intake_.reset();
    [[maybe_unused]] const Status ignored = writer_->finish();
    writer_.reset();
  }

  Result<Taken> send(const std::string& body, size_t sender = 0) {
    return intake_->take_otlp({body}, *senders_->all()[sender]);
  }
  void pass(int64_t seconds) { now_ += seconds * kMicrosPerSecond; }
  std::string quarantine() {
    const auto bytes = os::read_file(files_, "data/quarantine/refused-by-network.jsonl", 1 << 20);
    return bytes ? std::string(as_text(*bytes)) : std::string();
  }
  uint64_t file_size() {
    auto bytes = os::read_file(files_, "data/waiting/records.jsonl", 1 << 24);
    return bytes ? bytes->size() : 0;
  }
  // The server is stopped for it.
  std::set<std::string> ids() {
    stop();
    std::set<std::string> all;
    const auto trail = open(trail::Access::kRead);
    for (const Bytes& entry : entries_of(*trail)) all.insert(std::string(as_text(entry)));
    entries_ = all.size();
    return all;
  }
  bool holds(int trace, std::string_view suffix = "") {
    const auto all = ids();
    start();
    return std::ranges::any_of(all, [&](const std::string& entry) {
      return entry.find(id_of(trace) + std::string(suffix)) != std::string::npos;
    });
  }
  size_t entries() {
    ids();
    start();
    return entries_;
  }

  std::vector<SourceSettings> sources_ = {{"bvr", std::string(64, 'a'), "", ""},
                                          {"inning", std::string(64, 'b'), "", ""}};
  std::atomic<int64_t> now_ = kStart;
  WaitingOptions options_of_room_ = {.look_every = std::chrono::milliseconds(0),
                                     .clock = [this] { return Time{now_, 0}; }};
  os::FaultyFileSystem faulty_{files_};
  std::unique_ptr<EventWriter> writer_;
  std::unique_ptr<NetworkIntake> intake_;
  std::shared_ptr<const Senders> senders_;
  std::unique_ptr<WaitingRoom> room_;
  std::atomic<uint64_t> accepted_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  std::atomic<bool> fails_ = false;
  size_t entries_ = 0;
};

TEST_F(WaitingRoomTest, halves_in_different_requests_give_one_access_in_either_order) {
  auto first = send(line(1));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->accepted, 0U);
  EXPECT_EQ(first->waiting, 1U);
  EXPECT_EQ(send(audit(1))->accepted, 1U);
  EXPECT_EQ(send(audit(2))->waiting, 1U);
  EXPECT_EQ(send(line(2))->accepted, 1U);
  // What comes again is known.
  EXPECT_EQ(send(line(1))->accepted, 0U);
  EXPECT_EQ(send(audit(1))->accepted, 0U);
  EXPECT_EQ(room_->totals().joined, 2U);
  EXPECT_EQ(room_->totals().traces, 0U);
  pass(301);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(room_->totals().expired, 0U);
  EXPECT_EQ(room_->totals().records, 0U);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(WaitingRoomTest, a_half_survives_a_stop_and_a_crash_and_is_joined_after_it) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const int trace = static_cast<int>(seed) + 1;
    ASSERT_EQ(send(line(trace))->waiting, 1U);
    if (seed == 0) {
      stop();
    } else {
      crash(seed);
    }
    start();
    ASSERT_EQ(send(audit(trace))->accepted, 1U) << seed;
  }
  EXPECT_EQ(entries(), 6U);
  EXPECT_EQ(room_->totals().unreadable, 0U);
}

TEST_F(WaitingRoomTest, an_access_is_there_once_when_the_server_dies_between_the_trail_and_the_waiting_room) {
  send(line(1));
  EXPECT_EQ(send(audit(1))->accepted, 1U);
  crash();
  start();
  // That it came out is forgotten, and it comes out again.
  pass(301);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(accepted_, 1U);
  EXPECT_EQ(refused_, 0U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WaitingRoomTest, a_half_whose_time_is_over_is_taken_alone_or_kept_in_quarantine_as_the_mapping_says) {
  const auto file = files_.open("data/strict.toml", os::Mode::kCreate);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("source = \"inning\"\n")));
  sources_[1].mapping = "strict.toml";
  sources_[1].join_within = std::chrono::minutes(1);
  stop();
  start();
  send(line(1));
  send(line(2), 1);
  pass(59);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(room_->totals().traces, 2U);
  pass(2);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(room_->totals().expired, 1U);
  EXPECT_NE(quarantine().find("access without user"), std::string::npos);
  pass(300);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(room_->totals().expired, 2U);
  EXPECT_EQ(refused_, 1U);
  EXPECT_EQ(accepted_, 1U);
  EXPECT_TRUE(holds(1, "-noactor"));
  EXPECT_FALSE(holds(2));
}

TEST_F(WaitingRoomTest, without_a_time_to_join_all_is_taken_as_it_comes) {
  sources_[0].join_within = std::chrono::milliseconds(0);
  stop();
  start();
  EXPECT_EQ(send(line(1))->accepted, 1U);
  EXPECT_EQ(room_->totals().records, 0U);
  EXPECT_TRUE(holds(1, "-noactor"));
}

TEST_F(WaitingRoomTest, sources_do_not_join_with_each_other) {
  send(line(1), 0);
  EXPECT_EQ(send(audit(1), 1)->accepted, 0U);
  EXPECT_EQ(send(audit(1), 0)->accepted, 1U);
}

TEST_F(WaitingRoomTest, a_half_that_could_not_be_written_is_not_acknowledged_and_costs_no_other) {
  ASSERT_EQ(send(line(1))->waiting, 1U);
  for (uint64_t step = 0; step < 2; ++step) {
    faulty_.fail_at(step, os::Fault::kNoSpace, false);
    EXPECT_FALSE(send(line(2)).has_value());
  }
  EXPECT_EQ(send(line(2))->waiting, 1U);
  crash();
  start();
  EXPECT_EQ(send(audit(1))->accepted, 1U);
  EXPECT_EQ(send(audit(2))->accepted, 1U);
}

TEST_F(WaitingRoomTest, what_could_not_be_delivered_stays_and_goes_later_once) {
  send(line(1));
  pass(301);
  fails_ = true;
  EXPECT_FALSE(room_->release_due());
  EXPECT_EQ(room_->totals().traces, 1U);
  fails_ = false;
  ASSERT_TRUE(room_->release_due());
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(accepted_, 1U);
  stop();
  start();
  EXPECT_EQ(room_->totals().records, 0U);
}

TEST_F(WaitingRoomTest, beyond_the_limit_the_oldest_come_out_and_what_was_joined_before_them) {
  options_of_room_.records_max = 10;
  options_of_room_.bytes_max = 60'000;
  stop();
  start();
  for (int trace = 1; trace <= 4; ++trace) {
    send(line(trace));
    send(audit(trace));
  }
  for (int trace = 5; trace <= 8; ++trace) send(line(trace));
  EXPECT_EQ(room_->totals().expired, 0U);
  for (int trace = 9; trace <= 40; ++trace) {
    send(line(trace));
    EXPECT_LE(room_->totals().records, 11U);
  }
  EXPECT_GT(room_->totals().expired, 20U);
  EXPECT_EQ(room_->totals().expired + room_->totals().traces, 36U);
  EXPECT_EQ(send(audit(40))->accepted, 1U);
  EXPECT_TRUE(holds(5, "-noactor"));
  // No room, and no trail: nothing more is taken.
  fails_ = true;
  for (int trace = 41; trace <= 60; ++trace) [[maybe_unused]]
    const auto ignored = send(line(trace));
  EXPECT_FALSE(send(line(61)).has_value());
  EXPECT_LE(room_->totals().records, 12U);
  fails_ = false;
}

TEST_F(WaitingRoomTest, a_source_that_floods_pushes_out_its_own_halves_and_nobody_elses) {
  options_of_room_.records_max = 160;
  stop();
  start();
  // Of the one, older than all of the other, and as much as its share allows.
  for (int trace = 1; trace <= 70; ++trace) send(line(trace), 0);
  for (int trace = 1'001; trace <= 1'400; ++trace) {
    send(line(trace), 1);
    EXPECT_LE(room_->totals().records, 161U);
  }
  EXPECT_GT(room_->totals().expired, 300U);
  for (int trace = 1; trace <= 70; ++trace) EXPECT_EQ(send(audit(trace), 0)->accepted, 1U) << trace;
  EXPECT_EQ(room_->totals().joined, 70U);
  // What is left of the other is what came last.
  EXPECT_EQ(send(audit(1'400), 1)->accepted, 1U);
  EXPECT_TRUE(holds(1'001, "-noactor"));
  EXPECT_FALSE(holds(1, "-noactor"));
}

TEST_F(WaitingRoomTest, who_took_all_while_nobody_else_was_there_gives_what_is_above_its_share) {
  options_of_room_.records_max = 160;
  stop();
  start();
  for (int trace = 1; trace <= 160; ++trace) send(line(trace), 1);
  EXPECT_EQ(room_->totals().expired, 0U);
  for (int trace = 1'001; trace <= 1'070; ++trace) send(line(trace), 0);
  for (int trace = 1'001; trace <= 1'070; ++trace) EXPECT_EQ(send(audit(trace), 0)->accepted, 1U) << trace;
  EXPECT_FALSE(holds(1'001, "-noactor"));
}

TEST_F(WaitingRoomTest, the_file_shrinks_when_more_of_it_is_gone_than_waits) {
  std::string body;
  for (int trace = 1; trace <= 400; ++trace) body += line(trace) + "\n";
  ASSERT_EQ(send(body)->waiting, 400U);
  pass(200);
  send(line(1'000));
  const uint64_t full = file_size();
  pass(150);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(accepted_, 400U);
  EXPECT_LT(file_size(), full / 50);
  crash();
  start();
  EXPECT_EQ(room_->totals().records, 1U);
  EXPECT_EQ(send(audit(1'000))->accepted, 1U);
  pass(301);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(file_size(), 0U);
}

TEST_F(WaitingRoomTest, what_waits_for_a_source_that_is_no_more_comes_out) {
  send(line(1), 1);
  sources_.pop_back();
  stop();
  start();
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(accepted_, 1U);
  EXPECT_TRUE(holds(1, "-noactor"));
}

TEST_F(WaitingRoomTest, what_the_disk_changed_is_kept_in_quarantine_and_the_rest_waits) {
  send(line(1));
  send(line(2));
  stop();
  {
    auto file = files_.open("data/waiting/records.jsonl", os::Mode::kReadWrite);
    ASSERT_TRUE((*file)->write_at(60, as_bytes("X")));
  }
  start();
  EXPECT_EQ(room_->totals().unreadable, 1U);
  EXPECT_EQ(room_->totals().records, 1U);
  EXPECT_NE(quarantine().find("not as it was written"), std::string::npos);
  EXPECT_EQ(send(audit(2))->accepted, 1U);
}

TEST_F(WaitingRoomTest, another_mapping_counts_for_what_waits) {
  send(line(1));
  const auto file = files_.open("data/other.toml", os::Mode::kCreate);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("source = \"bvr\"\nactor_attributes = [\"medewerker.id\"]\n")));
  sources_[0].mapping = "other.toml";
  senders_ = Senders::read(sources_, files_, "data").value();
  room_->use_senders(*senders_);
  EXPECT_EQ(send(audit(1))->accepted, 0U);
  std::string user = audit(1);
  user.replace(user.find("enduser.id"), 10, "medewerker.id");
  EXPECT_EQ(send(user)->accepted, 1U);
}

// Lines and audit records of spans in each other, in any order.
std::vector<std::string> random_records(int first, std::mt19937& random) {
  std::vector<std::string> records;
  for (int trace = first; trace < first + 20; ++trace) {
    const int spans = static_cast<int>(random() % 4) + 1;
    for (int span = 1; span <= spans; ++span) {
      const auto shape = random() % 4;
      if (shape != 0) records.push_back(line(trace, span, static_cast<int>(random() % 4)));
      if (shape != 1) records.push_back(audit(trace, span));
    }
  }
  std::ranges::shuffle(records, random);
  return records;
}

std::vector<std::string> ids_of_file(const std::vector<std::string>& records, const Sender& sender) {
  const auto source = ingest::make_source("otlp", {sender.mapping, "m.toml"}).value();
  ingest::Output output;
  for (const std::string& record : records) source->feed(record + "\n", output);
  source->finish(output);
  std::vector<std::string> ids;
  for (const AccessEvent& event : output.events.events()) ids.emplace_back(event.id);
  return ids;
}

TEST_F(WaitingRoomTest, requests_through_crashes_and_faults_of_the_disk_give_what_one_file_gives) {
  size_t total = 0;
  int crashes = 0;
  for (int seed = 1; seed <= 8; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const std::vector<std::string> records = random_records(100 * seed, random);
    for (size_t at = 0; at < records.size();) {
      const size_t count = std::min<size_t>(random() % 4 + 1, records.size() - at);
      std::string body;
      for (size_t i = at; i < at + count; ++i) body += records[i] + "\n";
      if (random() % 4 == 0) faulty_.fail_at(random() % 3, os::Fault::kFailedSync, false);
      // Who is not answered with success sends the same again.
      for (bool taken = false; !taken;) {
        taken = send(body).has_value();
        if (random() % 6 != 0) continue;
        faulty_.fail_at(1'000'000, os::Fault::kInputOutput, false);
        crash(random());
        start();
        ++crashes;
      }
      at += count;
    }
    faulty_.fail_at(1'000'000, os::Fault::kInputOutput, false);
    pass(301);
    ASSERT_TRUE(room_->release_due());
    EXPECT_EQ(room_->totals().records, 0U);
    const std::vector<std::string> expected = ids_of_file(records, *senders_->all()[0]);
    const auto found = ids();
    EXPECT_EQ(found.size() - total, expected.size()) << seed;
    for (const std::string& id : expected) {
      EXPECT_TRUE(std::ranges::any_of(found,
                                      [&](const std::string& entry) {
                                        const size_t place = entry.find(id);
                                        // Not as the beginning of the id of a half.
                                        return place != entry.npos && entry.substr(place + id.size(), 3) != "-no";
                                      }))
          << seed << ' ' << id;
    }
    total = found.size();
    start();
  }
  EXPECT_GT(crashes, 10);
}

TEST_F(WaitingRoomTest, many_threads_send_both_halves_at_the_same_moment_and_each_access_is_there_once) {
  options_of_room_.look_every = std::chrono::milliseconds(1);
  stop();
  start();
  constexpr int kTraces = 120;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&, thread] {
      for (int trace = 1; trace <= kTraces; ++trace) {
        if (!send(thread % 2 == 0 ? line(trace) : audit(trace))) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(room_->totals().traces, 0U);
  pass(301);
  ASSERT_TRUE(room_->release_due());
  EXPECT_EQ(refused_, 0U);
  EXPECT_EQ(room_->totals().expired, 0U);
  EXPECT_EQ(entries(), static_cast<size_t>(kTraces));
}

}  // namespace
}  // namespace weerbaar::service
