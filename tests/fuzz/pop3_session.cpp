// Whole POP3 sessions over a memory stream and a real store. The first octet chooses whether alice, who has some
// messages, is logged in; the rest is what the client sends. Properties: the answers are the same however what it sends
// is cut; what is said is made of lines; the store's own check passes afterwards.
#include "core/log.h"
#include "net/connection.h"
#include "net/memory_stream.h"
#include "pop3/session.h"
#include "store/check.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "support/office_fixture.h"
#include "text/ascii.h"

#include <boost/asio/co_spawn.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void fill_inbox(test::OfficeFixture& fixture) {
    auto const filled = fixture.store().write_here([&](store::WriteTransaction& transaction) -> store::Result<void> {
        auto const inbox = store::find_mailbox(transaction, fixture.alice, "INBOX").value();
        for (std::string const& body :
             {std::string("Subject: =?utf-8?q?=C3=A9?=\r\n\r\n.\r\n..x\r\n"), std::string("no end"),
              std::string("a: b\n\n.\n\n"), "X: Y\r\n\r\n" + std::string(70'000, '.') + "\r\n"}) {
            store::NewMessage message;
            message.body = body;
            message.size = body.size();
            message.internal_date = fixture.clock.wall();
            auto const done = store::append(transaction, message, {.mailbox = inbox.id, .flags = {}, .keywords = {}},
                                            {}, fixture.clock.wall());
            if (!done) return std::unexpected(done.error());
        }
        return {};
    });
    require(filled.has_value());
}

boost::asio::awaitable<void> serve_and_close(net::Connection& connection, office::Office& office) {
    co_await pop3::serve(connection, office);
    co_await connection.close();
}

std::string converse(std::string_view sent, std::size_t read_size) {
    // What one session does the next would see: each has an office of its own.
    test::OfficeFixture fixture(1);
    require(fixture.set("login.allow_plaintext", "yes").has_value());
    fill_inbox(fixture);
    auto owned = std::make_unique<net::MemoryStream>(fixture.io.get_executor());
    auto* const stream = owned.get();
    net::Connection connection(std::move(owned), {"192.168.1.20", 40000, "192.168.1.1", 110}, fixture.stop);
    stream->set_read_size(read_size);
    stream->feed(sent);
    stream->feed_end();
    bool done = false;
    boost::asio::co_spawn(fixture.io, serve_and_close(connection, fixture.office), [&](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
        done = true;
    });
    while (!done) require(fixture.io.run_one() > 0);
    auto const report = store::check(fixture.store(), false);
    require(report.has_value() && report->problems.empty());
    return stream->take_output();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    core::set_log_level(static_cast<core::Level>(0));
    std::string const login = data[0] % 4 == 0 ? "" : "USER alice\r\nPASS secret-alice\r\n";
    std::string const said(reinterpret_cast<char const*>(data) + 1, size - 1);
    // A login that fails makes the next one wait, in real time: fuzz_sasl looks at those.
    auto const lower = text::lower(said);
    if (lower.contains("auth") || lower.contains("pass")) return 0;

    auto const whole = converse(login + said, size + login.size());
    require(whole.starts_with("+OK ") && whole.ends_with("\r\n"));
    require(whole == converse(login + said, 1 + data[0] % 7));
    return 0;
}
