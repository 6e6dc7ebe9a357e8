// That it tells of what happens is seen where something does: tests/system/cut_link.py.
#include "loop.h"
#include "net/event.h"
#include "net/network_watch.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <CppUTest/TestHarness.h>

using namespace postern::net;

TEST_GROUP(NetworkWatch){};

TEST(NetworkWatch, can_be_called_off) {
    using asio::experimental::awaitable_operators::operator||;
    Loop loop;
    Event enough(loop.context.get_executor());
    auto const watch = NetworkWatch::open(loop.context.get_executor());
    CHECK(watch.has_value());
    auto const either = loop.start((*watch)->changed() || enough.wait());
    enough.raise();
    loop.run_ready();
    CHECK(either->has_value());
}
