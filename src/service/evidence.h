// What people do through the API becomes evidence in the trail.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "people/deed.h"
#include "people/store.h"
#include "service/event_writer.h"
#include "service/guard.h"
#include "service/json_log.h"

namespace weerbaar::service {

// Durable when it returns. `writer` must outlive it.
people::Record record_in(EventWriter& writer);

// What somebody is about to do here, with an id and the time of now.
Result<people::Deed> new_deed(const Visitor& visitor, Action action, std::string component);

// Records every few seconds what the command line did to accounts meanwhile (people::Store::put_off), from its making
// until it is destroyed.
class PutOffDeeds {
 public:
  // All must outlive it.
  PutOffDeeds(people::Store& store, people::Record record, JsonLog& log);
  ~PutOffDeeds();
  PutOffDeeds(const PutOffDeeds&) = delete;
  PutOffDeeds& operator=(const PutOffDeeds&) = delete;

 private:
  void run();

  people::Store& store_;
  const people::Record record_;
  JsonLog& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace weerbaar::service
