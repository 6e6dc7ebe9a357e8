// How many answers go to a place that may not have asked for them: over UDP anybody writes any sender's address, and
// who has it gets what we send. Beyond a rate every other answer says that it is to be asked for over TCP, where nobody
// pretends, and the rest is left away. In constant memory; one thread.
#pragma once

#include "core/clock.h"
#include "core/sip_hash.h"
#include "dns/ip_address.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace postern::dns {

class RateLimit {
public:
    // `per_second` to one address, and ten times that at once, so that a page with hundreds of names is nothing. Not to
    // a network: all clients of an office are in one. 0: any number.
    RateLimit(core::SipKey key, unsigned per_second);
    void set(unsigned per_second) { per_second_ = per_second; }

    enum class Verdict : std::uint8_t { answer, truncate, drop };
    Verdict ask(IpAddress const& client, core::SteadyTime now);

private:
    // Those that share one by chance share the rate.
    struct Bucket {
        core::SteadyTime looked{};
        double left = 0;
        bool dropped = false; // the last one beyond the rate
        bool used = false;
    };

    core::SipKey key_;
    unsigned per_second_;
    std::vector<Bucket> buckets_;
};

} // namespace postern::dns
