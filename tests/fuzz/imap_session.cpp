// Whole IMAP sessions over a memory stream and a real store. The first octet chooses whether alice is logged in and has
// a mailbox selected, the rest is what the client sends. Properties: the answers are the same however what it sends is
// cut; what is said is made of whole responses; the store's own check passes afterwards.
#include "core/log.h"
#include "imap/session.h"
#include "net/connection.h"
#include "net/deflate.h"
#include "net/memory_stream.h"
#include "store/check.h"
#include "support/office_fixture.h"
#include "text/ascii.h"

#include <boost/asio/co_spawn.hpp>

#include <charconv>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

boost::asio::awaitable<void> serve_and_close(net::Connection& connection, office::Office& office) {
    co_await imap::serve(connection, office);
    co_await connection.close();
}

// With what was said after COMPRESS (RFC 4978), as it was before it was compressed.
std::string uncompressed(std::string said) {
    constexpr std::string_view agreement = "OK DEFLATE is on from here\r\n";
    auto const at = said.find(agreement);
    if (at == std::string::npos) return said;
    std::string plain = said.substr(0, at + agreement.size());
    std::string_view rest = std::string_view(said).substr(plain.size());
    net::Inflater inflater;
    std::string some(64 * 1024, '\0');
    for (;;) {
        auto const step = inflater.inflate(rest, some);
        if (!step) return said; // it stood in a message
        if (step->made == 0) return plain;
        rest.remove_prefix(step->taken);
        plain.append(some, 0, step->made);
    }
}

std::string converse(std::string_view sent, std::size_t read_size) {
    // What one session does the next would see: each has an office of its own.
    test::OfficeFixture fixture(1);
    require(fixture.set("login.allow_plaintext", "yes").has_value());
    require(fixture.set("imap.append_limit", "1M").has_value());
    auto owned = std::make_unique<net::MemoryStream>(fixture.io.get_executor());
    auto* const stream = owned.get();
    net::Connection connection(std::move(owned), {"192.168.1.20", 40000, "192.168.1.1", 143}, fixture.stop);
    stream->set_read_size(read_size);
    stream->feed(sent);
    stream->feed_end();
    bool done = false;
    boost::asio::co_spawn(fixture.io, serve_and_close(connection, fixture.office), [&](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
        done = true;
    });
    while (!done) require(fixture.io.run_one() > 0);
    auto const report = store::check(fixture.store(), true);
    require(report.has_value() && report->problems.empty());
    return uncompressed(stream->take_output());
}

// RFC 3501 §2.2.2: lines, each of which may be cut by literals, and nothing besides.
void check_responses(std::string_view said) {
    while (!said.empty()) {
        auto const end = said.find("\r\n");
        require(end != std::string_view::npos);
        auto const line = said.substr(0, end);
        said.remove_prefix(end + 2);
        auto const brace = line.rfind('{');
        if (!line.ends_with('}') || brace == std::string_view::npos) continue;
        std::size_t octets = 0;
        auto const [stop, error] = std::from_chars(line.data() + brace + 1, line.data() + line.size() - 1, octets);
        if (error != std::errc{} || stop != line.data() + line.size() - 1) continue;
        require(octets <= said.size());
        said.remove_prefix(octets);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    core::set_log_level(static_cast<core::Level>(0));
    std::string sent;
    if (data[0] % 4 != 0) sent = "0 LOGIN alice secret-alice\r\n";
    if (data[0] % 4 > 1)
        sent +=
            "1 APPEND INBOX (\\Seen k) {54+}\r\nSubject: =?utf-8?q?=C3=A9?=\r\nContent-Type: text/html\r\n\r\n<b>x\r\n"
            "2 APPEND INBOX {12+}\r\nTo: a\r\n\r\n\x80\x81\r\n"
            "3 SELECT INBOX\r\n";
    sent.append(reinterpret_cast<char const*>(data) + 1, size - 1);
    // A login that fails makes the next one wait, in real time: fuzz_sasl looks at those.
    auto const rest = text::lower(sent.substr(data[0] % 4 == 0 ? 0 : 28));
    if (rest.contains("auth") || rest.contains("login")) return 0;

    auto const whole = converse(sent, sent.size() + 1);
    check_responses(whole);
    require(whole == converse(sent, 1 + data[0] % 7));
    return 0;
}
