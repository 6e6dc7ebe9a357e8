// What the server that hands out addresses is told to do: dnsmasq, of which nothing but DHCP (RFC 2131) is used. Pure.
#pragma once

#include "dns/ip_address.h"

#include <chrono>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::dhcp {

// What the administrator wants; empty is what is best.
struct Wishes {
    std::string_view range{};  // "192.168.1.100-192.168.1.199"
    std::string_view router{}; // an address, or "none"
    std::chrono::seconds lease_time{};
};

// One of the box's addresses, and what it is in.
struct Attachment {
    std::string interface;
    dns::IpAddress address;
    unsigned prefix_length = 0;
    std::optional<dns::IpAddress> router{}; // by which the box itself leaves that network
};

struct Plan {
    std::string interface;
    dns::IpAddress box, first, last;
    unsigned prefix_length = 0;
    std::optional<dns::IpAddress> router;
    std::chrono::seconds lease_time{};
    bool operator==(Plan const&) const = default;
};

// The error is a sentence for the administrator.
[[nodiscard]] std::expected<Plan, std::string> make_plan(Wishes const& wishes, std::span<Attachment const> attachments);

// As dnsmasq's configuration file has it. `domain`: the office's.
[[nodiscard]] std::string dnsmasq_configuration(Plan const& plan, std::string_view domain, std::string_view lease_file);

} // namespace postern::dhcp
