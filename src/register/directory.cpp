#include "register/directory.h"

#include <fmt/format.h>

#include <utility>

namespace weerbaar::facts {

bool Directory::name(uint64_t place, const std::string& id, Entry entry) {
  if (entries_.emplace(id, entry).second) return true;
  refuse_({place, "another entry before it has the same id: deliver each once", nullptr});
  return false;
}

const Directory::Entry* Directory::find(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void Directory::add(Person person) {
  if (!name(person.place, person.id, {Sort::kPerson, people_.size()})) return;
  for (const Named& account : person.accounts) of_account_.emplace(account.name, people_.size());
  people_.push_back(std::move(person));
}

void Directory::add(Group group) {
  if (name(group.place, group.id, {Sort::kGroup, groups_.size()})) groups_.push_back(std::move(group));
}

void Directory::add(Unit unit) {
  if (name(unit.place, unit.id, {Sort::kUnit, units_.size()})) units_.push_back(std::move(unit));
}

void Directory::add_other(uint64_t place, const std::string& id) {
  name(place, id, {Sort::kOther, 0});
}

void Directory::refuse(std::string_view table, uint64_t place, std::string_view why) {
  if (mapping_.covers(table)) refuse_({place, std::string(why), find_table(table)});
}

Status Directory::give_row(std::string_view table, uint64_t place, std::initializer_list<std::string_view> cells) {
  if (!mapping_.covers(table)) return {};
  row_.place = place;
  row_.table = find_table(table);
  row_.cells.assign(cells);
  row_.cells.resize(row_.table->columns.size());
  return offer(row_, take_, refuse_);
}

Status Directory::give() {
  for (const Unit& unit : units_) WEERBAAR_TRY(give_unit(unit));
  for (const Person& person : people_) WEERBAAR_TRY(give_person(person));
  for (const Group& group : groups_) WEERBAAR_TRY(give_group(group));
  return {};
}

Status Directory::give_unit(const Unit& unit) {
  const Entry* above = find(unit.part_of);
  const bool is_part = above != nullptr && above->sort == Sort::kUnit;
  return give_row("unit", unit.place,
                  {unit.unit, unit.name, is_part ? std::string_view(units_[above->index].unit) : std::string_view()});
}

Status Directory::give_person(const Person& person) {
  if (!person.is_active) return {};
  if (person.employee.empty()) {
    if (mapping_.pass_over_without_employee) return {};
    refuse_({person.place,
             fmt::format("it has no {}, which says what employee it is: fill it, or name another attribute in the "
                         "mapping as employee, or pass such over with pass_over_without_employee",
                         employee_),
             nullptr});
    return {};
  }
  WEERBAAR_TRY(give_row("employee", person.place, {person.employee, person.name, person.surname}));
  for (const Named& account : person.accounts) {
    WEERBAAR_TRY(give_row("account", account.place, {account.name, person.employee}));
  }
  if (!person.unit.empty() && !person.function.empty()) {
    WEERBAAR_TRY(give_row("position", person.place, {person.employee, person.unit, person.function}));
  }
  for (const Named& supervisor : person.supervisors) WEERBAAR_TRY(give_supervisor(person, supervisor));
  for (const Named& group : person.groups) {
    Access access;
    if (!access_of(group.name, group.place, access)) continue;
    WEERBAAR_TRY(give_row("authorisation", group.place, {person.employee, access.system, access.role}));
  }
  return {};
}

Status Directory::give_supervisor(const Person& person, const Named& supervisor) {
  const Entry* entry = find(supervisor.name);
  if (entry == nullptr) {
    refuse("supervisor", supervisor.place, "its manager is not in this delivery: deliver all people together");
    return {};
  }
  if (entry->sort != Sort::kPerson || people_[entry->index].employee.empty()) {
    refuse("supervisor", supervisor.place, fmt::format("its manager is no employee: it has no {}", employee_));
    return {};
  }
  return give_row("supervisor", supervisor.place, {person.employee, people_[entry->index].employee});
}

// False when it gives none.
bool Directory::access_of(std::string_view group, uint64_t place, Access& access) {
  if (!mapping_.covers("authorisation")) return false;
  const GroupRule* rule = mapping_.find_rule(group);
  if (rule != nullptr && rule->passes_over) return false;
  if (rule == nullptr && mapping_.system.empty()) {
    refuse("authorisation", place,
           "the mapping does not say what system the group gives access to: write system = \"…\", or a rule in "
           "[[groups]]");
    return false;
  }
  access.system = rule == nullptr ? mapping_.system : rule->system;
  access.role = rule == nullptr || rule->role.empty() ? group : std::string_view(rule->role);
  return true;
}

bool Directory::access_of(const Group& group, Access& access) {
  return access_of(group.name, group.place, access);
}

// Members of groups in the group are members, at the place by which the group itself names the inner one.
Status Directory::give_group(const Group& group) {
  Access access;
  if (!access_of(group, access)) return {};
  seen_people_.clear();
  seen_groups_.clear();
  if (const Entry* own = find(group.id); own != nullptr) seen_groups_.insert(own->index);
  std::vector<Named> nested;
  WEERBAAR_TRY(give_members(group, 0, access, nested));
  while (!nested.empty()) {
    const Named next = std::move(nested.back());
    nested.pop_back();
    const size_t index = find(next.name)->index;
    if (seen_groups_.insert(index).second) WEERBAAR_TRY(give_members(groups_[index], next.place, access, nested));
  }
  return {};
}

// `place`: where the outermost group names it; 0 for that group itself. Adds the groups in it to `nested`.
Status Directory::give_members(const Group& group, uint64_t place, const Access& access, std::vector<Named>& nested) {
  memberships_ += group.members.size() + group.accounts.size();
  if (memberships_ > kMembershipsMax) {
    return fail(Code::kInvalid, "groups in groups give more than 50,000,000 memberships: deliver fewer groups");
  }
  const auto refuse_unknown = [&](const Named& member) {
    if (refused_members_.insert(member.place).second) {
      refuse("authorisation", member.place, "this member is not in this delivery: deliver people and groups together");
    }
  };
  for (const Named& member : group.members) {
    const Entry* entry = find(member.name);
    const uint64_t at = place == 0 ? member.place : place;
    if (entry == nullptr) {
      refuse_unknown(member);
    } else if (entry->sort == Sort::kGroup) {
      nested.push_back({at, member.name});
    } else if (entry->sort == Sort::kPerson) {
      WEERBAAR_TRY(give_member(entry->index, at, access));
    }
  }
  for (const Named& member : group.accounts) {
    const auto found = of_account_.find(member.name);
    if (found == of_account_.end()) {
      refuse_unknown(member);
    } else {
      WEERBAAR_TRY(give_member(found->second, place == 0 ? member.place : place, access));
    }
  }
  return {};
}

Status Directory::give_member(size_t person, uint64_t place, const Access& access) {
  const Person& member = people_[person];
  // Those without a number were refused, or passed over, as people.
  if (!member.is_active || member.employee.empty() || !seen_people_.insert(person).second) return {};
  return give_row("authorisation", place, {member.employee, access.system, access.role});
}

bool DirectoryDelivery::knows(const Table& table, size_t column) const {
  const size_t known = table.name == "position" || table.name == "employee" ? 3 : table.columns.size();
  return mapping_.covers(table.name) && column < known;
}

Status DirectoryDelivery::read(const Take& take, const Refuse& refuse) {
  Directory directory(mapping_, employee_, take, refuse);
  WEERBAAR_TRY(fill(directory, refuse));
  return directory.give();
}

}  // namespace weerbaar::facts
