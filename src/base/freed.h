// What a library in C gives out, given back to it.
#pragma once

namespace weerbaar {

// For std::unique_ptr<T, Freed<T_free>>.
template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

}  // namespace weerbaar
