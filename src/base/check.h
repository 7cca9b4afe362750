// CHECK(condition): a programmer's error ends the program, in release builds too; never for bad input or failing disks.
#pragma once

#include <cstdio>
#include <cstdlib>

#define WEERBAAR_CHECK(condition)                                                            \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
