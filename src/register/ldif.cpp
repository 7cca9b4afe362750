#include "register/ldif.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "register/directory.h"
#include "register/distinguished_name.h"
#include "register/ldif_records.h"
#include "register/letters.h"

namespace weerbaar::facts {
namespace {

using Names = std::initializer_list<std::string_view>;

// Of inetOrgPerson (RFC 2798), of groups (RFC 4519, RFC 2307), and of Active Directory.
constexpr std::string_view kPeople[] = {"person", "organizationalPerson", "inetOrgPerson", "posixAccount", "user"};
constexpr std::string_view kGroups[] = {"group", "groupOfNames", "groupOfUniqueNames", "posixGroup"};
constexpr std::string_view kUnits[] = {"organizationalUnit"};
constexpr std::string_view kMachines[] = {"computer"};  // a kind of user in Active Directory
constexpr std::string_view kEmployee = "employeeNumber";
constexpr uint64_t kAccountDisabled = 2;  // of userAccountControl

// The attributes of one entry.
class Entry {
 public:
  explicit Entry(const LdifRecord& record) : record_(record) {}

  // Every value of the attribute, in the order of the file. Those of other options than a language are another thing,
  // as
  // ";binary" is. kInvalid where an export has cut a list of values into ranges.
  Result<std::vector<Directory::Named>> all(std::string_view name) const {
    std::vector<Directory::Named> values;
    for (const LdifAttribute& attribute : record_.attributes) {
      if (!is_same_name(attribute.name, name)) continue;
      if (is_same_name(attribute.options.substr(0, 6), "range=")) {
        return failed(attribute, "it comes in ranges, of which others may be missing: export all of its values");
      }
      if (!attribute.options.empty() && !is_of_language(attribute)) continue;
      auto text = attribute.text();
      if (!text) return failed(attribute, text.error().text);
      values.push_back({attribute.line, std::move(*text)});
    }
    return values;
  }

  // One value of the first attribute that has any: that without a language, else the first. Empty when none has.
  Result<std::string> first(Names names) const {
    for (const std::string_view name : names) {
      const LdifAttribute* found = nullptr;
      for (const LdifAttribute& attribute : record_.attributes) {
        if (!is_same_name(attribute.name, name)) continue;
        if (attribute.options.empty()) {
          found = &attribute;
          break;
        }
        if (found == nullptr && is_of_language(attribute)) found = &attribute;
      }
      if (found == nullptr) continue;
      auto text = found->text();
      if (!text) return failed(*found, text.error().text);
      if (!text->empty()) return std::move(*text);
    }
    return std::string();
  }
  Result<std::string> first(const std::string& mapped, Names names) const {
    return mapped.empty() ? first(names) : first({mapped});
  }

  // The same as all() for names of other entries, in their normal form.
  Result<std::vector<Directory::Named>> references(std::string_view name) const {
    WEERBAAR_ASSIGN(std::vector<Directory::Named> values, all(name));
    for (Directory::Named& value : values) {
      auto parsed = parse_distinguished_name(value.name);
      if (!parsed) return fail_in(fmt::format("attribute \"{}\" of line {}", name, value.place), parsed.error());
      value.name = std::move(parsed->normal);
    }
    return values;
  }

 private:
  static bool is_of_language(const LdifAttribute& attribute) {
    return is_same_name(std::string_view(attribute.options).substr(0, 5), "lang-");
  }
  static std::unexpected<Error> failed(const LdifAttribute& attribute, std::string_view why) {
    return fail(Code::kInvalid, fmt::format("attribute of line {}: {}", attribute.line, why));
  }

  const LdifRecord& record_;
};

template <size_t N>
bool has_any(const std::vector<Directory::Named>& classes, const std::string_view (&known)[N]) {
  return std::ranges::any_of(classes, [&](const Directory::Named& one) {
    return std::ranges::any_of(known, [&](std::string_view name) { return is_same_name(one.name, name); });
  });
}

Result<bool> is_active(const Entry& entry) {
  WEERBAAR_ASSIGN(const std::string text, entry.first({"userAccountControl"}));
  if (text.empty()) return true;
  int64_t flags = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), flags);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(Code::kInvalid, "its userAccountControl is no number");
  }
  return (static_cast<uint64_t>(flags) & kAccountDisabled) == 0;
}

Result<Directory::Person> read_person(const Entry& entry, const DeliveryMapping& mapping) {
  Directory::Person person;
  WEERBAAR_ASSIGN(person.is_active, is_active(entry));
  WEERBAAR_ASSIGN(person.employee, entry.first(mapping.employee, {kEmployee, "employeeID"}));
  WEERBAAR_ASSIGN(person.name, entry.first({"displayName", "cn"}));
  WEERBAAR_ASSIGN(person.surname, entry.first({"sn", "surname"}));
  WEERBAAR_ASSIGN(person.accounts, entry.all("sAMAccountName"));
  if (person.accounts.empty()) {
    WEERBAAR_ASSIGN(person.accounts, entry.all("uid"));
  }
  WEERBAAR_ASSIGN(person.unit, entry.first(mapping.unit, {"department", "departmentNumber"}));
  WEERBAAR_ASSIGN(person.function, entry.first(mapping.function, {"title", "employeeType"}));
  WEERBAAR_ASSIGN(person.supervisors, entry.references("manager"));
  WEERBAAR_ASSIGN(person.groups, entry.all("memberOf"));
  for (Directory::Named& group : person.groups) {
    auto parsed = parse_distinguished_name(group.name);
    if (!parsed) return fail_in(fmt::format("attribute \"memberOf\" of line {}", group.place), parsed.error());
    group.name = std::move(parsed->value);
  }
  return person;
}

Result<Directory::Group> read_group(const Entry& entry, const DistinguishedName& name) {
  Directory::Group group;
  WEERBAAR_ASSIGN(group.name, entry.first({"cn"}));
  if (group.name.empty()) group.name = name.value;
  WEERBAAR_ASSIGN(group.members, entry.references("member"));
  WEERBAAR_ASSIGN(const std::vector<Directory::Named> unique, entry.references("uniqueMember"));
  group.members.insert(group.members.end(), unique.begin(), unique.end());
  WEERBAAR_ASSIGN(group.accounts, entry.all("memberUid"));
  return group;
}

Result<Directory::Unit> read_unit(const Entry& entry, const DistinguishedName& name) {
  Directory::Unit unit;
  WEERBAAR_ASSIGN(unit.unit, entry.first({"ou"}));
  if (unit.unit.empty()) unit.unit = name.value;
  WEERBAAR_ASSIGN(unit.name, entry.first({"description"}));
  unit.part_of = name.parent;
  return unit;
}

// Whether the file holds all that each search found. ldapsearch tells it behind the entries, unless -L keeps it silent:
// how the search ended, of each page of it, and how many entries there were in all.
class Answers {
 public:
  explicit Answers(const DeliveryMapping& mapping) : mapping_(mapping) {}

  Status take(const LdifRecord& record) {
    if (record.sort == LdifRecord::Sort::kEntry) ++entries_;
    if (record.sort == LdifRecord::Sort::kResult) return take_result(record);
    return record.sort == LdifRecord::Sort::kCount ? take_count(record) : Status();
  }

  [[nodiscard]] Status end() const {
    if (mapping_.may_lack_its_end) return {};
    if (entries_ > 0 || has_result_ || answers_ == 0) {
      return fail(Code::kInvalid,
                  "behind its last entries nothing tells that they are all: deliver what ldapsearch writes without -L, "
                  "which ends with the result and numEntries, or say may_lack_its_end = true in the mapping");
    }
    const uint64_t wanted = mapping_.answers.value_or(1);
    if (answers_ == wanted) return {};
    return fail(Code::kInvalid, fmt::format("it holds {} searches, and not {}: search for all at once, or say answers "
                                            "= {} in the mapping",
                                            answers_, wanted, answers_));
  }

 private:
  Status take_result(const LdifRecord& record) {
    const auto result = std::ranges::find_if(record.attributes,
                                             [](const LdifAttribute& one) { return is_same_name(one.name, "result"); });
    const std::string_view value = result == record.attributes.end() ? std::string_view() : result->value;
    if (number_of(value.substr(0, value.find(' '))) != 0) {
      return fail(Code::kInvalid, fmt::format("line {}: the search did not end with success: search again, in pages "
                                              "(-E pr=500/noprompt) where the directory limits their size",
                                              record.line));
    }
    has_result_ = true;
    return {};
  }

  Status take_count(const LdifRecord& record) {
    if (!has_result_ && !mapping_.may_lack_its_end) {
      return fail(Code::kInvalid, fmt::format("line {}: nothing tells how the search ended: let ldapsearch write it, "
                                              "without -L, or say may_lack_its_end = true in the mapping",
                                              record.line));
    }
    if (number_of(record.attributes.front().value) != entries_) {
      return fail(Code::kInvalid,
                  fmt::format("line {}: it counts other entries than the {} before it: deliver all that "
                              "the search wrote, and in one file",
                              record.line, entries_));
    }
    ++answers_;
    entries_ = 0;
    has_result_ = false;
    return {};
  }

  static std::optional<uint64_t> number_of(std::string_view text) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

  const DeliveryMapping& mapping_;
  uint64_t entries_ = 0;     // since the last count
  bool has_result_ = false;  // since then
  uint64_t answers_ = 0;
};

class Ldif final : public DirectoryDelivery {
 public:
  Ldif(std::string_view file, DeliveryMapping mapping)
      : DirectoryDelivery(std::move(mapping), kEmployee), file_(file) {}
  [[nodiscard]] std::string_view format() const override { return "ldif"; }

 private:
  static constexpr size_t kSliceBytes = size_t{1} << 16U;

  Status fill(Directory& directory, const Refuse& refuse) override {
    LdifSplitter splitter;
    LdifRecord record;
    Answers answers(mapping());
    for (size_t at = 0;; at += kSliceBytes) {
      if (at < file_.size()) {
        splitter.feed(file_.substr(at, kSliceBytes));
      } else {
        splitter.finish();
      }
      while (splitter.next(record)) {
        WEERBAAR_TRY(answers.take(record));
        if (!record.problem.empty()) {
          refuse({record.line, std::string(record.problem), nullptr});
        } else if (record.sort != LdifRecord::Sort::kEntry) {
          continue;
        } else if (Status taken = take(record, directory); !taken) {
          refuse({record.line, std::move(taken.error().text), nullptr});
        }
      }
      if (at >= file_.size()) return answers.end();
    }
  }

  Status take(const LdifRecord& record, Directory& directory) const {
    WEERBAAR_ASSIGN(const std::string text, record.attributes.front().text());
    auto name = parse_distinguished_name(text);
    if (!name) return fail_in("its dn", name.error());
    const Entry entry(record);
    WEERBAAR_ASSIGN(const std::vector<Directory::Named> classes, entry.all("objectClass"));
    if (classes.empty()) {
      return fail(Code::kInvalid, "it has no objectClass, which says what it is: export that attribute too");
    }
    if (has_any(classes, kMachines)) {
      directory.add_other(record.line, name->normal);
      return {};
    }
    if (has_any(classes, kGroups)) {
      WEERBAAR_ASSIGN(Directory::Group group, read_group(entry, *name));
      group.place = record.line;
      group.id = std::move(name->normal);
      directory.add(std::move(group));
    } else if (has_any(classes, kPeople)) {
      WEERBAAR_ASSIGN(Directory::Person person, read_person(entry, mapping()));
      person.place = record.line;
      person.id = std::move(name->normal);
      directory.add(std::move(person));
    } else if (has_any(classes, kUnits)) {
      WEERBAAR_ASSIGN(Directory::Unit unit, read_unit(entry, *name));
      unit.place = record.line;
      unit.id = std::move(name->normal);
      directory.add(std::move(unit));
    } else {
      directory.add_other(record.line, name->normal);
    }
    return {};
  }

  std::string_view file_;
};

}  // namespace

std::unique_ptr<Delivery> open_ldif(std::string_view file, DeliveryMapping mapping) {
  return std::make_unique<Ldif>(file, std::move(mapping));
}

}  // namespace weerbaar::facts
