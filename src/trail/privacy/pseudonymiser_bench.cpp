#include "trail/privacy/pseudonymiser.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace weerbaar::trail {
namespace {

Pseudonymiser make() {
  return Pseudonymiser::create(Bytes(kPeriodKeyBytes, 7)).value();
}

// Argument: how many BSNs a call encrypts. Parsing the digits is part of it.
void Pseudonymiser_subjects(benchmark::State& state) {
  const Pseudonymiser key = make();
  const std::vector<std::string_view> digits(static_cast<size_t>(state.range(0)), "123456782");
  std::vector<uint64_t> pseudonyms(digits.size());
  for (auto _ : state) {
    key.encrypt_digits(Domain::kSubjectBsn, digits, pseudonyms);
    benchmark::DoNotOptimize(pseudonyms.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Pseudonymiser_subjects)->Arg(1)->Arg(64)->Arg(4'096);

// Arguments: how many identifiers a call encrypts, and their length.
void Pseudonymiser_identifiers(benchmark::State& state) {
  const Pseudonymiser key = make();
  const std::string identifier(static_cast<size_t>(state.range(1)), 'u');
  const std::vector<std::string_view> identifiers(static_cast<size_t>(state.range(0)), identifier);
  Bytes pseudonyms;
  for (auto _ : state) {
    pseudonyms.clear();
    key.encrypt_identifiers(Domain::kActor, identifiers, pseudonyms);
    benchmark::DoNotOptimize(pseudonyms.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Pseudonymiser_identifiers)
    ->Args({1, 7})
    ->Args({4'096, 7})
    ->Args({4'096, 15})
    ->Args({4'096, 40})
    ->Args({4'096, 80});

// Argument: length of the text.
void Pseudonymiser_text(benchmark::State& state) {
  const Pseudonymiser key = make();
  const std::string text(static_cast<size_t>(state.range(0)), 'x');
  Bytes sealed;
  for (auto _ : state) {
    sealed.clear();
    key.encrypt_text(Domain::kQuery, text, sealed);
    benchmark::DoNotOptimize(sealed.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Pseudonymiser_text)->Arg(50)->Arg(1'000);

void Pseudonymiser_create(benchmark::State& state) {
  const Bytes key(kPeriodKeyBytes, 7);
  for (auto _ : state) benchmark::DoNotOptimize(Pseudonymiser::create(key).has_value());
}
BENCHMARK(Pseudonymiser_create);

}  // namespace
}  // namespace weerbaar::trail
