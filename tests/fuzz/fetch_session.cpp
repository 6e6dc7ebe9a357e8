// A hostile provider: whatever it says to a fetcher by IMAP, POP3, or SMTP after ETRN or ATRN (the first octet's lowest
// two bits say which), which takes stubs of what is large (the next bit), the store stays whole, nothing comes into a
// mailbox twice, and the fetcher comes to an end with it.
#include "core/log.h"
#include "fetch/fetcher.h"
#include "store/check.h"
#include "store/fetches.h"
#include "support/memory_end.h"
#include "support/office_fixture.h"

#include <cstdint>
#include <iterator>
#include <memory>
#include <string>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

// All that it will ever say lies there when it is called; the second call does not reach it.
class Hostile final : public net::Dialer {
public:
    Hostile(boost::asio::io_context& io, std::string_view octets) : io_(io), octets_(octets) {}

    boost::asio::awaitable<std::expected<net::Dialed, std::string>> dial(std::string, std::uint16_t,
                                                                         std::chrono::seconds) override {
        if (std::exchange(called_, true)) co_return std::unexpected("it does not answer");
        auto const stream = std::make_shared<net::MemoryStream>(io_.get_executor());
        stream->feed(octets_);
        stream->feed_end();
        co_return net::Dialed{std::make_unique<test::MemoryEnd>(stream), {"192.0.2.1", 143, "192.168.1.2", 40000}};
    }

private:
    boost::asio::io_context& io_;
    std::string_view octets_;
    bool called_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    core::set_log_level(static_cast<core::Level>(0));
    static auto const fixture = std::make_unique<test::OfficeFixture>(1);
    store::FetchSource source;
    source.name = "provider";
    constexpr store::FetchProtocol protocols[] = {store::FetchProtocol::imap, store::FetchProtocol::pop3,
                                                  store::FetchProtocol::etrn, store::FetchProtocol::atrn};
    source.protocol = protocols[data[0] % std::size(protocols)];
    source.host = "mail.example.net";
    source.port = 143;
    source.security = store::RelaySecurity::plain;
    source.login = "office";
    source.account = fixture->alice;
    source.keep_days = 0;
    if ((data[0] & 4) != 0) source.thin = 100;
    source.interval = 0; // the next look finds nobody
    auto const change = [](auto const& how) { require(fixture->store().write_here(how).has_value()); };
    change([&](store::WriteTransaction& transaction) { return store::set_fetch_source(transaction, source); });
    Hostile hostile(fixture->io, std::string_view(reinterpret_cast<char const*>(data) + 1, size - 1));
    fetch::Fetcher fetcher(fixture->office, hostile, fixture->memory, fixture->io.get_executor());
    require(fetcher.sources_changed().has_value());
    while (fetcher.status().front().trouble.empty()) {
        fixture->io.restart();
        fixture->io.run_one_for(std::chrono::milliseconds(1));
    }
    change([&](store::WriteTransaction& transaction) { return store::remove_fetch_source(transaction, source.name); });
    require(fetcher.sources_changed().has_value());
    fixture->io.restart();
    fixture->io.run(); // until its coroutine has ended
    auto const report = store::check(fixture->store(), true);
    require(report && report->problems.empty());
    return 0;
}
