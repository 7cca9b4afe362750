#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <span>

#include "style/checks.h"
#include "style/cpp_text.h"

namespace weerbaar::style {
namespace {

bool is_under(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool is_cpp(std::string_view path) {
  return path.ends_with(".h") || path.ends_with(".cpp");
}

bool is_test_code(std::string_view path) {
  return path.ends_with("_test.cpp") || path.ends_with("_fuzz.cpp") || path.ends_with("_bench.cpp");
}

// Calls take(path, content) for the C++ files under src.
template <class Take>
void for_each_source(const Tree& tree, Take take) {
  for (const auto& [path, content] : tree) {
    if (is_under(path, "src") && is_cpp(path)) take(path, content);
  }
}

constexpr std::string_view kLayersPath = "src/LAYERS";

struct Layers {
  std::map<std::string, std::set<std::string>> allowed;

  // The most specific folder that `path`, relative to src, lies in.
  [[nodiscard]] std::optional<std::string> layer_of(std::string_view path) const {
    for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder)) {
      if (allowed.contains(std::string(folder))) return std::string(folder);
    }
    return std::nullopt;
  }
};

Layers read_layers(const std::string& text, Findings& findings) {
  Layers layers;
  size_t number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      findings.push_back({std::string(kLayersPath), number, "a line is 'folder: folders it may include'"});
      continue;
    }
    std::set<std::string> below;
    std::string_view rest = trim(line.substr(colon + 1));
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string folder(rest.substr(0, end));
      if (!layers.allowed.contains(folder)) {
        findings.push_back({std::string(kLayersPath), number, fmt::format("'{}' is not on a line above", folder)});
      }
      below.insert(folder);
      rest = trim(rest.substr(end));
    }
    layers.allowed[std::string(trim(line.substr(0, colon)))] = below;
  }
  return layers;
}

// What is wrong with one #include, or nothing.
std::optional<std::string> fault_of_include(const Tree& tree, const Layers& layers, std::string_view path,
                                            const std::string& layer, std::string_view included) {
  // What tests start beside the program stands under tests.
  constexpr std::string_view kSupport = "support/";
  if (path.ends_with("_test.cpp") && included.starts_with(kSupport) &&
      tree.contains("tests/" + std::string(included))) {
    return std::nullopt;
  }
  if (!tree.contains("src/" + std::string(included))) {
    return fmt::format("\"{}\" is no file under src; own headers are named from there", included);
  }
  const auto target = layers.layer_of(included);
  if (!target) return fmt::format("\"{}\" lies in a folder that src/LAYERS does not know", included);
  if (is_test_code(path) || *target == layer || layers.allowed.at(layer).contains(*target)) return std::nullopt;
  return fmt::format("{} may not include {} (src/LAYERS)", layer, *target);
}

// "FileSystem" and "file_system" have the parts "file" and "system".
std::vector<std::string> parts_of(std::string_view word) {
  std::vector<std::string> parts(1);
  for (const char c : word) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (upper || c == '_') parts.emplace_back();
    if (c != '_') parts.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return parts;
}

bool names_nothing(std::string_view word) {
  static const std::set<std::string> kEmpty = {"manager", "managers", "helper",  "helpers",
                                               "util",    "utils",    "utility", "utilities"};
  return std::ranges::any_of(parts_of(word), [](const std::string& part) { return kEmpty.contains(part); });
}

struct Declaration {
  size_t line;        // on which it ends, or its body begins
  std::string scope;  // the namespaces around it, "a::b"; unnamed ones are left out
  std::string text;
};

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() || name.empty() ? "" : "::") + name;
  return text;
}

// What stands at namespace level, without the bodies.
std::vector<Declaration> declarations_of(std::string_view source) {
  std::vector<Declaration> found;
  std::vector<std::string> namespaces;
  size_t depth = 0;  // of braces that are no namespace
  size_t line = 1;
  std::string text;
  const auto take = [&] {
    if (!trim(text).empty()) found.push_back({line, joined(namespaces), std::string(trim(text))});
  };
  for (const char c : bare_code(source)) {
    if (c == '\n') ++line;
    if (depth > 0) {
      if (c == '{') ++depth;
      if (c == '}') --depth;
      continue;
    }
    if (c != '{' && c != '}' && c != ';') {
      text += c == '\n' ? ' ' : c;
      continue;
    }
    const auto words = words_of(text);
    if (c == '{' && !words.empty() && words[0] == "namespace") {
      std::vector<std::string> names(words.begin() + 1, words.end());
      namespaces.push_back(joined(names));
    } else if (c == '{') {
      take();
      ++depth;
    } else if (c == ';') {
      take();
    } else if (!namespaces.empty()) {
      namespaces.pop_back();
    }
    text.clear();
  }
  return found;
}

bool introduces_name(std::string_view word) {
  return word == "class" || word == "struct" || word == "union" || word == "enum" || word == "using" ||
         word == "namespace" || word == "concept";
}

}  // namespace

Findings check_layers(const Tree& tree) {
  Findings findings;
  const auto file = tree.find(std::string(kLayersPath));
  if (file == tree.end()) return {{std::string(kLayersPath), 0, "the file is absent"}};
  const Layers layers = read_layers(file->second, findings);
  for_each_source(tree, [&](const std::string& path, const std::string& content) {
    const auto layer = layers.layer_of(std::string_view(path).substr(4));
    if (!layer) {
      findings.push_back({path, 0, "its folder is not in src/LAYERS"});
      return;
    }
    for (const Include& include : includes_of(content)) {
      if (const auto fault = fault_of_include(tree, layers, path, *layer, include.path)) {
        findings.push_back({path, include.line, *fault});
      }
    }
  });
  return findings;
}

Findings check_sizes(const Tree& tree) {
  Findings findings;
  for_each_source(tree, [&](const std::string& path, const std::string& content) {
    const size_t lines = lines_of(content).size();
    if (lines > kFileLinesMax) {
      findings.push_back({path, 0, fmt::format("{} lines; at most {}: one idea a file", lines, kFileLinesMax)});
    }
    const Functions functions = functions_of(content);
    if (!functions.balanced) findings.push_back({path, 0, "its braces cannot be followed, so nothing was measured"});
    for (const Function& function : functions.found) {
      if (function.lines <= kFunctionLinesMax) continue;
      findings.push_back(
          {path, function.line,
           fmt::format("{} has {} lines; at most {}", function.name, function.lines, kFunctionLinesMax)});
    }
  });
  return findings;
}

Findings check_headers(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (!path.ends_with(".h")) continue;
    if (!content.starts_with("//")) findings.push_back({path, 1, "a header begins with a comment: what it is for"});
    const auto lines = lines_of(content);
    if (std::ranges::find(lines, "#pragma once") == lines.end()) findings.push_back({path, 0, "no #pragma once"});
    const std::string code = bare_code(content);
    size_t number = 0;
    for (const std::string_view line : lines_of(code)) {
      ++number;
      const auto words = words_of(line);
      const bool found = words.size() > 1 && words[0] == "using" && words[1] == "namespace";
      if (found) findings.push_back({path, number, "'using namespace' in a header reaches everybody who includes it"});
    }
  }
  return findings;
}

Findings check_names(const Tree& tree) {
  Findings findings;
  for_each_source(tree, [&](const std::string& path, const std::string& content) {
    for (std::string_view folder = path; !folder.empty(); folder = folder_of(folder)) {
      if (names_nothing(stem_of(folder))) findings.push_back({path, 0, "a file or folder name that says nothing"});
    }
    const std::string code = bare_code(content);
    size_t number = 0;
    for (const std::string_view line : lines_of(code)) {
      ++number;
      const auto words = words_of(line);
      for (size_t i = 1; i < words.size(); ++i) {
        if (!introduces_name(words[i - 1]) || !names_nothing(words[i])) continue;
        findings.push_back({path, number, fmt::format("'{}' does not say what it is", words[i])});
      }
    }
  });
  return findings;
}

Findings check_everything_is_built(const Tree& tree) {
  const auto commands = tree.find(kCompileCommands);
  if (commands == tree.end()) return {{kCompileCommands, 0, "the file is absent"}};
  Findings findings;
  for_each_source(tree, [&](const std::string& path, const std::string&) {
    const bool built = commands->second.find("/" + path + "\"") != std::string::npos;
    if (path.ends_with(".cpp") && !built) findings.push_back({path, 0, "the build does not compile it"});
  });
  return findings;
}

Findings check_tests_stand_beside(const Tree& tree) {
  constexpr std::string_view kEnd = "_test.cpp";
  Findings findings;
  for_each_source(tree, [&](const std::string& path, const std::string&) {
    if (!path.ends_with(kEnd)) return;
    const size_t name = folder_of(path).size() + 1;
    bool beside = false;
    for (size_t end = path.size() - kEnd.size(); end != std::string::npos && end > name && !beside;) {
      const std::string tested = path.substr(0, end);
      beside = tree.contains(tested + ".h") || tree.contains(tested + ".cpp");
      end = path.rfind('_', end - 1);
    }
    if (!beside) findings.push_back({path, 0, "what it tests does not stand beside it under its name"});
  });
  return findings;
}

Findings check_fuzz_corpora(const Tree& tree) {
  const auto fuzzers = tree.find(kFuzzers);
  if (fuzzers == tree.end()) return {{kFuzzers, 0, "the file is absent"}};
  Findings findings;
  for (const std::string_view line : lines_of(fuzzers->second)) {
    const std::string_view target = line.substr(0, line.find(' '));
    if (target.empty()) continue;
    const std::string corpus = fmt::format("tests/fuzz/corpus/{}/", target);
    const auto seed = tree.lower_bound(corpus);
    if (seed == tree.end() || !seed->first.starts_with(corpus)) findings.push_back({corpus, 0, "there are no seeds"});
  }
  return findings;
}

Findings check_sources(const Tree& tree) {
  constexpr std::string_view kFolder = "src/ingest/sources/";
  constexpr size_t kCasesMin = 2;
  std::map<std::string, std::set<std::string>> cases_of;
  for (const auto& [path, content] : tree) {
    if (!path.starts_with(kFolder)) continue;
    const std::string_view rest = std::string_view(path).substr(kFolder.size());
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos) continue;
    auto& cases = cases_of[std::string(rest.substr(0, slash))];
    const std::string_view inside = rest.substr(slash + 1);
    if (!inside.starts_with("cases/")) continue;
    const std::string_view name = inside.substr(std::string_view("cases/").size());
    cases.insert(std::string(name.substr(0, name.find_first_of("/."))));
  }
  const auto registry = tree.find("src/ingest/registry.cpp");
  Findings findings;
  for (const auto& [name, cases] : cases_of) {
    const std::string folder = std::string(kFolder) + name;
    const std::string include = "ingest/sources/" + name + "/";
    if (registry == tree.end() || registry->second.find(include) == std::string::npos) {
      findings.push_back({folder, 0, "src/ingest/registry.cpp does not list it"});
    }
    if (cases.size() < kCasesMin) {
      findings.push_back({folder, 0, fmt::format("{} of at least {} cases in cases/", cases.size(), kCasesMin)});
    }
  }
  return findings;
}

Findings check_source_namespaces(const Tree& tree) {
  constexpr std::string_view kFolder = "src/ingest/sources";
  const std::string around = "weerbaar::ingest";
  std::set<std::string_view> registered;
  if (const auto registry = tree.find("src/ingest/registry.cpp"); registry != tree.end()) {
    for (const std::string_view word : words_of(registry->second)) {
      if (word.starts_with("create_")) registered.insert(word);
    }
  }
  Findings findings;
  for_each_source(tree, [&](const std::string& path, const std::string& content) {
    if (!is_under(path, kFolder) || !is_under(folder_of(path), kFolder) || is_test_code(path)) return;
    const std::string_view inside = std::string_view(path).substr(kFolder.size() + 1);
    const std::string own = around + "::" + std::string(inside.substr(0, inside.find('/')));
    for (const Declaration& declaration : declarations_of(content)) {
      if (declaration.scope == own || declaration.scope.starts_with(own + "::")) continue;
      const bool factory = declaration.scope == around &&
                           std::ranges::any_of(words_of(declaration.text),
                                               [&](std::string_view word) { return registered.contains(word); });
      if (factory) continue;
      findings.push_back({path, declaration.line, fmt::format("what a source names stands in {}", own)});
    }
  });
  return findings;
}

}  // namespace weerbaar::style
