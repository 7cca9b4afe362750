// Every case under cases/<format>/<case>/:
//   input.*        the delivery
//   mapping.toml   what goes with it; absent: nothing
//   expected.txt   the facts, "place: table cells validity", in their order; absent when there are none
//   refusals.txt   "place: why" of each refusal; absent when there are none
//   error.txt      why it cannot be taken at all; absent when it can
// A case whose name begins with "whole-" is read as a snapshot.
#include "register/formats.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/time.h"

namespace weerbaar::facts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kDigitsInReasonMax = 5;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

fs::path cases() {
  return fs::path(WEERBAAR_SOURCE_DIR) / "src/register/cases";
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(folder)) all.push_back(entry.path());
  std::ranges::sort(all);
  return all;
}

struct Read {
  std::string rows;
  std::string refusals;
  std::string error;
};

std::string moment(int64_t micros) {
  return micros == kAlways || micros == kUntilFurtherNotice ? std::string("-") : format_time({micros, 0});
}

Read read(std::string_view format, std::string_view input, std::string_view mapping_text, bool is_snapshot) {
  Read result;
  auto mapping = parse_delivery_mapping(format, mapping_text, "mapping.toml");
  if (!mapping) {
    result.error = mapping.error().text + "\n";
    return result;
  }
  const auto delivery = find_delivery_format(format)->open(input, std::move(*mapping), is_snapshot);
  const Status status = delivery->read(
      [&](const FactRow& row) -> Status {
        EXPECT_NE(std::ranges::find(delivery->tables(), row.table), delivery->tables().end());
        EXPECT_EQ(row.cells.size(), row.table->columns.size());
        for (size_t i = 0; i < row.cells.size(); ++i) {
          EXPECT_TRUE(row.cells[i].empty() || delivery->knows(*row.table, i)) << row.table->columns[i].name;
        }
        result.rows +=
            fmt::format("{}: {} {}", name_place(format, row.place), row.table->name, fmt::join(row.cells, "|"));
        if (row.valid_from != kAlways || row.valid_to != kUntilFurtherNotice) {
          result.rows += fmt::format(" from {} to {}", moment(row.valid_from), moment(row.valid_to));
        }
        if (!row.reference.empty()) result.rows += fmt::format(" known as {}", row.reference);
        result.rows += '\n';
        return {};
      },
      [&](const Refusal& refusal) {
        result.refusals +=
            fmt::format("{}{}: {}\n", name_place(format, refusal.place),
                        refusal.table == nullptr ? "" : fmt::format(" ({})", refusal.table->name), refusal.why);
      });
  if (!status) result.error = status.error().text + "\n";
  return result;
}

size_t longest_run_of_digits(std::string_view text) {
  size_t longest = 0;
  size_t run = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

TEST(DeliveryCases, give_the_facts_and_the_refusals_that_stand_beside_them) {
  std::map<std::string, size_t> seen;
  for (const fs::path& format : sorted_entries(cases())) {
    ASSERT_NE(find_delivery_format(format.filename().string()), nullptr) << format;
    for (const fs::path& folder : sorted_entries(format)) {
      SCOPED_TRACE(folder.string());
      std::string input;
      for (const fs::path& file : sorted_entries(folder)) {
        if (file.filename().string().starts_with("input.")) input = text_of(file);
      }
      const Read found = read(format.filename().string(), input, text_of(folder / "mapping.toml"),
                              folder.filename().string().starts_with("whole-"));
      EXPECT_EQ(found.error, text_of(folder / "error.txt"));
      EXPECT_EQ(found.rows, text_of(folder / "expected.txt"));
      EXPECT_EQ(found.refusals, text_of(folder / "refusals.txt"));
      // A uuid or number of somebody has more digits, and whoever appears in a case is called secret.
      for (const std::string* said : {&found.error, &found.refusals}) {
        EXPECT_LE(longest_run_of_digits(*said), kDigitsInReasonMax);
        EXPECT_THAT(*said, Not(HasSubstr("secret")));
      }
      seen[format.filename().string()] += 1;
    }
  }
  for (const DeliveryFormat& format : delivery_formats()) EXPECT_GE(seen[std::string(format.name)], 2U) << format.name;
}

// What a snapshot that breaks off gives must not pass for the whole, wherever it breaks off.
TEST(DeliveryCases, that_break_off_are_an_error_or_refuse_what_was_cut) {
  for (const fs::path& format : sorted_entries(cases())) {
    const fs::path folder = format / (format.filename() == "zgw" ? "whole-pages" : "whole");
    const std::string name = format.filename().string();
    SCOPED_TRACE(name);
    std::string input;
    for (const fs::path& file : sorted_entries(folder)) {
      if (file.filename().string().starts_with("input.")) input = text_of(file);
    }
    ASSERT_FALSE(input.empty());
    const std::string mapping = text_of(folder / "mapping.toml");
    const Read whole = read(name, input, mapping, true);
    ASSERT_EQ(whole.error + whole.refusals, "");
    for (size_t size = 0; size < input.size(); ++size) {
      const Read cut = read(name, input.substr(0, size), mapping, true);
      EXPECT_FALSE(cut.error.empty() && cut.refusals.empty() && cut.rows != whole.rows) << size;
    }
  }
}

TEST(DeliveryFormats, are_found_by_name) {
  EXPECT_EQ(find_delivery_format("csv"), nullptr);
  EXPECT_FALSE(find_delivery_format("scim")->knows_history);
  EXPECT_TRUE(find_delivery_format("zgw")->knows_history);
  for (const DeliveryFormat& format : delivery_formats()) EXPECT_EQ(find_table(format.name), nullptr);
}

TEST(DeliveryPlaces, are_named_for_people_and_ordered_as_the_file) {
  EXPECT_EQ(name_place("csv", 7), "line 7");
  EXPECT_EQ(name_place("ldif", 7), "line 7");
  EXPECT_EQ(name_place("scim", item_place(7)), "item 7");
  EXPECT_EQ(name_place("zgw", item_place(7, 2)), "item 7, part 2");
  EXPECT_EQ(item_place(1, kPartsMax), item_place(1, kPartsMax + 1));
  EXPECT_LT(item_place(1, kPartsMax + 1), item_place(2));
}

}  // namespace
}  // namespace weerbaar::facts
