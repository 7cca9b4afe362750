// The files of the project as text in memory, so that a check runs alike on the real tree and on a canary.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::style {

// Path from the root of the project, separated by '/' → content.
using Tree = std::map<std::string, std::string>;

// What git tracks or would track under `root`; without git, every file outside build/ and hidden folders.
Tree read_tree(const std::filesystem::path& root);

// The content of a file, or nothing when it is absent.
std::optional<std::string> read_text(const std::filesystem::path& path);

// What a shell command writes to its standard output; nothing when it fails.
std::optional<std::string> output_of(const std::string& command);

// Content without its line breaks; the last line counts when it is not empty.
std::vector<std::string_view> lines_of(std::string_view text);

// Text without spaces, tabs and carriage returns at both ends.
std::string_view trim(std::string_view text);

// "a/b" from "a/b/c"; "" when there is no '/'.
std::string_view folder_of(std::string_view path);
// "c" from "a/b/c.d".
std::string_view stem_of(std::string_view path);

bool is_word_character(char c);

// The maximal runs of word characters, in order.
std::vector<std::string_view> words_of(std::string_view text);

}  // namespace weerbaar::style
