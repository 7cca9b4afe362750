#include "service/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace weerbaar::service {
namespace {

// Names of routes and sources have no character that would have to be escaped.
class Text {
 public:
  void head(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(out(), "# HELP weerbaar_{} {}\n# TYPE weerbaar_{} {}\n", name, help, name, type);
  }
  void one(std::string_view name, std::string_view type, std::string_view help, uint64_t value) {
    head(name, type, help);
    fmt::format_to(out(), "weerbaar_{} {}\n", name, value);
  }
  template <class... Arguments>
  void line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(out(), format, std::forward<Arguments>(arguments)...);
    text_ += '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }

  std::string text_;
};

double seconds(uint64_t micros) {
  return static_cast<double>(micros) / 1e6;
}

void write_network(Text& text, const http::Statistics& network) {
  text.one("connections_open", "gauge", "Connections that are open.", network.connections_open);
  text.one("connections_accepted_total", "counter", "Connections since the start.", network.connections_accepted);
  text.one("connections_refused_total", "counter", "Connections closed at once: too many.",
           network.connections_refused);
  text.one("connections_timed_out_total", "counter", "Connections closed for a limit of time.", network.timeouts);
  text.one("tls_handshakes_failed_total", "counter", "Connections whose handshake failed.", network.handshakes_failed);
  text.one("http_refused_total", "counter", "Requests that no handler saw.", network.requests_refused);
  text.one("http_bodies_bytes", "gauge", "Memory of the bodies of requests.", network.body_bytes_held);
  text.one("http_requests_waiting", "gauge", "Requests that wait for a worker.", network.requests_waiting);
}

void write_writer(Text& text, const EventWriter::Totals& writer, bool ready) {
  text.one("events_accepted_total", "counter", "Events that became entries.", writer.accepted);
  text.one("events_duplicate_total", "counter", "Events that were there already.", writer.duplicates);
  text.one("events_refused_by_trail_total", "counter", "Events that the trail refused.", writer.refused);
  text.one("events_waiting", "gauge", "Events that wait to be written.", writer.waiting);
  text.one("trail_syncs_total", "counter", "Groups of events written and synced at once.", writer.groups);
  text.one("trail_failures_total", "counter", "Times that the trail failed and was closed.", writer.failures);
  text.one("trail_entries", "gauge", "Entries in the trail.", writer.size);
  text.one("trail_signed_entries", "gauge", "Entries under the last signed checkpoint.", writer.signed_size);
  text.one("ready", "gauge", "1 when events are taken.", ready ? 1 : 0);
}

void write_waiting(Text& text, const WaitingRoom::Totals& waiting) {
  text.one("halves_waiting_records", "gauge", "Spans and log records that wait, or are remembered for a while.",
           waiting.records);
  text.one("halves_waiting_traces", "gauge", "Traces of which something has not come out.", waiting.traces);
  text.one("halves_waiting_bytes", "gauge", "Memory that they take.", waiting.bytes);
  text.one("halves_joined_total", "counter", "Accesses that came out of traces of which something waited.",
           waiting.joined);
  text.one("halves_expired_total", "counter", "Halves that came out without the other: refused, or taken alone.",
           waiting.expired);
  text.one("halves_unreadable_total", "counter", "Lines of the waiting room that could not be read.",
           waiting.unreadable);
}

}  // namespace

void Metrics::count(const http::Exchange& exchange) {
  if (exchange.route == kPeopleRoute && exchange.status < 400) return;
  const auto micros = static_cast<int64_t>(exchange.time.count());
  const auto bucket = static_cast<size_t>(std::ranges::lower_bound(kBucketsMicros, micros) - kBucketsMicros.begin());
  const std::lock_guard lock(mutex_);
  auto found = routes_.find(exchange.route);
  if (found == routes_.end()) found = routes_.emplace(std::string(exchange.route), Route()).first;
  Route& route = found->second;
  ++route.by_status[exchange.status];
  ++route.buckets[bucket];
  route.micros += static_cast<uint64_t>(std::max<int64_t>(micros, 0));
  route.request_bytes += exchange.request_bytes;
  route.response_bytes += exchange.response_bytes;
}

void Metrics::count_source(std::string_view source, uint64_t accepted, uint64_t refused, Time now, uint64_t waiting) {
  const std::lock_guard lock(mutex_);
  auto found = sources_.find(source);
  if (found == sources_.end()) found = sources_.emplace(std::string(source), SourceCounts()).first;
  found->second.accepted += accepted;
  found->second.refused += refused;
  if (accepted + waiting > 0) found->second.last = now;
}

void Metrics::count_decision(bool permit, std::string_view ground) {
  const std::lock_guard lock(mutex_);
  ++decisions_[{permit, ground}];
}

std::map<std::string, SourceCounts, std::less<>> Metrics::sources() const {
  const std::lock_guard lock(mutex_);
  return sources_;
}

std::string Metrics::text(const http::Statistics& network, const EventWriter::Totals& writer,
                          const WaitingRoom::Totals& waiting, bool ready) const {
  Text text;
  write_writer(text, writer, ready);
  write_waiting(text, waiting);
  write_network(text, network);
  const std::lock_guard lock(mutex_);
  text.head("source_events_accepted_total", "counter", "Events taken from a source, those included that were known.");
  for (const auto& [name, source] : sources_) {
    text.line("weerbaar_source_events_accepted_total{{source=\"{}\"}} {}", name, source.accepted);
  }
  text.head("source_events_refused_total", "counter", "Events of a source that were refused, and kept aside.");
  for (const auto& [name, source] : sources_) {
    text.line("weerbaar_source_events_refused_total{{source=\"{}\"}} {}", name, source.refused);
  }
  text.head("source_last_seconds", "gauge", "When a source gave something last, in seconds since 1970.");
  for (const auto& [name, source] : sources_) {
    text.line("weerbaar_source_last_seconds{{source=\"{}\"}} {}", name, source.last.micros / kMicrosPerSecond);
  }
  text.head("decisions_total", "counter", "Decisions, by the ground that decided them.");
  for (const auto& [of, count] : decisions_) {
    text.line("weerbaar_decisions_total{{decision=\"{}\",ground=\"{}\"}} {}", of.first ? "permit" : "deny", of.second,
              count);
  }
  text.head("http_requests_total", "counter", "Requests answered.");
  for (const auto& [name, route] : routes_) {
    for (const auto& [status, count] : route.by_status) {
      text.line("weerbaar_http_requests_total{{route=\"{}\",status=\"{}\"}} {}", name, status, count);
    }
  }
  text.head("http_request_bytes_total", "counter", "Bytes of bodies that came.");
  for (const auto& [name, route] : routes_) {
    text.line("weerbaar_http_request_bytes_total{{route=\"{}\"}} {}", name, route.request_bytes);
  }
  text.head("http_request_seconds", "histogram", "From the first byte of a request to the last of the answer.");
  for (const auto& [name, route] : routes_) {
    uint64_t count = 0;
    for (size_t i = 0; i < kBucketsMicros.size(); ++i) {
      count += route.buckets[i];
      text.line("weerbaar_http_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}", name,
                seconds(static_cast<uint64_t>(kBucketsMicros[i])), count);
    }
    count += route.buckets.back();
    text.line("weerbaar_http_request_seconds_bucket{{route=\"{}\",le=\"+Inf\"}} {}", name, count);
    text.line("weerbaar_http_request_seconds_sum{{route=\"{}\"}} {}", name, seconds(route.micros));
    text.line("weerbaar_http_request_seconds_count{{route=\"{}\"}} {}", name, count);
  }
  return text.take();
}

}  // namespace weerbaar::service
