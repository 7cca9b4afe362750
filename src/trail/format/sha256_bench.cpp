// Leaf hashes a second by every implementation that the processor has, and by OpenSSL with a fetched digest beside it.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <vector>

#include "trail/format/sha256.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kEntries = 4096;

// Entries of one size beside each other, as they stand in a batch.
class Entries {
 public:
  explicit Entries(size_t entry_bytes) : bytes_(kEntries * entry_bytes) {
    for (size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = static_cast<uint8_t>(i * 167);
    for (size_t i = 0; i < kEntries; ++i) views_.push_back(ByteView(bytes_).subspan(i * entry_bytes, entry_bytes));
  }
  [[nodiscard]] std::span<const ByteView> views() const { return views_; }

 private:
  Bytes bytes_;
  std::vector<ByteView> views_;
};

void count_items(benchmark::State& state, size_t each_round) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(each_round));
}

void leaves(benchmark::State& state, Implementation implementation) {
  const Entries entries(static_cast<size_t>(state.range(0)));
  std::vector<Hash> hashes(kEntries);
  for (auto _ : state) {
    leaf_hashes(entries.views(), hashes, implementation);
    benchmark::DoNotOptimize(hashes.data());
  }
  count_items(state, kEntries);
}

void nodes(benchmark::State& state, Implementation implementation) {
  std::vector<Hash> hashes(2 * kEntries);
  for (auto _ : state) {
    node_hashes(hashes, std::span(hashes).first(kEntries), implementation);
    benchmark::DoNotOptimize(hashes.data());
  }
  count_items(state, kEntries);
}

void leaves_by_openssl(benchmark::State& state) {
  const Entries entries(static_cast<size_t>(state.range(0)));
  const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const uint8_t prefix = 0;
  Hash hash;
  for (auto _ : state) {
    for (const ByteView entry : entries.views()) {
      EVP_DigestInit_ex2(context.get(), digest.get(), nullptr);
      EVP_DigestUpdate(context.get(), &prefix, 1);
      EVP_DigestUpdate(context.get(), entry.data(), entry.size());
      EVP_DigestFinal_ex(context.get(), hash.data(), nullptr);
      benchmark::DoNotOptimize(hash.data());
    }
  }
  count_items(state, kEntries);
}

// Which implementations there are is known only when the program runs.
const bool registered = [] {
  for (const Implementation implementation : available_implementations()) {
    const std::string name(to_string(implementation));
    benchmark::RegisterBenchmark(("leaves/" + name).c_str(), leaves, implementation)->Arg(120)->Arg(200);
    benchmark::RegisterBenchmark(("nodes/" + name).c_str(), nodes, implementation);
  }
  benchmark::RegisterBenchmark("leaves/OpenSSL", leaves_by_openssl)->Arg(120)->Arg(200);
  return true;
}();

}  // namespace
}  // namespace weerbaar::trail
