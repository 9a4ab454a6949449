#include "control/answer.h"

#include "catch.h"

namespace sorrel::control {
namespace {

struct Exchange {
  explicit Exchange(std::size_t queue_bytes = 100)
      : answer(std::make_shared<Answer>(queue_bytes)),
        responder(std::make_shared<Responder>(answer)) {}

  std::string taken() const {
    std::string bytes;
    answer->take(bytes);
    return bytes;
  }

  std::shared_ptr<Answer> answer;
  std::shared_ptr<Responder> responder;
};

}  // namespace

TEST_CASE("rows are followed by a line that counts them", "[control][answer]") {
  const Exchange exchange;
  CHECK(exchange.responder->row("{\"a\":1}") == Sent::taken);
  CHECK(exchange.responder->row("{\"a\":2}") == Sent::taken);
  exchange.responder->finish("\"more\":3");
  CHECK(exchange.taken() ==
        "{\"a\":1}\n{\"a\":2}\n{\"done\":true,\"schema\":1,\"rows\":2,\"more\":3}\n");
  CHECK(exchange.answer->has_ended());
  CHECK(exchange.responder->row("{}") == Sent::gone);
  exchange.responder->fail("late", "late");
  CHECK(exchange.taken().empty());
}

TEST_CASE("a full queue says not now, and asks again once there is room", "[control][answer]") {
  const Exchange exchange(20);
  CHECK(exchange.responder->row("{\"a\":12345}") == Sent::taken);
  CHECK(exchange.responder->row("{\"a\":12345}") == Sent::not_now);
  int asked = 0;
  exchange.responder->when_ready([&] { ++asked; });
  CHECK(asked == 0);
  CHECK(exchange.taken() == "{\"a\":12345}\n");
  exchange.answer->tell_ready();
  exchange.answer->tell_ready();
  CHECK(asked == 1);
  CHECK(exchange.responder->row("{\"a\":12345}") == Sent::taken);
  CHECK(exchange.answer->rows() == 2);
}

TEST_CASE("a row that is larger than the queue goes alone", "[control][answer]") {
  const Exchange exchange(4);
  CHECK(exchange.responder->row("{\"large\":1}") == Sent::taken);
  CHECK(exchange.responder->row("{}") == Sent::not_now);
  CHECK(exchange.taken() == "{\"large\":1}\n");
}

TEST_CASE("a handler that waits is told when its peer goes", "[control][answer]") {
  const Exchange exchange(1);
  CHECK(exchange.responder->row("{}") == Sent::taken);
  bool told = false;
  exchange.responder->when_ready([&] { told = true; });
  exchange.answer->hang_up();
  CHECK(told);
  CHECK_FALSE(exchange.responder->is_open());
  CHECK(exchange.responder->row("{}") == Sent::gone);
}

TEST_CASE("a request that is dropped unanswered fails", "[control][answer]") {
  Exchange exchange;
  exchange.responder.reset();
  CHECK(
      exchange.taken() ==
      "{\"error\":{\"code\":\"internal\",\"message\":\"the request was dropped unanswered; please "
      "report it\"},\"schema\":1}\n");
}

TEST_CASE("a responder that only its own waiting keeps goes with the peer", "[control][answer]") {
  Exchange exchange(1);
  CHECK(exchange.responder->row("{}") == Sent::taken);
  const std::weak_ptr<Responder> watch = exchange.responder;
  exchange.responder->when_ready([kept = exchange.responder] {});
  exchange.responder.reset();
  CHECK_FALSE(watch.expired());
  SECTION("told") {
    exchange.answer->hang_up();
  }
  SECTION("untold") {
    exchange.answer->abandon();
  }
  CHECK(watch.expired());
}

TEST_CASE("each change is told to the connection", "[control][answer]") {
  const Exchange exchange;
  int woken = 0;
  exchange.answer->on_change([&] { ++woken; });
  CHECK(exchange.responder->row("{}") == Sent::taken);
  exchange.responder->finish();
  CHECK(woken == 2);
}

}  // namespace sorrel::control
