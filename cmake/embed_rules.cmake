# cmake -DRULES_DIRECTORY=… -DRULES=a|b|… -DOUTPUT=… -P embed_rules.cmake: writes the rules of the purpose check as C++. A rule
# without its explanations, or without cases in which it must and must not fire, stops the build.
string(REPLACE "|" ";" ids "${RULES}")
set(rows "")
foreach(id IN LISTS ids)
  set(literals "")
  foreach(file IN ITEMS rule.toml explanation.nl.md explanation.en.md cases.toml)
    set(path ${RULES_DIRECTORY}/${id}/${file})
    if(NOT EXISTS ${path})
      message(FATAL_ERROR "the rule ${id} has no ${file}: add ${path}")
    endif()
    file(READ ${path} text)
    if(file STREQUAL "cases.toml" AND NOT (text MATCHES "fires = true" AND text MATCHES "fires = false"))
      message(FATAL_ERROR "the rule ${id} must have cases in which it fires and in which it does not: see ${path}")
    endif()
    string(APPEND literals ",\n     R\"~~~(${text})~~~\"")
  endforeach()
  string(APPEND rows "    {\"${id}\"${literals}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made from rules/ by cmake/embed_rules.cmake.
#include \"examine/purpose/policy.h\"

namespace weerbaar::purpose {
namespace {

constexpr EmbeddedRule kRules[] = {
${rows}};

}  // namespace

std::span<const EmbeddedRule> embedded_rules() {
  return kRules;
}

}  // namespace weerbaar::purpose
")
