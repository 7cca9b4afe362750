#include "trail/verify/segment_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "trail/verify/segment_entries.h"

namespace weerbaar::trail {
namespace {

class TablesCheck {
 public:
  TablesCheck(const Segment& segment, Part& part) : segment_(segment), part_(part) {}

  void run() {
    const SegmentHeader& header = segment_.header();
    check_order(Section::kActorId, header.actors, [&](uint64_t code) { return segment_.actor(code); });
    check_order(Section::kSubjectType, header.subjects, [&](uint64_t code) { return segment_.subject(code); });
    if (header.version == 1) {
      check_order(Section::kApplicationSource, header.applications,
                  [&](uint64_t code) { return segment_.shape(code, code); });
    } else {
      check_order(Section::kApplicationSource, header.applications,
                  [&](uint64_t code) { return segment_.application(code); });
      check_order(Section::kOperationAction, header.operations, [&](uint64_t code) { return operation(code); });
      check_order_of_lists();
    }
    check_use();
  }

 private:
  using Operation = std::tuple<Action, std::string_view, Outcome>;

  [[nodiscard]] Operation operation(uint64_t code) const {
    const StoredShape shape = segment_.operation(code);
    return {shape.action, shape.component, shape.outcome};
  }

  template <class RowOf>
  void check_order(Section section, uint64_t rows, const RowOf& row_of) {
    if (rows == 0) return;
    auto before = row_of(0);
    for (uint64_t row = 1; row < rows; ++row) {
      auto here = row_of(row);
      if (!(before < here)) {
        tell_order(section, row);
        return;
      }
      before = std::move(here);
    }
  }

  void check_order_of_lists() {
    std::vector<StoredSubject> before;
    std::vector<StoredSubject> here;
    for (uint64_t list = 0; list < segment_.lists(); ++list) {
      const auto [first, end] = segment_.items_of(list);
      here.clear();
      for (uint32_t item = first; item < end; ++item) here.push_back(segment_.item(item));
      if (list > 0 && !std::ranges::lexicographical_compare(before, here)) {
        tell_order(Section::kListLength, list);
        return;
      }
      std::swap(before, here);
    }
  }

  void check_use() {
    const SegmentHeader& header = segment_.header();
    tell_unused(Section::kActorId, used(Section::kActorCode, header.actors));
    tell_unused(Section::kApplicationSource, used(Section::kApplicationCode, header.applications));
    if (header.version != 1) {
      tell_unused(Section::kOperationAction, used(Section::kOperationCode, header.operations));
      tell_unused(Section::kListLength, used(Section::kListCode, header.lists));
    }
    // Lists that are not used were told: the subjects in them are.
    std::vector<uint8_t> subjects(header.subjects);
    for (uint64_t list = 0; list < segment_.lists(); ++list) {
      for (const uint32_t subject : segment_.subjects_in(list)) subjects[subject] = 1;
    }
    tell_unused(Section::kSubjectType, subjects);
  }

  // Which of the codes occur in a column; each 0 or 1.
  [[nodiscard]] std::vector<uint8_t> used(Section section, uint64_t codes) const {
    std::vector<uint8_t> used(codes);
    segment_.integers(section).visit([&](uint64_t, std::span<const int64_t> values) {
      for (const int64_t value : values) used[static_cast<size_t>(value)] = 1;
    });
    return used;
  }

  void tell_order(Section section, uint64_t row) {
    part_.problems.add(section_path(part_, section),
                       fmt::format("the table does not ascend in row {}: a search, and an index made from it, would be "
                                   "misled",
                                   row));
  }
  void tell_unused(Section section, const std::vector<uint8_t>& used) {
    const auto unused = std::ranges::find(used, 0);
    if (unused == used.end()) return;
    part_.problems.add(section_path(part_, section),
                       fmt::format("row {} of the table belongs to no entry", unused - used.begin()));
  }

  const Segment& segment_;
  Part& part_;
};

}  // namespace

void check_tables(const Segment& segment, Part& part) {
  TablesCheck(segment, part).run();
}

}  // namespace weerbaar::trail
