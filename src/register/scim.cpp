#include "register/scim.h"

#include <fmt/format.h>

#include <optional>

#include "register/directory.h"
#include "register/json_items.h"
#include "register/letters.h"
#include "register/lists.h"

namespace weerbaar::facts {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
constexpr std::string_view kGroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
constexpr std::string_view kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
constexpr std::string_view kEmployee = "employeeNumber";
constexpr std::string_view kUnit = "department";

// Of which kind a resource is: by its schemas, else by its metadata.
Result<std::string_view> kind_of(dom::object resource) {
  WEERBAAR_ASSIGN(const auto schemas, find_array(resource, "schemas"));
  if (schemas) {
    for (const dom::element schema : *schemas) {
      std::string_view name;
      if (schema.get(name) != simdjson::SUCCESS) continue;
      for (const std::string_view known : {kUserSchema, kGroupSchema}) {
        if (is_same_name(name, known)) return known;
      }
    }
  }
  WEERBAAR_ASSIGN(const auto meta, find_object(resource, "meta"));
  if (meta) {
    WEERBAAR_ASSIGN(const std::string_view type, find_text(*meta, "resourceType"));
    if (is_same_name(type, "User")) return kUserSchema;
    if (is_same_name(type, "Group")) return kGroupSchema;
  }
  return fail(Code::kInvalid,
              "neither its schemas nor its meta.resourceType say that it is a User or a Group of SCIM 2.0");
}

// An attribute of the core schema, or of the enterprise extension.
Result<std::string_view> find_attribute(dom::object user, std::string_view name) {
  WEERBAAR_ASSIGN(const std::string_view core, find_text(user, name));
  if (!core.empty()) return core;
  WEERBAAR_ASSIGN(const auto enterprise, find_object(user, kEnterprise));
  if (!enterprise) return std::string_view();
  return find_text(*enterprise, name);
}

Result<Directory::Person> read_user(dom::object user, uint64_t place, const DeliveryMapping& mapping) {
  Directory::Person person;
  person.place = place;
  WEERBAAR_ASSIGN(person.id, find_text(user, "id"));
  WEERBAAR_ASSIGN(const std::string_view account, find_text(user, "userName"));
  if (!account.empty()) person.accounts.push_back({place, std::string(account)});
  WEERBAAR_ASSIGN(const auto active, find_member(user, "active"));
  if (active && active->get(person.is_active) != simdjson::SUCCESS) {
    return fail(Code::kInvalid, "\"active\" is neither true nor false");
  }
  const auto or_else = [](const std::string& name, std::string_view otherwise) {
    return name.empty() ? otherwise : std::string_view(name);
  };
  WEERBAAR_ASSIGN(person.employee, find_attribute(user, or_else(mapping.employee, kEmployee)));
  WEERBAAR_ASSIGN(person.unit, find_attribute(user, or_else(mapping.unit, kUnit)));
  WEERBAAR_ASSIGN(person.function, find_attribute(user, or_else(mapping.function, "title")));
  if (person.function.empty() && mapping.function.empty()) {
    WEERBAAR_ASSIGN(person.function, find_text(user, "userType"));
  }
  WEERBAAR_ASSIGN(person.name, find_text(user, "displayName"));
  WEERBAAR_ASSIGN(const auto name, find_object(user, "name"));
  if (name) {
    WEERBAAR_ASSIGN(person.surname, find_text(*name, "familyName"));
    if (person.name.empty()) {
      WEERBAAR_ASSIGN(person.name, find_text(*name, "formatted"));
    }
  }
  WEERBAAR_ASSIGN(const auto enterprise, find_object(user, kEnterprise));
  if (enterprise) {
    WEERBAAR_ASSIGN(const auto manager, find_object(*enterprise, "manager"));
    if (manager) {
      WEERBAAR_ASSIGN(const std::string_view id, find_text(*manager, "value"));
      if (!id.empty()) person.supervisors.push_back({place, std::string(id)});
    }
  }
  return person;
}

Result<Directory::Group> read_group(dom::object resource, uint64_t item) {
  Directory::Group group;
  group.place = item_place(item);
  WEERBAAR_ASSIGN(group.id, find_text(resource, "id"));
  WEERBAAR_ASSIGN(group.name, find_text(resource, "displayName"));
  if (group.name.empty()) return fail(Code::kInvalid, "the group has no displayName");
  WEERBAAR_ASSIGN(const auto members, find_array(resource, "members"));
  if (!members) return group;
  uint64_t part = 0;
  for (const dom::element element : *members) {
    dom::object member;
    if (element.get(member) != simdjson::SUCCESS) return fail(Code::kInvalid, "a member is no object");
    WEERBAAR_ASSIGN(const std::string_view id, find_text(member, "value"));
    if (id.empty()) return fail(Code::kInvalid, "a member has no value: it is the id of a User or a Group");
    group.members.push_back({item_place(item, ++part), std::string(id)});
  }
  return group;
}

// As bits.
enum class Found : uint8_t { kNeither = 0, kUser = 1, kGroup = 2, kEmptyPage = 4 };

// Whether the pages that came make whole lists (RFC 7644 section 3.4.2).
class Pages {
 public:
  explicit Pages(const DeliveryMapping& mapping) : lists_(mapping) {}

  Status take(const JsonItem& item, Found found) {
    if (found == Found::kEmptyPage) return lists_.end_page(0, true, std::nullopt);
    return lists_.take(item, static_cast<unsigned>(found));
  }
  Status add(const JsonPage& page) {
    WEERBAAR_ASSIGN(const auto total, page.find_count("totalResults"));
    WEERBAAR_ASSIGN(const auto first, page.find_count("startIndex"));
    const bool begins_list = !total || first.value_or(1) <= 1;
    if (!begins_list && *first != lists_.items() + 1) {
      return fail(Code::kInvalid, fmt::format("a page begins at resource {}, and {} was to follow: deliver all pages "
                                              "of a list in their order",
                                              *first, lists_.items() + 1));
    }
    return lists_.end_page(page.items, begins_list, total);
  }
  // No page follows.
  [[nodiscard]] Status end() const { return lists_.end(); }

 private:
  Lists lists_;
};

class Scim final : public DirectoryDelivery {
 public:
  Scim(std::string_view file, DeliveryMapping mapping)
      : DirectoryDelivery(std::move(mapping), kEmployee), file_(file) {}
  [[nodiscard]] std::string_view format() const override { return "scim"; }

 private:
  Status fill(Directory& directory, const Refuse& refuse) override {
    Pages pages(mapping());
    ItemParser parser;
    WEERBAAR_TRY(cut_json(
        file_, "Resources",
        [&](const JsonItem& item) -> Status {
          Found found = Found::kNeither;
          if (Status read = take(item, parser, directory, found); !read) {
            refuse({item_place(item.number), std::move(read.error().text), nullptr});
          }
          return pages.take(item, found);
        },
        [&](const JsonPage& page) { return pages.add(page); }));
    return pages.end();
  }

  Status take(const JsonItem& item, ItemParser& parser, Directory& directory, Found& found) const {
    WEERBAAR_ASSIGN(const dom::object resource, parser.parse(item.text));
    WEERBAAR_ASSIGN(const auto total, find_member(resource, "totalResults"));
    if (total) {
      found = Found::kEmptyPage;
      return check_empty_page(*total);
    }
    WEERBAAR_ASSIGN(const std::string_view kind, kind_of(resource));
    found = kind == kUserSchema ? Found::kUser : Found::kGroup;
    WEERBAAR_ASSIGN(const std::string_view id, find_text(resource, "id"));
    if (id.empty()) return fail(Code::kInvalid, "it has no id");
    if (found == Found::kUser) {
      WEERBAAR_ASSIGN(Directory::Person person, read_user(resource, item_place(item.number), mapping()));
      directory.add(std::move(person));
    } else {
      WEERBAAR_ASSIGN(Directory::Group group, read_group(resource, item.number));
      directory.add(std::move(group));
    }
    return {};
  }

  // A list without results may leave its Resources out.
  static Status check_empty_page(dom::element total) {
    uint64_t count = 0;
    if (total.get(count) == simdjson::SUCCESS && count == 0) return {};
    return fail(Code::kInvalid, "a page of a list has no Resources: deliver the resources, and not their count only");
  }

  std::string_view file_;
};

}  // namespace

std::unique_ptr<Delivery> open_scim(std::string_view file, DeliveryMapping mapping) {
  return std::make_unique<Scim>(file, std::move(mapping));
}

}  // namespace weerbaar::facts
