// The words of the sample: a tax administration that does not exist. Systems, functions and streets are invented and
// sound as they might; surnames are ordinary Dutch ones, and many more put together from syllables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::sample {

struct Component {
  std::string_view name;  // of a screen or transaction
  std::span<const std::string_view> data;
};

struct System {
  std::string_view name;
  std::string_view title;
  std::string_view source;  // that delivers its log
  std::span<const Component> components;
};
// kSystems of them. The first one is the register of persons, which everybody may search.
std::span<const System> systems();

enum SystemNumber : uint8_t {
  kBvr,
  kDossier,
  kTaken,
  kInning,
  kAanslag,
  kHeffing,
  kToeslag,
  kHuurtoe,
  kZorgtoe,
  kKindop,
  kBezwaar,
  kBeroep,
  kDwang,
  kBeslag,
  kSchuld,
  kBetaal,
  kAuto,
  kRitten,
  kBpmreg,
  kMilieu,
  kOmzet,
  kLoon,
  kVennoot,
  kOndern,
  kContrl,
  kRisico,
  kErfenis,
  kSchenk,
  kWoznet,
  kVermog,
  kBankrk,
  kBellijn,
  kBalie,
  kBrief,
  kArchief,
  kPostin,
  kRapport,
  kBuitenl,
  kGezin,
  kTestnet,
  kSystems
};

// What people do for their work; the shape of their day depends on it.
enum FunctionNumber : uint8_t {
  kAssessment,
  kCollection,
  kObjections,
  kPhone,
  kCounter,
  kAudit,
  kVehicleTax,
  kBenefits,
  kInheritance,
  kInspection,
  kItSupport,
  kArchivist,
  kFunctions
};

// Of a hundred pieces of work, how many are of each kind.
struct WorkMix {
  uint8_t cases = 0;
  uint8_t phone = 0;
  uint8_t counter = 0;
  uint8_t letter = 0;
  uint8_t queue = 0;
  uint8_t audit = 0;
  uint8_t region = 0;
  uint8_t test = 0;
};

struct Function {
  std::string_view id;
  std::string_view name;
  std::string_view directorate;
  std::string_view activity;  // processing activity, a URI
  std::string_view activity_name;
  std::string_view legal_basis;
  uint32_t share;              // of the employees, in thousandths
  uint32_t tasks_of_ten_days;  // pieces of work in ten whole working days, outside the season
  uint32_t at_home;            // of their days, in thousandths
  uint32_t evening;            // who work in the evening, in thousandths
  WorkMix mix;
  std::span<const SystemNumber> systems;  // those that are used most come first
};
std::span<const Function> functions();

struct Office {
  std::string_view id;
  std::string_view name;
  uint32_t postcode;  // the first of its regions
};
std::span<const Office> offices();

// Surnames, the most usual first.
std::vector<std::string> surnames();
// The first `surnames_usual` of them are those that many people bear.
inline constexpr uint32_t kSurnamesUsual = 96;
std::span<const std::string_view> street_names();
std::span<const std::string_view> initials();

// Why somebody broke the glass: reasons that a reviewer accepts.
std::span<const std::string_view> good_reasons();

}  // namespace weerbaar::sample
