#include "style/tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>

namespace weerbaar::style {
namespace {

namespace fs = std::filesystem;

// Empty when git is absent, or does not know the folder.
std::vector<std::string> paths_known_to_git(const fs::path& root) {
  const auto output =
      output_of("git -C '" + root.string() + "' ls-files -z --cached --others --exclude-standard 2>/dev/null");
  if (!output) return {};
  std::vector<std::string> paths;
  for (size_t at = 0; at < output->size();) {
    const size_t end = output->find('\0', at);
    paths.push_back(output->substr(at, end - at));
    at = end + 1;
  }
  return paths;
}

std::vector<std::string> paths_on_disk(const fs::path& root) {
  std::vector<std::string> paths;
  auto entry = fs::recursive_directory_iterator(root);
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory()) {
      const bool hidden = name.starts_with('.') && name != ".ci";
      if (hidden || (entry.depth() == 0 && name == "build")) entry.disable_recursion_pending();
    } else {
      paths.push_back(entry->path().lexically_relative(root).generic_string());
    }
  }
  return paths;
}

}  // namespace

Tree read_tree(const fs::path& root) {
  const fs::path whole = fs::canonical(root);
  std::vector<std::string> paths = paths_known_to_git(whole);
  if (paths.empty()) paths = paths_on_disk(whole);
  Tree tree;
  for (const std::string& path : paths) {
    if (auto text = read_text(whole / path)) tree[path] = std::move(*text);  // absent: removed, not yet committed
  }
  return tree;
}

std::optional<std::string> read_text(const fs::path& path) {
  if (!fs::is_regular_file(path)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

std::optional<std::string> output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string output;
  std::array<char, 4096> buffer{};
  for (size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), n);
  if (pclose(pipe) != 0) return std::nullopt;
  return output;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string_view folder_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view stem_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  return name.substr(0, name.find('.'));
}

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), is_word_character);
    at = std::find_if_not(begin, text.end(), is_word_character);
    if (begin != at) words.emplace_back(begin, at);
  }
  return words;
}

}  // namespace weerbaar::style
