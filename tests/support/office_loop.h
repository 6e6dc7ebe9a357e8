// Runs an office in a program together with an internet that answers when it is asked to (FakeRelay, FakeProvider).
#pragma once

#include "support/office_fixture.h"

#include <CppUTest/TestHarness.h>

#include <chrono>

namespace postern::test {

template <typename Net, typename Condition>
void run_until(OfficeFixture& fixture, Net& net, Condition const& condition) {
    using namespace std::chrono_literals;
    auto const give_up = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
        fixture.io.restart();
        fixture.io.run_one_for(2ms);
        net.answer_all();
        CHECK_TEXT(std::chrono::steady_clock::now() < give_up, "what was waited for did not happen");
    }
}

// Until nothing more happens by itself: neither here, nor in the store's threads, nor on the internet.
template <typename Net> void settle(OfficeFixture& fixture, Net& net) {
    for (unsigned quiet = 0; quiet < 2; ++quiet) {
        fixture.io.restart();
        bool happened = fixture.io.poll() > 0;
        happened = net.answer_all() || happened;
        (void)fixture.store().write_here([](store::WriteTransaction&) { return store::Result<void>{}; });
        fixture.drain_readers();
        if (happened) quiet = 0;
    }
}

} // namespace postern::test
