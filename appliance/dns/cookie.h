// What a server gives a client so that the client's next query shows that it comes from where it says (RFC 7873), as
// all makes of servers form it (RFC 9018 §4). One thread.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "core/sip_hash.h"
#include "dns/ip_address.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace postern::dns {

class CookieJar {
public:
    static constexpr std::size_t client_octets = 8, whole_octets = 24;

    explicit CookieJar(std::string_view secret) : key_(core::sip_key(secret)) {} // 16 octets
    explicit CookieJar(core::Random& random) : CookieJar(random.bytes(16)) {}

    struct Cookie {
        std::array<char, whole_octets> octets{}; // the client's, and ours behind it
        bool proven = false;                     // the client had one of ours that is still good
        [[nodiscard]] std::string_view view() const { return {octets.data(), octets.size()}; }
    };
    // For the answer to a query with this one, which has the client's octets at least. A good one that is not half an
    // hour old is given back as it is.
    [[nodiscard]] Cookie answer(std::string_view sent, IpAddress const& client, core::WallTime now) const;

private:
    core::SipKey key_;
};

} // namespace postern::dns
