#include "service/mirrors.h"

#include <utility>

namespace weerbaar::service {

Mirrors::Mirrors(std::vector<Mirror> mirrors) : mirrors_(std::move(mirrors)) {
  for (size_t i = 0; i < mirrors_.size(); ++i) {
    credentials_.add(mirrors_[i].token_sha256, mirrors_[i].certificate_subject, i);
  }
}

const Mirror* Mirrors::find(const http::Request& request) const {
  const auto number = credentials_.find(request);
  return number ? &mirrors_[*number] : nullptr;
}

}  // namespace weerbaar::service
