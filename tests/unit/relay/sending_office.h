// An office with a queue and a dispatcher, and the internet played by the test.
#pragma once

#include "core/log.h"
#include "office/incoming_message.h"
#include "relay/dispatcher.h"
#include "store/delivery.h"
#include "store/messages.h"
#include "store/relays.h"
#include "support/fake_relay.h"
#include "support/office_fixture.h"
#include "support/office_loop.h"
#include "support/stored_mail.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <format>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::test {

using namespace std::chrono_literals;
using relay::Dispatcher;

constexpr std::string_view hello = "From: alice@office.lan\r\nTo: carol@example.org\r\nSubject: Hello\r\n"
                                   "Message-ID: <1@office.lan>\r\n\r\nGood day.\r\n";

struct SendingOffice : Utest {
    // Gone after the context on which its coroutines are.
    std::unique_ptr<Dispatcher> dispatcher;
    OfficeFixture fixture{1};
    FakeRelay net{fixture.io};

    void setup() override {
        core::set_log_level(static_cast<core::Level>(0));
        dispatcher = std::make_unique<Dispatcher>(fixture.office, net, net, fixture.io.get_executor());
        add_relay("provider");
    }

    template <typename Change> auto write(Change change) {
        return fixture.store().write_here(std::move(change)).value();
    }

    void add_relay(std::string const& name, std::uint32_t preference = 10, std::string const& login = "",
                   std::vector<std::string> domains = {}) {
        store::Relay relay;
        relay.name = name;
        relay.host = name + ".example.net";
        relay.port = 587;
        relay.security = store::RelaySecurity::plain;
        relay.preference = preference;
        relay.login = login;
        relay.domains = std::move(domains);
        relay.password = core::Secret(std::string_view("secret"));
        (void)fixture.store().write_here(
            [&](store::WriteTransaction& transaction) { return store::set_relay(transaction, relay); });
    }

    void send_directly() {
        store::Relay relay;
        relay.name = "provider";
        relay.port = 25;
        relay.security = store::RelaySecurity::opportunistic;
        (void)fixture.store().write_here(
            [&](store::WriteTransaction& transaction) { return store::set_relay(transaction, relay); });
    }

    struct Mail {
        std::vector<std::string> to{"carol@example.org"};
        std::string content{hello};
        std::string from = "alice@office.lan";
        core::Urgency urgency = core::Urgency::normal;
        bool eight_bit = false;
        bool smtputf8 = false;
        std::string notify{};
        store::TransferWishes transfer{};
    };
    void queue(Mail const& mail) {
        std::string const octets = std::format("Return-Path: <{}>\r\n{}", mail.from, mail.content);
        office::IncomingMessage incoming(fixture.office, 100'000'000, {}, {});
        std::optional<store::Result<store::NewMessage>> message;
        asio_run([&]() -> boost::asio::awaitable<void> {
            co_await incoming.append(octets);
            message = co_await incoming.finish(fixture.clock.wall());
        });
        store::Delivery delivery;
        for (auto const& to : mail.to) delivery.outside.push_back({to, {mail.notify, ""}});
        delivery.owner = fixture.alice;
        delivery.reverse_path = mail.from;
        delivery.urgency = mail.urgency;
        delivery.body_8bit = mail.eight_bit;
        delivery.smtputf8 = mail.smtputf8;
        delivery.transfer = mail.transfer;
        write([&](store::WriteTransaction& transaction) {
            return store::deliver(transaction, message->value(), delivery, {}, fixture.clock.wall());
        });
    }
    void asio_run(std::function<boost::asio::awaitable<void>()> const& work) {
        bool over = false;
        boost::asio::co_spawn(fixture.io, work(), [&](std::exception_ptr failed) {
            over = true;
            if (failed) std::rethrow_exception(failed);
        });
        run_until([&] { return over; });
    }
    void start() { CHECK(dispatcher->start().has_value()); }

    void run_until(std::function<bool()> const& condition) { test::run_until(fixture, net, condition); }
    void settle() { test::settle(fixture, net); }
    void set(std::string_view name, std::string const& value) {
        CHECK(fixture.set(name, value).has_value());
        dispatcher->settings_changed();
    }
    std::vector<store::QueueItem> items() { return test::queue(fixture); }
    void until_sent(std::size_t messages) {
        run_until([&] { return net.received.size() == messages; });
        settle();
    }
    std::vector<std::string> inbox() { return test::inbox(fixture, fixture.alice); }
    // So much of the link's time goes by, or of the world's, if it is down.
    void advance(std::chrono::seconds time) {
        fixture.clock.advance(time);
        dispatcher->settings_changed();
        settle();
    }
    std::optional<relay::RelayStatus> status(std::string_view name) {
        auto const all = dispatcher->status();
        auto const row = std::ranges::find(all, name, &relay::RelayStatus::name);
        return row == all.end() ? std::nullopt : std::optional(*row);
    }
    template <typename Result> Result ask(std::function<boost::asio::awaitable<Result>()> const& what) {
        std::optional<Result> result;
        asio_run([&]() -> boost::asio::awaitable<void> { result = co_await what(); });
        return std::move(*result);
    }
};

} // namespace postern::test
