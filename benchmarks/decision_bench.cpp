// Decisions from end to end: applications on keep-alive connections over TLS on loopback, in this process, so that they
// take their part of the same cores; the server as `weerbaar serve` has it; every answer is on record, durably.
//
//   decision_bench [--decisions N] [--rounds N] [--rate N] [--connections N] [--employees N] [--cases N]
//                  [--directory DIR] [--times FILE]
//
// `--times` writes a line for each question: its round, when it was due and how long the answer took, in milliseconds.
//
// Prints one table, with a few lines for each round: on a machine that others use too, the best round tells what the
// program does when it has the machine, the others what it was like that day. Times count from when a question was due,
// not from when it could be sent, so that a pause of the server counts for all that waited. They are of this machine,
// at this moment.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "decide/knowledge.h"
#include "examine/purpose/policy.h"
#include "http/certificate.h"
#include "http/server.h"
#include "http/testing.h"
#include "register/schema.h"
#include "service/applications.h"
#include "service/decision_api.h"
#include "service/event_writer.h"
#include "table.h"
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"

namespace weerbaar::benchmarks {
namespace {

constexpr std::string_view kOrigin = "bench.example.org/trail";
constexpr uint32_t kPersons = 3'000'000;
constexpr std::string_view kSystem = "BVR";

struct Options {
  uint64_t decisions = 100'000;  // in all rounds
  uint64_t rounds = 5;
  uint64_t rate = 5'000;  // a second
  size_t connections = 16;
  uint32_t employees = 30'000;
  uint32_t cases = 5'000'000;
  std::string directory = "/var/tmp";
  std::string times;  // file; empty: none
};

// The facts of an administration, as they are now.
class Administration {
 public:
  explicit Administration(const Options& options) : options_(options) {}

  std::shared_ptr<const decide::Knowledge> make() {
    std::vector<purpose::Rule> rules =
        must(purpose::check_rules({1, "bench", "2026-03-01", "bench", purpose::standard_policy_rules()}));
    auto facts = std::make_unique<purpose::FactBase>();
    decide::Knowledge::want(rules, *facts);
    facts_ = facts.get();
    for (uint32_t i = 0; i < options_.employees; ++i) add_employee(i);
    for (uint32_t i = 0; i < options_.cases; ++i) add_case(i);
    for (uint32_t i = 0; i < std::min(kPersons, options_.cases); ++i) {
      add("person", {person(i), "", fmt::format("{}AB {}", 1'000 + i % 9'000, i % 200), ""});
    }
    return std::make_shared<const decide::Knowledge>(
        std::move(rules), std::move(facts), must(decide::DecisionPolicy::read(decide::standard_decision_policy(), "p")),
        decide::Versions{1, 1, std::string(64, 'a'), 0, std::string(64, 'b')});
  }
  // Seven of ten within a case that the employee handles, the others anywhere.
  decide::Question question(std::mt19937_64& random) const {
    const auto number = static_cast<uint32_t>(random() % options_.cases);
    const bool in_case = random() % 10 < 7;
    decide::Question made;
    made.asker = decide::Question::Asker::kAccount;
    made.employee = employee(in_case ? number : static_cast<uint32_t>(random()));
    made.person_type = SubjectType::kBsn;
    made.person = person(number * 2'654'435'761ULL).substr(4);
    made.action = Action::kRead;
    made.system = kSystem;
    if (in_case && number % 3 == 0) made.case_id = fmt::format("Z-{}", number);
    return made;
  }

 private:
  [[nodiscard]] std::string employee(uint32_t i) const { return fmt::format("u{:06}", i % options_.employees); }
  [[nodiscard]] std::string person(uint64_t i) const {
    return fmt::format("bsn:{:09}", 100'000'000 + i % std::min(kPersons, options_.cases) * 7);
  }
  void add(std::string_view table, const std::vector<std::string>& values) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    must(facts_->add(*facts::find_table(table), fact));
  }
  void add_employee(uint32_t i) {
    const std::string unit = fmt::format("unit-{}", i % 1'500);
    add("employee", {employee(i), "", "", person(i * 100ULL), fmt::format("{}AB {}", 1'000 + i % 9'000, i % 200)});
    add("position", {employee(i), unit, "medewerker", ""});
    add("supervisor", {employee(i), employee(i / 20 * 20)});
    for (const std::string_view system : {std::string_view("mail"), kSystem, std::string_view("inning")}) {
      add("authorisation", {employee(i), std::string(system), "raadplegen"});
    }
  }
  void add_case(uint32_t i) {
    const std::string name = fmt::format("Z-{}", i);
    add("case", {name, "inning", ""});
    add("case_subject", {name, person(i * 2'654'435'761ULL), ""});
    add("case_employee", {name, employee(i)});
  }

  const Options& options_;
  purpose::FactBase* facts_ = nullptr;
};

// What `weerbaar serve` puts together.
class Running {
 public:
  Running(const Options& options, const std::string& place, const std::string& token,
          std::shared_ptr<const decide::Knowledge> knowledge)
      : keys_(must(trail::KeyStore::create(os::real_file_system(), place + "/keys", kOrigin))) {
    options_.files = &os::real_file_system();
    options_.directory = place + "/trail";
    options_.keys = keys_.get();
    must(trail::Trail::create(options_));
    writer_ =
        std::make_unique<service::EventWriter>(must(trail::Trail::open(options_, trail::Access::kAppend)),
                                               [this] { return trail::Trail::open(options_, trail::Access::kAppend); });
    point_.use(std::move(knowledge));
    api_ = std::make_unique<service::DecisionApi>(point_, *writer_, *keys_, metrics_, log_);
    api_->add_routes(router_);
    api_->use_applications(std::make_shared<service::Applications>(std::vector<service::Application>{
                               {"bench", service::token_hash(token), "", {std::string(kSystem)}}}),
                           "");
    http::ServerOptions server_options;
    server_options.limits.connections_a_client_max = options.connections;
    server_options.limits.requests_a_second = 0;
    server_options.observe = [this](const http::Exchange& exchange) { metrics_.count(exchange); };
    const std::string names[] = {"localhost"};
    server_options.tls.emplace();
    server_options.tls->certificate = must(http::make_self_signed(names));
    std::ofstream(place + "/tls.crt") << server_options.tls->certificate.certificate;
    server_ = must(http::Server::open(server_options, router_));
  }

  [[nodiscard]] uint16_t port() const { return server_->port(); }
  [[nodiscard]] service::EventWriter::Totals totals() const { return writer_->totals(); }
  void finish() {
    server_->stop(std::chrono::seconds(5));
    must(writer_->finish());
  }

 private:
  std::unique_ptr<trail::KeyStore> keys_;
  trail::TrailOptions options_;
  decide::DecisionPoint point_;
  service::Metrics metrics_;
  service::JsonLog log_;
  std::unique_ptr<service::EventWriter> writer_;
  std::unique_ptr<service::DecisionApi> api_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

std::string request_of(const decide::Question& question, const std::string& token) {
  const std::string context =
      question.case_id.empty() ? std::string("{}") : fmt::format(R"({{"case":"{}"}})", question.case_id);
  const std::string body = fmt::format(R"({{"subject":{{"type":"account","id":"{}"}},"action":{{"name":"read"}},)"
                                       R"("resource":{{"type":"bsn","id":"{}"}},"context":{}}})",
                                       question.employee, question.person, context);
  return fmt::format(
      "POST /access/v1/evaluation HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      token, body.size(), body);
}

struct Measured {
  std::vector<double> times;  // in milliseconds
  std::vector<double> due;    // since the round began
  uint64_t permits = 0;
};

// Sends those that are due, one after another. `rate` 0: as soon as there is an answer.
Measured send(http::TestClient& client, std::span<const std::string> requests, std::atomic<size_t>& next, uint64_t rate,
              Clock::time_point start) {
  Measured measured;
  for (size_t i = next++; i < requests.size(); i = next++) {
    auto due = Clock::now();
    if (rate > 0) {
      due = start + std::chrono::nanoseconds(i * 1'000'000'000 / rate);
      std::this_thread::sleep_until(due);
    }
    const auto answer = client.ask(requests[i]);
    WEERBAAR_CHECK(answer.has_value() && answer->status == 200);
    measured.times.push_back(seconds_since(due) * 1e3);
    measured.due.push_back(std::chrono::duration<double, std::milli>(due - start).count());
    measured.permits += uint64_t{answer->body.starts_with(R"({"decision":true)")};
  }
  return measured;
}

// Sorts them.
std::string percentiles_of(std::vector<double>& times) {
  std::ranges::sort(times);
  return fmt::format("{:.2f} / {:.2f} / {:.2f} ms", times[times.size() / 2], times[times.size() * 99 / 100],
                     times[times.size() * 999 / 1'000]);
}

// The times of all answers.
std::vector<double> bench(std::string_view what, const Options& options, uint64_t rate, Running& running,
                          const std::string& place, std::span<const std::string> requests) {
  std::vector<std::unique_ptr<http::TestClient>> clients;
  for (size_t i = 0; i < options.connections; ++i) {
    clients.push_back(std::make_unique<http::TestClient>(running.port()));
    WEERBAAR_CHECK(clients.back()->begin_tls(place + "/tls.crt"));
  }
  std::atomic<size_t> next = 0;
  std::vector<Measured> measured(options.connections);
  const service::EventWriter::Totals before = running.totals();
  const double processor_before = processor_seconds();
  const auto start = Clock::now();
  std::vector<std::thread> senders;
  for (size_t i = 0; i < options.connections; ++i) {
    senders.emplace_back([&, i] { measured[i] = send(*clients[i], requests, next, rate, start); });
  }
  for (std::thread& sender : senders) sender.join();
  const double seconds = seconds_since(start);
  const double processor = processor_seconds() - processor_before;
  const service::EventWriter::Totals after = running.totals();
  WEERBAAR_CHECK(after.records - before.records == requests.size());
  if (!options.times.empty()) {
    std::ofstream file(options.times, std::ios::app);
    for (const Measured& mine : measured) {
      for (size_t i = 0; i < mine.times.size(); ++i)
        fmt::print(file, "{}\t{:.3f}\t{:.3f}\n", what, mine.due[i], mine.times[i]);
    }
  }
  std::vector<double> all;
  uint64_t permits = 0;
  for (const Measured& mine : measured) {
    all.insert(all.end(), mine.times.begin(), mine.times.end());
    permits += mine.permits;
  }
  const auto count = static_cast<double>(requests.size());
  row(what, fmt::format("{:.0f} decisions/s", count / seconds));
  row("  answered after, p50 / p99 / p99.9", percentiles_of(all));
  row("  of all cores, with who asks", fmt::format("{:.1f} us a decision", processor * 1e6 / count));
  row("  decisions a sync; permitted",
      fmt::format("{:.1f}; {:.0f} %", count / static_cast<double>(after.groups - before.groups),
                  100.0 * static_cast<double>(permits) / count));
  return all;
}

void bench_alone(const Administration& administration, const decide::Knowledge& knowledge, uint64_t count) {
  std::mt19937_64 random(3);
  std::vector<decide::Question> questions;
  for (uint64_t i = 0; i < count; ++i) questions.push_back(administration.question(random));
  uint64_t permits = 0;
  const auto start = Clock::now();
  for (const decide::Question& question : questions) permits += uint64_t{knowledge.decide(question, os::now()).permit};
  const double seconds = seconds_since(start);
  WEERBAAR_CHECK(permits > 0);
  row("deciding alone, one thread", fmt::format("{:.2f} us a decision", seconds * 1e6 / static_cast<double>(count)));
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const uint64_t number = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--decisions") options.decisions = number;
    if (name == "--rounds") options.rounds = std::max<uint64_t>(number, 1);
    if (name == "--rate") options.rate = number;
    if (name == "--connections") options.connections = number;
    if (name == "--employees") options.employees = static_cast<uint32_t>(number);
    if (name == "--cases") options.cases = static_cast<uint32_t>(number);
    if (name == "--directory") options.directory = argv[i + 1];
    if (name == "--times") options.times = argv[i + 1];
  }
  return options;
}

void run(const Options& options) {
  fmt::print("{} decisions, {} connections over TLS, {} employees, {} assignments of cases, {} cores\n",
             options.decisions, options.connections, options.employees, options.cases,
             std::thread::hardware_concurrency());
  const std::string place = options.directory + "/weerbaar-decision-bench";
  std::filesystem::remove_all(place);
  std::filesystem::create_directories(place);
  Administration administration(options);
  const auto before = Clock::now();
  const std::shared_ptr<const decide::Knowledge> knowledge = administration.make();
  row("facts in memory after", fmt::format("{:.1f} s", seconds_since(before)));
  bench_alone(administration, *knowledge, std::min<uint64_t>(options.decisions, 100'000));
  const std::string token = must(service::make_token());
  std::mt19937_64 random(5);
  std::vector<std::string> requests;
  for (uint64_t i = 0; i < options.decisions; ++i)
    requests.push_back(request_of(administration.question(random), token));
  Running running(options, place, token, knowledge);
  const std::span<const std::string> all(requests);
  const size_t each = std::max<size_t>(requests.size() / options.rounds, 1);
  std::vector<double> times;
  for (uint64_t round = 0; round < options.rounds; ++round) {
    const auto of_round = bench(fmt::format("round {}, asked at {} a second", round + 1, options.rate), options,
                                options.rate, running, place, all.subspan(round * each, each));
    times.insert(times.end(), of_round.begin(), of_round.end());
  }
  row("all rounds, answered after, p50 / p99 / p99.9", percentiles_of(times));
  bench("asked as fast as it goes", options, 0, running, place, all.first(each));
  running.finish();
  row("memory at most", fmt::format("{} MiB", peak_memory_mib()));
  std::filesystem::remove_all(place);
}

}  // namespace
}  // namespace weerbaar::benchmarks

int main(int argc, char** argv) {
  weerbaar::benchmarks::run(weerbaar::benchmarks::read_options(argc, argv));
  return 0;
}
