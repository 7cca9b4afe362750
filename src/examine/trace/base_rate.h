// How likely an employee consulted a person anyway, in the course of the work that the log shows: the base rate that
// leak tracing holds a consultation against.
//
// A person t was consulted by n readers. Each of them would be reader j with the share s that j has in the
// consultations of persons like t, so that
//
//   expected(j, t) = n · s(j, t)                     b(j, t) = 1 − exp(−expected(j, t))
//
// Who is like t? Whom the other readers k of t consult. With P_k the persons of k without t, and V_u the readers of u:
//
//   s(j | k)  = (persons of P_k that j consulted too + m · s(j)) / (Σ_{u ∈ P_k} (|V_u| − 1) + m)
//   s(j, t)   = mean of s(j | k) over the readers k ≠ j of t, those with few persons weighing most
//   s(j)      = (|P_j| + 1) / (all looks + readers)     alone when nobody else consulted t
//
// So a call-centre agent who consults five per cent of everybody has a high base rate everywhere, a colleague of the
// same region a high one for persons of that region, and everyone a high one for somebody of public interest. Readers
// with few persons weigh most because they say most about where t belongs. t itself is left out of what is ordinary.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "examine/trace/activity.h"

namespace weerbaar::trace {

// Not thread-safe: it keeps memory between calls.
class BaseRates {
 public:
  // Readers of a person whose other persons are looked at, and how many of each: with more, an answer takes longer and
  // hardly changes.
  static constexpr size_t kContextMax = 16;
  static constexpr size_t kPersonsOfContextMax = 4'000;
  // What is remembered of readers, in bytes.
  static constexpr size_t kCompanyBytesMax = size_t{128} << 20U;
  // m: how many looks the general share of a reader counts for.
  static constexpr double kPriorLooks = 25;
  static constexpr double kRateMin = 1e-9;

  // `activity` must outlive it.
  explicit BaseRates(const Activity& activity);

  [[nodiscard]] const Activity& activity() const { return activity_; }
  // Replaces `rates` by b(j, person) of each j in `asked`, between kRateMin and 1. `readers`: who consulted the person,
  // each once, whatever the activity says of it.
  void find(Person person, std::span<const Reader> readers, std::span<const Reader> asked, std::vector<double>& rates);
  // Of the readers whom the activity names, in their order; remembered.
  std::span<const double> of(Person person);

 private:
  struct Together {
    Reader reader = 0;
    uint32_t persons = 0;
  };
  // Who consults the persons of a reader. Those are all, or every step-th when there are many.
  struct Company {
    size_t step = 1;
    size_t looks = 0;  // of others
    // One of both is empty: a number for each reader, or only for those met, ascending, when they are few of all.
    std::vector<uint32_t> of_all;
    std::vector<Together> met;

    [[nodiscard]] uint32_t with(Reader reader) const;
    [[nodiscard]] size_t bytes() const { return of_all.size() * sizeof(uint32_t) + met.size() * sizeof(Together); }
  };

  void choose_context(std::span<const Reader> readers);
  const Company& company_of(Reader reader);
  void add_context(Reader context, Person person, std::span<const Reader> asked);

  const Activity& activity_;
  std::vector<double> general_shares_;  // s(j)
  std::vector<Reader> context_;
  std::unordered_map<Reader, Company> companies_;
  size_t company_bytes_ = 0;
  std::vector<uint32_t> counts_;  // of each reader; zeros between calls
  std::vector<bool> is_reader_;   // of each asked: the activity has it among those of the person
  std::vector<double> shares_;
  std::vector<double> weights_;
  std::vector<uint32_t> remembered_;  // of a person in kept_; kNone for others
  std::vector<std::vector<double>> kept_;
  std::vector<Reader> readers_;
};

}  // namespace weerbaar::trace
