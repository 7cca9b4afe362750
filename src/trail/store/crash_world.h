// For tests only: a trail that is used, interrupted and judged by what the world was told about it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "os/file_system.h"
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"

namespace weerbaar::trail::testing {

// Event `number`: small, and always the same. Every third id counts, the others do not.
void add_plain_event(uint64_t number, EventBatch& batch);

// All files and directories below `directory`, durably.
void copy_files(os::FileSystem& from, os::FileSystem& to, const std::string& directory);

// One life of a trail and its keys, in "data": the calls below act as a program would, and whatever they are told is
// remembered. Each gives the error of the trail; the next call is then leave().
class World {
 public:
  struct Settings {
    uint64_t index_merge_width = kIndexMergeWidth;
    bool seal_in_background = false;
    uint64_t old_events_step = 1;  // of the events from before the last 1,000, every which is sent again
  };

  explicit World(Settings settings) : settings_(settings) {}
  // Another life with the same past: for a copy of the files. `other` has left.
  World(const World& other, Settings settings);

  Status create(os::FileSystem& files);
  Status open(os::FileSystem& files);
  Status append(uint64_t events);
  Status append_record();
  Status sign();
  Status finish_sealing();
  // The process ends: nothing of it is left but its files.
  void leave();

  // Both give the claims that do not hold, in words: none is what we want. The first opens what is there now, sends
  // again what was under way, signs, and leaves, as a source and a program that start again do. The second also sends
  // every event again, and looks at all that is there.
  std::vector<std::string> carry_on(os::FileSystem& files);
  std::vector<std::string> judge(os::FileSystem& files);

  [[nodiscard]] const Trail& trail() const { return *trail_; }
  [[nodiscard]] uint64_t acknowledged() const { return entries_.size(); }
  // Ever sent; at least those acknowledged, records aside.
  [[nodiscard]] uint64_t sent() const { return sent_; }
  // Bytes that opening found torn off, over the life of this world.
  [[nodiscard]] uint64_t torn_bytes() const { return torn_bytes_; }

 private:
  [[nodiscard]] TrailOptions options(os::FileSystem& files) const;
  Status stopped(const Error& error);
  void acknowledge();
  void complain(std::string text) { complaints_.push_back(std::move(text)); }

  bool reopen(os::FileSystem& files);
  void check_entries();
  void check_content(uint64_t index, const Bytes& bytes, const std::string& wanted);
  void check_roots();
  void check_segments();
  void check_indexes();
  [[nodiscard]] uint64_t after(uint64_t number) const;
  void send_again(uint64_t first);
  void sign_again(os::FileSystem& files);
  void check_each_once();

  Settings settings_;
  std::unique_ptr<KeyStore> keys_;
  std::unique_ptr<Trail> trail_;

  bool created_ = false;
  uint64_t sent_ = 0;
  std::vector<Bytes> entries_;          // acknowledged, as they were then
  std::vector<std::string> notes_;      // signed checkpoints that were returned
  std::vector<std::string> under_way_;  // what the last call writes: JSON of events, body of a record
  std::vector<Bytes> now_;              // all entries, as they are after opening again
  uint64_t torn_bytes_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace weerbaar::trail::testing
