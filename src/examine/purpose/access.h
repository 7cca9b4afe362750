// One access as rules see it.
#pragma once

#include <cstdint>
#include <span>

#include "domain/access_event.h"
#include "examine/purpose/fact_base.h"

namespace weerbaar::purpose {

// What the rules look at of one access. kNoSymbol: it does not say; kUnknown: it says what no fact does.
struct Access {
  int64_t time = 0;  // microseconds since 1970
  Action action = Action::kRead;
  bool break_glass = false;
  bool reason = false;
  Symbol employee = kNoSymbol;
  Symbol on_behalf_of = kNoSymbol;  // the employee who is responsible, where the account acts for another
  Symbol system = kNoSymbol;
  Symbol claimed_case = kNoSymbol;
  Symbol activity = kNoSymbol;
  Symbol unit = kNoSymbol;
  Symbol function = kNoSymbol;
  std::span<const Symbol> subjects;
  std::span<const Symbol> data;
};

}  // namespace weerbaar::purpose
