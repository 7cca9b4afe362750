# cmake -DPOLICY=… -DOUTPUT=… -P embed_signal_policy.cmake: writes the signal policy as C++.
file(READ ${POLICY} text)
file(WRITE ${OUTPUT} "// Made from signal_policy.toml by cmake/embed_signal_policy.cmake.
#include \"examine/detect/signal_policy.h\"

namespace weerbaar::detect {

std::string_view standard_signal_policy() {
  return R\"~~~(${text})~~~\";
}

}  // namespace weerbaar::detect
")
