// Just enough understanding of C++ text to find functions and names, without a compiler. It knows this project's way of
// writing; the canaries say what it must see.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::style {

// The same text with comments, preprocessor directives and the inside of literals turned to spaces. Lines keep their
// numbers.
std::string bare_code(std::string_view source);

// Paths of #include "…", with line numbers from 1.
struct Include {
  size_t line;
  std::string_view path;
};
std::vector<Include> includes_of(std::string_view source);

struct Function {
  std::string name;
  size_t line;   // where its declaration begins, from 1
  size_t lines;  // from there up to and with the closing brace
};

struct Functions {
  std::vector<Function> found;
  bool balanced;  // false: braces do not match, and `found` is not to be trusted
};

// Functions with a body, at namespace and class level, lambdas inside them not counted apart.
Functions functions_of(std::string_view source);

}  // namespace weerbaar::style
