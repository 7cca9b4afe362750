// The parts of an access event as they stand in its canonical entry (docs/formats/entry.md), found without looking into
// them: what many entries have in common is then one text to look up.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "trail/format/entry.h"

namespace weerbaar::trail {

struct EntryParts {
  std::string_view id;
  Time time;
  int64_t received_ms = 0;
  uint16_t period = 0;
  // Encoded: keys and their values.
  std::string_view actor;     // keys 5–8
  std::string_view shape;     // keys 9–16
  std::string_view subjects;  // the value of key 17; empty without
  std::string_view rest;      // keys 18–31
};

// False when the bytes do not even look like an event. Whether they are canonical is not checked, only that nothing
// outside them is read: who uses it compares what becomes of the parts with the entry. Views point into `entry`.
bool split_entry(ByteView entry, EntryParts& parts);

// The parts, read; what is not canonical gives any value.
StoredActor actor_in(std::string_view part);
StoredShape shape_in(std::string_view part);
void subjects_in(std::string_view part, std::vector<StoredSubject>& subjects);

// A field of the keys 18–31. Its value: a number, a text, or for attributes all of the encoded map.
struct RestField {
  int64_t key = 0;
  uint64_t number = 0;
  std::string_view text;
};
// Takes the first field off `rest`, which is not empty.
RestField take_field(std::string_view& rest);
bool has_field(std::string_view rest, int64_t key);

}  // namespace weerbaar::trail
