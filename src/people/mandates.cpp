#include "people/mandates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/utf8.h"
#include "os/file_system.h"

namespace weerbaar::people {
namespace {

constexpr std::string_view kSelect =
    "SELECT m.number, m.case_id, m.ground, m.about, m.valid_from, m.valid_to, m.asked_at, asker.employee, "
    "m.approved_at, approver.employee, m.withdrawn_at, withdrawer.employee, m.asked_by, m.pseudonym FROM mandate m "
    "JOIN account asker ON asker.number = m.asked_by "
    "LEFT JOIN account approver ON approver.number = m.approved_by "
    "LEFT JOIN account withdrawer ON withdrawer.number = m.withdrawn_by ";

struct Row {
  Mandate mandate;
  int64_t asker = 0;
};

Result<Row> mandate_of(const sql::Row& row) {
  Row read;
  Mandate& mandate = read.mandate;
  mandate.number = row.integer(0);
  mandate.case_id = row.text(1);
  mandate.ground = row.text(2);
  WEERBAAR_ASSIGN(mandate.about, parse_about(row.text(3)));
  mandate.from = row.integer(4);
  mandate.to = row.integer(5);
  mandate.asked_at = row.integer(6);
  mandate.asked_by = row.text(7);
  mandate.approved_at = row.integer(8);
  mandate.approved_by = row.text(9);
  mandate.withdrawn_at = row.integer(10);
  mandate.withdrawn_by = row.text(11);
  read.asker = row.integer(12);
  mandate.pseudonym = row.text(13);
  return read;
}

Result<std::vector<Row>> select(sql::Database& database, std::string_view rest,
                                std::initializer_list<sql::Value> parameters) {
  std::vector<Row> rows;
  WEERBAAR_TRY(database.query(fmt::format("{}{}", kSelect, rest), parameters, [&](const sql::Row& row) -> Status {
    WEERBAAR_ASSIGN(Row read, mandate_of(row));
    rows.push_back(std::move(read));
    return {};
  }));
  return rows;
}

std::unexpected<Error> no_such_mandate() {
  return fail(Code::kNotFound, "there is no such mandate");
}

Result<Row> find_row(sql::Database& database, int64_t number) {
  WEERBAAR_ASSIGN(const std::vector<Row> rows, select(database, "WHERE m.number = $1", {number}));
  if (rows.empty()) return no_such_mandate();
  return rows[0];
}

void describe(const Mandate& mandate, Deed& deed) {
  deed.about = {{mandate.about.type, mandate.about.id}};
  deed.case_id = mandate.case_id;
  deed.reason = mandate.ground;
  deed.mandate = mandate.number;
}

Status check_text(std::string_view name, std::string_view text) {
  const bool right = !is_blank(text) && text.size() <= kTextBytesMax && is_utf8(text) &&
                     std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (right) return {};
  return fail(Code::kInvalid, fmt::format("{} has 1 to {} bytes on one line, and says something", name, kTextBytesMax));
}

Status check_request(const MandateRequest& request, int64_t now) {
  WEERBAAR_TRY(check_text("case", request.case_id));
  WEERBAAR_TRY(check_text("ground", request.ground));
  if (request.from >= request.to || request.to <= now) {
    return fail(Code::kInvalid, "the period of a mandate ends after it begins, and after now");
  }
  if (request.to - request.from > kMandateDaysMax * kMicrosPerDay) {
    return fail(Code::kInvalid,
                fmt::format("a mandate is for at most {} days: ask for another one then", kMandateDaysMax));
  }
  return {};
}

// Others see those that they asked for.
bool sees_all(const Account& viewer) {
  return may(viewer.roles, Permission::kDecideMandate) || may(viewer.roles, Permission::kProve);
}

// At random, of nine digits: what others are there, or were asked between two, cannot be read from it.
Result<int64_t> new_number(sql::Database& database) {
  constexpr int64_t kFirst = 100'000'000;
  constexpr uint64_t kNumbers = 900'000'000;
  for (;;) {
    std::array<uint8_t, sizeof(uint64_t)> random{};
    WEERBAAR_TRY(os::fill_random(random));
    const int64_t number = kFirst + static_cast<int64_t>(load_be<uint64_t>(random.data()) % kNumbers);
    bool is_used = false;
    WEERBAAR_TRY(
        database.query("SELECT number FROM mandate WHERE number = $1", {number}, [&](const sql::Row&) -> Status {
          is_used = true;
          return {};
        }));
    if (!is_used) return number;
  }
}

}  // namespace

std::string_view to_string(Mandate::State state) {
  switch (state) {
    case Mandate::State::kAsked:
      return "asked";
    case Mandate::State::kApproved:
      return "approved";
    case Mandate::State::kWithdrawn:
      return "withdrawn";
    case Mandate::State::kEnded:
      return "ended";
  }
  return "";
}

Mandate::State Mandate::state(int64_t now) const {
  if (withdrawn_at != 0) return State::kWithdrawn;
  if (now >= to) return State::kEnded;
  return approved_at != 0 ? State::kApproved : State::kAsked;
}

std::string Mandate::about_as_asked() const {
  return pseudonym.empty() ? to_string(about) : to_string(About{about.type, pseudonym});
}

bool Mandates::is_oneself(const About& about, const Account& account) const {
  return accounts_.is_about(about, account.employee);
}

// Who it is about learns of it later, and not from here. What he asked himself he knows of: by that very id, for while
// the register cannot be read everybody may be anybody.
bool Mandates::is_hidden_from(const Mandate& mandate, const Account& account) const {
  return is_oneself(mandate.about, account) && folded_id(mandate.asked_by) != folded_id(account.employee);
}

bool Mandates::sees(const Account& viewer, const Mandate& mandate, int64_t asker) const {
  return (asker == viewer.number || sees_all(viewer)) && !is_hidden_from(mandate, viewer);
}

Result<Mandate> Mandates::ask(const Account& asker, const MandateRequest& request, Deed deed, const Record& record) {
  const int64_t now = store_.now();
  WEERBAAR_TRY(check_request(request, now));
  if (!may(asker.roles, Permission::kAskMandate)) return fail(Code::kDenied, "your roles do not let you ask for this");
  Mandate mandate;
  static_cast<MandateRequest&>(mandate) = request;
  mandate.asked_by = asker.employee;
  mandate.asked_at = now;
  if (mandate.pseudonym.empty() && is_oneself(mandate.about, asker))
    return fail(Code::kDenied, "nobody looks into himself");
  return store_.write([&](sql::Database& database) -> Result<Mandate> {
    WEERBAAR_ASSIGN(mandate.number, new_number(database));
    const sql::Value pseudonym = mandate.pseudonym.empty() ? sql::Value() : sql::Value(mandate.pseudonym);
    WEERBAAR_TRY(database.change(
        "INSERT INTO mandate (number, case_id, ground, about, valid_from, valid_to, asked_by, asked_at, "
        "pseudonym) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {mandate.number, mandate.case_id, mandate.ground, to_string(mandate.about), mandate.from, mandate.to,
         asker.number, now, pseudonym}));
    describe(mandate, deed);
    WEERBAAR_TRY(record(deed));
    return mandate;
  });
}

Result<Mandate> Mandates::approve(const Account& approver, int64_t number, Deed deed, const Record& record) {
  if (!may(approver.roles, Permission::kDecideMandate)) {
    return fail(Code::kDenied, "your roles do not let you decide about mandates");
  }
  WEERBAAR_ASSIGN(const Row asked, store_.read([&](sql::Database& database) { return find_row(database, number); }));
  if (is_hidden_from(asked.mandate, approver)) return no_such_mandate();
  WEERBAAR_ASSIGN(const Account asker, accounts_.find(asked.asker));
  if (accounts_.is_same_person(asker, approver)) {
    return fail(Code::kDenied, "another person than the one who asked has to approve: two pairs of eyes");
  }
  if (is_oneself(asked.mandate.about, asker)) {
    return fail(Code::kDenied, "nobody looks into himself: another person has to ask for this");
  }
  const int64_t now = store_.now();
  return store_.write([&](sql::Database& database) -> Result<Mandate> {
    WEERBAAR_ASSIGN(Row row, find_row(database, number));
    Mandate& mandate = row.mandate;
    switch (mandate.state(now)) {
      case Mandate::State::kAsked:
        break;
      case Mandate::State::kEnded:
        return fail(Code::kInvalid, "the period of the mandate is over: it has to be asked again");
      case Mandate::State::kApproved:
      case Mandate::State::kWithdrawn:
        return fail(Code::kExists, "the mandate was decided about already");
    }
    mandate.approved_by = approver.employee;
    mandate.approved_at = now;
    WEERBAAR_TRY(database.change("UPDATE mandate SET approved_by = $1, approved_at = $2 WHERE number = $3",
                                 {approver.number, now, number}));
    describe(mandate, deed);
    WEERBAAR_TRY(record(deed));
    return mandate;
  });
}

Result<Mandate> Mandates::withdraw(const Account& by, int64_t number, Deed deed, const Record& record) {
  const int64_t now = store_.now();
  return store_.write([&](sql::Database& database) -> Result<Mandate> {
    WEERBAAR_ASSIGN(Row row, find_row(database, number));
    Mandate& mandate = row.mandate;
    if (!sees(by, mandate, row.asker)) return no_such_mandate();
    const bool own = row.asker == by.number && may(by.roles, Permission::kWithdrawMandate);
    if (!own && !may(by.roles, Permission::kDecideMandate)) {
      return fail(Code::kDenied, "a mandate is withdrawn by who asked it, or by who may decide about it");
    }
    if (mandate.withdrawn_at != 0) return fail(Code::kExists, "the mandate was withdrawn already");
    mandate.withdrawn_by = by.employee;
    mandate.withdrawn_at = now;
    WEERBAAR_TRY(database.change("UPDATE mandate SET withdrawn_by = $1, withdrawn_at = $2 WHERE number = $3",
                                 {by.number, now, number}));
    describe(mandate, deed);
    WEERBAAR_TRY(record(deed));
    return mandate;
  });
}

Result<std::vector<Mandate>> Mandates::list(const Account& viewer, std::optional<int64_t> after, uint64_t limit) {
  const bool all = sees_all(viewer);
  int64_t asked_at = INT64_MAX;
  int64_t number = INT64_MAX;
  if (after) {
    const auto last = find(viewer, *after);
    if (!last && last.error().code == Code::kNotFound) {
      return fail(Code::kInvalid, "cursor is what the page before gave as next");
    }
    if (!last) return std::unexpected(last.error());
    asked_at = last->asked_at;
    number = last->number;
  }
  std::vector<Mandate> mandates;
  for (;;) {
    WEERBAAR_ASSIGN(const std::vector<Row> rows, store_.read([&](sql::Database& database) {
      return select(database,
                    "WHERE (m.asked_at < $1 OR (m.asked_at = $1 AND m.number < $2)) AND (m.asked_by = $3 OR $4 = 1) "
                    "ORDER BY m.asked_at DESC, m.number DESC LIMIT $5",
                    {asked_at, number, viewer.number, int64_t{all}, static_cast<int64_t>(limit)});
    }));
    for (const Row& row : rows) {
      if (sees(viewer, row.mandate, row.asker) && mandates.size() < limit) mandates.push_back(row.mandate);
    }
    // What is hidden is made up for.
    if (rows.size() < limit || mandates.size() == limit) return mandates;
    asked_at = rows.back().mandate.asked_at;
    number = rows.back().mandate.number;
  }
}

Result<Mandate> Mandates::find(const Account& viewer, int64_t number) {
  return store_.read([&](sql::Database& database) -> Result<Mandate> {
    WEERBAAR_ASSIGN(const Row row, find_row(database, number));
    if (!sees(viewer, row.mandate, row.asker)) return no_such_mandate();
    return row.mandate;
  });
}

Result<Mandate> Mandates::find(int64_t number) {
  return store_.read([&](sql::Database& database) -> Result<Mandate> {
    WEERBAAR_ASSIGN(const Row row, find_row(database, number));
    return row.mandate;
  });
}

Result<Mandate> Mandates::find_to_reveal(const Account& viewer, int64_t number) {
  const int64_t now = store_.now();
  return store_.read([&](sql::Database& database) -> Result<Mandate> {
    WEERBAAR_ASSIGN(const Row row, find_row(database, number));
    if (!sees(viewer, row.mandate, row.asker)) return no_such_mandate();
    const Mandate& mandate = row.mandate;
    const bool is_open = row.asker == viewer.number && may(viewer.roles, Permission::kReveal) &&
                         mandate.state(now) == Mandate::State::kApproved && mandate.from <= now &&
                         !is_oneself(mandate.about, viewer);
    if (!is_open) {
      return fail(Code::kDenied, "whom a mandate is about is told to who asked it, while it is approved and valid");
    }
    return mandate;
  });
}

Result<std::optional<Mandate>> Mandates::covering(const Account& viewer, const About& about) {
  if (!may(viewer.roles, Permission::kReveal) || is_oneself(about, viewer)) return std::nullopt;
  const int64_t now = store_.now();
  WEERBAAR_ASSIGN(const std::vector<Row> rows, store_.read([&](sql::Database& database) {
    return select(database,
                  "WHERE m.asked_by = $1 AND m.about = $2 AND m.approved_at IS NOT NULL AND m.withdrawn_at IS NULL "
                  "AND m.valid_from <= $3 AND m.valid_to > $3 ORDER BY m.asked_at DESC, m.number DESC",
                  {viewer.number, to_string(about), now});
  }));
  if (rows.empty()) return std::nullopt;
  return rows[0].mandate;
}

}  // namespace weerbaar::people
