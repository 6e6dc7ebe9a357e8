// How it stands with a recipient who waits: why the message has not left, and when it may.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace postern::relay {

struct Standing {
    enum class Why : std::uint8_t {
        next,               // nothing keeps it
        no_link,            // the internet, or the relay, cannot be reached
        put_off,            // a server refused it for the time being
        relay_refuses,      // the relay takes no mail from us
        no_relay,           // none is for its domain
        link_held,          // the administrator holds all mail
        schedule,           // the link is not used at this hour
        budget,             // the octets that may go over it are used up
        too_large_for_link, // it waits for one that is not metered, or for a new budget
        held,               // or this
        scheduled,          // its sender wants it to leave later
        withdrawn,          // its sender marked it as deleted among what waits
    };
    Why why = Why::next;
    std::string detail;                        // what the relay said, or what is wrong with it, if anything
    std::optional<std::chrono::seconds> due{}; // from now on; of what was put off, of the link's time
};

// For an administrator; empty: nothing keeps it.
[[nodiscard]] std::string describe(Standing const& standing);

} // namespace postern::relay
