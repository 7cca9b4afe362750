#include "ingest/intake.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "domain/access_event_json.h"
#include "domain/identifiers.h"

namespace weerbaar::ingest {
namespace {

constexpr std::string_view kBsnInvalid = "bsn_invalid";
constexpr std::string_view kRsinInvalid = "rsin_invalid";
constexpr uint64_t kLineUnknown = 0;

bool breaks_eleven_test(const Subject& subject) {
  return (subject.type == SubjectType::kBsn || subject.type == SubjectType::kRsin) && !is_bsn(subject.id);
}

// A source that uses the key itself is overruled: we have looked.
void mark(std::vector<Attribute>& attributes, std::string_view key) {
  const auto found = std::ranges::find(attributes, key, &Attribute::key);
  if (found == attributes.end()) {
    attributes.push_back({key, "true"});
  } else {
    found->value = "true";
  }
}

// True when the event was changed.
bool demote_invalid_subjects(EventBatch& batch, AccessEvent& event) {
  if (std::ranges::none_of(event.subjects, breaks_eleven_test)) return false;
  std::vector<Subject> subjects(event.subjects.begin(), event.subjects.end());
  std::vector<Attribute> attributes(event.attributes.begin(), event.attributes.end());
  for (Subject& subject : subjects) {
    if (!breaks_eleven_test(subject)) continue;
    mark(attributes, subject.type == SubjectType::kBsn ? kBsnInvalid : kRsinInvalid);
    subject.type = SubjectType::kOther;
  }
  event.subjects = batch.keep(std::span<const Subject>(subjects));
  event.attributes = batch.keep(std::span<const Attribute>(attributes));
  return true;
}

}  // namespace

Intake::Intake(std::string input, Source& source, Sink sink, RefusalKeeper& quarantine)
    : input_(std::move(input)), source_(source), sink_(std::move(sink)), quarantine_(quarantine) {}

// Applies the rules for all sources; moves the events that pass to the front and returns how many they are.
size_t Intake::check_events() {
  const std::span<AccessEvent> events = output_.events.events();
  const bool all_checked = output_.accepted == events.size();
  size_t good = 0;
  for (AccessEvent& event : events) {
    const bool changed = demote_invalid_subjects(output_.events, event);
    Status status;
    if (!all_checked || changed) status = validate(event);
    if (!status) {
      // The adapter let it through, so its line is not known; its content is.
      output_.refusals.push_back({kLineUnknown, std::move(status.error().text), to_json(event)});
      continue;
    }
    if (&events[good] != &event) events[good] = event;
    ++good;
  }
  return good;
}

Status Intake::give(EventBatch& events) {
  const size_t count = events.size();
  WEERBAAR_TRY(sink_(events));
  counts_.accepted += count;
  return {};
}

Status Intake::hand_on() {
  const size_t good = check_events();
  for (const Refusal& refusal : output_.refusals) {
    WEERBAAR_TRY(quarantine_.add(refusal, input_));
    ++counts_.refused;
  }
  output_.refusals.clear();
  output_.accepted = 0;
  if (good == output_.events.size() && good <= kBatchEventsMax) {
    if (good > 0) WEERBAAR_TRY(give(output_.events));
  } else {
    const std::span<const AccessEvent> events = output_.events.events();
    for (size_t at = 0; at < good; at += kBatchEventsMax) {
      piece_.clear();
      for (const AccessEvent& event : events.subspan(at, std::min(kBatchEventsMax, good - at))) piece_.add_copy(event);
      WEERBAAR_TRY(give(piece_));
    }
  }
  output_.events.clear();
  counts_.records += std::exchange(output_.records, 0);
  if (numbers_ != nullptr) numbers_->insert(numbers_->end(), output_.numbers.begin(), output_.numbers.end());
  output_.numbers.clear();
  return {};
}

Status Intake::feed(std::string_view bytes) {
  if (stopped_) return fail(Code::kStopped, "intake stopped after an earlier failure: give the input again");
  counts_.bytes_read += bytes.size();
  source_.feed(bytes, output_);
  Status status = hand_on();
  stopped_ = !status;
  return status;
}

Status Intake::finish() {
  if (stopped_) return fail(Code::kStopped, "intake stopped after an earlier failure: give the input again");
  stopped_ = true;
  source_.finish(output_);
  WEERBAAR_TRY(hand_on());
  return quarantine_.sync();
}

ReadBytes read_from(std::shared_ptr<os::File> file) {
  return [file = std::move(file), at = uint64_t{0}](std::span<uint8_t> buffer) mutable -> Result<size_t> {
    WEERBAAR_ASSIGN(const size_t size, file->read_at(at, buffer));
    at += size;
    return size;
  };
}

Status take_in(const ReadBytes& read, Intake& intake) {
  std::vector<uint8_t> chunk(kChunkBytes);
  while (true) {
    WEERBAAR_ASSIGN(const size_t size, read(chunk));
    if (size == 0) return intake.finish();
    WEERBAAR_TRY(intake.feed(as_text(ByteView(chunk).first(size))));
  }
}

}  // namespace weerbaar::ingest
