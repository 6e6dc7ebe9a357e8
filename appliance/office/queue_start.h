// A server that has us keep mail for it comes for that (RFC 1985): what it is told. The SMTP service asks, and who
// sends mail answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace postern::office {

enum class QueueStart : std::uint8_t {
    started, // what waits is tried now; or just was
    nothing_waits,
    unable,      // the link may not be used now
    not_allowed, // its mail leaves by a way that is not its own
};

// `domain`: in lower case, A-labels. Returns at once.
using StartQueue = std::function<QueueStart(std::string const& domain, bool and_below)>;

} // namespace postern::office
