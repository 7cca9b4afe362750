#include "sample/desk.h"

#include <algorithm>

#include "base/time.h"

namespace weerbaar::sample {
namespace {

constexpr int64_t kLunchFrom = 12 * kHour;
constexpr int64_t kLunch = kHour / 2;
constexpr int64_t kGapMax = 70 * kMicrosPerSecond;  // between two screens, on average
constexpr uint64_t kSecondScreenOfThousand = 300;
constexpr uint64_t kNamesActivityOfThousand = 800;

}  // namespace

// Work is spread over the day without lunch, which not everybody has at the same time, or the journey in its place.
int64_t Desk::second_at(uint64_t part, uint64_t of) const {
  int64_t pause = kLunchFrom + static_cast<int64_t>(employee_ % 4) * 15 * kMinute;
  int64_t pause_length = kLunch;
  if (work_.home_until != 0) {
    pause = work_.home_until;
    pause_length = kJourney;
  }
  if (work_.begin >= pause || pause + pause_length >= work_.end) pause_length = 0;
  const int64_t length = work_.end - work_.begin - pause_length;
  const int64_t second = work_.begin + length * static_cast<int64_t>(part) / static_cast<int64_t>(of);
  return second < pause ? second : second + pause_length;
}

uint64_t Desk::begin_task(uint64_t place, uint64_t places, uint64_t accesses) {
  task_begin_ = micros_at(day_, second_at(place, places));
  // What began before the pause ends before it.
  int64_t end = micros_at(day_, second_at(place + 1, places));
  if (work_.home_until != 0 && task_begin_ < micros_at(day_, work_.home_until)) {
    end = std::min(end, micros_at(day_, work_.home_until));
  }
  const int64_t share = (micros_at(day_, work_.end) - micros_at(day_, work_.begin)) / static_cast<int64_t>(places + 1);
  task_end_ = std::min(end, task_begin_ + share);
  const uint64_t count = random_.rounded(accesses * scale_.value, Scale::kOne);
  const int64_t length = task_end_ - task_begin_;
  at_ = task_begin_ + random_.between(length / 50, length / 4);
  gap_ = std::clamp<int64_t>(length / 2 / static_cast<int64_t>(count + 1), 2, kGapMax);
  return count;
}

NotedAccess Desk::access(Action action, SystemNumber system, Remark remark) {
  at_ += random_.between(gap_ / 2, gap_ * 3 / 2);
  NotedAccess access;
  access.micros = at_;
  access.employee = employee_;
  access.seated = employee_;
  access.action = action;
  access.system = system;
  access.component = static_cast<uint8_t>(random_.below(systems()[system].components.size()));
  access.records = 1;
  access.remark = remark;
  access.is_at_home = is_at_home(work_, day_, at_);
  access.names_activity = random_.chance(kNamesActivityOfThousand);
  const Employee& employee = organisation_.employee(employee_);
  if (!employee.second_account.empty() && system % 5 == 0) access.account = Account::kSecond;
  if (employee.uses_two_screens && !access.is_at_home && random_.chance(kSecondScreenOfThousand)) {
    access.screen = 1;
    if (remark == Remark::kOrdinary) access.remark = Remark::kTwoScreens;
  }
  if (remark == Remark::kOrdinary && work_.is_back) access.remark = Remark::kBackFromHoliday;
  if (remark == Remark::kOrdinary && work_.is_overtime) access.remark = Remark::kOvertime;
  return access;
}

}  // namespace weerbaar::sample
