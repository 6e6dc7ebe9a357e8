// The box's certificate from a public authority by ACME (RFC 8555), where the setting acme.directory names one:
// acme.key and acme.crt beside those of net/certificate.h. What proves that the names are the office's is a text in its
// zone in the internet (§8.4), by an update at the name server that has that (net/dns_update.h) or by a program of the
// administrator's; and so the box needs no port that is open to the internet, and the internet only now and then.
#pragma once

#include "dns/forwarder.h"
#include "net/dialer.h"
#include "net/event.h"
#include "office/office.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <expected>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace postern::app {

namespace asio = boost::asio;

struct DnsChallenge;

// The network thread; what takes long is done elsewhere or awaited. What is passed by reference outlives it.
class Acme {
public:
    struct Surroundings {
        std::function<std::vector<std::string>()> names; // that a certificate is to have, the first is its own
        std::function<asio::awaitable<dns::ForwarderStatus>()> internet; // whether it is there
        std::function<void()> made;                                      // there is a new one
    };
    Acme(asio::any_io_executor const& executor, office::Office& office, net::Dialer& dialer,
         std::filesystem::path directory, Surroundings surroundings)
        : office_(office),
          dialer_(dialer),
          directory_(std::move(directory)),
          surroundings_(std::move(surroundings)),
          woken_(executor) {}

    // Until the office stops: has one made where there is none that will do, and one that follows it when a third of
    // its time, or thirty days, are left. Failing, it tries less and less often, up to once a day.
    asio::awaitable<void> run();
    // Tries at once, whatever went wrong before.
    void wake();
    void settings_changed();

    [[nodiscard]] bool is_set() const { return !office_.settings->text("acme.directory").empty(); }
    // Why there is none yet, or no new one; empty: nothing is wrong.
    [[nodiscard]] std::string const& trouble() const { return trouble_; }

private:
    [[nodiscard]] bool is_due() const;
    asio::awaitable<bool> may_leave();
    asio::awaitable<std::expected<void, std::string>> make();
    asio::awaitable<std::expected<void, std::string>> make_or_say(); // also what nobody expected
    asio::awaitable<std::expected<void, std::string>> ask_authority(std::vector<std::string> const& names);
    asio::awaitable<std::expected<void, std::string>> publish(DnsChallenge challenge);
    asio::awaitable<std::expected<void, std::string>> set_text(std::string host, std::string text);

    office::Office& office_;
    net::Dialer& dialer_;
    std::filesystem::path directory_;
    Surroundings surroundings_;
    net::Event woken_;
    std::set<std::string> published_; // hosts whose challenges are still there
    std::string trouble_;
    std::string settings_; // of those that matter here, all together
    std::chrono::steady_clock::duration pause_{};
    core::SteadyTime next_try_{};
};

} // namespace postern::app
