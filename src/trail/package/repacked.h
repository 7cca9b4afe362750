// For tests only: packages taken apart, changed, and put together so that they agree with themselves again; and their
// guides followed as a reader would.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "os/testing.h"
#include "trail/format/checkpoint.h"
#include "trail/package/answer_check.h"
#include "trail/package/manifest.h"
#include "trail/package/package.h"
#include "trail/package/package_files.h"
#include "trail/package/shown_entry.h"
#include "trail/package/statement.h"
#include "trail/package/zip.h"

namespace weerbaar::trail {

inline PackageReport verify(const Bytes& package, const PackageTrust& trust = {}) {
  return verify_package(package, trust).value();
}

inline std::string problems_of(const PackageReport& report) {
  std::string text;
  for (const Problem& problem : report.problems) text += problem.where + ": " + problem.what + "\n";
  return text;
}

inline std::vector<ZipMember> unpack(const Bytes& package) {
  return read_zip(package, kPackageLimits).value();
}
inline Bytes pack(const std::vector<ZipMember>& members) {
  return write_zip(members, Time{}, kPackageLimits).value();
}

inline ZipMember& member(std::vector<ZipMember>& members, std::string_view name) {
  const auto found = std::ranges::find(members, name, &ZipMember::name);
  EXPECT_NE(found, members.end()) << name;
  return *found;
}
inline std::string text_of(std::vector<ZipMember>& members, std::string_view name) {
  return std::string(as_text(member(members, name).content));
}
inline void put(std::vector<ZipMember>& members, std::string_view name, std::string_view text) {
  member(members, name).content.assign(text.begin(), text.end());
}
inline void replace(std::vector<ZipMember>& members, std::string_view name, std::string_view from,
                    std::string_view to) {
  std::string text = text_of(members, name);
  const size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  put(members, name, text.replace(at, from.size(), to));
}

// What somebody can do who wants the package to agree with itself again: list the files anew.
inline void list_again(std::vector<ZipMember>& members) {
  auto manifest = parse_manifest(text_of(members, "manifest.json")).value();
  manifest.files.clear();
  for (const ZipMember& each : members) {
    if (each.name != "manifest.json") manifest.files.push_back({each.name, each.content.size(), sha256(each.content)});
  }
  put(members, "manifest.json", to_json(manifest));
}

inline std::string take_whole_line(std::string& text) {
  const size_t end = text.find('\n') + 1;
  std::string line = text.substr(0, end);
  text.erase(0, end);
  return line;
}

// And write the statements anew, from the changed JSON.
inline void state_again(std::vector<ZipMember>& members) {
  const auto manifest = parse_manifest(text_of(members, "manifest.json")).value();
  const auto key = VerifierKey::parse(text_of(members, "key.vkey").substr(0, text_of(members, "key.vkey").size() - 1));
  const auto checkpoint = open_checkpoint(text_of(members, "checkpoint"), *key, key->name).value();
  const std::string key_text = key->format();
  EventBatch texts;
  std::vector<ShownEntry> entries;
  std::map<uint64_t, ByteView> bytes;
  std::string lines = manifest.version < 2 ? "" : text_of(members, "entries.jsonl");
  const std::vector<ZipMember> files = members;
  for (const ZipMember& each : files) {
    const auto index = parse_entry_file(each.name);
    if (!index) continue;
    bytes.emplace(index->value(), each.content);
    const std::string json = manifest.version < 2 ? text_of(members, entry_json_file(*index)) : take_whole_line(lines);
    entries.push_back(read_json(json, *index, each.content, texts).value().entry);
  }
  AnswerSummary summary;
  if (manifest.version >= 2) {
    const Answer answer = parse_answer(text_of(members, "answer.json")).value();
    summary = check_answer(answer, bytes, checkpoint.size).summary;
  }
  const Statement statement{manifest.question, manifest.made_by,
                            manifest.made_at,  manifest.disclosure,
                            checkpoint.origin, checkpoint.size,
                            checkpoint.root,   key_text,
                            entries,           manifest.version < 2 ? nullptr : &summary};
  put(members, "STATEMENT.nl.md", to_markdown(statement, Language::kDutch));
  put(members, "STATEMENT.en.md", to_markdown(statement, Language::kEnglish));
  list_again(members);
}

// The block of this language in a text of Markdown.
inline std::string block_of(std::string_view markdown, std::string_view language) {
  const std::string fence = fmt::format("```{}\n", language);
  const size_t begin = markdown.find(fence) + fence.size();
  return std::string(markdown.substr(begin, markdown.find("```", begin) - begin));
}

// Follows a guide in a directory of its own, as its reader would.
class Reader {
 public:
  Reader(std::vector<ZipMember> members, std::string_view guide) {
    const std::string text = text_of(members, guide);
    write("package.zip", pack(members));
    write("commands.sh", as_bytes(block_of(text, "sh")));
    write("verify.py", as_bytes(block_of(text, "python")));
  }
  bool signature_is_good() { return run("sh -e commands.sh", "Signature Verified Successfully"); }
  bool entries_are_good() { return run("python3 verify.py package.zip", "stands in the tree"); }
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  void write(const char* name, ByteView content) {
    const std::string path = os::join(directory_.path(), name);
    ASSERT_TRUE(os::write_file_atomically(os::real_file_system(), path, content).has_value());
  }
  bool run(std::string_view command, std::string_view expected) {
    const std::string line = fmt::format("cd '{}' && {} > output 2>&1", directory_.path(), command);
    const bool success = std::system(line.c_str()) == 0;
    const Bytes output = os::read_file(os::real_file_system(), os::join(directory_.path(), "output"), 1 << 20).value();
    output_ = as_text(output);
    EXPECT_TRUE(!success || output_.find(expected) != std::string::npos) << output_;
    return success;
  }

  os::TemporaryDirectory directory_;
  std::string output_;
};

inline bool has_tools() {
  return std::system("command -v python3 > /dev/null && command -v openssl > /dev/null") == 0;
}

}  // namespace weerbaar::trail
