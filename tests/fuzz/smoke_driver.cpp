// Runs a fuzz target without libFuzzer: over every file of the folders named, and over inputs mutated from them with a
// fixed seed, so that the ordinary test suite exercises every parser on hostile bytes.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kMutations = 2000;
constexpr size_t kInputBytesMax = 1 << 16;

std::string mutate(const std::string& seed, std::mt19937_64& random) {
  std::string input = seed;
  const int edits = static_cast<int>(random() % 8) + 1;
  for (int edit = 0; edit < edits; ++edit) {
    const auto byte = static_cast<char>(random());
    if (input.empty() || random() % 4 == 0) {
      input.insert(input.begin() + static_cast<long>(random() % (input.size() + 1)), byte);
    } else if (random() % 5 == 0) {
      const size_t at = random() % input.size();
      input.erase(at, random() % 16 + 1);
    } else if (random() % 9 == 0) {
      input.resize(random() % input.size());
    } else {
      input[random() % input.size()] = byte;
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> seeds;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& file : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!file.is_regular_file()) continue;
      std::ifstream stream(file.path(), std::ios::binary);
      seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
  }
  const size_t files = seeds.size();
  if (seeds.empty()) seeds.emplace_back();
  for (const auto& seed : seeds) LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(seed.data()), seed.size());
  std::mt19937_64 random(20231107);
  for (int i = 0; i < kMutations; ++i) {
    std::string input = mutate(seeds[random() % seeds.size()], random);
    if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
  std::printf("%zu files and %d mutations: no finding\n", files, kMutations);
  return 0;
}
