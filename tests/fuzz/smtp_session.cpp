// Whole SMTP sessions over a memory stream and a real store. The first octet chooses port 25 or a submission port with
// alice logged in, the rest is what the client sends. Properties: the answers are the same however what it sends is
// cut; every answer is one; the store's own check passes afterwards.
#include "core/log.h"
#include "net/connection.h"
#include "net/memory_stream.h"
#include "smtp/session.h"
#include "store/check.h"
#include "support/office_fixture.h"
#include "text/ascii.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

constexpr unsigned runs_an_office = 200; // its store is checked and thrown away after so many

boost::asio::awaitable<void> serve_and_close(net::Connection& connection, office::Office& office, smtp::Role role) {
    co_await smtp::serve(connection, office, role);
    co_await connection.close();
}

std::string converse(test::OfficeFixture& fixture, smtp::Role role, std::string_view sent, std::size_t read_size) {
    fixture.random = core::SeededRandom(1); // answers tell ids
    auto owned = std::make_unique<net::MemoryStream>(fixture.io.get_executor());
    auto* const stream = owned.get();
    net::Connection connection(std::move(owned), {"192.168.1.20", 40000, "192.168.1.1", 25}, fixture.stop);
    stream->set_read_size(read_size);
    stream->feed(sent);
    stream->feed_end();
    bool done = false;
    fixture.io.restart(); // it stops whenever it has nothing left to do
    boost::asio::co_spawn(fixture.io, serve_and_close(connection, fixture.office, role), [&](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
        done = true;
    });
    while (!done) require(fixture.io.run_one() > 0);
    return stream->take_output();
}

// RFC 5321 §4.2: code, then a hyphen or a space, then text, in lines of at most 512 octets.
void check_replies(std::string_view said) {
    while (!said.empty()) {
        auto const end = said.find("\r\n");
        require(end != std::string_view::npos && end <= 510);
        auto const line = said.substr(0, end);
        require(line.size() >= 4 && line[0] >= '2' && line[0] <= '5' && text::is_digit(line[1]) &&
                text::is_digit(line[2]) && (line[3] == ' ' || line[3] == '-'));
        require(std::ranges::none_of(line, text::is_control));
        said.remove_prefix(end + 2);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static std::unique_ptr<test::OfficeFixture> fixture;
    static unsigned runs = 0;
    if (size == 0) return 0;
    core::set_log_level(static_cast<core::Level>(0));
    if (!fixture) {
        fixture = std::make_unique<test::OfficeFixture>();
        for (auto const& [name, value] : {std::pair{"login.allow_plaintext", "yes"},
                                          {"smtp.message_size_limit", "64K"},
                                          {"smtp.error_limit", "20"},
                                          {"smtp.hop_limit", "10"},
                                          {"smtp.line_limit", "998"}})
            require(fixture->set(name, value).has_value());
        fixture->office.start_queue = [](std::string const& domain, bool) {
            return domain.starts_with('b') ? office::QueueStart::started : office::QueueStart::not_allowed;
        };
    }

    auto const role = data[0] % 2 == 0 ? smtp::Role::exchange : smtp::Role::submission;
    std::string sent;
    if (role == smtp::Role::submission) sent = "EHLO client.example\r\nAUTH PLAIN AGFsaWNlAHNlY3JldC1hbGljZQ==\r\n";
    sent.append(reinterpret_cast<char const*>(data) + 1, size - 1);
    // A login that fails makes the next one wait, in real time: fuzz_sasl looks at those.
    auto const logins = text::lower(sent);
    if (logins.find("auth") != logins.rfind("auth")) return 0;

    auto const whole = converse(*fixture, role, sent, sent.size() + 1);
    check_replies(whole);
    require(whole == converse(*fixture, role, sent, 1));
    require(whole == converse(*fixture, role, sent, 5));
    if (++runs % runs_an_office == 0) {
        auto const report = store::check(fixture->store(), true);
        require(report.has_value() && report->problems.empty());
        fixture.reset();
    }
    return 0;
}
