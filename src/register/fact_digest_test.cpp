#include "register/fact_digest.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "trail/format/sha256.h"

namespace weerbaar::facts {
namespace {

// A text and a whole number.
class OneRow final : public sql::Row {
 public:
  OneRow(std::optional<std::string> text, int64_t integer) : text_(std::move(text)), integer_(integer) {}
  [[nodiscard]] bool is_null(size_t column) const override { return column == 0 && !text_; }
  [[nodiscard]] int64_t integer(size_t column) const override { return column == 1 ? integer_ : 0; }
  [[nodiscard]] std::string_view text(size_t column) const override {
    return column == 0 && text_ ? std::string_view(*text_) : std::string_view();
  }

 private:
  std::optional<std::string> text_;
  int64_t integer_;
};

TableState state_of(const std::vector<OneRow>& rows) {
  FactDigest digest;
  for (const OneRow& row : rows) digest.add(row, 1, 1);
  return digest.finish();
}

TEST(FactDigest, of_facts_that_differ_in_anything_is_another) {
  std::set<std::string> seen;
  const std::vector<std::vector<OneRow>> all = {{{"a", 1}},           {{"b", 1}},  {{"a", 2}},
                                                {{std::nullopt, 1}},  {{"", 1}},   {{"a", 1}, {"b", 1}},
                                                {{"b", 1}, {"a", 1}}, {{"ab", 1}}, {{"a", 1}, {"a", 1}}};
  for (const auto& rows : all) EXPECT_TRUE(seen.insert(state_of(rows).digest).second);
  EXPECT_EQ(state_of({}), TableState{});
}

// As the document says it, for many chunks too.
TEST(FactDigest, is_the_hash_of_the_hashes_of_each_4096_facts) {
  for (const size_t count : {size_t{1}, size_t{4'095}, size_t{4'096}, size_t{4'097}, size_t{10'000}}) {
    std::vector<OneRow> rows;
    Bytes hashes;
    Bytes chunk;
    for (size_t i = 0; i < count; ++i) {
      const std::string text = std::to_string(i);
      rows.emplace_back(text, -5);
      append_le(chunk, static_cast<uint32_t>(text.size()));
      append(chunk, as_bytes(text));
      append_le(chunk, static_cast<uint64_t>(int64_t{-5}));
      if ((i + 1) % 4'096 != 0 && i + 1 != count) continue;
      const trail::Hash hash = trail::sha256(chunk);
      hashes.insert(hashes.end(), hash.begin(), hash.end());
      chunk.clear();
    }
    EXPECT_EQ(state_of(rows), (TableState{count, to_hex(trail::sha256(hashes))})) << count;
  }
}

}  // namespace
}  // namespace weerbaar::facts
