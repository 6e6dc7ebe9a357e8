// What the commands act on: the office, and what only the daemon knows of itself.
#pragma once

#include "control/kept_values.h"
#include "core/clock.h"
#include "dhcp/leases.h"
#include "dns/forwarder.h"
#include "dns/responder.h"
#include "fetch/fetcher.h"
#include "office/journal.h"
#include "office/office.h"
#include "relay/dispatcher.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::control {

namespace asio = boost::asio;

struct ServiceStatus {
    std::string name; // "imaps"
    std::uint16_t port = 0;
    std::size_t sessions = 0;
};

struct CertificateStatus {
    std::string_view of; // whose it is, for people
    std::string host;    // that clients are told
    core::WallTime until;
    std::string trouble; // why a better one is not shown, or not the one that is there now
};

struct AuthorityStatus {
    core::WallTime until;
    std::optional<core::WallTime> next_signs; // nothing: there is no next one
    bool old = false;                         // logins by certificates of one before are good
    std::string certificate = {};             // PEM
};
enum class AuthorityChange : std::uint8_t { prepare_next, begin_with_next, forget_old };

struct SelfTestStep {
    std::string name; // "imap"
    bool passed = false;
    std::string says; // completes the name to a sentence
};

// The network thread.
struct Daemon {
    office::Office& office;
    relay::Dispatcher& dispatcher;
    fetch::Fetcher& fetcher;
    office::Journal& journal;
    std::filesystem::path data; // DIR of --data
    core::SteadyTime started;
    std::function<std::vector<ServiceStatus>()> services;
    std::function<bool(std::string_view)> is_capability;            // of IMAP, as it can be masked
    std::function<store::Result<void>()> names_changed;             // records of the office's names are others
    std::function<void()> settings_changed;                         // for what lives outside the office
    std::function<asio::awaitable<dns::ForwarderStatus>()> lookups; // in the internet, of the office's name server
    std::function<dns::Responder::Counts()> queries;                // that came to that
    std::function<std::vector<dhcp::Lease>()> leases;               // that devices have
    std::function<std::string()> addresses;                         // which are handed out, or why none
    std::function<void()> look_at_certificate;                      // its files may be others
    std::function<CertificateStatus()> certificate;                 // that clients are shown
    std::function<AuthorityStatus()> authority;                     // of the office
    std::function<std::expected<void, std::string>(AuthorityChange)> change_authority;
    // The error says why there is none.
    std::function<asio::awaitable<std::expected<std::vector<SelfTestStep>, std::string>>()> self_test;
    std::filesystem::path run = {}; // of the control socket, beside which the image and the daemon tell each other
};

} // namespace postern::control
