# cmake -DINPUT=… -DOUTPUT=… -DHEADER=… -DSPACE=… -DFUNCTION=… -P embed_text.cmake: writes a text file as C++: HEADER
# declares `std::string_view FUNCTION()` in the namespace weerbaar::SPACE.
file(READ ${INPUT} text)
cmake_path(GET INPUT FILENAME name)
file(WRITE ${OUTPUT} "// Made from ${name} by cmake/embed_text.cmake.
#include \"${HEADER}\"

namespace weerbaar::${SPACE} {

std::string_view ${FUNCTION}() {
  return R\"~~~(${text})~~~\";
}

}  // namespace weerbaar::${SPACE}
")
