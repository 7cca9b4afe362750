// The accesses of a trail as the judge sees them: symbols in place of pseudonyms and texts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "examine/purpose/identities.h"
#include "examine/purpose/judge.h"
#include "trail/format/entry.h"
#include "trail/format/segment.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"

namespace weerbaar::purpose {

// Which entries of a trail are looked at, beside those of a range of time.
struct Portion {
  uint64_t end = UINT64_MAX;  // those before it: the trail as it was at that size
  std::string_view source;    // only accesses of this one, or all but those; empty: of every source
  bool is_of_source = false;  // only those
};

// Accesses that were read together, in the order of the trail.
struct AccessBatch {
  std::vector<uint64_t> indexes;  // of the entries
  std::vector<uint16_t> periods;  // by whose keys they were written
  std::vector<Access> accesses;
  // Who looked at whom: a hash of both for each subject of each access, whatever the account and the period. Who looked
  // is the employee; where no fact knows that one, the one on whose behalf it was done, where facts know that one; else
  // it is the account.
  std::vector<uint64_t> pairs;

  void clear();

 private:
  friend class AccessReader;
  std::vector<Symbol> subjects_;
  std::vector<Symbol> data_;
};

// The pseudonyms of one period after another, worked out when they are first needed. Thread-safe.
class PeriodIdentities {
 public:
  // Both must outlive it.
  PeriodIdentities(FactBase& facts, trail::KeyStore& keys) : facts_(facts), keys_(keys) { index_accounts(facts); }

  // Null for a period whose key was destroyed: its accesses can no longer be judged. Errors of KeyStore::period().
  Result<std::shared_ptr<const Identities>> of(trail::Period period);

 private:
  // Events are mostly in the order of time, so that few are needed at once; each takes some tens of bytes an employee.
  static constexpr size_t kKept = 3;

  FactBase& facts_;
  trail::KeyStore& keys_;
  std::mutex mutex_;
  std::map<trail::Period, std::shared_ptr<const Identities>> kept_;
};

// One thread's. What it reads is whole: kCorrupt names what is damaged. Of a batch it takes some hundred bytes an
// access and 12 bytes a subject; beside it, what trail::Segment takes and 16 bytes for each subject that a segment
// names.
class AccessReader {
 public:
  AccessReader(const trail::Trail& trail, const FactBase& facts, PeriodIdentities& identities,
               const trail::TimeRange& range, const Portion& portion)
      : trail_(trail), facts_(facts), identities_(identities), range_(range), portion_(portion) {}

  // An access to a thousand persons is judged for each of them: so a batch ends with the access that reaches this.
  static constexpr size_t kSubjectsOfBatch = size_t{1} << 18U;

  // Goes to a sealed segment, or to the entries of a tail, which must outlive the reading.
  Status open_segment(uint64_t number);
  Status open_tail(const trail::OpenTail& tail);
  // Replaces `batch` by the next accesses there that are looked at. True when more follow.
  Result<bool> read(AccessBatch& batch);
  // Lets go of the memory of what was not read to its end.
  void close();
  // Replaces it by the access of one event, whenever it was; by none when its key is destroyed.
  Status read_event(const trail::StoredEvent& event, AccessBatch& batch);
  // Accesses in the range that it met under keys that are destroyed.
  [[nodiscard]] uint64_t unreadable() const { return unreadable_; }

 private:
  struct KnownActor {
    ActorSymbols symbols;
    uint64_t hash = 0;
  };
  // What the rows of the tables of a segment are, in one period.
  struct Tables {
    std::shared_ptr<const Identities> identities;  // null: the key is destroyed
    std::vector<KnownActor> actors;
    std::vector<KnownActor> others;  // on whose behalf they act, by item of the column
    std::vector<Identities::Known> subjects;
    std::vector<uint32_t> wanted;  // subjects that accesses name
  };
  struct Application {
    Symbol system = kNoSymbol;
    Symbol activity = kNoSymbol;
    uint32_t data_begin = 0;
    uint32_t data_end = 0;
  };
  // What columns ordered by actor say of an access. They are read in the order of arrival, in which a column alone
  // would wait for memory.
  struct Place {
    uint32_t application = 0;
    uint32_t list = 0;
    uint32_t other_up = 0;  // the item of on whose behalf it is done, and one; 0: nobody's
    Symbol claimed_case = kNoSymbol;
    Action action = Action::kRead;
    bool break_glass = false;
    bool reason = false;
  };
  // A row of a segment that is an access in the range, and can be read.
  struct Row {
    uint32_t number;
    uint32_t actor;
    uint16_t period;
    Tables* tables;
    Place place;
    std::span<const uint32_t> subjects;  // codes
  };
  // What is looked up for a tail once all of it is read.
  struct Pending {
    std::shared_ptr<const Identities> identities;
    std::vector<trail::StoredSubject> subjects;
    std::vector<size_t> places;     // in the batch
    std::vector<uint64_t> lookers;  // at each
  };

  [[nodiscard]] bool is_looked_at(std::string_view source) const {
    return portion_.source.empty() || (source == portion_.source) == portion_.is_of_source;
  }
  [[nodiscard]] bool has_looked_at(const trail::Segment& segment) const;
  void begin(AccessBatch& batch);
  void finish(AccessBatch& batch) const;
  [[nodiscard]] size_t entries_of_tail() const;
  void read_rows(AccessBatch& batch);
  Status read_entries(AccessBatch& batch);
  static std::vector<KnownActor> find_actors(const Identities& identities, std::span<const std::string_view> ids);
  // Sets the employee, and on whose behalf; gives the hash of who looks.
  static uint64_t set_actor(const Identities& identities, const KnownActor& actor, const KnownActor* other,
                            Access& access);
  Result<Tables*> tables_of(const trail::Segment& segment, uint16_t period);
  void read_applications(const trail::Segment& segment, AccessBatch& batch);
  void read_symbols(facts::Kind kind, const trail::TextColumn& column, std::vector<Symbol>& symbols);
  void read_places(const trail::Segment& segment);
  Status choose_rows(const trail::Segment& segment);
  void find_wanted(const trail::Segment& segment, Tables& tables);
  void add_row(const trail::Segment& segment, const Row& row, AccessBatch& batch);
  Status add_event(const trail::StoredEvent& event, AccessBatch& batch);
  void find_pending(AccessBatch& batch);
  Application application_of(const trail::StoredShape& shape, AccessBatch& batch) const;

  const trail::Trail& trail_;
  const FactBase& facts_;
  PeriodIdentities& identities_;
  const trail::TimeRange range_;
  const Portion portion_;
  uint64_t unreadable_ = 0;
  size_t next_ = 0;                        // of rows_, or of the entries of the tail
  const trail::OpenTail* tail_ = nullptr;  // that at hand; null: it is a segment
  // Of the segment at hand.
  uint64_t number_ = 0;
  std::shared_ptr<const trail::Segment> segment_;
  std::map<uint16_t, Tables> tables_;  // by period
  std::vector<bool> is_looked_at_;     // by application
  std::vector<Application> applications_;
  std::vector<Symbol> units_;      // by actor
  std::vector<Symbol> functions_;  // by actor
  std::vector<Place> places_;
  std::vector<Row> rows_;
  // Of the batch of a tail.
  std::map<uint16_t, Pending> pending_;  // by period
  std::vector<std::string_view> cases_;  // of each access in the batch
  // Of the batch.
  std::vector<uint32_t> subject_ends_;  // of each access
  std::vector<Application> used_;       // of each access
  // Memory that serves again.
  std::vector<Symbol> symbols_;
  std::vector<std::string_view> texts_;
  std::vector<trail::StoredSubject> stored_;
  std::vector<Identities::Known> known_;
};

}  // namespace weerbaar::purpose
