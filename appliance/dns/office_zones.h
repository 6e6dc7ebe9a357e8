// What the office's own zones hold: the names of the box and of its services, what the administrator added, and the
// names that addresses have (RFC 1035 §3.5, RFC 2782, RFC 6186, RFC 8314 §5.1). Pure; any thread.
#pragma once

#include "dns/ip_address.h"
#include "dns/zone.h"
#include "wire/dns_message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::dns {

struct OfficeNames {
    wire::dns::Name domain;
    bool split = false; // the domain is in the internet as well, and what is not known here is asked there
    std::optional<wire::dns::Name> host;       // that clients are told; nothing: mail.DOMAIN
    std::optional<wire::dns::Name> other_name; // of the box, besides its own ones; wherever it is in the internet
    std::uint16_t port_base = 0;
    std::uint32_t serial = 0;
    std::string client_configuration; // what proves the document by which clients set themselves up; may be empty
    std::vector<IpAddress> box;       // its own addresses
    std::vector<IpNetwork> networks;  // that the box is in, besides private ones
    // The administrator's: in our zones, or what an address elsewhere is called (record_rules.h).
    std::vector<wire::dns::Record> records;
    bool operator==(OfficeNames const&) const = default;
};

// The domain's own, those of addresses, and that of the box's other name if it is in none. One address's names are in
// the order of the records.
[[nodiscard]] std::vector<Zone> office_zones(OfficeNames const& names);

// The box's own, which nobody else may have: mail.DOMAIN, by which it is known to all, and its other ones.
[[nodiscard]] wire::dns::Name host_name(wire::dns::Name const& domain);
[[nodiscard]] std::vector<wire::dns::Name> box_names(wire::dns::Name const& domain);

// What records live if nobody says otherwise: a change is everywhere after that time.
inline constexpr wire::dns::Seconds usual_ttl{300};

} // namespace postern::dns
