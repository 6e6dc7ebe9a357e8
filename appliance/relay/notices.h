// What senders are told of mail that did not leave, or left for a relay that will not tell them more (RFC 3461 §4, §5).
// Never in answer to a notice (the null reverse-path, RFC 5321 §6.1), nor where they asked not to be told.
#pragma once

#include "office/office.h"
#include "policy/retry.h"
#include "store/queue.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::relay {

namespace asio = boost::asio;

enum class NoticeKind : std::uint8_t {
    failed,        // a server refused it for good
    expired,       // or for so long that it was given up
    delayed,       // it is refused for the time being
    no_internet,   // it waits for the link
    relay_refuses, // the relay takes nothing from us: the administrator has to see to that
    link_held,     // by the administrator's rules the link is not used, or not for this
    relayed,       // it was handed to a relay that tells of no success (RFC 3461 §5.2.2)
    relayed_timed, // or to one, by who wants it there in time (RFC 2852 §4.1.4, §4.2)
    late,          // its time is over, and it goes on (RFC 2852, by-mode "N")
    too_late,      // and it comes back (by-mode "R")
};

// Of one recipient.
struct Notice {
    NoticeKind kind{};
    store::QueueItem item;
    std::string said;   // the server's reply, if there was one
    std::string status; // RFC 3463
    std::string relay_host;
    bool relay_tells = false; // what becomes of what was handed to it
};

// Puts them where their reader finds them: part of the change that they tell of.
class DeliverNotices {
public:
    using Change = std::move_only_function<store::Result<std::optional<store::MessageId>>(store::WriteTransaction&)>;

    // `about`: the message that they are about. `change` gives the one that comes of them, if one does.
    DeliverNotices(store::MessageId about, std::string to, Change change)
        : about_(about), to_(std::move(to)), change_(std::move(change)) {}

    store::Result<void> operator()(store::WriteTransaction& transaction);
    // Once that is on flash: for the log.
    void log() const;

private:
    store::MessageId about_;
    std::string to_;
    Change change_;
    std::optional<store::MessageId> made_;
};

// All of one message; one message comes of them, or none.
asio::awaitable<store::Result<DeliverNotices>> make_notices(office::Office& office, std::vector<Notice> notices,
                                                            policy::RetryRules rules);

} // namespace postern::relay
