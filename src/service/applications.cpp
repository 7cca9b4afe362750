#include "service/applications.h"

#include <algorithm>
#include <utility>

namespace weerbaar::service {

bool Application::may_ask_about(std::string_view system) const {
  return std::ranges::find(systems, system) != systems.end();
}

Applications::Applications(std::vector<Application> applications) : applications_(std::move(applications)) {
  for (size_t i = 0; i < applications_.size(); ++i) {
    credentials_.add(applications_[i].token_sha256, applications_[i].certificate_subject, i);
  }
}

const Application* Applications::find(const http::Request& request) const {
  const auto number = credentials_.find(request);
  return number ? &applications_[*number] : nullptr;
}

}  // namespace weerbaar::service
