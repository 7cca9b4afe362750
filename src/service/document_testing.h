// For tests only: what is wrong with an OpenAPI document, and with a value that a schema of it describes.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::service {

using Document = nlohmann::json;
using Problems = std::vector<std::string>;

inline constexpr std::string_view kDocumentMethods[] = {"get", "post", "delete", "put", "patch"};

// What a "$ref" leads to, or the object itself; null when it leads nowhere.
inline const Document* whole(const Document& document, const Document& said) {
  if (!said.is_object() || !said.contains("$ref")) return &said;
  const std::string reference = said["$ref"].get<std::string>();
  if (!reference.starts_with("#/")) return nullptr;
  const Document::json_pointer pointer(reference.substr(1));
  return document.contains(pointer) ? &document[pointer] : nullptr;
}

struct Operation {
  std::string method;  // "GET"
  std::string path;    // whole: "/api/v1/mandates/{number}"
  const Document* said = nullptr;
  [[nodiscard]] std::string id() const { return said->value("operationId", ""); }
  [[nodiscard]] bool is_of_people() const { return path.starts_with("/api/v1/"); }
};
// All of them. The document must outlive it.
inline std::vector<Operation> operations_of(const Document& document) {
  std::vector<Operation> all;
  for (const auto& [path, item] : document["paths"].items()) {
    std::string base = (item.contains("servers") ? item["servers"] : document["servers"])[0]["url"].get<std::string>();
    if (base.ends_with('/')) base.pop_back();
    for (const std::string_view method : kDocumentMethods) {
      const auto said = item.find(std::string(method));
      if (said == item.end()) continue;
      std::string large(method);
      std::ranges::transform(large, large.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      all.push_back({large, base + path, &*said});
    }
  }
  return all;
}

inline bool is_of_type(const Document& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

// Where a value is not as the schema says; knows as much of JSON Schema as the document uses.
inline void differences(const Document& document, const Document& said, const Document& value, const std::string& at,
                        Problems& problems) {
  const Document* const found = whole(document, said);
  if (found == nullptr) return problems.push_back(at + ": its schema leads nowhere");
  const Document& schema = *found;
  if (schema.contains("anyOf")) {
    Problems of_all;
    for (const Document& one : schema["anyOf"]) {
      Problems of_one;
      differences(document, one, value, at, of_one);
      if (of_one.empty()) return;
      of_all.insert(of_all.end(), of_one.begin(), of_one.end());
    }
    problems.insert(problems.end(), of_all.begin(), of_all.end());
  }
  if (schema.contains("type")) {
    const Document types = schema["type"].is_array() ? schema["type"] : Document::array({schema["type"]});
    const bool is_right = std::ranges::any_of(types, [&](const Document& type) { return is_of_type(value, type); });
    if (!is_right) return problems.push_back(fmt::format("{}: {} is no {}", at, value.dump(), types.dump()));
  }
  if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end()) {
    problems.push_back(fmt::format("{}: {} is none of the words", at, value.dump()));
  }
  if (schema.contains("pattern") &&
      !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>()))) {
    problems.push_back(fmt::format("{}: {} has another form", at, value.dump()));
  }
  for (const Document& name : schema.value("required", Document::array())) {
    if (!value.contains(name.get<std::string>())) problems.push_back(fmt::format("{}: {} is missing", at, name.dump()));
  }
  if (value.is_array() && schema.contains("items")) {
    for (const Document& item : value) differences(document, schema["items"], item, at + "[]", problems);
  }
  if (!value.is_object() || !schema.contains("properties")) return;
  const bool is_open = &schema == &document["components"]["schemas"]["Access"] ||
                       &schema == &document["components"]["schemas"]["LdvAttributes"];
  for (const auto& [name, member] : value.items()) {
    const auto known = schema["properties"].find(name);
    if (known != schema["properties"].end()) {
      differences(document, *known, member, at + "." + name, problems);
    } else if (!is_open) {
      problems.push_back(fmt::format("{}: the document does not know {}", at, name));
    }
  }
}

// Every "$ref" of it that leads nowhere.
inline void find_dangling(const Document& document, const Document& part, Problems& problems) {
  if (part.is_object() && part.contains("$ref") && whole(document, part) == nullptr) {
    problems.push_back(fmt::format("{} leads nowhere", part["$ref"].dump()));
  }
  if (!part.is_structured()) return;
  for (const Document& one : part) find_dangling(document, one, problems);
}

// What leads its reader to files of ours, which who asks a server does not have; and objects that nothing is said of.
inline void find_empty(const Document& part, const std::string& at, Problems& problems) {
  if (part.is_object() && part.contains("description") && part["description"].is_string()) {
    const std::string text = part["description"].get<std::string>();
    if (text.find("docs/") != std::string::npos && text.find("/api/v1/docs") == std::string::npos) {
      problems.push_back(at + " leads to a file that its reader does not have");
    }
  }
  if (part.is_object() && part.value("type", Document()) == "object" && !part.contains("properties") &&
      !part.contains("description") && !part.contains("additionalProperties")) {
    problems.push_back(at + " is an object of which nothing is said");
  }
  if (!part.is_structured()) return;
  for (const auto& [name, one] : part.items()) find_empty(one, at + "/" + name, problems);
}

inline void check_info(const Document& document, Problems& problems) {
  const auto must = [&](bool is_right, std::string_view what) {
    if (!is_right) problems.emplace_back(what);
  };
  const Document info = document.value("info", Document::object());
  must(document.value("openapi", "").starts_with("3.1."), "it is no OpenAPI 3.1");
  must(!info.value("title", "").empty() && !info.value("description", "").empty(), "it has no title or description");
  must(std::regex_match(info.value("version", ""), std::regex("[0-9]+\\.[0-9]+\\.[0-9]+")), "its version is none");
  must(info.contains("contact") && !info["contact"].value("name", "").empty() &&
           !info["contact"].value("url", "").empty() && !info["contact"].value("email", "").empty(),
       "it names nobody to ask");
  must(info.contains("license"), "it names no licence");
  const std::string major = info.value("version", "").substr(0, info.value("version", "").find('.'));
  must(document["servers"][0]["url"] == "/api/v" + major, "the major version is not in the address");
}

inline void check_path(const Operation& operation, Problems& problems) {
  if (operation.path == "/") return;
  if (operation.path.ends_with('/')) problems.push_back(operation.path + " ends with a /");
  static const std::regex kSegments(R"((/(\{[a-z]+\}|[a-z0-9]+(-[a-z0-9]+)*|\.well-known|openapi\.json))+)");
  if (!std::regex_match(operation.path, kSegments)) problems.push_back(operation.path + " is not in kebab-case");
}

// What is free text in an address comes into logs and histories on the way: these can name no employee and no citizen.
// Another one belongs in a body, or here with the reason.
inline constexpr std::string_view kFreeTextInAddress[] = {
    "code",   "state", "iss",  // of OpenID Connect, which lays them down
    "cursor",                  // moments and numbers
    "name",                    // of an account
    "path",                    // of a tile
};

inline void check_address(const Document& document, const Operation& operation, const Document& parameter,
                          Problems& problems) {
  const std::string name = parameter.value("name", "");
  const std::string in = parameter.value("in", "");
  if ((in != "path" && in != "query") || !parameter.contains("schema")) return;
  const Document* const schema = whole(document, parameter["schema"]);
  if (schema == nullptr || schema->value("type", "string") != "string") return;
  const bool is_free = !schema->contains("enum") && !schema->contains("pattern") && !schema->contains("format");
  if (!is_free || std::ranges::find(kFreeTextInAddress, name) != std::end(kFreeTextInAddress)) return;
  problems.push_back(operation.id() + ": " + name + " is free text in an address, and could name somebody");
}

inline void check_parameters(const Document& document, const Operation& operation, Problems& problems) {
  std::set<std::string> in_path;
  for (const Document& said : operation.said->value("parameters", Document::array())) {
    const Document* const parameter = whole(document, said);
    if (parameter == nullptr) continue;
    const std::string name = parameter->value("name", "");
    const std::string in = parameter->value("in", "");
    if (in == "path") in_path.insert(name);
    check_address(document, operation, *parameter, problems);
    if (in == "path" && !parameter->value("required", false)) problems.push_back(operation.id() + ": a path needs it");
    if (in == "query" && !std::regex_match(name, std::regex("[a-z]+([A-Z][a-z]+)*"))) {
      problems.push_back(operation.id() + ": " + name + " is not in camelCase");
    }
    if (!parameter->contains("schema") || parameter->value("description", "").empty()) {
      problems.push_back(operation.id() + ": a parameter says nothing of itself");
    }
  }
  std::set<std::string> in_address;
  const std::regex name("\\{([a-z]+)\\}");
  for (std::sregex_iterator at(operation.path.begin(), operation.path.end(), name), end; at != end; ++at) {
    in_address.insert((*at)[1]);
  }
  if (in_path != in_address) problems.push_back(operation.id() + ": its path has other parameters than it says");
}

inline void check_answers(const Document& document, const Operation& operation, Problems& problems) {
  const Document answers = operation.said->value("responses", Document::object());
  const bool takes_input = operation.method == "POST" || operation.said->contains("parameters");
  if (takes_input && !answers.contains("400")) problems.push_back(operation.id() + ": wrong input has no answer");
  const bool has_good = std::ranges::any_of(answers.items(), [](const auto& one) { return one.key()[0] < '4'; });
  if (!has_good) problems.push_back(operation.id() + ": no answer is good");
  for (const auto& [status, said] : answers.items()) {
    const std::string place = operation.id() + " " + status;
    const Document* const answer = whole(document, said);
    if (answer == nullptr) continue;
    if (answer->value("description", "").empty()) problems.push_back(place + ": it says nothing of itself");
    if (!operation.is_of_people()) continue;
    if (!answer->contains("headers") || !(*answer)["headers"].contains("API-Version")) {
      problems.push_back(place + ": API-Version is missing");
    }
    const bool is_problem = answer->contains("content") && (*answer)["content"].contains("application/problem+json");
    if (status[0] >= '4' && !is_problem) problems.push_back(place + ": it is no problem+json");
  }
}

inline void check_security(const Document& document, const Operation& operation, Problems& problems) {
  const Document roles = operation.said->value("x-roles", Document::array());
  if (roles.empty()) return problems.push_back(operation.id() + ": it does not say who may");
  const bool is_open = roles[0] == "anybody";
  const Document security = operation.said->value("security", Document());
  if (!security.is_array() || security.empty() != is_open) {
    problems.push_back(operation.id() + ": its security is another than its roles");
  }
  for (const Document& one : security) {
    for (const auto& [scheme, scopes] : one.items()) {
      if (!document["components"]["securitySchemes"].contains(scheme)) problems.push_back(scheme + " is no scheme");
    }
    const bool needs_token = operation.is_of_people() && operation.method != "GET";
    if (needs_token != one.contains("csrf") && operation.is_of_people()) {
      problems.push_back(operation.id() + ": X-CSRF-Token goes with what is no GET");
    }
  }
}

// Everything that is wrong with it: of OpenAPI 3.1, of the Dutch API Design Rules, and of our own.
inline Problems problems_of(const Document& document) {
  Problems problems;
  check_info(document, problems);
  find_dangling(document, document, problems);
  find_empty(document, "#", problems);
  std::set<std::string> ids;
  for (const Operation& operation : operations_of(document)) {
    const std::string id = operation.id();
    if (!std::regex_match(id, std::regex("[a-z]+([A-Z][a-z]+)*")))
      problems.push_back(operation.path + ": no operationId");
    if (!ids.insert(id).second) problems.push_back(id + " is there twice");
    if (operation.said->value("summary", "").empty()) problems.push_back(id + ": it does not say what it does");
    const Document tags = operation.said->value("tags", Document::array());
    const bool is_tagged = tags.size() == 1 && std::ranges::any_of(document["tags"], [&](const Document& tag) {
                             return tag["name"] == tags[0];
                           });
    if (!is_tagged) problems.push_back(id + ": its tag is not in the list");
    if (operation.method == "GET" && operation.said->contains("requestBody"))
      problems.push_back(id + ": GET has a body");
    check_path(operation, problems);
    check_parameters(document, operation, problems);
    check_answers(document, operation, problems);
    check_security(document, operation, problems);
  }
  return problems;
}

}  // namespace weerbaar::service
