#include "trail/package/tiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "os/faulty.h"
#include "os/testing.h"
#include "trail/format/merkle.h"
#include "trail/package/testing.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

constexpr const char* kOut = "site/log";
constexpr uint64_t kFileBytesMax = 64 << 20;

// Every file below a directory, by its path from there. A directory is what can be listed.
void collect(os::FileSystem& files, const std::string& directory, const std::string& prefix,
             std::map<std::string, Bytes>& tree) {
  const std::vector<std::string> names = files.list(directory).value();
  for (const std::string& name : names) {
    const std::string path = os::join(directory, name);
    if (files.list(path).has_value()) {
      collect(files, path, prefix + name + "/", tree);
    } else {
      tree[prefix + name] = os::read_file(files, path, kFileBytesMax).value();
    }
  }
}

std::map<std::string, Bytes> tree_of(os::FileSystem& files, const std::string& directory = kOut) {
  std::map<std::string, Bytes> tree;
  collect(files, directory, "", tree);
  return tree;
}

std::set<std::string> names_of(const std::map<std::string, Bytes>& tree) {
  std::set<std::string> names;
  for (const auto& [name, content] : tree) names.insert(name);
  return names;
}

// A client that follows the text of c2sp.org/tlog-tiles and knows nothing of trail/format/tile.h: it starts from the
// checkpoint, and fetches only what a tree of that size must have.
class Reader {
 public:
  explicit Reader(std::map<std::string, Bytes> site) : site_(std::move(site)) {
    const std::string note(as_text(site_.at("checkpoint")));
    const size_t first = note.find('\n');
    const size_t second = note.find('\n', first + 1);
    const size_t third = note.find('\n', second + 1);
    origin = note.substr(0, first);
    size = std::stoull(note.substr(first + 1, second - first - 1));
    root = hash_from(from_base64(note.substr(second + 1, third - second - 1)).value());
  }

  // <L>/<N>[.p/<W>]: W = floor(size / 256^L) mod 256 for the last tile of a level.
  Bytes fetch(const std::string& level, uint64_t hashes_at_level, uint64_t number) {
    std::string path = fmt::format("{:03}", number % 1000);
    for (uint64_t rest = number / 1000; rest > 0; rest /= 1000) path = fmt::format("x{:03}/{}", rest % 1000, path);
    path = fmt::format("tile/{}/{}", level, path);
    if (number == hashes_at_level / 256) path += fmt::format(".p/{}", hashes_at_level % 256);
    const auto found = site_.find(path);
    EXPECT_NE(found, site_.end()) << path;
    fetched.insert(path);
    return found == site_.end() ? Bytes() : found->second;
  }

  std::vector<Hash> hashes(unsigned level) {
    const uint64_t count = size >> (8 * level);
    std::vector<Hash> all;
    for (uint64_t number = 0; number * 256 < count; ++number) {
      const Bytes tile = fetch(std::to_string(level), count, number);
      EXPECT_EQ(tile.size(), 32 * std::min<uint64_t>(256, count - number * 256));
      for (size_t at = 0; at + 32 <= tile.size(); at += 32) {
        all.push_back(
            hash_from(Bytes(tile.begin() + static_cast<long>(at), tile.begin() + static_cast<long>(at) + 32)));
      }
    }
    return all;
  }

  std::vector<Bytes> entries() {
    std::vector<Bytes> all;
    for (uint64_t number = 0; number * 256 < size; ++number) {
      const Bytes bundle = fetch("entries", size, number);
      size_t at = 0;
      while (at + 2 <= bundle.size()) {
        const size_t length = size_t{bundle[at]} << 8U | bundle[at + 1];
        all.emplace_back(bundle.begin() + static_cast<long>(at) + 2,
                         bundle.begin() + static_cast<long>(at + 2 + length));
        at += 2 + length;
      }
      EXPECT_EQ(at, bundle.size());
    }
    return all;
  }

  std::string origin;
  uint64_t size = 0;
  Hash root{};
  std::set<std::string> fetched = {"checkpoint"};

 private:
  static Hash hash_from(const Bytes& bytes) {
    Hash hash{};
    EXPECT_EQ(bytes.size(), hash.size());
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
  }

  std::map<std::string, Bytes> site_;
};

// MTH from the highest level down: full hashes of a level first, what they do not cover from the level below.
Hash root_from_tiles(Reader& reader) {
  std::vector<Hash> whole;  // hashes of complete subtrees, from left to right, sizes falling
  unsigned top = 0;
  while (reader.size >> (8 * (top + 1)) > 0) ++top;
  for (unsigned level = top + 1; level-- > 0;) {
    const std::vector<Hash> hashes = reader.hashes(level);
    const size_t covered = level == top ? 0 : static_cast<size_t>((reader.size >> (8 * (level + 1))) << 8U);
    size_t at = covered;
    for (size_t width = 256; width > 0; width /= 2) {
      while (hashes.size() - at >= width) {
        whole.push_back(tree_root(std::span(hashes).subspan(at, width)));
        at += width;
      }
    }
  }
  if (whole.empty()) return tree_root({});
  Hash root = whole.back();
  for (size_t i = whole.size() - 1; i-- > 0;) root = node_hash(whole[i], root);
  return root;
}

class ExportedSize : public testing::TestWithParam<uint64_t> {};

TEST_P(ExportedSize, is_read_by_a_client_that_follows_the_standard) {
  TestTrail made;
  made.fill(GetParam());
  const auto report = export_tiles(made.trail(), made.files(), kOut);
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->size.value(), GetParam());
  EXPECT_EQ(report->root, made.trail().checkpoint().root);

  const auto site = tree_of(made.files());
  EXPECT_EQ(as_text(site.at("checkpoint")), made.trail().checkpoint_note());
  EXPECT_EQ(report->files_written, site.size() - 1);
  Reader reader(site);
  EXPECT_EQ(reader.origin, "weerbaar.example/trail");
  ASSERT_EQ(reader.size, GetParam());
  const std::vector<Hash> leaves = reader.hashes(0);
  EXPECT_EQ(tree_root(leaves), reader.root);
  const std::vector<Bytes> entries = reader.entries();
  ASSERT_EQ(entries.size(), leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) ASSERT_EQ(leaf_hash(entries[i]), leaves[i]) << i;
  EXPECT_EQ(root_from_tiles(reader), reader.root);
  // Nothing is there that the standard does not name.
  EXPECT_EQ(names_of(site), reader.fetched);
}

INSTANTIATE_TEST_SUITE_P(Tiles, ExportedSize, testing::Values(0, 1, 255, 256, 257, 600));

TEST(Tiles, a_proof_is_made_from_tiles_alone) {
  TestTrail made;
  made.fill(600);
  ASSERT_TRUE(export_tiles(made.trail(), made.files(), kOut).has_value());
  Reader reader(tree_of(made.files()));
  const std::vector<Hash> leaves = reader.hashes(0);
  const std::vector<Hash> upper = reader.hashes(1);
  const RangeRoot range_root = [&](uint64_t begin, uint64_t end) -> Result<Hash> {
    if (begin % 256 == 0 && end % 256 == 0) {
      return tree_root(std::span(upper).subspan(begin / 256, (end - begin) / 256));
    }
    return tree_root(std::span(leaves).subspan(begin, end - begin));
  };
  for (const uint64_t index : {0U, 255U, 256U, 511U, 512U, 599U}) {
    const auto proof = inclusion_proof(EntryIndex(index), TreeSize(600), range_root).value();
    EXPECT_TRUE(verify_inclusion(EntryIndex(index), TreeSize(600), leaves[index], proof, reader.root).has_value());
  }
}

TEST(Tiles, seventy_thousand_entries_have_the_files_of_the_example_in_the_standard) {
  TestTrail made;
  made.fill(65'000);
  ASSERT_TRUE(export_tiles(made.trail(), made.files(), "steps").has_value());
  made.fill(70'000);
  ASSERT_TRUE(made.trail().finish_sealing().has_value());
  ASSERT_EQ(made.trail().sealed_size(), 65'536U);
  const auto report = export_tiles(made.trail(), made.files(), kOut);
  ASSERT_TRUE(report.has_value()) << report.error().text;

  std::set<std::string> expected = {"checkpoint", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"};
  for (unsigned number = 0; number < 273; ++number) {
    expected.insert(fmt::format("tile/0/{:03}", number));
    expected.insert(fmt::format("tile/entries/{:03}", number));
  }
  expected.insert("tile/0/273.p/112");
  expected.insert("tile/entries/273.p/112");
  const auto site = tree_of(made.files());
  EXPECT_EQ(names_of(site), expected);
  Reader reader(site);
  const std::vector<Hash> leaves = reader.hashes(0);
  EXPECT_EQ(tree_root(leaves), reader.root);
  EXPECT_EQ(root_from_tiles(reader), reader.root);
  const std::vector<Bytes> entries = reader.entries();
  ASSERT_EQ(entries.size(), 70'000U);
  for (size_t i = 0; i < leaves.size(); ++i) ASSERT_EQ(leaf_hash(entries[i]), leaves[i]) << i;

  // In two steps, over the edge of a segment, the same files come out, and the partial tiles between stay.
  ASSERT_TRUE(export_tiles(made.trail(), made.files(), "steps").has_value());
  auto steps = tree_of(made.files(), "steps");
  for (const char* between : {"tile/0/253.p/232", "tile/entries/253.p/232", "tile/1/000.p/253"}) {
    EXPECT_EQ(steps.erase(between), 1U) << between;
  }
  EXPECT_EQ(steps, site);
}

TEST(Tiles, a_later_export_adds_only_what_is_new) {
  TestTrail made;
  made.fill(300);
  ASSERT_TRUE(export_tiles(made.trail(), made.files(), kOut).has_value());
  EXPECT_EQ(export_tiles(made.trail(), made.files(), kOut).value().files_written, 0U);
  const auto before = tree_of(made.files());
  // A full tile is not written again, so what was done to it stays.
  const Bytes mark = {1};
  ASSERT_TRUE(os::write_file_atomically(made.files(), "site/log/tile/0/000", mark).has_value());

  made.fill(600);
  const auto report = export_tiles(made.trail(), made.files(), kOut).value();
  EXPECT_EQ(report.files_written, 5U);  // two full and partial each of hashes and entries, .p/2 at level 1
  auto after = tree_of(made.files());
  EXPECT_EQ(after.at("tile/0/000"), mark);
  for (const auto& [name, content] : before) {
    const bool may_differ = name == "checkpoint" || name == "tile/0/000";
    EXPECT_TRUE(may_differ || after.at(name) == content) << name;
  }
  EXPECT_TRUE(after.contains("tile/0/001"));
  EXPECT_TRUE(after.contains("tile/0/001.p/44"));
  EXPECT_TRUE(after.contains("tile/0/002.p/88"));
}

TEST(Tiles, entries_behind_the_signed_checkpoint_are_not_exported) {
  TestTrail made;
  made.fill(3);
  AccessEvent event;
  event.id = "later";
  event.source = "test";
  event.actor.id = "u1";
  event.system = "BVR";
  made.add(event);
  ASSERT_TRUE(export_tiles(made.trail(), made.files(), kOut).has_value());
  EXPECT_EQ(names_of(tree_of(made.files())),
            (std::set<std::string>{"checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"}));
}

TEST(Tiles, refuses_a_directory_that_holds_something_else) {
  TestTrail made;
  made.fill(3);
  ASSERT_TRUE(made.files().make_directory(kOut).has_value());
  ASSERT_TRUE(os::write_file_atomically(made.files(), "site/log/letter", as_bytes("dear")).has_value());
  EXPECT_EQ(refusal(export_tiles(made.trail(), made.files(), kOut)), Code::kExists);
  ASSERT_TRUE(os::write_file_atomically(made.files(), "site/log/checkpoint", as_bytes("dear\n\nyours")).has_value());
  EXPECT_EQ(refusal(export_tiles(made.trail(), made.files(), kOut)), Code::kExists);
  EXPECT_EQ(tree_of(made.files()).size(), 2U);
}

TEST(Tiles, refuses_the_export_of_another_log) {
  TestTrail made;
  TestTrail other("other.example/trail");
  made.fill(3);
  other.fill(3);
  ASSERT_TRUE(export_tiles(other.trail(), made.files(), kOut).has_value());
  EXPECT_EQ(refusal(export_tiles(made.trail(), made.files(), kOut)), Code::kExists);
}

TEST(Tiles, refuses_an_export_that_the_trail_does_not_continue) {
  TestTrail made;
  TestTrail twin;  // of the same name, with other keys: other pseudonyms, so another tree
  made.fill(3);
  twin.fill(3);
  ASSERT_TRUE(export_tiles(twin.trail(), made.files(), kOut).has_value());
  EXPECT_EQ(refusal(export_tiles(made.trail(), made.files(), kOut)), Code::kCorrupt);

  twin.fill(9);
  ASSERT_TRUE(export_tiles(twin.trail(), made.files(), kOut).has_value());
  EXPECT_EQ(refusal(export_tiles(made.trail(), made.files(), kOut)), Code::kCorrupt);
  made.fill(20);
  EXPECT_EQ(refusal(export_tiles(made.trail(), made.files(), kOut)), Code::kCorrupt);
}

// What the server gives of a path, for every file of the export.
void expect_same(const SignedLog& log, const std::map<std::string, Bytes>& site) {
  for (const auto& [name, content] : site) {
    if (name == "checkpoint") {
      EXPECT_EQ(log.note(), as_text(content));
      continue;
    }
    const auto path = parse_tile_path(name);
    ASSERT_TRUE(path.has_value()) << name;
    const auto tile = log.tile(*path);
    ASSERT_TRUE(tile.has_value()) << name << ": " << tile.error().text;
    ASSERT_EQ(*tile, content) << name;
  }
}

TEST(Tiles, the_signed_log_gives_every_file_of_the_export_byte_for_byte) {
  std::mt19937_64 random(11);
  std::vector<uint64_t> sizes = {1, 255, 256, 257, 65'535, 65'536, 65'537, 131'073};
  for (int i = 0; i < 4; ++i) sizes.push_back(1 + random() % 131'072);
  std::ranges::sort(sizes);
  TestTrail made;
  for (const uint64_t size : sizes) {
    made.fill(size);
    const std::string out = fmt::format("out/{}", size);
    ASSERT_TRUE(export_tiles(made.trail(), made.files(), out).has_value());
    const auto site = tree_of(made.files(), out);
    // With the last full segment as a tail, and as a segment.
    expect_same(*made.trail().signed_log(), site);
    ASSERT_TRUE(made.trail().finish_sealing().has_value());
    expect_same(*made.trail().signed_log(), site);
  }
}

// A checkpoint that is there has all its tiles, whatever failed and whenever the power did.
TEST(Tiles, a_failure_at_any_step_leaves_an_export_that_a_repeated_call_finishes) {
  TestTrail made;
  made.fill(300);
  os::MemoryFileSystem whole;
  ASSERT_TRUE(export_tiles(made.trail(), whole, kOut).has_value());
  const std::string first = made.trail().checkpoint_note();
  made.fill(520);
  ASSERT_TRUE(export_tiles(made.trail(), whole, kOut).has_value());
  const auto expected = tree_of(whole);

  bool failed = true;
  for (uint64_t step = 0; failed; ++step) {
    os::MemoryFileSystem disk;
    // The earlier export, copied as files.
    for (const auto& [name, content] : expected) {
      const bool early = name == "checkpoint" || name == "tile/0/000" || name == "tile/entries/000" ||
                         name == "tile/1/000.p/1" || name.ends_with("/001.p/44");
      if (!early) continue;
      const std::string path = os::join(kOut, name);
      ASSERT_TRUE(disk.make_directory(os::parent(path)).has_value());
      ASSERT_TRUE(os::write_file_atomically(disk, path, name == "checkpoint" ? as_bytes(first) : ByteView(content))
                      .has_value());
    }
    os::FaultyFileSystem files(disk);
    files.fail_at(step, os::Fault::kShortWrite, true);
    const auto report = export_tiles(made.trail(), files, kOut);
    failed = files.struck();
    EXPECT_EQ(report.has_value(), !failed) << step;
    disk.crash(step);
    Reader reader(tree_of(disk));
    EXPECT_TRUE(reader.size == 300 || reader.size == 520);
    EXPECT_EQ(tree_root(reader.hashes(0)), reader.root) << step;
    EXPECT_EQ(root_from_tiles(reader), reader.root) << step;
    ASSERT_TRUE(export_tiles(made.trail(), disk, kOut).has_value()) << step;
    auto after = tree_of(disk);
    std::erase_if(after, [](const auto& file) { return file.first.ends_with(".new"); });
    EXPECT_EQ(after, expected) << step;
    ASSERT_LT(step, 200U);
  }
}

}  // namespace
}  // namespace weerbaar::trail
