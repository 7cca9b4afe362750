#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>

#include "style/checks.h"

namespace weerbaar::style {
namespace {

// What the build made, and laid beside our files.
bool is_built(std::string_view path) {
  return path.starts_with("build/");
}

// Files whose words are not ours, or are bytes for a parser.
bool is_foreign(std::string_view path) {
  return is_built(path) || path == "LICENSE" || path.starts_with("tests/fuzz/corpus/") ||
         path.starts_with("tests/fixtures/");
}

// Markdown without the lines of code blocks and without `code`; lines keep their numbers.
std::string prose_of(std::string_view markdown) {
  std::string prose;
  bool in_block = false;
  for (const std::string_view line : lines_of(markdown)) {
    const bool fence = trim(line).starts_with("```");
    if (fence) in_block = !in_block;
    bool in_code = fence || in_block;
    for (const char c : line) {
      if (c == '`' && !in_block) in_code = !in_code;
      prose += in_code || c == '`' ? ' ' : c;
    }
    prose += '\n';
  }
  return prose;
}

// What follows every `mark` in a line, up to one of the characters in `end`.
std::vector<std::string_view> texts_after(std::string_view line, std::string_view mark, std::string_view end) {
  std::vector<std::string_view> texts;
  for (size_t at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at)) {
    at += mark.size();
    texts.push_back(line.substr(at, line.find_first_of(end, at) - at));
  }
  return texts;
}

// What a link to a heading is called: small letters, digits and hyphens, as Markdown viewers make it.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80)
      anchor += static_cast<char>(std::tolower(byte));
  }
  return anchor;
}

bool has_anchor(std::string_view content, std::string_view anchor) {
  return std::ranges::any_of(lines_of(content), [&](std::string_view line) {
    const size_t hashes = line.find_first_not_of('#');
    return hashes != 0 && hashes != std::string_view::npos && line[hashes] == ' ' &&
           anchor_of(line.substr(hashes + 1)) == anchor;
  });
}

bool leads_somewhere(const Tree& tree, std::string_view from, std::string_view link) {
  const bool elsewhere = link.find("://") != std::string_view::npos || link.starts_with("mailto:");
  if (elsewhere) return true;
  const size_t hash = link.find('#');
  const std::string_view path = link.substr(0, hash);
  const std::filesystem::path whole =
      path.empty() ? std::filesystem::path(from) : std::filesystem::path(folder_of(from)) / path;
  std::string target = whole.lexically_normal().generic_string();
  const auto file = tree.find(target);
  if (file != tree.end()) {
    return hash == std::string_view::npos || !target.ends_with(".md") ||
           has_anchor(file->second, link.substr(hash + 1));
  }
  if (!target.ends_with('/')) target += '/';
  const auto inside = tree.lower_bound(target);
  return target == "./" || (inside != tree.end() && inside->first.starts_with(target));
}

// Names of the commands that `dev` defines, and those that its help shows.
std::set<std::string> defined_commands(std::string_view dev) {
  std::set<std::string> commands;
  for (const std::string_view line : lines_of(dev)) {
    constexpr std::string_view kMark = "cmd_";
    if (line.starts_with(kMark)) commands.emplace(line.substr(kMark.size(), line.find('(') - kMark.size()));
  }
  return commands;
}

std::set<std::string> commands_in_help(std::string_view dev) {
  std::set<std::string> commands;
  bool in_help = false;
  for (const std::string_view line : lines_of(dev)) {
    if (line == "HELP") in_help = false;
    const bool entry = in_help && line.size() > 2 && line.starts_with("  ") && line[2] != ' ';
    if (entry) commands.emplace(words_of(line).front());
    if (line.ends_with("<<'HELP'")) in_help = true;
  }
  return commands;
}

// The name of a command ends before anything but a small letter.
std::string_view command_name(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, [](char c) { return c >= 'a' && c <= 'z'; });
  return {text.begin(), end};
}

bool has_file_at(const Tree& tree, const std::string& beginning) {
  const auto found = tree.lower_bound(beginning);
  return found != tree.end() && found->first.starts_with(beginning);
}

// The words of all test files, and their tests as "Suite.claim".
std::set<std::string> test_names(const Tree& tree) {
  std::set<std::string> names;
  for (const auto& [path, content] : tree) {
    if (!path.ends_with("_test.cpp") && !path.starts_with("tests/")) continue;
    const auto words = words_of(content);
    for (size_t i = 0; i < words.size(); ++i) {
      names.emplace(words[i]);
      const bool test = words[i] == "TEST" || words[i] == "TEST_F" || words[i] == "TEST_P";
      if (test && i + 2 < words.size()) names.insert(fmt::format("{}.{}", words[i + 1], words[i + 2]));
    }
  }
  return names;
}

// The last cell of a row of a Markdown table, or nothing when the line is none, or heads or rules the table.
std::optional<std::string_view> last_cell(std::string_view line, std::string_view next) {
  const auto is_rule = [](std::string_view text) { return text.starts_with("|-"); };
  line = trim(line);
  if (!line.starts_with('|') || is_rule(line) || is_rule(next)) return std::nullopt;
  line.remove_suffix(1);
  return line.substr(line.rfind('|') + 1);
}

// One line of docs/formats/INDEX: "name: version version …". Adds its name to `named`.
void check_format_line(const Tree& tree, std::string_view line, size_t number, std::set<std::string>& named,
                       Findings& findings) {
  const std::string index = "docs/formats/INDEX";
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    findings.push_back({index, number, "a line is 'name: version version …'"});
    return;
  }
  const std::string name(trim(line.substr(0, colon)));
  named.insert(name);
  if (!tree.contains("docs/formats/" + name + ".md")) {
    findings.push_back({index, number, fmt::format("there is no docs/formats/{}.md", name)});
  }
  for (const std::string_view version : words_of(line.substr(colon + 1))) {
    const std::string sample = fmt::format("tests/fixtures/formats/{}/v{}", name, version);
    // "v1" must not be satisfied by "v12".
    if (has_file_at(tree, sample + "/") || has_file_at(tree, sample + ".") || tree.contains(sample)) continue;
    findings.push_back({index, number, fmt::format("no file of version {} is kept as {}…", version, sample)});
  }
}

}  // namespace

Findings check_promises(const Tree& tree) {
  // Written in two halves, so that this file does not break its own rule.
  static const std::set<std::string_view> kPromises = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X",
      "HA"
      "CK"};
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (is_foreign(path)) continue;
    size_t number = 0;
    for (const std::string_view line : lines_of(content)) {
      ++number;
      for (const std::string_view word : words_of(line)) {
        if (kPromises.contains(word)) findings.push_back({path, number, "do it now, or write down what is missing"});
      }
    }
  }
  return findings;
}

Findings check_machine_paths(const Tree& tree) {
  static const std::string_view kHomes[] = {
      "/wo"
      "rk/",
      "/ro"
      "ot/",
      "/ho"
      "me/"};
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (is_built(path)) continue;
    size_t number = 0;
    for (const std::string_view line : lines_of(content)) {
      ++number;
      for (const std::string_view home : kHomes) {
        for (size_t at = line.find(home); at != std::string_view::npos; at = line.find(home, at + 1)) {
          // Inside a longer path or address it is no absolute path.
          const char before = at > 0 ? line[at - 1] : ' ';
          const bool inside = is_word_character(before) || before == '.' || before == '-' || before == '}';
          if (!inside) findings.push_back({path, number, "a path of one machine; make it relative"});
        }
      }
    }
  }
  return findings;
}

Findings check_links(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (!path.ends_with(".md")) continue;
    const std::string prose = prose_of(content);
    size_t number = 0;
    for (const std::string_view line : lines_of(prose)) {
      ++number;
      std::vector<std::string_view> links = texts_after(line, "](", ") ");
      for (const std::string_view mark : {"src=\"", "srcset=\"", "href=\""}) {
        std::ranges::copy(texts_after(line, mark, "\""), std::back_inserter(links));
      }
      for (const std::string_view link : links) {
        if (!leads_somewhere(tree, path, link)) findings.push_back({path, number, fmt::format("'{}' is absent", link)});
      }
    }
  }
  return findings;
}

Findings check_commands(const Tree& tree) {
  Findings findings;
  const auto dev = tree.find("dev");
  if (dev == tree.end()) return {{"dev", 0, "the file is absent"}};
  const auto defined = defined_commands(dev->second);
  const auto shown = commands_in_help(dev->second);
  for (const std::string& command : defined) {
    if (!shown.contains(command)) findings.push_back({"dev", 0, fmt::format("its help does not show '{}'", command)});
  }
  for (const std::string& command : shown) {
    if (!defined.contains(command))
      findings.push_back({"dev", 0, fmt::format("its help shows '{}', without cmd_{}()", command, command)});
  }
  for (const auto& [path, content] : tree) {
    if (!path.ends_with(".md")) continue;
    size_t number = 0;
    for (const std::string_view line : lines_of(content)) {
      ++number;
      for (const std::string_view text : texts_after(line, "./dev ", "\n")) {
        const std::string command(command_name(text));
        if (!command.empty() && !shown.contains(command)) {
          findings.push_back({path, number, fmt::format("./dev has no command '{}'", command)});
        }
      }
    }
  }
  return findings;
}

Findings check_assurance(const Tree& tree) {
  const auto file = tree.find("ASSURANCE.md");
  if (file == tree.end()) return {{"ASSURANCE.md", 0, "the file is absent"}};
  const auto names = test_names(tree);
  const auto lines = lines_of(file->second);
  Findings findings;
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto cell = last_cell(lines[i], i + 1 < lines.size() ? lines[i + 1] : std::string_view());
    if (!cell) continue;
    const auto quotes = static_cast<size_t>(std::ranges::count(*cell, '`'));
    if (quotes < 2) findings.push_back({"ASSURANCE.md", i + 1, "no test is named that shows this"});
    size_t at = 0;
    for (size_t pair = 0; pair < quotes / 2; ++pair) {
      const size_t begin = cell->find('`', at) + 1;
      const size_t end = cell->find('`', begin);
      const std::string name(cell->substr(begin, end - begin));
      if (!names.contains(name)) findings.push_back({"ASSURANCE.md", i + 1, fmt::format("no test is called {}", name)});
      at = end + 1;
    }
  }
  return findings;
}

Findings check_format_samples(const Tree& tree) {
  Findings findings;
  std::set<std::string> named;
  if (const auto index = tree.find("docs/formats/INDEX"); index != tree.end()) {
    size_t number = 0;
    for (std::string_view line : lines_of(index->second)) {
      ++number;
      line = trim(line);
      if (!line.empty() && !line.starts_with('#')) check_format_line(tree, line, number, named, findings);
    }
  }
  for (const auto& [path, content] : tree) {
    const bool format = folder_of(path) == "docs/formats" && path.ends_with(".md");
    if (!format || named.contains(std::string(stem_of(path)))) continue;
    findings.push_back({path, 0, "docs/formats/INDEX does not list it with its versions"});
  }
  return findings;
}

Findings check_detector_figures(const Tree& tree) {
  const std::string registry = "src/examine/detect/registry.cpp";
  const std::string page = "docs/signals.md";
  const auto code = tree.find(registry);
  if (code == tree.end()) return {};
  const auto text = tree.find(page);
  const std::string_view whole = text == tree.end() ? std::string_view() : std::string_view(text->second);
  const size_t begin = std::min(whole.find("<!-- figures -->"), whole.size());
  const std::string_view figures = whole.substr(begin, whole.find("<!-- end of figures -->", begin) - begin);
  Findings findings;
  size_t number = 0;
  for (const std::string_view line : lines_of(code->second)) {
    ++number;
    const std::string_view row = trim(line);
    if (!row.starts_with("{\"") || row.find(", make_") == std::string_view::npos) continue;
    const std::string_view id = row.substr(2, row.find('"', 2) - 2);
    if (figures.find(fmt::format("\n| `{}` ", id)) != std::string_view::npos) continue;
    findings.push_back(
        {registry, number, fmt::format("{} has no figures of the detector {}: ./dev evaluate --write", page, id)});
  }
  return findings;
}

}  // namespace weerbaar::style
