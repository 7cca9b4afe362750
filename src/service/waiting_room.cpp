#include "service/waiting_room.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "domain/access_event.h"
#include "ingest/sources/otlp/json_splitter.h"
#include "ingest/sources/otlp/kept_record.h"

namespace weerbaar::service {
namespace {

namespace otlp = ingest::otlp;

constexpr std::string_view kFolder = "waiting";
// Under this name goes what cannot be read.
constexpr std::string_view kOfNobody = "waiting-room";
// Delivered at once.
constexpr size_t kEventsAtOnce = 5'000;
// A file this small is not worth writing anew.
constexpr uint64_t kFileBytesLeft = uint64_t{64} << 10U;
// When there is no room left, so much of it is made free at once.
constexpr size_t kPartMadeFree = 16;
// Of a line, besides the JSON.
constexpr size_t kLineOverhead = 110;

std::string hex(const otlp::TraceId& id) {
  return to_hex(as_bytes(std::string_view(id.data(), id.size())));
}

Time before(Time now, int64_t micros) {
  return {now.micros - micros, 0};
}

}  // namespace

WaitingRoom::Source::Source(const Sender& sender)
    : mapping(sender.mapping), join_within_micros(sender.join_within.count() * 1'000), pending(sender.otlp_mapping) {}

WaitingRoom::WaitingRoom(os::FileSystem& files, const std::string& directory, Deliver deliver,
                         const WaitingOptions& options)
    : deliver_(std::move(deliver)), options_(options), file_(files, os::join(directory, kFolder)) {}

Result<std::unique_ptr<WaitingRoom>> WaitingRoom::open(os::FileSystem& files, const std::string& directory,
                                                       const Senders& senders, Deliver deliver,
                                                       const WaitingOptions& options) {
  std::unique_ptr<WaitingRoom> room(new WaitingRoom(files, directory, std::move(deliver), options));
  WEERBAAR_TRY(room->read(senders));
  if (options.look_every.count() > 0) room->thread_ = std::thread([&opened = *room] { opened.run(); });
  return room;
}

WaitingRoom::~WaitingRoom() {
  // Who cares for the outcome has asked for it before.
  [[maybe_unused]] const Status ignored = finish();
}

// Nobody else knows the room yet.
Status WaitingRoom::read(const Senders& senders) {
  for (const auto& sender : senders.all()) source_of(*sender);
  ingest::Output refused;
  refused.raw_bytes_max = otlp::kJsonBytesMax;
  const auto use = [&](const WaitingLine& line) {
    auto found = sources_.find(line.source);
    if (found == sources_.end()) {
      Sender gone = Sender::by_default(std::string(line.source));
      gone.join_within = std::chrono::milliseconds(0);
      found = sources_.emplace(gone.source, Source(gone)).first;
    }
    otlp::PendingTraces& pending = found->second.pending;
    if (line.json.empty()) {
      pending.forget(line.trace);
      return;
    }
    auto records = otlp::read_kept_records(line.json, pending.mapping(), refused);
    for (otlp::KeptRecord& record : records) pending.restore(std::move(record), line.came);
  };
  const auto unreadable = [&](std::string_view line) {
    refused.refuse(0, "a line of the waiting room that is not as it was written: look at the disk", line);
  };
  const Status status = file_.read(use, unreadable);
  if (!status) return status;
  totals_.unreadable = refused.refusals.size();
  if (totals_.unreadable > 0) WEERBAAR_TRY(deliver_(std::string(kOfNobody), refused));
  for (auto& [name, source] : sources_) source.pending.restored();
  if (!file_.must_be_replaced()) return {};
  return file_.replace(lines())();
}

WaitingRoom::Source& WaitingRoom::source_of(const Sender& sender) {
  const auto found = sources_.find(sender.source);
  if (found == sources_.end()) return sources_.emplace(sender.source, Source(sender)).first->second;
  Source& source = found->second;
  source.join_within_micros = sender.join_within.count() * 1'000;
  if (source.mapping != sender.mapping) {
    source.mapping = sender.mapping;
    source.pending.use_mapping(sender.otlp_mapping);
  }
  return source;
}

Result<WaitingRoom::Joined> WaitingRoom::add(const Sender& sender, std::vector<otlp::KeptRecord> records,
                                             ingest::Output& output) {
  WEERBAAR_TRY(release(true));
  otlp::PendingTraces::Added added;
  std::shared_ptr<WaitingFile::Group> group;
  {
    const std::lock_guard lock(mutex_);
    Source& source = source_of(sender);
    const Time now = options_.clock();
    added = source.pending.add(std::move(records), now, before(now, kJoinWithinTimesMax * source.join_within_micros),
                               output);
    std::string text;
    for (const otlp::WaitingRecord& record : added.waiting) text += waiting_line(sender.source, now, record.json);
    if (!text.empty()) group = file_.add(text);
  }
  if (group != nullptr) {
    WEERBAAR_TRY(file_.wait(group));
    const std::lock_guard lock(mutex_);
    source_of(sender).pending.stored(added.waiting);
  }
  return Joined{std::move(added.made), added.waiting.size()};
}

void WaitingRoom::told(const Sender& sender, const Joined& joined) {
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(sender.source);
  if (found == sources_.end()) return;
  for (const otlp::TraceEvents& made : joined.made) {
    found->second.pending.told(made);
    totals_.joined += made.wholes;
  }
}

void WaitingRoom::use_senders(const Senders& senders) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, source] : sources_) source.join_within_micros = 0;
  for (const auto& sender : senders.all()) source_of(*sender);
}

otlp::PendingTraces::Room WaitingRoom::taken() const {
  otlp::PendingTraces::Room taken;
  for (const auto& [name, source] : sources_) {
    taken.bytes += source.pending.bytes();
    taken.records += source.pending.records();
  }
  return taken;
}

bool WaitingRoom::is_full() const {
  const otlp::PendingTraces::Room of_all = taken();
  return of_all.bytes > options_.bytes_max || of_all.records > options_.records_max;
}

Status WaitingRoom::release_due() {
  WEERBAAR_TRY(release(false));
  return shrink();
}

Status WaitingRoom::release(bool only_when_full) {
  if (only_when_full) {
    const std::lock_guard lock(mutex_);
    if (!is_full()) return {};
  }
  const std::lock_guard releasing(releasing_);
  for (;;) {
    ingest::Output output;
    output.raw_bytes_max = otlp::kJsonBytesMax;
    const std::vector<Leaving> leaving = next_leaving(only_when_full, output);
    if (leaving.empty()) return {};
    if (!output.events.empty() || !output.refusals.empty()) WEERBAAR_TRY(deliver_(leaving.front().source, output));
    leave(leaving);
  }
}

// Traces of one source, as many as are delivered at once. They stay until leave().
std::vector<WaitingRoom::Leaving> WaitingRoom::next_leaving(bool only_when_full, ingest::Output& output) {
  const std::lock_guard lock(mutex_);
  std::vector<Leaving> leaving;
  if (is_full()) return leaving_of_largest(output);
  if (only_when_full) return leaving;
  const Time now = options_.clock();
  for (auto& [name, source] : sources_) {
    const Time quiet_since = before(now, source.join_within_micros);
    for (auto& made : source.pending.due(quiet_since, kEventsAtOnce, output)) {
      leaving.push_back({name, std::move(made)});
    }
    if (!leaving.empty()) break;
  }
  return leaving;
}

// Of the source that takes most of what there is too much of, those that are missed least. When all is more than there
// may be, that source has more than an equal share; it gives no more than what it has above its share, so that the
// others, who keep within theirs, never pay for it.
std::vector<WaitingRoom::Leaving> WaitingRoom::leaving_of_largest(ingest::Output& output) {
  const bool by_bytes = taken().bytes > options_.bytes_max;
  const size_t most = by_bytes ? options_.bytes_max : options_.records_max;
  const auto taken_by = [by_bytes](const Sources::value_type& source) {
    return by_bytes ? source.second.pending.bytes() : source.second.pending.records();
  };
  const auto from = std::ranges::max_element(sources_, {}, taken_by);
  const auto sharing = std::ranges::count_if(sources_, [&](const auto& source) { return taken_by(source) > 0; });
  std::vector<Leaving> leaving;
  if (from == sources_.end() || sharing == 0) return leaving;
  const size_t share = (most - most / kPartMadeFree) / static_cast<size_t>(sharing);
  const size_t above = taken_by(*from) - std::min(taken_by(*from), share);
  const size_t wanted = std::max<size_t>(1, std::min(most / kPartMadeFree, above));
  const otlp::PendingTraces::Room room{by_bytes ? wanted : 0, by_bytes ? 0 : wanted};
  for (auto& made : from->second.pending.oldest(room, kEventsAtOnce, output)) {
    leaving.push_back({from->first, std::move(made)});
  }
  return leaving;
}

// What they gave is durable.
void WaitingRoom::leave(const std::vector<Leaving>& leaving) {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const Leaving& one : leaving) {
    otlp::PendingTraces& pending = sources_.find(one.source)->second.pending;
    totals_.joined += one.made.wholes;
    totals_.expired += one.made.left;
    if (pending.remove(one.made)) {
      text += gone_line(one.source, hex(one.made.trace));
    } else {
      // Something came meanwhile, and what there was need not come again.
      pending.told(one.made);
    }
  }
  // Nobody waits for it: what is read again after a crash comes out again, and the trail knows it.
  [[maybe_unused]] const auto ignored = file_.add(text);
}

// Takes from the file what waits no more, when that is more than what does.
Status WaitingRoom::shrink() {
  std::function<Status()> replace;
  {
    const std::lock_guard lock(mutex_);
    size_t records = 0;
    uint64_t live = 0;
    for (const auto& [name, source] : sources_) {
      records += source.pending.records();
      live += source.pending.json_bytes() + source.pending.records() * kLineOverhead;
    }
    const uint64_t size = file_.size();
    const bool is_worth_it = size > 2 * live + kFileBytesLeft || (records == 0 && size > 0);
    if (!is_worth_it && !file_.must_be_replaced()) return {};
    replace = file_.replace(lines());
  }
  return replace();
}

std::string WaitingRoom::lines() const {
  std::string text;
  for (const auto& [name, source] : sources_) {
    source.pending.for_each([&](std::string_view json, Time came) { text += waiting_line(name, came, json); });
  }
  return text;
}

void WaitingRoom::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, options_.look_every, [this] { return finished_; })) return;
    }
    // What failed is tried again; that the disk fails is told by those who write to it.
    if (!release_due()) continue;
  }
}

Status WaitingRoom::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return {};
    finished_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  return file_.wait(file_.add(""));
}

WaitingRoom::Totals WaitingRoom::totals() const {
  const std::lock_guard lock(mutex_);
  Totals totals = totals_;
  for (const auto& [name, source] : sources_) {
    totals.records += source.pending.records();
    totals.bytes += source.pending.bytes();
    totals.traces += source.pending.open_traces();
  }
  return totals;
}

}  // namespace weerbaar::service
