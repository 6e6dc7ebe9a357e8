// Addresses that were handed out, as dnsmasq keeps them in its file, and the names of who has them. What a device calls
// itself is anybody's word: it becomes a name below the office's domain only if nobody else has that. Pure.
#pragma once

#include "core/clock.h"
#include "dns/ip_address.h"
#include "wire/dns_message.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::dhcp {

struct Lease {
    core::WallTime until; // the epoch: for ever
    std::string hardware; // "52:54:00:12:34:56"
    dns::IpAddress address;
    std::string name; // as the device calls itself; empty: it does not
    bool operator==(Lease const&) const = default;
};

// Those of IPv4; what cannot be read is passed over.
[[nodiscard]] std::vector<Lease> read_leases(std::string_view file);

// What the name server says of them, beside `others`: where two want a name, who came last has it.
[[nodiscard]] std::vector<wire::dns::Record> lease_names(std::span<Lease const> leases, wire::dns::Name const& domain,
                                                         std::span<wire::dns::Record const> others);

} // namespace postern::dhcp
