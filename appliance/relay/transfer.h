// Mail transactions on one connection to a relay (RFC 5321 §3.3): as many at a time as it allows (RFC 2920, RFC 3030
// §4.2), so that a link with a long delay is never idle, and as few as the link carries in a moment, so that little is
// in doubt when it breaks.
#pragma once

#include "core/clock.h"
#include "relay/consignment.h"
#include "relay/upstream.h"
#include "wire/smtp_reply_reader.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace postern::relay {

enum class Verdict : std::uint8_t {
    delivered,       // the relay has it: it is never sent again
    refused_for_now, // by the relay, for this recipient
    refused,         // for good
    unsent,          // nothing was decided; the next connection begins it anew
    cut,             // the same, and it is the one that was being sent when the connection broke
};

// What became of one recipient.
struct Outcome {
    Verdict verdict = Verdict::unsent;
    std::string said;         // "550 5.1.1 No such user", or our own words in that form
    std::string status;       // RFC 3463: "5.1.1"
    bool in_doubt = false;    // undecided, and all of it may have been sent: the relay may have it
    bool relay_tells = false; // of what was delivered: the relay tells its sender what becomes of it (RFC 3461)
    bool keeps_time = false;  // and sees to it that it is delivered in time (RFC 2852)
};

// What becomes of a message that the store cannot give.
[[nodiscard]] Outcome unreadable();

// Whose mail it is that is sent.
class Feed {
public:
    virtual ~Feed() = default;
    // What is next; nothing: no more at the moment. What it gave comes back by settled(), whatever happens.
    virtual asio::awaitable<std::optional<Consignment>> next() = 0;
    // outcomes: one for each item. Must be quick.
    virtual void settled(Consignment consignment, std::vector<Outcome> outcomes) = 0;
};

// How a connection ended.
struct TransferEnd {
    // Nothing: there is no more to send. Otherwise why it went no further, and what kind of trouble that is.
    std::optional<OpenFailure> failure;
    std::size_t transactions = 0; // that were answered
    bool exhausted = false;       // the relay takes no more on this connection (RFC 9422, MAILMAX)
};

// Sends until the feed has nothing more, or the connection can carry no more.
asio::awaitable<TransferEnd> transfer(office::Office& office, Upstream& upstream, Feed& feed);

} // namespace postern::relay
