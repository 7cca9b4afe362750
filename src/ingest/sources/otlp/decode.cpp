#include "ingest/sources/otlp/decode.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/sources/otlp/interpret.h"
#include "ingest/sources/otlp/item_list.h"
#include "ingest/sources/otlp/json_value.h"

namespace weerbaar::ingest::otlp {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kServiceName = "service.name";

// A name in lowerCamelCase, as OTLP/JSON has it, and in snake_case, as LDV and many exporters do.
struct Name {
  std::string_view camel;
  std::string_view snake;
  bool operator==(std::string_view key) const { return key == camel || key == snake; }
};

// The lists in each other that make a request.
struct Signal {
  Kind kind;
  Name resources;
  Name scopes;
  Name records;
};
constexpr Signal kSignals[] = {
    {Kind::kSpan, {"resourceSpans", "resource_spans"}, {"scopeSpans", "scope_spans"}, {"spans", "spans"}},
    {Kind::kLog, {"resourceLogs", "resource_logs"}, {"scopeLogs", "scope_logs"}, {"logRecords", "log_records"}},
};
constexpr Name kMetrics = {"resourceMetrics", "resource_metrics"};
constexpr Name kProfiles = {"resourceProfiles", "resource_profiles"};
constexpr Name kActivities = {"processingActivities", "processing_activities"};  // of the LDV reading extension

// The members of a span, an LDV line or a log record that we read.
struct Members {
  std::optional<dom::element> trace_id, span_id, parent_span_id, name, start, end, status, attributes, resource,
      observed, body, event_name;
};
struct Member {
  Name name;
  std::optional<dom::element> Members::* slot;
};
constexpr Member kSpanMembers[] = {
    {{"traceId", "trace_id"}, &Members::trace_id},
    {{"spanId", "span_id"}, &Members::span_id},
    {{"parentSpanId", "parent_span_id"}, &Members::parent_span_id},
    {{"name", "name"}, &Members::name},
    {{"startTimeUnixNano", "start_time_unix_nano"}, &Members::start},
    {{"endTimeUnixNano", "end_time_unix_nano"}, &Members::end},
    {{"status", "status"}, &Members::status},
    {{"attributes", "attributes"}, &Members::attributes},
};
constexpr Member kLineMembers[] = {
    {{"traceId", "trace_id"}, &Members::trace_id},
    {{"spanId", "span_id"}, &Members::span_id},
    {{"parentSpanId", "parent_span_id"}, &Members::parent_span_id},
    {{"name", "name"}, &Members::name},
    {{"startTime", "start_time"}, &Members::start},
    {{"endTime", "end_time"}, &Members::end},
    {{"status", "status"}, &Members::status},
    {{"attributes", "attributes"}, &Members::attributes},
    {{"resource", "resource"}, &Members::resource},
};
constexpr Member kLogMembers[] = {
    {{"traceId", "trace_id"}, &Members::trace_id},
    {{"spanId", "span_id"}, &Members::span_id},
    {{"timeUnixNano", "time_unix_nano"}, &Members::start},
    {{"observedTimeUnixNano", "observed_time_unix_nano"}, &Members::observed},
    {{"body", "body"}, &Members::body},
    {{"eventName", "event_name"}, &Members::event_name},
    {{"attributes", "attributes"}, &Members::attributes},
};

Result<Members> read_members(dom::object object, std::span<const Member> known) {
  Members members;
  for (const dom::key_value_pair pair : object) {
    if (pair.value.is_null()) continue;
    const auto found = std::ranges::find_if(known, [&](const Member& member) { return member.name == pair.key; });
    if (found == known.end()) continue;
    auto& slot = members.*(found->slot);
    if (slot) return fail(Code::kInvalid, fmt::format("{} comes twice: send each once", found->name.camel));
    slot = pair.value;
  }
  return members;
}

// Nothing when there is none, or null, which is the same in the JSON of protobuf.
std::optional<dom::element> member_of(dom::object object, const Name& name) {
  for (const auto& [key, value] : object) {
    if (name == key && !value.is_null()) return value;
  }
  return std::nullopt;
}

bool is_present(std::string_view id) {
  return !id.empty() && !is_zero(id);
}

template <size_t N>
std::string_view view(const std::optional<std::array<char, N>>& id) {
  return id ? std::string_view(id->data(), N) : std::string_view();
}

// A span and an LDV line must say where they belong; without it nothing can be joined, and nothing told apart.
Status require_ids(const RecordHead& head) {
  for (const auto& [field, id] :
       {std::pair{"trace_id", view(head.trace_id)}, std::pair{"span_id", view(head.span_id)}}) {
    if (is_present(id)) continue;
    return fail(Code::kInvalid,
                fmt::format("{} is missing or all zeros: the source must send the W3C trace context", field));
  }
  return {};
}

Status read_ids(const Members& members, RecordHead& head) {
  if (members.trace_id) {
    WEERBAAR_ASSIGN(head.trace_id, read_trace_id("trace_id", *members.trace_id));
  }
  if (members.span_id) {
    WEERBAAR_ASSIGN(head.span_id, read_span_id("span_id", *members.span_id));
  }
  if (members.parent_span_id) {
    WEERBAAR_ASSIGN(head.parent_span_id, read_span_id("parent_span_id", *members.parent_span_id));
    if (is_zero(view(head.parent_span_id))) head.parent_span_id.reset();
  }
  return {};
}

std::unexpected<Error> no_time(std::string_view field) {
  return fail(Code::kInvalid, fmt::format("{} is missing: the source must say when it happened", field));
}

// The status of an LDV line is a word, that of an OTLP span an object with a number.
Result<bool> is_error(dom::element status) {
  constexpr std::string_view kWords[] = {"unset", "ok", kStatusError};
  int64_t code = 0;
  std::string_view word;
  if (status.is_object()) {
    const auto member = status["code"];
    if (member.error() != simdjson::SUCCESS || member.is_null()) return false;
    status = member.value_unsafe();
  }
  if (status.get(code) == simdjson::SUCCESS && code >= 0 && code <= 2) return code == 2;
  if (status.get(word) == simdjson::SUCCESS) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    for (const std::string_view known : kWords) {
      if (std::ranges::equal(word, known, {}, lower, lower)) return known == kStatusError;
    }
  }
  return fail(Code::kInvalid, "status is none of Unset, Ok, Error (0, 1, 2): mend it at the source");
}

std::unexpected<Error> wrong_attributes() {
  return fail(Code::kInvalid, "attributes is neither an array of key and value nor an object: mend it at the source");
}

// An LDV resource may have a plain name instead of a service.name.
Result<std::shared_ptr<const Resource>> make_resource(std::span<const Item> items, bool is_plain) {
  const auto named = [items](std::string_view key) { return std::ranges::find(items, key, &Item::key); };
  auto service = named(kServiceName);
  if (service == items.end() && is_plain) service = named("name");
  auto resource = std::make_shared<Resource>();
  for (auto item = items.begin(); item != items.end(); ++item) {
    if (item == service) {
      resource->service = item->value;
      continue;
    }
    resource->attributes += resource->attributes.empty() ? '{' : ',';
    append_json_string(resource->attributes, item->key);
    resource->attributes += ':';
    if (item->is_text) {
      append_json_string(resource->attributes, item->value);
    } else {
      resource->attributes += item->value;
    }
  }
  if (!resource->attributes.empty()) resource->attributes += '}';
  if (json_bytes({Field::kNone, true, "resource", resource->attributes}) > kResourceBytesMax) {
    return fail(Code::kInvalid, fmt::format("its attributes take more than {} bytes: send less", kResourceBytesMax));
  }
  return resource;
}

// Where in the object a record stands.
struct Place {
  const Signal* signal = nullptr;
  size_t resource = 0;
  std::optional<size_t> scope;
  std::optional<size_t> record;
  std::optional<size_t> activity;

  [[nodiscard]] std::string text() const {
    if (activity) return fmt::format("{}[{}]: ", kActivities.camel, *activity);
    if (signal == nullptr) return {};
    std::string text = fmt::format("{}[{}]", signal->resources.camel, resource);
    if (scope) text += fmt::format(".{}[{}]", signal->scopes.camel, *scope);
    if (record) text += fmt::format(".{}[{}]", signal->records.camel, *record);
    return text + ": ";
  }
};

// Records of OTLP in a request, or in a part of one.
uint64_t records_in(dom::element element) {
  uint64_t records = 0;
  dom::array array;
  dom::object object;
  if (element.get(array) == simdjson::SUCCESS) {
    for (const dom::element one : array) records += records_in(one);
  }
  if (element.get(object) != simdjson::SUCCESS) return records;
  for (const auto& [key, value] : object) {
    for (const Signal& signal : kSignals) {
      if (signal.resources == key || signal.scopes == key) records += records_in(value);
      if (signal.records == key && value.get(array) == simdjson::SUCCESS) records += array.size();
    }
  }
  return records;
}

std::string_view broken_json(simdjson::error_code error) {
  if (error == simdjson::NUMBER_ERROR) {
    return "a number is broken or does not fit 64 bits: send large numbers as strings";
  }
  return "the JSON is broken: deliver whole OTLP requests or LDV lines";
}

// An object, and where in it its records are.
class DecodedObject final : public RecordTexts {
 public:
  [[nodiscard]] std::string text(size_t number) const override {
    const Place& place = places_[number];
    std::string own = simdjson::minify(place.record);
    const auto& [signal, resource] = around_[place.around];
    if (signal == nullptr) return own;
    std::string text = fmt::format(R"({{"{}":[{{)", signal->resources.camel);
    if (resource) text += fmt::format(R"("resource":{},)", simdjson::minify(*resource));
    text += fmt::format(R"("{}":[{{"{}":[)", signal->scopes.camel, signal->records.camel);
    return text + own + "]}]}]}";
  }

  dom::document document;

  // What stands around the records that are added from now on. An LDV line has its resource within; a span and a log
  // record have it around them.
  void surround(const Signal* signal, std::optional<dom::element> resource) { around_.push_back({signal, resource}); }
  void add(dom::element record) { places_.push_back({record, around_.size() - 1}); }
  [[nodiscard]] bool empty() const { return places_.empty(); }

 private:
  struct Around {
    const Signal* signal;  // null: nothing
    std::optional<dom::element> resource;
  };
  struct Place {
    dom::element record;
    size_t around;
  };

  std::vector<Around> around_;
  std::vector<Place> places_;
};

}  // namespace

struct Decoder::Work {
  explicit Work(const Mapping& of) : mapping(of), items(of) {}

  const Mapping& mapping;
  dom::parser parser;
  ItemList items;

  // Of the object that is being read.
  uint64_t line = 0;
  bool mended = false;
  std::vector<Record>* records = nullptr;
  Output* output = nullptr;
  std::shared_ptr<DecodedObject> own;  // null when nobody asks for it

  void decode(dom::element element, std::string_view json);
  bool decode_lists(dom::object object);
  void decode_signal(const Signal& signal, dom::element resources);
  void decode_resource(Place place, dom::element element);
  void decode_scope(Place place, dom::element element, const Result<std::shared_ptr<const Resource>>& resource);
  void decode_activities(dom::element activities);

  Status read_record(Kind kind, dom::element element, const Result<std::shared_ptr<const Resource>>& resource);
  Status read_line(dom::element element);
  Status read_log(const Members& members, RecordHead& head);
  Status read_span(const Members& members, RecordHead& head);
  Status add_common(const Members& members, const std::optional<Time>& end);
  Status add_record(const RecordHead& head, std::shared_ptr<const Resource> resource, dom::element element);
  void surround(const Signal* signal, std::optional<dom::element> resource) const;
  simdjson::error_code parse(std::string_view json, dom::element& element);
  Status check_event(const RecordHead& head, const Resource& resource) const;
  Result<std::shared_ptr<const Resource>> read_resource(std::optional<dom::element> resource);

  void refuse(const Place& place, const Error& error, dom::element element) const {
    output->refuse(line, place.text() + error.text, simdjson::minify(element));
    if (!place.record && !place.activity) output->refusals.back().records = std::max<uint64_t>(1, records_in(element));
  }
  bool check(const Place& place, const Status& status, dom::element element) const {
    if (!status) refuse(place, status.error(), element);
    return status.has_value();
  }
  // The elements of a list; nothing, and a refusal, when it is something else.
  std::optional<dom::array> array_at(const Place& place, const Name& name, dom::element element) const {
    dom::array array;
    if (element.get(array) == simdjson::SUCCESS) return array;
    refuse(place, Error{Code::kInvalid, fmt::format("{} must be an array: mend it at the source", name.camel)},
           element);
    return std::nullopt;
  }
  // An object that names each member once; nothing, and a refusal, when it is something else.
  std::optional<dom::object> object_at(const Place& place, dom::element element) const {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
      refuse(place, Error{Code::kInvalid, "this must be an object: mend it at the source"}, element);
      return std::nullopt;
    }
    if (!check(place, check_names(object), element)) return std::nullopt;
    return object;
  }
};

void Decoder::Work::decode(dom::element element, std::string_view json) {
  const dom::object object = element.get_object().value_unsafe();
  if (Status status = check_names(object); !status) {
    output->refuse(line, std::move(status.error().text), json);
    output->refusals.back().records = std::max<uint64_t>(1, records_in(element));
    return;
  }
  // An empty object is an empty request.
  if (decode_lists(object) || object.size() == 0) return;
  if (member_of(object, kSpanMembers[0].name)) {
    if (Status status = read_line(element); !status) output->refuse(line, std::move(status.error().text), json);
    return;
  }
  const bool is_metrics = member_of(object, kMetrics).has_value();
  if (is_metrics || member_of(object, kProfiles)) {
    output->refuse(
        line,
        fmt::format("{} carry no access to data: deliver traces and logs only", is_metrics ? "metrics" : "profiles"),
        json);
    return;
  }
  output->refuse(line,
                 "neither an OTLP request (resourceSpans, resourceLogs) nor an LDV line (trace_id, span_id): deliver "
                 "only these",
                 json);
}

// Reads the requests and answers in the object. False when it is neither.
bool Decoder::Work::decode_lists(dom::object object) {
  bool found = false;
  for (const Signal& signal : kSignals) {
    const auto resources = member_of(object, signal.resources);
    if (!resources) continue;
    decode_signal(signal, *resources);
    found = true;
  }
  if (const auto activities = member_of(object, kActivities)) {
    decode_activities(*activities);
    found = true;
  }
  return found;
}

void Decoder::Work::decode_signal(const Signal& signal, dom::element resources) {
  Place place;
  place.signal = &signal;
  const auto blocks = array_at({}, signal.resources, resources);
  if (!blocks) return;
  for (const dom::element block : *blocks) {
    decode_resource(place, block);
    ++place.resource;
  }
}

void Decoder::Work::decode_resource(Place place, dom::element element) {
  const auto block = object_at(place, element);
  if (!block) return;
  const auto resource_element = member_of(*block, {"resource", "resource"});
  const auto resource = read_resource(resource_element);
  surround(place.signal, resource_element);
  const auto scopes = member_of(*block, place.signal->scopes);
  if (!scopes) return;
  const auto array = array_at(place, place.signal->scopes, *scopes);
  if (!array) return;
  place.scope = 0;
  for (const dom::element scope : *array) {
    decode_scope(place, scope, resource);
    ++*place.scope;
  }
}

void Decoder::Work::decode_scope(Place place, dom::element element,
                                 const Result<std::shared_ptr<const Resource>>& resource) {
  const auto scope = object_at(place, element);
  if (!scope) return;
  const auto list = member_of(*scope, place.signal->records);
  if (!list) return;
  const auto array = array_at(place, place.signal->records, *list);
  if (!array) return;
  place.record = 0;
  for (const dom::element record : *array) {
    check(place, read_record(place.signal->kind, record, resource), record);
    ++*place.record;
  }
}

void Decoder::Work::decode_activities(dom::element activities) {
  Place place;
  const auto array = array_at({}, kActivities, activities);
  if (!array) return;
  place.activity = 0;
  for (const dom::element activity : *array) {
    check(place, read_line(activity), activity);
    ++*place.activity;
  }
}

Status Decoder::Work::read_record(Kind kind, dom::element element,
                                  const Result<std::shared_ptr<const Resource>>& resource) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS)
    return fail(Code::kInvalid, "this must be an object: mend it at the source");
  WEERBAAR_TRY(check_texts(element, mended));
  items.clear();
  RecordHead head;
  head.kind = kind;
  head.line = line;
  if (kind == Kind::kSpan) {
    WEERBAAR_ASSIGN(const Members members, read_members(object, kSpanMembers));
    WEERBAAR_TRY(read_span(members, head));
  } else {
    WEERBAAR_ASSIGN(const Members members, read_members(object, kLogMembers));
    WEERBAAR_TRY(read_log(members, head));
    if (!items.tells_of_access()) return {};
  }
  if (!resource) return fail_in("resource", resource.error());
  return add_record(head, *resource, element);
}

Status Decoder::Work::read_line(dom::element element) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS)
    return fail(Code::kInvalid, "this must be an object: mend it at the source");
  WEERBAAR_TRY(check_texts(element, mended));
  items.clear();
  RecordHead head;
  head.line = line;
  WEERBAAR_ASSIGN(const Members members, read_members(object, kLineMembers));
  WEERBAAR_TRY(read_ids(members, head));
  WEERBAAR_TRY(require_ids(head));
  if (!members.start) return no_time("start_time");
  WEERBAAR_ASSIGN(head.time, read_ldv_time("start_time", *members.start));
  std::optional<Time> end;
  if (members.end) {
    WEERBAAR_ASSIGN(end, read_ldv_time("end_time", *members.end));
  }
  WEERBAAR_TRY(add_common(members, end));
  auto resource = read_resource(members.resource);
  if (!resource) return fail_in("resource", resource.error());
  surround(nullptr, {});
  return add_record(head, std::move(*resource), element);
}

Status Decoder::Work::read_span(const Members& members, RecordHead& head) {
  WEERBAAR_TRY(read_ids(members, head));
  WEERBAAR_TRY(require_ids(head));
  std::optional<Time> start;
  if (members.start) {
    WEERBAAR_ASSIGN(start, read_unix_nanos("startTimeUnixNano", *members.start));
  }
  if (!start) return no_time("startTimeUnixNano");
  head.time = *start;
  std::optional<Time> end;
  if (members.end) {
    WEERBAAR_ASSIGN(end, read_unix_nanos("endTimeUnixNano", *members.end));
  }
  return add_common(members, end);
}

Status Decoder::Work::read_log(const Members& members, RecordHead& head) {
  if (members.attributes) {
    dom::array attributes;
    if (members.attributes->get(attributes) != simdjson::SUCCESS) return wrong_attributes();
    // Most log records are not about an access; what else may be wrong with those is not our concern.
    if (items.mentions_access(attributes)) WEERBAAR_TRY(items.add_key_values(attributes));
  }
  if (!items.tells_of_access()) return {};
  WEERBAAR_TRY(read_ids(members, head));
  // OTLP: a log record with an identifier of zeros belongs to no span.
  if (is_zero(view(head.trace_id))) head.trace_id.reset();
  if (!head.trace_id || is_zero(view(head.span_id))) head.span_id.reset();
  std::optional<Time> time;
  if (members.start) {
    WEERBAAR_ASSIGN(time, read_unix_nanos("timeUnixNano", *members.start));
  }
  if (!time && members.observed) {
    WEERBAAR_ASSIGN(time, read_unix_nanos("observedTimeUnixNano", *members.observed));
  }
  if (!time) return no_time("timeUnixNano");
  head.time = *time;
  std::string_view event_name;
  if (members.event_name && members.event_name->get(event_name) == simdjson::SUCCESS) {
    items.add(Field::kNone, "event.name", {true, std::string(event_name)});
  }
  if (!members.body) return {};
  const auto body = read_any_value(*members.body);
  if (!body) return fail_in("body", body.error());
  if (*body) items.add(Field::kNone, "body", **body);
  return {};
}

// What spans and LDV lines share.
Status Decoder::Work::add_common(const Members& members, const std::optional<Time>& end) {
  if (members.attributes) {
    dom::array pairs;
    dom::object plain;
    if (members.attributes->get(pairs) == simdjson::SUCCESS) {
      if (items.mentions_access(pairs)) WEERBAAR_TRY(items.add_key_values(pairs));
    } else if (members.attributes->get(plain) == simdjson::SUCCESS) {
      if (items.mentions_access(plain)) WEERBAAR_TRY(items.add_members(plain));
    } else {
      return wrong_attributes();
    }
  }
  std::string_view name;
  if (members.name && members.name->get(name) != simdjson::SUCCESS) {
    return fail(Code::kInvalid, "name must be a string: mend it at the source");
  }
  items.add(Field::kName, "name", {true, std::string(name)});
  if (members.status) {
    WEERBAAR_ASSIGN(const bool error, is_error(*members.status));
    if (error) items.add(Field::kStatus, "status", {true, std::string(kStatusError)});
  }
  if (end) items.add(Field::kNone, kEndTimeKey, {true, format_time(*end)});
  return {};
}

void Decoder::Work::surround(const Signal* signal, std::optional<dom::element> resource) const {
  if (own != nullptr) own->surround(signal, resource);
}

simdjson::error_code Decoder::Work::parse(std::string_view json, dom::element& element) {
  if (own == nullptr) return parser.parse(json.data(), json.size()).get(element);
  return parser.parse_into_document(own->document, json.data(), json.size()).get(element);
}

Status Decoder::Work::add_record(const RecordHead& head, std::shared_ptr<const Resource> resource,
                                 dom::element element) {
  if (items.tells_of_access()) {
    WEERBAAR_TRY(items.check_size());
    WEERBAAR_TRY(check_event(head, *resource));
  } else {
    items.keep_name_and_status();
  }
  records->emplace_back(head, std::move(resource), items.items());
  if (own != nullptr) own->add(element);
  return {};
}

// Whether the record can become a valid event, so that what is wrong is said where it can still be shown.
Status Decoder::Work::check_event(const RecordHead& head, const Resource& resource) const {
  EventDraft draft;
  AccessEvent& event = draft.event;
  event.id = "-";
  event.time = head.time;
  WEERBAAR_TRY(draft.interpret(items.items()));
  if (event.actor.id.empty()) event.actor.id = "-";
  event.source = mapping.source.empty() ? std::string_view(resource.service) : mapping.source;
  if (event.system.empty()) event.system = mapping.system.empty() ? std::string_view(resource.service) : mapping.system;
  if (event.source.empty() || event.system.empty()) {
    return fail(Code::kInvalid,
                "its resource has no service.name: set it at the source, or give source and system in the "
                "mapping");
  }
  return validate(event);
}

// OTLP: {"attributes": [{"key": …, "value": …}]}. LDV: {"attributes": {…}}, or its members without that layer.
Result<std::shared_ptr<const Resource>> Decoder::Work::read_resource(std::optional<dom::element> element) {
  if (!element) return std::make_shared<Resource>();
  WEERBAAR_TRY(check_texts(*element, mended));
  dom::object object;
  if (element->get(object) != simdjson::SUCCESS) {
    return fail(Code::kInvalid, "it must be an object, and nest not too deep: mend it at the source");
  }
  ItemList list(mapping);
  bool is_plain = true;
  if (const auto attributes = member_of(object, {"attributes", "attributes"})) {
    dom::array pairs;
    is_plain = attributes->get(pairs) != simdjson::SUCCESS;
    if (is_plain && attributes->get(object) != simdjson::SUCCESS) return wrong_attributes();
    if (!is_plain) WEERBAAR_TRY(list.add_key_values(pairs));
  }
  if (is_plain) WEERBAAR_TRY(list.add_members(object));
  return make_resource(list.items(), is_plain);
}

Decoder::Decoder(const Mapping& mapping) : work_(std::make_unique<Work>(mapping)) {}
Decoder::~Decoder() = default;

bool Decoder::decode(std::string_view json, uint64_t line, std::vector<Record>& records, Output& output,
                     std::shared_ptr<const RecordTexts>* own) {
  work_->line = line;
  work_->own = own == nullptr ? nullptr : std::make_shared<DecodedObject>();
  work_->records = &records;
  work_->output = &output;
  dom::element element;
  auto error = work_->parse(json, element);
  std::optional<std::string> mended;
  if (error != simdjson::SUCCESS) {
    mended = mend_text(json);
    if (mended) error = work_->parse(*mended, element);
  }
  WEERBAAR_CHECK(error != simdjson::MEMALLOC);
  work_->mended = mended.has_value();
  if (error != simdjson::SUCCESS || !element.is_object()) {
    output.refuse(line, std::string(broken_json(error)), json);
    return false;
  }
  work_->decode(element, json);
  if (own == nullptr) return true;
  own->reset();
  if (!work_->own->empty()) *own = work_->own;
  work_->own.reset();
  return true;
}

}  // namespace weerbaar::ingest::otlp
