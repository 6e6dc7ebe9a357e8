// What kept us from a provider's mailbox.
#pragma once

#include <cstdint>
#include <string>

namespace postern::fetch {

enum class Trouble : std::uint8_t {
    unreachable, // no name, no connection, silence, or it is too busy: the link may be down
    tls,         // the connection cannot be secured as the administrator wants it
    login,       // it does not take our login
    refused,     // it answers, and does not do what we need
    store,       // it is our own store that does not take mail now
};

// For an administrator: what happened, to what.
struct Failure {
    Trouble trouble;
    std::string reason;
};

} // namespace postern::fetch
