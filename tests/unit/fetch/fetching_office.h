// An office that fetches from a provider which does what a test wants.
#pragma once

#include "core/log.h"
#include "fetch/fetcher.h"
#include "store/check.h"
#include "store/fetches.h"
#include "support/fake_provider.h"
#include "support/office_fixture.h"
#include "support/office_loop.h"
#include "support/stored_mail.h"

#include <boost/asio/co_spawn.hpp>

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <format>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::test {

using namespace std::chrono_literals;

inline std::string numbered(int number, std::size_t body = 20) {
    return std::format(
               "Return-Path: <carol@example.org>\r\nReceived: from a by b id {0}; Mon, 5 Jan 2026 09:00:00 +0000\r\n"
               "Message-ID: <{0}@example.org>\r\nFrom: carol@example.org\r\nTo: office@office.lan\r\n"
               "Subject: number {0}\r\n\r\n",
               number) +
           std::string(body, 'x') + "\r\n";
}

class FetchingOffice : public Utest {
public:
    // Gone after the context on which its coroutines are.
    std::unique_ptr<fetch::Fetcher> fetcher;
    OfficeFixture fixture{1};
    FakeProvider net{fixture.io};
    store::FetchSource source;

    void setup() override {
        core::set_log_level(static_cast<core::Level>(0));
        source.name = "provider";
        source.host = "mail.example.net";
        source.port = 143;
        source.security = store::RelaySecurity::plain;
        source.login = "office";
        source.password = core::Secret(std::string_view("secret"));
        source.account = fixture.alice;
    }
    void teardown() override {
        auto const report = store::check(fixture.store(), true);
        CHECK(report && report->problems.empty());
    }

    void write(std::function<store::Result<void>(store::WriteTransaction&)> const& change) {
        CHECK(fixture.store().write_here(change).has_value());
    }
    void save() {
        write([&](store::WriteTransaction& t) { return store::set_fetch_source(t, source); });
    }
    void forget() {
        write([&](store::WriteTransaction& t) { return store::remove_fetch_source(t, source.name); });
    }
    void by_pop3() {
        source.protocol = store::FetchProtocol::pop3;
        source.port = 110;
    }
    void begin() {
        if (!fetcher)
            fetcher = std::make_unique<fetch::Fetcher>(fixture.office, net, fixture.memory, fixture.io.get_executor());
        CHECK(fetcher->sources_changed().has_value());
    }
    // As after a start: nothing is known but by the store.
    void begin_anew() {
        begin();
        settle();
    }
    void start() {
        save();
        begin_anew();
    }
    void settle() { test::settle(fixture, net); }
    // The link is there again, or it is time.
    void look() {
        fixture.clock.advance(1h);
        fetcher->network_changed();
        settle();
    }
    void fill(int messages) {
        for (int at = 1; at <= messages; ++at) net.put(numbered(at));
    }
    std::vector<std::string> inbox() { return test::inbox(fixture, fixture.alice); }
    // Each once, and whole.
    void arrived(std::vector<std::string> const& expected) {
        auto const mails = inbox();
        for (std::string const& one : expected)
            LONGS_EQUAL_TEXT(1, std::ranges::count_if(mails, [&](auto const& mail) { return mail.ends_with(one); }),
                             std::format("{}{}{}", one.substr(0, 300), trouble(), left()).c_str());
        LONGS_EQUAL(expected.size(), mails.size());
    }
    void arrived(int messages) {
        std::vector<std::string> expected;
        for (int at = 1; at <= messages; ++at) expected.push_back(numbered(at));
        arrived(expected);
    }
    std::size_t said(std::string_view piece) {
        return static_cast<std::size_t>(
            std::ranges::count_if(net.commands, [&](auto const& one) { return one.contains(piece); }));
    }
    std::uint64_t brought() { return fetcher->status().front().fetched; }
    std::string trouble() { return fetcher->status().front().trouble; }
    std::string left() {
        std::string all;
        auto const status = fetcher->status();
        for (auto const& [reason, messages] : status.front().refused) all += std::format("{} {};", messages, reason);
        return all;
    }
    std::string try_it() {
        std::string result;
        bool over = false;
        boost::asio::co_spawn(fixture.io, fetcher->test("provider"), [&](std::exception_ptr, auto tried) {
            result = tried ? *tried : "failed: " + tried.error().reason;
            over = true;
        });
        test::run_until(fixture, net, [&] { return over; });
        return result;
    }
};

} // namespace postern::test
