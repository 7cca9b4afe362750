#include "service/api_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/check.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

// Members of members that are shown; deeper ones stand in the document.
constexpr int kDepthMax = 4;
constexpr std::string_view kMethods[] = {"get", "post", "delete"};

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ink:#1b2027;--soft:#4d5763;--line:#c9d0d8;--ground:#fff;--pale:#f3f5f8;--accent:#164c7d}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#aab3bd;--line:#3b444f;--ground:#14181d;--pale:#1d232b;--accent:#8fc1ee}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem;font:1rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
h1{font-size:2rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.45rem;margin:3rem 0 .5rem;padding-bottom:.3rem;border-bottom:2px solid var(--accent)}
h3{font-size:1.1rem;margin:0 0 .4rem}
h4{font-size:.95rem;margin:1.1rem 0 .3rem;color:var(--soft)}
a{color:var(--accent)}
a:focus-visible,.table:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
code{font:.92em/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
nav ul{columns:2;column-gap:2rem;padding-left:1.1rem;margin:.2rem 0 1rem}
nav li{break-inside:avoid;margin:.15rem 0}
section.request{background:var(--pale);border:1px solid var(--line);border-radius:.5rem;padding:1rem 1.2rem;margin:1.2rem 0}
.method{display:inline-block;min-width:4.2rem;padding:.05rem .5rem;margin-right:.5rem;border-radius:.3rem;text-align:center;background:var(--accent);color:var(--ground);font-weight:600}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
td:first-child{min-width:9rem}
footer{margin:3rem 0 1rem;color:var(--soft)}
@media(max-width:44rem){nav ul{columns:1}body{padding:1rem}section.request{padding:.8rem}td:first-child{min-width:6rem}th,td{padding:.35rem .4rem}td:last-child{min-width:10rem}}
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || !found->is_string() ? std::string() : escaped(found->get_ref<const std::string&>());
}

std::string in_two_languages(std::string_view dutch, std::string_view english) {
  return fmt::format(R"(<span lang="nl">{}</span> · {})", dutch, english);
}

class Page {
 public:
  explicit Page(const Json& document) : document_(document) {}

  std::string make() {
    head();
    contents();
    add("<main id=\"requests\">\n");
    for (const Json& tag : document_["tags"]) {
      add("<h2 id=\"tag-{}\">{}</h2>\n<p>{}</p>\n", anchor(tag), text_in(tag, "name"), text_in(tag, "description"));
      each_operation(tag, [this](std::string_view method, const std::string& path, const Json& operation) {
        request(method, path, operation);
      });
    }
    add("</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n", text_in(document_["info"], "description"));
    return std::move(out_);
  }

 private:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
  }

  static std::string anchor(const Json& tag) {
    std::string name = tag["name"].get<std::string>();
    for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
    return name;
  }

  template <class Take>
  void each_operation(const Json& tag, const Take& take) {
    for (const auto& [path, item] : document_["paths"].items()) {
      const bool is_elsewhere = item.contains("servers");
      const Json& servers = is_elsewhere ? item["servers"] : document_["servers"];
      std::string base = servers[0]["url"].get<std::string>();
      if (base.ends_with('/')) base.pop_back();
      for (const std::string_view method : kMethods) {
        const auto operation = item.find(std::string(method));
        if (operation == item.end() || (*operation)["tags"][0] != tag["name"]) continue;
        take(method, base + path, *operation);
      }
    }
  }

  void head() {
    const Json& info = document_["info"];
    add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n<title>{}</title>\n<style>{}</style>\n"
        "</head>\n<body>\n",
        text_in(info, "title"), kStyle);
    add("<a class=\"skip\" href=\"#requests\">{}</a>\n", in_two_languages("Naar de verzoeken", "To the requests"));
    add("<header>\n<h1><span lang=\"nl\">De API van Weerbaar</span><br>{}</h1>\n<p>{} {}. {} <a "
        "href=\"openapi.json\">openapi.json</a></p>\n</header>\n",
        text_in(info, "title"), in_two_languages("Versie", "Version"), text_in(info, "version"),
        in_two_languages("Voor programma's", "For programs"));
  }

  void contents() {
    add("<nav aria-label=\"Inhoud, contents\">\n<h2>{}</h2>\n", in_two_languages("Inhoud", "Contents"));
    for (const Json& tag : document_["tags"]) {
      add("<h3><a href=\"#tag-{}\">{}</a></h3>\n<ul>\n", anchor(tag), text_in(tag, "name"));
      each_operation(tag, [this](std::string_view method, const std::string& path, const Json& operation) {
        add("<li><a href=\"#{}\"><code>{} {}</code></a></li>\n", text_in(operation, "operationId"), large(method),
            escaped(path));
      });
      add("</ul>\n");
    }
    add("</nav>\n");
  }

  static std::string large(std::string_view method) {
    std::string text(method);
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }

  // What a "$ref" leads to, or the object itself.
  const Json& whole(const Json&& json) const = delete;
  const Json& whole(const Json& json) const {
    const auto reference = json.find("$ref");
    if (reference == json.end()) return json;
    const std::string path = reference->get<std::string>();
    WEERBAAR_CHECK(path.starts_with("#/"));
    const Json::json_pointer pointer(path.substr(1));
    WEERBAAR_CHECK(document_.contains(pointer));
    return document_[pointer];
  }

  void request(std::string_view method, const std::string& path, const Json& operation) {
    const std::string id = text_in(operation, "operationId");
    add("<section class=\"request\" id=\"{}\" aria-labelledby=\"{}-title\">\n", id, id);
    add("<h3 id=\"{}-title\"><span class=\"method\">{}</span><code>{}</code></h3>\n<p>{}</p>\n", id, large(method),
        escaped(path), text_in(operation, "summary"));
    if (operation.contains("description")) add("<p>{}</p>\n", text_in(operation, "description"));
    add("<h4>{}</h4>\n<p>", in_two_languages("Wie mag dit", "Who may"));
    const char* between = "";
    for (const Json& role : operation["x-roles"]) {
      add("{}{}", between, escaped(role.get<std::string>()));
      between = ", ";
    }
    add("</p>\n");
    parameters(operation);
    body(operation);
    answers(operation);
    add("</section>\n");
  }

  // A box that scrolls by itself where the table is wider than the screen, and that the keyboard reaches.
  void begin_table(const std::string& title, const std::string& first = in_two_languages("Naam", "Name")) {
    ++tables_;
    add("<h4 id=\"table-{0}\">{1}</h4>\n<div class=\"table\" role=\"region\" tabindex=\"0\" "
        "aria-labelledby=\"table-{0}\"><table>\n<thead><tr><th scope=\"col\">{2}</th><th scope=\"col\">{3}</th><th "
        "scope=\"col\">{4}</th></tr></thead>\n<tbody>\n",
        tables_, title, first, in_two_languages("Soort", "Type"), in_two_languages("Betekenis", "Meaning"));
  }
  void row(std::string_view first, std::string_view second, std::string_view third) {
    add("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n", first, second, third);
  }
  void end_table() { add("</tbody>\n</table></div>\n"); }

  void parameters(const Json& operation) {
    const auto list = operation.find("parameters");
    if (list == operation.end()) return;
    begin_table(in_two_languages("Gegevens in het adres en de velden", "In the address and the fields"));
    for (const Json& one : *list) {
      const Json& parameter = whole(one);
      row(text_in(parameter, "name"),
          fmt::format("{}, {}{}", text_in(parameter, "in"), type_of(parameter["schema"]),
                      parameter.value("required", false) ? ", required" : ""),
          text_in(parameter, "description"));
    }
    end_table();
  }

  std::string type_of(const Json& said) const {
    const Json& schema = whole(said);
    if (schema.contains("const")) return "<code>" + escaped(schema["const"].dump()) + "</code>";
    if (schema.contains("enum")) {
      std::string words;
      for (const Json& word : schema["enum"]) {
        words += words.empty() ? "" : ", ";
        words += "<code>" + escaped(word.is_string() ? word.get<std::string>() : word.dump()) + "</code>";
      }
      return words;
    }
    if (!schema.contains("type")) return "any";
    std::string type;
    if (schema["type"].is_array()) {
      for (const Json& one : schema["type"]) type += (type.empty() ? "" : " or ") + escaped(one.get<std::string>());
    } else {
      type = text_in(schema, "type");
    }
    if (schema.contains("format")) type += " (" + text_in(schema, "format") + ")";
    if (schema.contains("items")) type += " of " + type_of(schema["items"]);
    return type;
  }

  void members(const Json& said, const std::string& before, int depth) {
    const Json* schema = &whole(said);
    std::string place = before;
    while (schema->contains("items")) {
      schema = &whole((*schema)["items"]);
      place += "[]";
    }
    if (depth > kDepthMax || !schema->contains("properties")) return;
    const std::string mark = place.empty() ? "" : place + ".";
    for (const auto& [name, member] : (*schema)["properties"].items()) {
      const Json required = schema->value("required", Json::array());
      const bool is_required = std::find(required.begin(), required.end(), name) != required.end();
      const Json& kind = whole(member);
      const std::string words =
          member.contains("description") ? text_in(member, "description") : text_in(kind, "description");
      row(escaped(mark + name), type_of(member) + (is_required ? ", required" : ""), words);
      members(member, mark + name, depth + 1);
    }
  }

  void content(const Json& content, const std::string& title) {
    for (const auto& [type, media] : content.items()) {
      const Json& schema = whole(media["schema"]);
      const bool is_object = schema.contains("properties") || schema.contains("items");
      if (!is_object) {
        add("<h4>{}: <code>{}</code></h4>\n<p>{} {}</p>\n", title, escaped(type), type_of(schema),
            text_in(schema, "description"));
        continue;
      }
      begin_table(fmt::format("{}: <code>{}</code>", title, escaped(type)));
      members(schema, "", 1);
      end_table();
    }
  }

  void body(const Json& operation) {
    const auto body = operation.find("requestBody");
    if (body != operation.end()) content(whole(*body)["content"], in_two_languages("Inhoud", "Body"));
  }

  void answers(const Json& operation) {
    for (const auto& [status, said] : operation["responses"].items()) {
      const Json& answer = whole(said);
      if (status.starts_with('2') && answer.contains("content")) {
        content(answer["content"], in_two_languages("Antwoord " + escaped(status), "Answer"));
      }
    }
    begin_table(in_two_languages("Antwoorden", "Answers"), "Status");
    for (const auto& [status, said] : operation["responses"].items()) {
      const Json& answer = whole(said);
      std::string types;
      if (answer.contains("content")) {
        for (const auto& [type, media] : answer["content"].items())
          types += (types.empty() ? "" : ", ") + escaped(type);
      }
      row(escaped(status), types.empty() ? "no body" : types, text_in(answer, "description"));
    }
    end_table();
  }

  const Json& document_;
  std::string out_;
  size_t tables_ = 0;
};

}  // namespace

std::string_view api_page_style() {
  return kStyle;
}

std::string api_page(std::string_view document) {
  const Json json = Json::parse(document, nullptr, false);
  WEERBAAR_CHECK(json.is_object());
  return Page(json).make();
}

}  // namespace weerbaar::service
