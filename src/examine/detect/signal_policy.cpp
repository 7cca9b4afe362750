#include "examine/detect/signal_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/toml.h"
#include "base/utf8.h"
#include "examine/detect/registry.h"

namespace weerbaar::detect {
namespace {

struct Bounds {
  double min = 0;
  double max = 0;
};
constexpr Bounds kPer10000{0, 10'000};
constexpr Bounds kScore{0, 1'000};
constexpr Bounds kShare{0, 0.95};
constexpr Bounds kPeriods{0, 26};
constexpr Bounds kWeight{0, 10};
constexpr Bounds kCap{1, 100};

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Result<SignalPolicy> read(const toml::table& table) const {
    SignalPolicy policy;
    double rest = 0;
    const Number numbers[] = {{"budget", &policy.budget, kPer10000},
                              {"random", &policy.random, kPer10000},
                              {"score_min", &policy.score_min, kScore},
                              {"left", &policy.left, kShare},
                              {"rest", &rest, kPeriods}};
    WEERBAAR_TRY(read_numbers(table, numbers, "detector"));
    policy.rest = static_cast<uint32_t>(rest);
    policy.detectors.resize(detectors().size());
    const toml::node* const named = table.get("detector");
    if (named == nullptr || !named->is_table()) {
      return fail(Code::kInvalid, fmt::format("{}: no detector counts: add sections [detector.NAME]", file_));
    }
    for (const auto& [key, node] : *named->as_table()) {
      const auto found = std::ranges::find(detectors(), key.str(), &DetectorKind::id);
      if (found == detectors().end()) return wrong(key.source(), fmt::format("there is no such detector: {}", names()));
      if (!node.is_table()) return wrong(node.source(), "write a section with weight and cap");
      DetectorWeight& weight = policy.detectors[static_cast<size_t>(found - detectors().begin())];
      const Number parts[] = {{"weight", &weight.weight, kWeight}, {"cap", &weight.cap, kCap}};
      WEERBAAR_TRY(read_numbers(*node.as_table(), parts, ""));
    }
    return policy;
  }

 private:
  struct Number {
    std::string_view name;
    double* value;
    Bounds bounds;
  };

  std::unexpected<Error> wrong(const toml::source_region& at, std::string_view what) const {
    return fail(Code::kInvalid, fmt::format("{}:{}:{}: {}", file_, at.begin.line, at.begin.column, what));
  }
  static std::string names() {
    std::string names;
    for (const DetectorKind& kind : detectors()) names += fmt::format("{}{}", names.empty() ? "" : ", ", kind.id);
    return names;
  }
  // All of them must be there, and nothing else but `other`.
  Status read_numbers(const toml::table& table, std::span<const Number> numbers, std::string_view other) const {
    for (const auto& [key, node] : table) {
      if (key.str() == other) continue;
      const auto number = std::ranges::find(numbers, key.str(), &Number::name);
      if (number == numbers.end()) return wrong(key.source(), "an unknown key: see docs/signals.md");
      const auto value = node.value<double>();
      if (!value || !(*value >= number->bounds.min && *value <= number->bounds.max)) {
        return wrong(node.source(),
                     fmt::format("write a number from {} to {}", number->bounds.min, number->bounds.max));
      }
      *number->value = *value;
    }
    for (const Number& number : numbers) {
      if (table.get(number.name) != nullptr) continue;
      return wrong(table.source(), fmt::format("{} is missing: add {} = …", number.name, number.name));
    }
    return {};
  }

  std::string_view file_;
};

}  // namespace

Result<SignalPolicy> read_signal_policy(std::string_view toml, std::string_view file) {
  if (!is_utf8(toml)) return fail(Code::kInvalid, fmt::format("{}: it is no UTF-8", file));
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(toml, file));
  return Reader(file).read(table);
}

}  // namespace weerbaar::detect
