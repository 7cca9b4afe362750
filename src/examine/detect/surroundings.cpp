#include "examine/detect/surroundings.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/time.h"

namespace weerbaar::detect {
namespace {

using facts::Kind;
using facts::Table;

// Facts about an employee so far away tell that such facts are kept of that employee.
constexpr int64_t kNearby = 14 * kMicrosPerDay;

const Table& table_named(const char* name) {
  const Table* const table = facts::find_table(name);
  WEERBAAR_CHECK(table != nullptr);
  return *table;
}
size_t column_named(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &facts::Column::name);
  WEERBAAR_CHECK(found != table.columns.end());
  return static_cast<size_t>(found - table.columns.begin());
}

constexpr std::pair<const char*, const char*> kWanted[] = {
    {"absence", "employee"},  {"authorisation", "employee"}, {"authorisation", "system"}, {"employee", "employee"},
    {"employee", "surname"},  {"employee", "address"},       {"honey", "subject"},        {"person", "subject"},
    {"person", "surname"},    {"person", "address"},         {"position", "employee"},    {"position", "unit"},
    {"position", "function"}, {"presence", "employee"},      {"presence", "location"},    {"public_figure", "subject"},
    {"reported", "subject"},  {"shift", "employee"},
};

// "Kerkstraat 12" is number 12 of "Kerkstraat".
std::pair<std::string_view, uint32_t> split_address(std::string_view address) {
  const size_t space = address.rfind(' ');
  if (space == std::string_view::npos) return {address, 0};
  uint32_t number = 0;
  const std::string_view digits = address.substr(space + 1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc()) return {address, 0};
  return {address.substr(0, space), number};
}

}  // namespace

Facts::Facts(FactBase& base, const char* table, const char* column)
    : table_(&base.table(table_named(table))),
      index_(&base.index(table_named(table), column_named(table_named(table), column))) {}

std::optional<uint32_t> Facts::at(Symbol symbol, int64_t time) const {
  const FactIndex::Rows rows = index_->rows(symbol);
  // Of one symbol they stand in the order of key and validity, so that the last ones are mostly those that are asked
  // for.
  for (uint32_t i = rows.end; i > rows.begin; --i) {
    const uint32_t row = rows.at(i - 1);
    if (time >= table_->valid_from(row) && time < table_->valid_to(row)) return row;
  }
  return std::nullopt;
}

Facts::Around Facts::around(Symbol symbol, int64_t time) const {
  const FactIndex::Rows rows = index_->rows(symbol);
  uint32_t begin = rows.begin;
  uint32_t end = rows.end;
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    if (table_->valid_from(rows.at(middle)) <= time) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  Around around;
  if (begin > rows.begin) around.before = rows.at(begin - 1);
  if (begin < rows.end) around.after = rows.at(begin);
  return around;
}

Symbol Facts::cell(uint32_t row, const char* column) const {
  return table_->cell(row, table_->place(column_named(table_->schema(), column)));
}

void Surroundings::want(FactBase& facts) {
  for (const auto& [table, column] : kWanted) facts.want(table_named(table), column_named(table_named(table), column));
}

Surroundings::Surroundings(FactBase& facts)
    : absence_(facts, "absence", "employee"),
      authorisation_(facts, "authorisation", "employee"),
      employee_(facts, "employee", "employee"),
      honey_(facts, "honey", "subject"),
      person_(facts, "person", "subject"),
      position_(facts, "position", "employee"),
      presence_(facts, "presence", "employee"),
      presence_by_location_(facts, "presence", "location"),
      public_figure_(facts, "public_figure", "subject"),
      reported_(facts, "reported", "subject"),
      shift_(facts, "shift", "employee"),
      surnames_(facts.symbols(Kind::kText)) {
  read_houses(facts);
  count_surnames();
}

void Surroundings::read_houses(const FactBase& facts) {
  const size_t addresses = facts.symbols(Kind::kAddress);
  std::vector<uint64_t> streets(addresses);
  houses_.resize(addresses);
  for (Symbol address = 1; address < addresses; ++address) {
    const auto [street, number] = split_address(facts.text(Kind::kAddress, address));
    houses_[address].number = number;
    streets[address] = number == 0 ? 0 : XXH3_64bits(street.data(), street.size());
    if (number != 0) street_keys_.push_back(streets[address]);
  }
  std::ranges::sort(street_keys_);
  street_keys_.erase(std::ranges::unique(street_keys_).begin(), street_keys_.end());
  for (Symbol address = 1; address < addresses; ++address) {
    if (houses_[address].number == 0) continue;
    const auto found = std::ranges::lower_bound(street_keys_, streets[address]);
    houses_[address].street = static_cast<uint32_t>(found - street_keys_.begin()) + 1;
  }
}

void Surroundings::count_surnames() {
  for (uint32_t row = 0; row < person_.table().rows(); ++row) {
    const Symbol surname = person_.cell(row, "surname");
    if (surname != kNoSymbol && surname < surnames_.size()) ++surnames_[surname];
  }
}

Symbol Surroundings::function_of(Symbol employee, int64_t time) const {
  const auto row = position_.at(employee, time);
  return row ? position_.cell(*row, "function") : kNoSymbol;
}

Symbol Surroundings::unit_of(Symbol employee, int64_t time) const {
  const auto row = position_.at(employee, time);
  return row ? position_.cell(*row, "unit") : kNoSymbol;
}

bool Surroundings::leaves_within(Symbol employee, int64_t time, int64_t within) const {
  int64_t last = facts::kAlways;
  position_.each(employee, [&](uint32_t row) { last = std::max(last, position_.table().valid_to(row)); });
  return last != facts::kAlways && last > time && last - within <= time;
}

uint64_t Surroundings::employees(int64_t from, int64_t to) const {
  uint64_t count = 0;
  for (uint32_t row = 0; row < employee_.table().rows(); ++row) {
    count += employee_.table().valid_from(row) < to && employee_.table().valid_to(row) > from ? 1U : 0U;
  }
  return count;
}

std::optional<int64_t> Surroundings::outside_shift(Symbol employee, int64_t time) const {
  const Facts::Around around = shift_.around(employee, time);
  std::optional<int64_t> nearest;
  if (around.before) {
    const int64_t to = shift_.table().valid_to(*around.before);
    nearest = time < to ? 0 : time - to;
  }
  if (around.after) {
    const int64_t ahead = shift_.table().valid_from(*around.after) - time;
    nearest = std::min(nearest.value_or(ahead), ahead);
  }
  return nearest && *nearest <= kNearby ? nearest : std::nullopt;
}

std::optional<Symbol> Surroundings::badged_at(Symbol employee, int64_t time) const {
  const Facts::Around around = presence_.around(employee, time);
  if (around.before) {
    const int64_t to = presence_.table().valid_to(*around.before);
    if (time < to) return presence_.cell(*around.before, "location");
    if (time - to <= kNearby) return kNoSymbol;
  }
  if (around.after && presence_.table().valid_from(*around.after) - time <= kNearby) return kNoSymbol;
  return std::nullopt;
}

std::optional<int64_t> Surroundings::reported_after(Symbol subject, int64_t time) const {
  std::optional<int64_t> first;
  reported_.each(subject, [&](uint32_t row) {
    const int64_t from = reported_.table().valid_from(row);
    if (from > time && (!first || from < *first)) first = from;
  });
  return first;
}

Symbol Surroundings::address_of(Symbol subject, int64_t time) const {
  const auto row = person_.at(subject, time);
  return row ? person_.cell(*row, "address") : kNoSymbol;
}

bool Surroundings::ever_lived_together(Symbol employee, Symbol subject) const {
  bool together = false;
  employee_.each(employee, [&](uint32_t own) {
    const Symbol address = employee_.cell(own, "address");
    if (address == kNoSymbol) return;
    person_.each(subject, [&](uint32_t row) { together = together || person_.cell(row, "address") == address; });
  });
  return together;
}

double Surroundings::surname_in_common(Symbol employee, Symbol subject) const {
  double rarity = 0;
  employee_.each(employee, [&](uint32_t own) {
    const Symbol surname = employee_.cell(own, "surname");
    if (surname == kNoSymbol) return;
    person_.each(subject, [&](uint32_t row) {
      if (person_.cell(row, "surname") != surname) return;
      rarity = static_cast<double>(person_.table().rows()) / std::max(1U, surnames_[surname]);
    });
  });
  return rarity;
}

bool Surroundings::may_use(Symbol employee, Symbol system, int64_t time) const {
  bool may = false;
  authorisation_.each(employee, [&](uint32_t row) {
    may = may || (authorisation_.cell(row, "system") == system && time >= authorisation_.table().valid_from(row) &&
                  time < authorisation_.table().valid_to(row));
  });
  return may;
}

double Surroundings::share_of_honey() const {
  const auto persons = static_cast<double>(std::max<size_t>(1, person_.table().rows()));
  return std::min(1.0, static_cast<double>(honey_.table().rows()) / persons);
}

}  // namespace weerbaar::detect
