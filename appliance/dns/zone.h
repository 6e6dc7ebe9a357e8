// A part of the tree of names that we answer for ourselves, as whoever describes it says what is in it (RFC 1034 §4.2).
// A value; any thread.
#pragma once

#include "wire/dns_message.h"

#include <cstdint>
#include <vector>

namespace postern::dns {

struct Zone {
    enum class Kind : std::uint8_t {
        whole,  // what is not in it is not
        split,  // what is not in it is asked outside, where the zone is as well
        denied, // not even its own name is there (RFC 6761)
        same,   // all names below it have its own records (RFC 6761 §6.3)
    };
    wire::dns::Name apex;
    Kind kind = Kind::whole;
    wire::dns::Soa soa;
    wire::dns::Seconds ttl{};               // of the SOA record
    std::vector<wire::dns::Record> records; // besides the SOA; of names within it
};

} // namespace postern::dns
