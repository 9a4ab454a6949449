#include "sink/slow_start.h"

#include "catch.h"

namespace sorrel::sink {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a slow start doubles what may be sent each second, and ends", "[slow_start]") {
  constexpr std::size_t kFirst = SlowStart::kFirstBytes;
  const SlowStart::Time began{};
  SlowStart start;
  CHECK(start.allowance(began) == SIZE_MAX);
  start.begin(began);
  CHECK(start.allowance(began) == kFirst);
  start.spend(kFirst);
  CHECK(start.allowance(began) == 0);
  CHECK(start.allowance(began + seconds(1)) == kFirst);
  CHECK(start.allowance(began + seconds(2)) == 3 * kFirst);
  start.spend(10 * kFirst);  // a frame that is larger than what was left
  CHECK(start.allowance(began + seconds(2)) == 0);
  CHECK(start.allowance(began + seconds(4)) == 5 * kFirst);
  CHECK(start.is_on());
  CHECK(start.allowance(began + SlowStart::kLength) == SIZE_MAX);
  CHECK_FALSE(start.is_on());
  start.begin(began + seconds(60));
  CHECK(start.allowance(began + seconds(60)) == kFirst);
  start.end();
  CHECK(start.allowance(began + seconds(60)) == SIZE_MAX);
}

}  // namespace sorrel::sink
