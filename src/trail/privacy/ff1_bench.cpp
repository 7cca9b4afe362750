#include "trail/privacy/ff1.h"

#include <benchmark/benchmark.h>

namespace weerbaar::trail {
namespace {

Ff1 make() {
  return Ff1::create(Bytes(32, 7)).value();
}

// Argument: how many numbers a call encrypts.
void Ff1_nine_digits(benchmark::State& state) {
  const Ff1 ff1 = make();
  std::vector<uint64_t> numbers(static_cast<size_t>(state.range(0)), 123'456'782);
  for (auto _ : state) {
    ff1.encrypt_digits(as_bytes("t"), 9, numbers);
    benchmark::DoNotOptimize(numbers.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Ff1_nine_digits)->Arg(1)->Arg(8)->Arg(64)->Arg(4'096);

// Arguments: how many texts a call encrypts, and their length.
void Ff1_texts(benchmark::State& state) {
  const Ff1 ff1 = make();
  std::vector<Bytes> texts(static_cast<size_t>(state.range(0)), Bytes(static_cast<size_t>(state.range(1)), 'u'));
  const std::vector<std::span<uint8_t>> views(texts.begin(), texts.end());
  for (auto _ : state) ff1.encrypt_texts(as_bytes("t"), views);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Ff1_texts)->Args({1, 7})->Args({1'024, 7})->Args({1'024, 24})->Args({1'024, 64});

}  // namespace
}  // namespace weerbaar::trail
