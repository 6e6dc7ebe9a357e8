#include "net/memory_stream.h"
#include "office/sign_ins.h"

#include <boost/asio/io_context.hpp>

#include <CppUTest/TestHarness.h>

#include <format>
#include <memory>
#include <string>

using namespace postern;
using namespace postern::office;
using namespace std::chrono_literals;

TEST_GROUP(SignIns) {
    boost::asio::io_context io;
    net::Event stop{io.get_executor()};
    core::ManualClock clock{core::WallTime(1'790'000'000s)};
    SignIns sign_ins{clock};
    static constexpr store::AccountId alice{1}, bob{2};

    std::unique_ptr<net::Connection> connect(std::string address) {
        return std::make_unique<net::Connection>(std::make_unique<net::MemoryStream>(io.get_executor()),
                                                 net::Endpoints{std::move(address), 1, "192.0.2.2", 993}, stop);
    }
};

TEST(SignIns, sessions_of_a_program_are_one_device) {
    auto const desk = connect("192.0.2.1"), phone = connect("192.0.2.9");
    auto const began = clock.wall();
    auto first = sign_ins.begin(alice, "IMAP", "Thunderbird", *desk);
    clock.advance(60s);
    auto second = sign_ins.begin(alice, "IMAP", "Thunderbird", *desk);
    auto other = sign_ins.begin(alice, "IMAP", "", *phone);
    auto sending = sign_ins.begin(alice, "SMTP", "", *desk);
    LONGS_EQUAL(3, sign_ins.of(alice).size());
    LONGS_EQUAL(0, sign_ins.of(bob).size());
    other = {};
    sending = {};
    clock.advance(60s);
    auto const devices = sign_ins.of(alice);
    STRCMP_EQUAL("Thunderbird", devices[0].program.c_str());
    LONGS_EQUAL(2, devices[0].sessions);
    CHECK(devices[0].first == began);
    CHECK(devices[0].last == clock.wall());
    STRCMP_EQUAL("SMTP", devices[1].service.c_str());
    STRCMP_EQUAL("192.0.2.9", devices[2].address.c_str());
    CHECK(devices[2].last == began + 60s);
    LONGS_EQUAL(0, devices[2].sessions);
}

TEST(SignIns, a_program_may_say_later_what_it_is) {
    auto const desk = connect("192.0.2.1");
    auto session = sign_ins.begin(alice, "IMAP", "", *desk);
    session.introduce("mutt\r\n" + std::string(200, 'x'));
    session.introduce("another");
    auto const devices = sign_ins.of(alice);
    LONGS_EQUAL(1, devices.size());
    LONGS_EQUAL(SignIns::longest_program, devices[0].program.size());
    STRCMP_CONTAINS("mutt  x", devices[0].program.c_str());
    SignIns::SignIn none;
    none.introduce("x");
}

TEST(SignIns, one_that_was_nameless_before_stays_known) {
    auto const desk = connect("192.0.2.1");
    {
        auto const before = sign_ins.begin(alice, "IMAP", "", *desk);
    }
    clock.advance(1s);
    auto session = sign_ins.begin(alice, "IMAP", "", *desk);
    session.introduce("mutt");
    LONGS_EQUAL(2, sign_ins.of(alice).size());
}

TEST(SignIns, at_the_end_sessions_are_dismissed_and_devices_forgotten) {
    auto const desk = connect("192.0.2.1"), of_bob = connect("192.0.2.3");
    auto dismissed = std::make_shared<bool>(false), of_bob_dismissed = std::make_shared<bool>(false);
    auto const watch = [](net::Connection& connection, std::shared_ptr<bool> seen) -> boost::asio::awaitable<void> {
        *seen = co_await connection.fill() == net::Input::dismissed;
    };
    boost::asio::co_spawn(io, watch(*desk, dismissed), boost::asio::detached);
    boost::asio::co_spawn(io, watch(*of_bob, of_bob_dismissed), boost::asio::detached);
    {
        auto const before = sign_ins.begin(alice, "POP3", "", *desk);
    }
    auto session = sign_ins.begin(alice, "IMAP", "", *desk);
    auto bobs = sign_ins.begin(bob, "IMAP", "", *of_bob);
    io.poll();
    sign_ins.end(alice);
    io.restart();
    io.poll();
    CHECK_TRUE(*dismissed);
    CHECK_FALSE(*of_bob_dismissed);
    LONGS_EQUAL(1, sign_ins.of(alice).size()); // it is still there
    session = {};
    LONGS_EQUAL(0, sign_ins.of(alice).size());
    LONGS_EQUAL(1, sign_ins.of(bob).size());
    LONGS_EQUAL(1, sign_ins.ends());
    of_bob->dismiss(); // so that nobody waits at it any more
    io.restart();
    io.poll();
    CHECK_TRUE(*of_bob_dismissed);
}

TEST(SignIns, what_is_remembered_is_bounded) {
    auto const kept = connect("192.0.2.1");
    auto session = sign_ins.begin(alice, "IMAP", "kept", *kept);
    for (std::size_t i = 0; i < 3 * SignIns::most_devices; ++i) {
        clock.advance(1s);
        auto const connection = connect(std::format("10.0.0.{}", i));
        auto const short_one = sign_ins.begin(alice, "IMAP", "", *connection);
    }
    clock.advance(1s);
    auto const devices = sign_ins.of(alice);
    LONGS_EQUAL(SignIns::most_devices, devices.size());
    STRCMP_EQUAL("kept", devices[0].program.c_str());
    STRCMP_EQUAL("10.0.0.119", devices[1].address.c_str());
}
