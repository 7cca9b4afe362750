// People, groups and units as directories (SCIM, LDAP) have them, and the facts that follow from them.
//
// Entries refer to each other by an id, before or behind the one that it belongs to; so facts are made when all are
// known. Takes memory for all of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "register/delivery.h"
#include "register/delivery_mapping.h"

namespace weerbaar::facts {

class Directory {
 public:
  struct Named {
    uint64_t place = 0;
    std::string name;  // of an account or a group; or the id of another entry
  };
  struct Person {
    uint64_t place = 0;
    std::string id;
    bool is_active = true;
    std::string employee;
    std::string name;
    std::string surname;
    std::vector<Named> accounts;
    std::string unit;
    std::string function;
    std::vector<Named> supervisors;  // ids
    std::vector<Named> groups;       // names
  };
  struct Group {
    uint64_t place = 0;
    std::string id;
    std::string name;
    std::vector<Named> members;   // ids of people, groups and others
    std::vector<Named> accounts;  // names of accounts of members
  };
  struct Unit {
    uint64_t place = 0;
    std::string id;
    std::string unit;
    std::string name;
    std::string part_of;  // id
  };

  // `employee` is what the format calls the attribute that identifies an employee, for messages.
  Directory(const DeliveryMapping& mapping, std::string_view employee, const Delivery::Take& take,
            const Delivery::Refuse& refuse)
      : mapping_(mapping), employee_(employee), take_(take), refuse_(refuse) {}

  // What has the id of an earlier one is refused.
  void add(Person person);
  void add(Group group);
  void add(Unit unit);
  // Something that says nothing itself, and that others may refer to: a computer.
  void add_other(uint64_t place, const std::string& id);

  // The facts, of the tables that the mapping covers. What refers to something that is not there is refused. Errors of
  // `take`; kInvalid when groups in groups give more than kMembershipsMax memberships.
  static constexpr uint64_t kMembershipsMax = 50'000'000;
  Status give();

 private:
  enum class Sort : uint8_t { kPerson, kGroup, kUnit, kOther };
  struct Entry {
    Sort sort;
    size_t index;
  };
  struct Access {
    std::string_view system;
    std::string_view role;
  };

  bool name(uint64_t place, const std::string& id, Entry entry);
  [[nodiscard]] const Entry* find(const std::string& id) const;
  Status give_person(const Person& person);
  Status give_supervisor(const Person& person, const Directory::Named& supervisor);
  Status give_unit(const Unit& unit);
  bool access_of(const Group& group, Access& access);
  bool access_of(std::string_view group, uint64_t place, Access& access);
  Status give_group(const Group& group);
  Status give_members(const Group& group, uint64_t place, const Access& access, std::vector<Named>& nested);
  Status give_member(size_t person, uint64_t place, const Access& access);
  Status give_row(std::string_view table, uint64_t place, std::initializer_list<std::string_view> cells);
  void refuse(std::string_view table, uint64_t place, std::string_view why);

  const DeliveryMapping& mapping_;
  std::string_view employee_;
  const Delivery::Take& take_;
  const Delivery::Refuse& refuse_;
  std::vector<Person> people_;
  std::vector<Group> groups_;
  std::vector<Unit> units_;
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, size_t> of_account_;  // people
  std::unordered_set<uint64_t> refused_members_;        // by place: a group may be reached from several
  std::unordered_set<size_t> seen_people_;              // of the group at hand
  std::unordered_set<size_t> seen_groups_;
  uint64_t memberships_ = 0;
  FactRow row_;
};

// A delivery that fills a directory.
class DirectoryDelivery : public Delivery {
 public:
  [[nodiscard]] std::span<const Table* const> tables() const override { return mapping_.tables; }
  [[nodiscard]] bool knows(const Table& table, size_t column) const override;
  Status read(const Take& take, const Refuse& refuse) override;

 protected:
  // `employee` is the attribute that identifies an employee, unless the mapping names another.
  DirectoryDelivery(DeliveryMapping mapping, std::string_view employee)
      : mapping_(std::move(mapping)), employee_(mapping_.employee.empty() ? employee : mapping_.employee) {}
  virtual Status fill(Directory& directory, const Refuse& refuse) = 0;
  [[nodiscard]] const DeliveryMapping& mapping() const { return mapping_; }

 private:
  DeliveryMapping mapping_;
  std::string employee_;
};

}  // namespace weerbaar::facts
