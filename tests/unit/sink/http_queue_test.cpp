#include "sink/http_queue.h"

#include <functional>
#include <set>

#include "answer_log.h"
#include "base/log.h"
#include "bulk_fixture.h"
#include "catch.h"

namespace sorrel::sink {
namespace {

using namespace std::chrono_literals;
using Verdict = BulkAnswer::Verdict;
using Kind = FrameAnswer::Kind;

BulkAnswer verdict(Verdict verdict, std::string reason = "why") {
  BulkAnswer answer;
  answer.verdict = verdict;
  answer.reason = std::move(reason);
  return answer;
}

BulkAnswer each(std::initializer_list<Kind> kinds) {
  BulkAnswer answer;
  answer.verdict = Verdict::each;
  for (const Kind kind : kinds) answer.frames.push_back({kind, "why"});
  return answer;
}

struct QueueFixture {
  QueueFixture() { set_log_level(static_cast<Level>(9)); }

  HttpQueue& open() {
    queue.emplace(feed, options, counters);
    return *queue;
  }
  // Frames of ten bytes, whose sequences go on.
  void add(std::size_t count, buffer::Lane lane = buffer::Lane::security) {
    batch.batch = std::make_shared<buffer::FrameBatch>();
    for (std::size_t i = 0; i < count; ++i) {
      batch.add("123456789\n", buffer::Format::json, lane);
    }
    queue->add(batch.batch);
  }
  std::string sequences(const Parcel& parcel) const {
    std::string text;
    for (const BulkFrame& frame : parcel.frames) {
      text += (text.empty() ? "" : " ") + std::to_string(frame.header->sequence);
    }
    return text;
  }
  Parcel claim() {
    auto parcel = queue->claim(now);
    REQUIRE(parcel);
    return *std::move(parcel);
  }
  void settle(const BulkAnswer& answer, bool was_compressed = false) {
    queue->settle(claim(), answer, was_compressed, now);
  }
  // Answers all that is due as `judge` says, by the parcel, until nothing is; the number of
  // requests.
  unsigned drain(const std::function<BulkAnswer(const Parcel&)>& judge) {
    unsigned requests = 0;
    while (auto parcel = queue->claim(now)) {
      const BulkAnswer answer = judge(*parcel);
      queue->settle(*std::move(parcel), answer, false, now);
      REQUIRE(++requests < 10'000);
    }
    return requests;
  }

  AnswerLog feed;
  HttpOptions options;
  HttpCounters counters;
  BulkBatch batch;
  std::optional<HttpQueue> queue;
  HttpQueue::Time now{};
};

// Of a collector that takes any frame but those of these sequences.
std::function<BulkAnswer(const Parcel&)> refuses(std::set<std::uint64_t> poisoned) {
  return [poisoned = std::move(poisoned)](const Parcel& parcel) {
    for (const BulkFrame& frame : parcel.frames) {
      if (poisoned.count(frame.header->sequence) != 0) return verdict(Verdict::bad_request);
    }
    return verdict(Verdict::all);
  };
}

TEST_CASE_METHOD(QueueFixture, "frames go in parcels of the size asked for", "[http]") {
  options.request_bytes = 30;
  open();
  add(7);
  CHECK(queue->held_bytes() == 70);
  CHECK(sequences(claim()) == "1 2 3");
  CHECK(sequences(claim()) == "4 5 6");
  CHECK(sequences(claim()) == "7");
  CHECK_FALSE(queue->claim(now));
  CHECK(queue->held_bytes() == 70);
  options.request_bytes = 1;
  options.request_events = 1;
  open();
  add(2);
  CHECK(sequences(claim()) == "8");
  CHECK(sequences(claim()) == "9");
}

TEST_CASE_METHOD(QueueFixture, "what is acknowledged is answered once and let go", "[http]") {
  open();
  add(3);
  settle(verdict(Verdict::all));
  CHECK(feed.text() == "1+ 2+ 3+");
  CHECK(queue->is_empty());
  CHECK(counters.acknowledged.value() == 3);
}

TEST_CASE_METHOD(QueueFixture, "a collector that is busy, ill or not ours to use keeps all",
                 "[http]") {
  open();
  add(3);
  for (const Verdict not_now : {Verdict::busy, Verdict::failed, Verdict::denied}) {
    settle(verdict(not_now));
    CHECK(feed.text().empty());
  }
  settle(verdict(Verdict::all));
  CHECK(feed.text() == "1+ 2+ 3+");
  CHECK(counters.retried.value() == 9);
}

TEST_CASE_METHOD(QueueFixture, "each frame of a request gets its own answer", "[http]") {
  open();
  add(6);
  settle(each({Kind::acknowledged, Kind::retry, Kind::duplicate, Kind::refused, Kind::hopeless,
               Kind::retry}));
  CHECK(feed.text() == "1+ 3+ 4:why 5:why");
  CHECK(counters.duplicates.value() == 1);
  CHECK(counters.rejected.value() == 2);
  CHECK(queue->held_bytes() == 20);
  CHECK(sequences(*queue->claim(now)) == "2 6");
}

TEST_CASE_METHOD(QueueFixture, "frames with a hole between them are acknowledged without it",
                 "[http]") {
  open();
  add(4);
  settle(each({Kind::retry, Kind::acknowledged, Kind::retry, Kind::retry}));
  settle(verdict(Verdict::all));
  CHECK(feed.text() == "1+ 2+ 3+ 4+");  // AnswerLog refuses a second answer for 2
}

TEST_CASE_METHOD(QueueFixture, "one poisoned event among many is found and alone given up",
                 "[http]") {
  for (const std::uint64_t poisoned : {1, 500, 1000}) {
    CAPTURE(poisoned);
    feed.answers.clear();
    batch.count = 0;
    HttpCounters fresh;
    queue.emplace(feed, options, fresh);
    add(1000);
    unsigned requests = drain(refuses({poisoned}));
    if (!queue->is_empty()) {  // the first one stood alone before any other was accepted
      now += options.retry_min;
      requests += drain(refuses({poisoned}));
    }
    CHECK(queue->is_empty());
    CHECK(feed.answers.size() == 1000);
    CHECK(feed.answers.at(poisoned) == "why");
    CHECK(fresh.acknowledged.value() == 999);
    CHECK(fresh.rejected.value() == 1);
    CHECK(requests < 30);
  }
}

TEST_CASE_METHOD(QueueFixture, "a collector that names the event is asked three times", "[http]") {
  open();
  add(1000);
  const unsigned requests = drain([](const Parcel& parcel) {
    for (std::size_t i = 0; i < parcel.frames.size(); ++i) {
      if (parcel.frames[i].header->sequence != 700) continue;
      BulkAnswer answer = verdict(Verdict::bad_request);
      answer.suspect = i;
      return answer;
    }
    return verdict(Verdict::all);
  });
  CHECK(requests == 4);
  CHECK(feed.answers.at(700) == "why");
  CHECK(counters.acknowledged.value() == 999);
}

TEST_CASE_METHOD(QueueFixture, "a collector that refuses everything loses nothing", "[http]") {
  open();
  add(8);
  for (int round = 0; round < 20; ++round) {
    drain([](const Parcel&) { return verdict(Verdict::bad_request, "no such path"); });
    CHECK(feed.answers.empty());
    CHECK(queue->refusal() == "no such path");
    REQUIRE(queue->next_due());
    CHECK(*queue->next_due() - now <= options.retry_max);
    CHECK(*queue->next_due() - now >= options.retry_min);
    now += options.retry_max;
  }
  // Somebody mends it.
  drain([](const Parcel&) { return verdict(Verdict::all); });
  CHECK(feed.text() == "1+ 2+ 3+ 4+ 5+ 6+ 7+ 8+");
  CHECK(queue->refusal().empty());
}

TEST_CASE_METHOD(QueueFixture, "a lone refused event is given up once another one is accepted",
                 "[http]") {
  open();
  add(1);
  settle(each({Kind::refused}));
  CHECK(feed.text().empty());
  CHECK_FALSE(queue->claim(now));
  add(1);
  settle(verdict(Verdict::all));
  now += options.retry_min;
  settle(each({Kind::refused}));
  CHECK(feed.text() == "1:why 2+");
}

TEST_CASE_METHOD(QueueFixture, "refused events do not count as under way, up to a number of them",
                 "[http]") {
  options.in_flight_bytes = 20;
  open();
  const auto refuse_all = [](const Parcel&) { return verdict(Verdict::bad_request); };
  for (int i = 0; i < 255; ++i) {
    add(1);
    drain(refuse_all);
    REQUIRE_FALSE(queue->is_full());
  }
  now += options.retry_max;
  drain(refuse_all);  // asked again, and refused again: the same ones
  CHECK_FALSE(queue->is_full());
  add(1);
  drain(refuse_all);
  CHECK(queue->is_full());
  now += options.retry_max;
  settle(verdict(Verdict::busy));  // one of them
  CHECK(queue->is_full());
  drain([](const Parcel&) { return verdict(Verdict::all); });
  CHECK_FALSE(queue->is_full());
  CHECK(queue->is_empty());
  add(2);
  CHECK(queue->is_full());
}

TEST_CASE_METHOD(QueueFixture, "an event that is too old is given up at once", "[http]") {
  open();
  add(4);
  drain([](const Parcel&) { return verdict(Verdict::hopeless, "too old"); });
  CHECK(feed.text() == "1:too old 2:too old 3:too old 4:too old");
}

TEST_CASE_METHOD(QueueFixture, "a request that is too large is halved, and later ones are smaller",
                 "[http]") {
  options.request_bytes = 1u << 20;
  options.request_events = 1u << 20;
  open();
  add(100'000);  // 1 MB
  CHECK(queue->request_bytes() == 1u << 20);
  drain([](const Parcel& parcel) {
    return verdict(parcel.bytes > 200'000 ? Verdict::too_large : Verdict::all);
  });
  CHECK(feed.answers.size() == 100'000);
  CHECK(queue->request_bytes() <= 250'000);
  CHECK(queue->request_bytes() >= 64u << 10);
}

TEST_CASE_METHOD(QueueFixture, "an event that is too large by itself is given up", "[http]") {
  open();
  add(3);
  drain([](const Parcel& parcel) {
    const bool has_second = parcel.frames.size() > 1 || parcel.frames[0].header->sequence == 2;
    return verdict(has_second ? Verdict::too_large : Verdict::all);
  });
  CHECK(feed.text() == "1+ 2:why 3+");
}

TEST_CASE_METHOD(QueueFixture, "a compressed request that is refused goes again as it is",
                 "[http]") {
  open();
  add(4);
  settle(verdict(Verdict::bad_request), true);
  CHECK(queue->may_compress());
  Parcel again = claim();
  CHECK(sequences(again) == "1 2 3 4");
  CHECK(again.is_uncompressed);
  SECTION("and compression is given up when it is then accepted") {
    queue->settle(std::move(again), verdict(Verdict::all), false, now);
    CHECK_FALSE(queue->may_compress());
    CHECK(feed.text() == "1+ 2+ 3+ 4+");
  }
  SECTION("and is at fault itself when it is refused then, too") {
    queue->settle(std::move(again), verdict(Verdict::bad_request), false, now);
    drain(refuses({3}));
    CHECK(queue->may_compress());
    CHECK(feed.text() == "1+ 2+ 3:why 4+");
  }
}

TEST_CASE_METHOD(QueueFixture, "once compression has worked, a refusal is about an event",
                 "[http]") {
  open();
  add(1);
  settle(verdict(Verdict::all), true);
  add(2);
  settle(verdict(Verdict::bad_request), true);
  CHECK(sequences(*queue->claim(now)) == "2");
  CHECK(queue->may_compress());
}

TEST_CASE_METHOD(QueueFixture, "the first lane goes first, and what was sent before within a lane",
                 "[http]") {
  options.request_events = 1;
  open();
  add(2);
  Parcel first = claim();
  add(1, buffer::Lane::bulk);
  add(1, buffer::Lane::first);
  queue->give_back(std::move(first));
  CHECK(sequences(claim()) == "4");
  CHECK(sequences(claim()) == "1");
  CHECK(sequences(claim()) == "2");
  CHECK(sequences(claim()) == "3");
}

TEST_CASE_METHOD(QueueFixture, "a request that breaks every connection becomes smaller", "[http]") {
  options.request_events = 1u << 20;
  open();
  add(20'000);  // 200 kB
  queue->give_back_broken(claim());
  CHECK(queue->claim(now)->frames.size() == 20'000);
  open();
  add(20'000);
  queue->give_back_broken(claim());
  queue->give_back_broken(claim());
  CHECK(claim().frames.size() == 10'000);
}

}  // namespace
}  // namespace sorrel::sink
