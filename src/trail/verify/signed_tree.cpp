#include "trail/verify/signed_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "trail/format/merkle.h"
#include "trail/verify/inventory.h"

namespace weerbaar::trail {
namespace {

void check_gap(const Part* previous, const Part& part, ProblemList& problems) {
  const uint64_t expected = previous == nullptr ? 0 : previous->number + 1;
  if (part.number == expected) return;
  // Behind a tail only a tail can have been.
  const bool was_tail = previous != nullptr && !previous->sealed;
  const auto path = [was_tail](uint64_t number) { return was_tail ? tail_path(number) : segment_path(number); };
  std::string what = fmt::format("missing, with entries {} to {}", expected * kSegmentEntries, part.first_index() - 1);
  if (part.number - expected > 1) what += fmt::format(", as are the files up to {}", path(part.number - 1));
  problems.add(path(expected), std::move(what));
}

// Whether the part could be read so far that it says something about its place.
bool is_readable(const Part& part) {
  return part.sealed ? part.stated.has_value() : part.root.has_value() && part.entries > 0;
}

}  // namespace

std::optional<Hash> SignedTree::root(uint64_t size, Basis basis) const {
  const uint64_t full = size / kSegmentEntries;
  const uint64_t rest = size % kSegmentEntries;
  if (parts_.size() < full + (rest > 0 ? 1 : 0)) return std::nullopt;
  // A part is a complete subtree, so the tree over parts continues that over entries; the last may be incomplete.
  std::vector<Hash> roots;
  for (uint64_t number = 0; number < full; ++number) {
    const Part& part = parts_[number];
    const std::optional<Hash>& root = basis == Basis::kStatedBySegments && part.stated ? part.stated : part.root;
    if (part.number != number || part.entries != kSegmentEntries || !root) return std::nullopt;
    roots.push_back(*root);
  }
  if (rest > 0) {
    const Part& part = parts_[full];
    const auto prefix = std::ranges::find(part.prefixes, rest, &PrefixRoot::entries);
    const bool is_whole = part.entries == rest;
    if (part.number != full || (is_whole ? !part.root : prefix == part.prefixes.end())) return std::nullopt;
    roots.push_back(is_whole ? *part.root : prefix->root);
  }
  return tree_root(roots);
}

void SignedTree::check(const Statement& statement, ProblemList& problems, ProblemList& notes) const {
  const uint64_t signed_size = statement.checkpoint.size.value();
  if (signed_size > size()) {
    problems.add(statement.where,
                 fmt::format("entries are missing: it signs {}, and the trail holds {}", signed_size, size()));
    return;
  }
  const std::optional<Hash> recomputed = root(signed_size, Basis::kRecomputed);
  if (recomputed == statement.checkpoint.root) return;
  const bool stated_is_signed = root(signed_size, Basis::kStatedBySegments) == statement.checkpoint.root;
  if (recomputed) {
    problems.add(
        statement.where,
        fmt::format("it signs another tree of {} entries than the trail holds: {}{}", signed_size, statement.otherwise,
                    stated_is_signed ? ". The heads of the segments still state the tree that was signed: no "
                                       "other entries were changed than those named below"
                                     : ""));
  } else if (stated_is_signed) {
    notes.add(statement.where,
              "it cannot be recomputed because of the damage named; what the heads of the segments "
              "state is the tree that it signs, so all other entries are as they were signed");
  } else {
    problems.add(statement.where, "it cannot be checked, because files are missing or damaged");
  }
}

void check_sequence(std::span<const Part> parts, ProblemList& problems) {
  const Part* previous = nullptr;
  uint64_t signed_before = 0;
  for (const Part& part : parts) {
    check_gap(previous, part, problems);
    if (previous != nullptr && !previous->sealed && part.sealed) {
      problems.add(segment_path(previous->number),
                   "missing: its entries are in the tail, and a later segment is there");
    }
    if (previous != nullptr && !previous->sealed && previous->root && previous->entries < kSegmentEntries) {
      problems.add(previous->path(), fmt::format("entries {} to {} are missing: later ones follow", previous->end(),
                                                 previous->first_index() + kSegmentEntries - 1));
    }
    if (is_readable(part)) {
      if (part.signed_size < signed_before) {
        problems.add(part.path() + ", head", fmt::format("it states that {} entries were signed before, and an earlier "
                                                         "file states {}: one of them was changed",
                                                         part.signed_size, signed_before));
      }
      signed_before = std::max(signed_before, part.signed_size);
    }
    previous = &part;
  }
}

}  // namespace weerbaar::trail
