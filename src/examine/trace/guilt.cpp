#include "examine/trace/guilt.h"

namespace weerbaar::trace {

double guilt(std::span<const double> shares, double elsewhere) {
  double innocent = 1;
  for (const double share : shares) innocent *= 1 - (1 - elsewhere) * share;
  return 1 - innocent;
}

}  // namespace weerbaar::trace
