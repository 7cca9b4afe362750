// The words of the statement in each language.
#pragma once

#include <array>
#include <string_view>

#include "trail/package/statement.h"

namespace weerbaar::trail {

// Texts with {} are fmt patterns; what goes in is named behind them.
struct Words {
  std::string_view title;
  std::string_view made;        // maker, time
  std::string_view log;         // origin
  std::string_view tree;        // size, root
  std::string_view key;         // verifier key
  std::string_view identities;  // how people are shown
  std::string_view pseudonyms;
  std::string_view count;  // entries, accesses
  std::string_view times;
  std::string_view entries;  // heading
  std::string_view access;   // index
  std::string_view record;   // index
  std::string_view time;     // when it happened, when it was taken in
  std::string_view future;
  std::string_view other_mark;  // its name
  std::string_view who;
  std::string_view function;
  std::string_view unit;
  std::string_view on_behalf_of;
  std::string_view what;
  std::string_view component;
  std::string_view whose;
  std::string_view role;
  std::string_view nobody;
  std::string_view data;
  std::string_view records;
  std::string_view purpose;
  std::string_view case_id;
  std::string_view processing_activity;
  std::string_view legal_basis;
  std::string_view reason;
  std::string_view break_glass;
  std::string_view no_purpose;
  std::string_view query;
  std::string_view outcome;
  std::string_view workplace;
  std::string_view terminal;
  std::string_view ip;
  std::string_view location;
  std::string_view source;  // source, id of the event
  std::string_view withheld;
  std::string_view shown_as_pseudonyms;
  std::string_view record_type;
  std::string_view record_body;
  std::string_view range;      // of an answer: from, to
  std::string_view beginning;  // where there is no from
  std::string_view end;        // where there is no to
  std::string_view pseudonym;
  std::string_view no_accesses;
  std::string_view records_used;    // heading
  std::string_view record_line;     // index, type, when it was taken in, body
  std::string_view proven;          // heading
  std::string_view proven_entries;  // origin, size
  std::string_view proven_signature;
  std::string_view proven_complete;  // accesses, size, indexes, entries that these are over
  std::string_view not_covered;      // periods
  std::string_view assumed;          // heading
  std::string_view assumed_key;
  std::string_view assumed_identities;
  std::string_view assumed_pseudonyms;
  std::string_view assumed_source;
  std::string_view assumed_complete;
  std::string_view assumed_indexes;
  std::string_view assumed_person;
  std::string_view assumed_maker;
  std::string_view neighbours;
  std::string_view check;
  std::array<std::string_view, 3> actor_types;
  std::array<std::string_view, 12> actions;
  std::array<std::string_view, 7> subject_types;
  std::array<std::string_view, 3> outcomes;
};

const Words& words_of(Language language);

}  // namespace weerbaar::trail
