#include "register/zgw.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "register/json_items.h"
#include "register/letters.h"
#include "register/lists.h"

namespace weerbaar::facts {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kUuidBytes = 36;
constexpr size_t kSameRolesMax = 1'000;

struct Span {
  int64_t from = kAlways;
  int64_t to = kUntilFurtherNotice;
};

struct Case {
  std::string id;
  Span validity;
};

// Somebody in a case, with a table for what that makes.
struct Role {
  std::string reference;  // of the case
  const Table* table = nullptr;
  std::string who;
  std::string role;  // where the table keeps it
  Span validity;
  uint64_t place = 0;

  [[nodiscard]] bool is_about_the_same(const Role& other) const {
    return reference == other.reference && table == other.table && who == other.who;
  }
};

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidBytes) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = small_letter(text[i]);
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

// What a URL and a uuid of the same thing have in common: the uuid in small letters; else the text as it is.
std::string reference_of(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  const std::string_view last = text.substr(text.rfind('/') + 1);
  if (!is_uuid(last)) return std::string(text);
  std::string uuid(last);
  std::ranges::transform(uuid, uuid.begin(), small_letter);
  return uuid;
}

// The first moment of a day, or of the day behind it; nothing when the member is absent or empty.
Result<std::optional<int64_t>> find_day(dom::object object, std::string_view name, int64_t days_later) {
  WEERBAAR_ASSIGN(const std::string_view text, find_text(object, name));
  if (text.empty()) return std::nullopt;
  const auto day =
      text.size() == 10 ? parse_time_or_date(text) : fail(Code::kInvalid, "it is no date, written as YYYY-MM-DD");
  if (!day) return fail_in(fmt::format("\"{}\"", name), day.error());
  return day->micros + days_later * kMicrosPerDay;
}

// A case ends behind the last day on which it is open.
Result<Span> validity_of_case(dom::object zaak) {
  Span validity;
  WEERBAAR_ASSIGN(const auto from, find_day(zaak, "startdatum", 0));
  WEERBAAR_ASSIGN(const auto to, find_day(zaak, "einddatum", 1));
  if (!from) return fail(Code::kInvalid, "it has no startdatum");
  validity.from = *from;
  if (to) validity.to = *to;
  if (validity.from >= validity.to) return fail(Code::kInvalid, "its einddatum lies before its startdatum");
  return validity;
}

Result<Span> validity_of_role(dom::object rol) {
  Span validity;
  WEERBAAR_ASSIGN(const auto from, find_day(rol, "beginGeldigheid", 0));
  WEERBAAR_ASSIGN(const auto to, find_day(rol, "eindeGeldigheid", 1));
  if (from) {
    validity.from = *from;
  } else {
    WEERBAAR_ASSIGN(const std::string_view text, find_text(rol, "registratiedatum"));
    if (text.empty()) return fail(Code::kInvalid, "it has neither a beginGeldigheid nor a registratiedatum");
    const auto time = parse_time_or_date(text);
    if (!time) return fail_in("\"registratiedatum\"", time.error());
    validity.from = time->micros;
  }
  if (to) validity.to = *to;
  if (validity.from >= validity.to) return fail(Code::kInvalid, "it ends before it begins");
  return validity;
}

// The first of the members that says who it is, behind the type of subject that it is.
struct Identification {
  std::string_view member;
  std::string_view type;
};
Result<std::string> subject_of(dom::object who, std::initializer_list<Identification> known) {
  for (const auto& [member, type] : known) {
    WEERBAAR_ASSIGN(const std::string_view id, find_text(who, member));
    if (!id.empty()) return fmt::format("{}:{}", type, id);
  }
  std::vector<std::string_view> names;
  for (const auto& [member, type] : known) names.push_back(member);
  return fail(Code::kInvalid, fmt::format("its betrokkeneIdentificatie has no {}", fmt::join(names, " and no ")));
}

class RoleReader {
 public:
  explicit RoleReader(const DeliveryMapping& mapping) : mapping_(mapping) {}

  // `reference`: of the case that the role stands in; empty when the role itself says which.
  Result<Role> read(dom::object rol, uint64_t place, const std::string& reference) const {
    Role role;
    role.place = place;
    WEERBAAR_ASSIGN(const std::string_view zaak, find_text(rol, "zaak"));
    role.reference = zaak.empty() ? reference : reference_of(zaak);
    if (role.reference.empty()) return fail(Code::kInvalid, "the rol has no zaak");
    WEERBAAR_ASSIGN(const std::string_view generic, find_text(rol, "omschrijvingGeneriek"));
    WEERBAAR_ASSIGN(const std::string_view described, find_text(rol, "omschrijving"));
    role.role = generic.empty() ? described : generic;
    WEERBAAR_ASSIGN(role.validity, validity_of_role(rol));
    WEERBAAR_ASSIGN(const std::string_view type, find_text(rol, "betrokkeneType"));
    WEERBAAR_ASSIGN(const auto who, find_object(rol, "betrokkeneIdentificatie"));
    if (!who) {
      return fail(Code::kInvalid, "the rol has no betrokkeneIdentificatie: a URL alone does not say who it is");
    }
    WEERBAAR_TRY(read_who(type, *who, role));
    return role;
  }

 private:
  Status read_who(std::string_view type, dom::object who, Role& role) const {
    role.table = find_table("case_subject");
    if (type == "natuurlijk_persoon") {
      WEERBAAR_ASSIGN(role.who, subject_of(who, {{"inpBsn", "bsn"}}));
    } else if (type == "niet_natuurlijk_persoon") {
      WEERBAAR_ASSIGN(role.who, subject_of(who, {{"innNnpId", "rsin"}, {"kvkNummer", "kvk"}}));
    } else if (type == "vestiging") {
      WEERBAAR_ASSIGN(role.who, subject_of(who, {{"kvkNummer", "kvk"}, {"vestigingsNummer", "other"}}));
    } else if (type == "medewerker" || type == "organisatorische_eenheid") {
      WEERBAAR_ASSIGN(const std::string_view id, find_text(who, "identificatie"));
      if (id.empty()) return fail(Code::kInvalid, "its betrokkeneIdentificatie has no identificatie");
      if (type == "organisatorische_eenheid") {
        role.table = find_table("case_unit");
      } else if (std::ranges::find(mapping_.handlers, role.role) != mapping_.handlers.end()) {
        role.table = find_table("case_employee");
      }
      role.who = role.table->name == "case_subject" ? fmt::format("employee:{}", id) : std::string(id);
      if (role.table->name != "case_subject") role.role.clear();
    } else {
      return fail(Code::kInvalid,
                  "its betrokkeneType is none of natuurlijk_persoon, niet_natuurlijk_persoon, vestiging, "
                  "organisatorische_eenheid, medewerker");
    }
    return {};
  }

  const DeliveryMapping& mapping_;
};

// As bits.
enum class Found : uint8_t { kNeither = 0, kCase = 1, kRole = 2 };

// Which page of a list a URL names, from 1; nothing when it has no number.
std::optional<uint64_t> page_number(std::string_view url) {
  size_t at = url.find('?');
  while (at < url.size() && !url.substr(at + 1).starts_with("page=")) at = url.find('&', at + 1);
  if (at >= url.size()) return std::nullopt;
  const std::string_view text = url.substr(at + 1 + std::string_view("page=").size());
  uint64_t number = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

// Whether no page is missing: each but the last of a list names the next one, and says how many items the list has.
class Pages {
 public:
  explicit Pages(const DeliveryMapping& mapping) : lists_(mapping) {}

  Status take(const JsonItem& item, Found found) { return lists_.take(item, static_cast<unsigned>(found)); }
  Status add(const JsonPage& page) {
    WEERBAAR_ASSIGN(auto total, page.find_count("count"));
    // Open Zaak counts no further than some hundreds when it is told to be quick.
    if (page.find("countExact") == "false") total.reset();
    const std::string_view previous = page.find("previous");
    const bool begins_list = previous.empty();
    if (begins_list) {
      WEERBAAR_TRY(end_list());
    } else if (!more_follow_ || (next_ && page_number(previous).value_or(1) + 1 != *next_)) {
      return fail(Code::kInvalid,
                  "a page does not follow the one before it: deliver all pages of a list in their order");
    }
    const std::string_view next = page.find("next");
    more_follow_ = !next.empty();
    next_ = more_follow_ ? page_number(next) : std::nullopt;
    return lists_.end_page(page.items, begins_list, total);
  }
  [[nodiscard]] Status end() const {
    WEERBAAR_TRY(end_list());
    return lists_.end();
  }

 private:
  [[nodiscard]] Status end_list() const {
    if (!more_follow_) return {};
    return fail(Code::kInvalid,
                "the last page of a list names one that follows, and it is not there: what is missing would be taken "
                "for what is so no more; deliver all pages in one file");
  }

  Lists lists_;
  bool more_follow_ = false;
  std::optional<uint64_t> next_;  // the page that is to follow, where its URL says it
};

class Zgw final : public Delivery {
 public:
  Zgw(std::string_view file, DeliveryMapping mapping, bool is_whole)
      : file_(file), mapping_(std::move(mapping)), is_whole_(is_whole) {}

  [[nodiscard]] std::string_view format() const override { return "zgw"; }
  [[nodiscard]] std::span<const Table* const> tables() const override { return mapping_.tables; }
  [[nodiscard]] bool knows(const Table& table, size_t column) const override {
    return mapping_.covers(table.name) && column < table.columns.size();
  }

  Status read(const Take& take, const Refuse& refuse) override {
    Pages pages(mapping_);
    ItemParser parser;
    bool is_empty = true;
    const auto take_item = [&](const JsonItem& item) -> Status {
      is_empty = false;
      auto object = parser.parse(item.text);
      Found found = Found::kNeither;
      if (object) {
        WEERBAAR_TRY(read_item(*object, item.number, take, refuse, found));
      } else {
        refuse({item_place(item.number), std::move(object.error().text), nullptr});
      }
      return is_whole_ ? pages.take(item, found) : Status();
    };
    const auto end_page = [&](const JsonPage& page) -> Status {
      is_empty = false;
      return is_whole_ ? pages.add(page) : Status();
    };
    WEERBAAR_TRY(cut_json(file_, "results", take_item, end_page));
    // A list without items says that there is nothing; of no list at all the making was cut off.
    if (is_empty) {
      return fail(Code::kInvalid,
                  "the file is empty: deliver zaken and rollen, or the empty list that the interface gave");
    }
    if (is_whole_) WEERBAAR_TRY(pages.end());
    return give_roles(take, refuse);
  }

 private:
  Status read_item(dom::object item, uint64_t number, const Take& take, const Refuse& refuse, Found& found) {
    const auto is_role = find_member(item, "betrokkeneType");
    const auto is_case = find_member(item, "zaaktype");
    if (!is_role || !is_case || (!*is_role && !*is_case)) {
      refuse({item_place(number), "it is neither a zaak nor a rol: it has no zaaktype and no betrokkeneType", nullptr});
    } else if (*is_role) {
      found = Found::kRole;
      add_role(item, item_place(number), {}, refuse);
    } else {
      found = Found::kCase;
      return read_case(item, number, take, refuse);
    }
    return {};
  }

  void add_role(dom::object rol, uint64_t place, const std::string& reference, const Refuse& refuse) {
    auto role = RoleReader(mapping_).read(rol, place, reference);
    if (!role) {
      refuse({place, std::move(role.error().text), nullptr});
    } else if (mapping_.covers(role->table->name)) {
      roles_.push_back(std::move(*role));
    }
  }

  Status read_case(dom::object zaak, uint64_t number, const Take& take, const Refuse& refuse) {
    auto reference = reference_of_case(zaak);
    if (reference) {
      if (Status given = give_case(zaak, item_place(number), *reference, take, refuse); !given) return given;
      return read_expanded(zaak, number, *reference, refuse);
    }
    refuse({item_place(number), std::move(reference.error().text), nullptr});
    return {};
  }

  static Result<std::string> reference_of_case(dom::object zaak) {
    WEERBAAR_ASSIGN(std::string_view url, find_text(zaak, "url"));
    if (url.empty()) {
      WEERBAAR_ASSIGN(url, find_text(zaak, "uuid"));
    }
    if (url.empty()) return fail(Code::kInvalid, "the zaak has neither a url nor a uuid, by which its rollen name it");
    return reference_of(url);
  }

  struct CaseCells {
    std::string_view id;
    std::string activity;
    std::string_view name;
    Span validity;
  };
  [[nodiscard]] Result<CaseCells> cells_of(dom::object zaak) const {
    CaseCells cells;
    WEERBAAR_ASSIGN(cells.id, find_text(zaak, "identificatie"));
    if (cells.id.empty()) return fail(Code::kInvalid, "the zaak has no identificatie");
    WEERBAAR_ASSIGN(cells.name, find_text(zaak, "omschrijving"));
    WEERBAAR_ASSIGN(const std::string_view type, find_text(zaak, "zaaktype"));
    const auto mapped = mapping_.activities.find(type);
    cells.activity = mapped == mapping_.activities.end() ? std::string(type) : mapped->second;
    WEERBAAR_ASSIGN(cells.validity, validity_of_case(zaak));
    return cells;
  }

  Status give_case(dom::object zaak, uint64_t place, const std::string& reference, const Take& take,
                   const Refuse& refuse) {
    auto cells = cells_of(zaak);
    if (!cells) {
      refuse({place, std::move(cells.error().text), nullptr});
      return {};
    }
    if (!cases_.emplace(reference, Case{std::string(cells->id), cells->validity}).second) {
      refuse({place, "another zaak before it has the same url or uuid: deliver each once", nullptr});
      return {};
    }
    if (!mapping_.covers("case")) return {};
    row_.place = place;
    row_.table = find_table("case");
    row_.cells = {cells->id, cells->activity, cells->name};
    row_.valid_from = cells->validity.from;
    row_.valid_to = cells->validity.to;
    row_.reference = reference;
    return offer(row_, take, refuse);
  }

  // The roles within the case, as "expand=rollen" has them.
  Status read_expanded(dom::object zaak, uint64_t number, const std::string& reference, const Refuse& refuse) {
    const auto expanded = find_object(zaak, "_expand");
    if (!expanded || !*expanded) return {};
    const auto roles = find_array(**expanded, "rollen");
    if (!roles || !*roles) return {};
    uint64_t part = 0;
    for (const dom::element element : **roles) {
      dom::object rol;
      const uint64_t place = item_place(number, ++part);
      if (element.get(rol) == simdjson::SUCCESS) {
        add_role(rol, place, reference, refuse);
      } else {
        refuse({place, "the rol is no object", nullptr});
      }
    }
    return {};
  }

  // Several roles of one person in one case are one fact at a time.
  Status give_roles(const Take& take, const Refuse& refuse) {
    std::ranges::sort(roles_, [](const Role& a, const Role& b) {
      return std::tie(a.table->name, a.reference, a.who, a.place) <
             std::tie(b.table->name, b.reference, b.who, b.place);
    });
    for (size_t begin = 0; begin < roles_.size();) {
      size_t end = begin + 1;
      while (end < roles_.size() && roles_[end].is_about_the_same(roles_[begin])) ++end;
      WEERBAAR_TRY(give_same({roles_.begin() + static_cast<ptrdiff_t>(begin), end - begin}, take, refuse));
      begin = end;
    }
    return {};
  }

  // Cuts each to the time of its case; false when nothing is left.
  bool cut_to_case(Role& role) const {
    const auto found = cases_.find(role.reference);
    if (found == cases_.end()) return true;
    role.validity.from = std::max(role.validity.from, found->second.validity.from);
    role.validity.to = std::min(role.validity.to, found->second.validity.to);
    return role.validity.from < role.validity.to;
  }

  // Goes through the moments at which one of them begins or ends, and joins what says the same before and behind it.
  Status give_same(std::span<Role> same, const Take& take, const Refuse& refuse) {
    for (const Role& role : same.subspan(std::min(same.size(), kSameRolesMax))) {
      refuse({role.place, "more than 1,000 rollen of the same zaak name the same person", role.table});
    }
    same = same.first(std::min(same.size(), kSameRolesMax));
    std::vector<int64_t> moments;
    for (Role& role : same) {
      if (!cut_to_case(role)) {
        refuse({role.place, "the rol lies outside the time of its zaak", role.table});
        continue;
      }
      moments.insert(moments.end(), {role.validity.from, role.validity.to});
    }
    std::ranges::sort(moments);
    const auto repeated = std::ranges::unique(moments);
    moments.erase(repeated.begin(), repeated.end());
    std::string said;
    const Role* first = nullptr;  // of the fact at hand
    Span validity;
    for (size_t i = 0; i + 1 < moments.size(); ++i) {
      std::set<std::string_view> names;
      const Role* now = nullptr;
      for (const Role& role : same) {
        if (role.validity.from > moments[i] || role.validity.to <= moments[i]) continue;
        if (now == nullptr) now = &role;
        names.insert(role.role);
      }
      const std::string saying = fmt::format("{}", fmt::join(names, ", "));
      if (first != nullptr && now != nullptr && saying == said) {
        validity.to = moments[i + 1];
        continue;
      }
      if (first != nullptr) WEERBAAR_TRY(give(*first, said, validity, take, refuse));
      first = now;
      said = saying;
      validity = {moments[i], moments[i + 1]};
    }
    return first == nullptr ? Status() : give(*first, said, validity, take, refuse);
  }

  Status give(const Role& role, std::string_view said, Span validity, const Take& take, const Refuse& refuse) {
    const auto found = cases_.find(role.reference);
    const bool is_known = found != cases_.end();
    row_.place = role.place;
    row_.table = role.table;
    row_.cells = {is_known ? std::string_view(found->second.id) : std::string_view(), role.who};
    if (role.table->columns.size() > 2) row_.cells.push_back(said);
    row_.valid_from = validity.from;
    row_.valid_to = validity.to;
    row_.reference = is_known ? std::string_view() : std::string_view(role.reference);
    return offer(row_, take, refuse);
  }

  std::string_view file_;
  DeliveryMapping mapping_;
  bool is_whole_;
  std::unordered_map<std::string, Case> cases_;
  std::vector<Role> roles_;
  FactRow row_;
};

}  // namespace

std::unique_ptr<Delivery> open_zgw(std::string_view file, DeliveryMapping mapping, bool is_whole) {
  return std::make_unique<Zgw>(file, std::move(mapping), is_whole);
}

}  // namespace weerbaar::facts
