// OTLP requests as a collector writes them, and LDV lines, to access events joined with their audit records.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "ingest/sources/otlp/kept_record.h"
#include "ingest/sources/otlp/otlp.h"
#include "ingest/sources/otlp/pending_traces.h"

namespace weerbaar::ingest {
namespace {

constexpr int kSpans = 20'000;
constexpr int kSpansPerRequest = 200;

std::string trace_id(int i) {
  return fmt::format("5b8efff798038103d269b633{:08x}", i + 1);
}
std::string span_id(int i) {
  return fmt::format("eee19b7e{:08x}", i + 1);
}

std::string text(std::string_view key, std::string_view value) {
  return fmt::format(R"({{"key":"{}","value":{{"stringValue":"{}"}}}})", key, value);
}

std::string span(int i) {
  return fmt::format(
      R"({{"traceId":"{}","spanId":"{}","name":"GET /dossier","kind":2,"startTimeUnixNano":"17640684706{:08}",)"
      R"("endTimeUnixNano":"1764068471{:09}","status":{{"code":1}},"attributes":[{},{},{}]}})",
      trace_id(i), span_id(i), i, i, text("dpl.core.processing_activity_id", "https://register.example/inning"),
      text("dpl.core.data_subject_id", "123456782"), text("dpl.core.data_subject_id_type", "BSN"));
}

std::string log_record(int i) {
  return fmt::format(R"({{"timeUnixNano":"17640684706{:08}","traceId":"{}","spanId":"{}","attributes":[{},{},{}]}})", i,
                     trace_id(i), span_id(i), text("enduser.id", fmt::format("u{:06}", i % 5'000)),
                     text("weerbaar.case", fmt::format("Z-{:07}", i)), text("weerbaar.action", "read"));
}

template <class Make>
std::string requests(std::string_view resources, std::string_view scopes, std::string_view records, Make make) {
  std::string lines;
  for (int i = 0; i < kSpans; i += kSpansPerRequest) {
    std::string list;
    for (int j = i; j < i + kSpansPerRequest; ++j) list += (j > i ? "," : "") + make(j);
    lines +=
        fmt::format(R"({{"{}":[{{"resource":{{"attributes":[{}]}},"{}":[{{"scope":{{"name":"ldv"}},"{}":[{}]}}]}}]}})"
                    "\n",
                    resources, text("service.name", "inning"), scopes, records, list);
  }
  return lines;
}

void run(benchmark::State& state, const std::string& input, size_t events) {
  for (auto _ : state) {
    const auto source = create_otlp({}).value();
    Output output;
    source->feed(input, output);
    source->finish(output);
    WEERBAAR_CHECK(output.events.size() == events && output.refusals.empty());
  }
  state.SetItemsProcessed(state.iterations() * kSpans);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(input.size()));
}

// Items: spans, each with its log record.
void otlp_spans_joined_with_log_records(benchmark::State& state) {
  run(state,
      requests("resourceSpans", "scopeSpans", "spans", span) +
          requests("resourceLogs", "scopeLogs", "logRecords", log_record),
      kSpans);
}
BENCHMARK(otlp_spans_joined_with_log_records)->Unit(benchmark::kMillisecond);

// Spans without a word of an access, as most are.
void otlp_technical_spans(benchmark::State& state) {
  const auto technical = [](int i) {
    return fmt::format(
        R"({{"traceId":"{}","spanId":"{}","name":"SELECT","kind":3,"startTimeUnixNano":"17640684706{:08}",)"
        R"("endTimeUnixNano":"1764068471{:09}","attributes":[{},{},{}]}})",
        trace_id(i), span_id(i), i, i, text("db.system.name", "postgresql"), text("server.address", "db1.example"),
        text("db.operation.name", "SELECT"));
  };
  run(state, requests("resourceSpans", "scopeSpans", "spans", technical), 0);
}
BENCHMARK(otlp_technical_spans)->Unit(benchmark::kMillisecond);

void ldv_lines(benchmark::State& state) {
  std::string lines;
  for (int i = 0; i < kSpans; ++i) {
    lines += fmt::format(
        R"({{"trace_id":"{}","span_id":"{}","status":"Ok","name":"dossier","start_time":17640684{:05},)"
        R"("end_time":17640685{:05},"resource":{{"name":"inning"}},"attributes":{{)"
        R"("dpl.core.data_subject_id":"123456782","dpl.core.data_subject_id_type":"BSN","weerbaar.actor.id":"u{:06}"}}}})"
        "\n",
        trace_id(i), span_id(i), i, i, i % 5'000);
  }
  run(state, lines, kSpans);
}
BENCHMARK(ldv_lines)->Unit(benchmark::kMillisecond);

std::string whole_span(int i) {
  const std::string one = span(i);
  return one.substr(0, one.size() - 2) + "," + text("weerbaar.actor.id", fmt::format("u{:06}", i % 5'000)) + "]}";
}

// Requests as the server takes them, where halves may wait; these are whole, so that nothing does.
void otlp_whole_spans_where_halves_may_wait(benchmark::State& state) {
  std::vector<std::string> bodies;
  const std::string all = requests("resourceSpans", "scopeSpans", "spans", whole_span);
  for (size_t at = 0; at < all.size(); at = all.find('\n', at) + 1)
    bodies.push_back(all.substr(at, all.find('\n', at) - at));
  for (auto _ : state) {
    otlp::PendingTraces pending{otlp::Mapping()};
    Output output;
    for (const std::string& body : bodies) {
      auto records = otlp::read_kept_records(body, pending.mapping(), output);
      WEERBAAR_CHECK(pending.add(std::move(records), {}, {kMicrosMin, 0}, output).waiting.empty());
    }
    WEERBAAR_CHECK(output.events.size() == kSpans && output.refusals.empty());
  }
  state.SetItemsProcessed(state.iterations() * kSpans);
}
BENCHMARK(otlp_whole_spans_where_halves_may_wait)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weerbaar::ingest
