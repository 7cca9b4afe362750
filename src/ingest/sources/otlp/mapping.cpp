#include "ingest/sources/otlp/mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/toml.h"
#include "domain/access_event.h"

namespace weerbaar::ingest::otlp {
namespace {

// Errors with the place in the file.
class MappingReader {
 public:
  explicit MappingReader(std::string_view file) : file_(file.empty() ? "the mapping" : file) {}

  Result<Mapping> read(std::string_view text);

 private:
  std::unexpected<Error> wrong(const toml::source_region& at, std::string_view what) const {
    return fail(Code::kInvalid, fmt::format("{}:{}:{}: {}", file_, at.begin.line, at.begin.column, what));
  }
  [[nodiscard]] Result<std::string> name(std::string_view key, const toml::node& value) const;
  [[nodiscard]] Result<bool> truth(std::string_view key, const toml::node& value) const;
  [[nodiscard]] Result<std::vector<std::string>> actor_attributes(const toml::node& value) const;

  std::string_view file_;
};

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<std::string> MappingReader::name(std::string_view key, const toml::node& value) const {
  const auto* text = value.as_string();
  if (text == nullptr || text->get().empty() || text->get().size() > kNameBytesMax || has_control(text->get())) {
    return wrong(value.source(),
                 fmt::format("{} must be a text of 1 to {} bytes without control characters", key, kNameBytesMax));
  }
  return text->get();
}

Result<bool> MappingReader::truth(std::string_view key, const toml::node& value) const {
  const auto* flag = value.as_boolean();
  if (flag == nullptr) return wrong(value.source(), fmt::format("{} must be true or false", key));
  return flag->get();
}

Result<std::vector<std::string>> MappingReader::actor_attributes(const toml::node& value) const {
  const auto* array = value.as_array();
  if (array == nullptr || array->empty() || array->size() > kActorAttributesMax) {
    return wrong(value.source(), fmt::format("actor_attributes must be an array of 1 to {} attribute names, such as "
                                             "[\"enduser.id\"]",
                                             kActorAttributesMax));
  }
  std::vector<std::string> names;
  for (const toml::node& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr || text->get().empty() || text->get().size() > kIdBytesMax) {
      return wrong(item.source(),
                   fmt::format("actor_attributes holds names of attributes: texts of 1 to {} bytes", kIdBytesMax));
    }
    if (std::ranges::find(names, text->get()) != names.end()) {
      return wrong(item.source(), "actor_attributes names an attribute twice: remove one");
    }
    names.push_back(text->get());
  }
  return names;
}

Result<Mapping> MappingReader::read(std::string_view text) {
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(text, file_));
  Mapping mapping;
  for (const auto& [key, value] : table) {
    if (key.str() == "source") {
      WEERBAAR_ASSIGN(mapping.source, name("source", value));
    } else if (key.str() == "system") {
      WEERBAAR_ASSIGN(mapping.system, name("system", value));
    } else if (key.str() == "actor_attributes") {
      WEERBAAR_ASSIGN(mapping.actor_attributes, actor_attributes(value));
    } else if (key.str() == "halves_may_come_alone") {
      WEERBAAR_ASSIGN(mapping.halves_may_come_alone, truth("halves_may_come_alone", value));
    } else if (key.str() == "spans_may_hold_several") {
      WEERBAAR_ASSIGN(mapping.spans_may_hold_several, truth("spans_may_hold_several", value));
    } else {
      return wrong(key.source(),
                   "an unknown key: there are source, system, actor_attributes, halves_may_come_alone and "
                   "spans_may_hold_several");
    }
  }
  return mapping;
}

}  // namespace

Result<Mapping> read_mapping(const SourceOptions& options) {
  if (options.mapping.empty()) return Mapping{};
  return MappingReader(options.mapping_name).read(options.mapping);
}

}  // namespace weerbaar::ingest::otlp
