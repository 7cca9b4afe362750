// Makes access events from the cells of records, by the rules of a mapping.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "ingest/sources/delimited/mapping.h"
#include "ingest/sources/delimited/record_ids.h"

namespace weerbaar::ingest::delimited {

class EventMaker {
 public:
  // `mapping` must outlive this.
  explicit EventMaker(const Mapping& mapping);

  // `cells`: the texts of Mapping::columns, UTF-8, kept in `batch`; `raw`: the record as it came. The event's texts are
  // kept in `batch`, to which it is not added yet. kInvalid names the column and the remedy, never the content.
  Result<AccessEvent> make(std::string_view raw, std::span<const std::string_view> cells, EventBatch& batch);

 private:
  using Cells = std::span<const std::string_view>;

  // What a rule gives: the text of the cells, or what the mapping has in its place.
  struct Found {
    std::string_view cell;
    const Texts* texts = nullptr;

    [[nodiscard]] std::string_view text() const {
      if (texts == nullptr) return cell;
      return texts->empty() ? std::string_view() : std::string_view(texts->front());
    }
    // text() in the memory of the batch; the text of a cell is there already.
    [[nodiscard]] std::string_view kept(EventBatch& batch) const {
      return texts == nullptr ? cell : batch.keep(text());
    }
  };

  [[nodiscard]] std::string columns_of(const Rule& rule) const;
  [[nodiscard]] std::unexpected<Error> refused(std::string_view field, const Rule& rule, std::string_view reason) const;
  std::string_view join(const Rule& rule, Cells cells);
  Result<Found> find(std::string_view field, const Rule& rule, Cells cells, EventBatch& batch);

  Status set_id(std::string_view raw, AccessEvent& event, EventBatch& batch);
  Status set_time(Cells cells, AccessEvent& event);
  Status set_data(Cells cells, AccessEvent& event, EventBatch& batch);
  Status set_subjects(Cells cells, AccessEvent& event, EventBatch& batch);
  Status set_attributes(Cells cells, AccessEvent& event, EventBatch& batch);
  Result<std::string_view> attribute_value(const AttributeRule& attribute, const Found& found, EventBatch& batch);

  const Mapping& mapping_;
  std::optional<RecordIds> ids_;
  // Kept between records for their memory.
  std::string joined_;
  std::vector<Subject> subjects_;
  std::vector<std::string_view> data_;
  std::vector<Attribute> attributes_;
};

}  // namespace weerbaar::ingest::delimited
