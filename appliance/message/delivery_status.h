// Notices of what became of a message, to its sender: delivery status notifications (RFC 3464 in RFC 6522's
// multipart/report, as RFC 3461 §6 asks; RFC 6533 where addresses are not ASCII). The part for people comes first, in
// the words of a table (message/delivery_texts.h). What came from outside - addresses, replies, the message's own
// header
// - is cleaned and cut before it is put in, and cannot add fields, parts or lines. Pure; any thread.
#pragma once

#include "message/date.h"
#include "message/delivery_texts.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

// RFC 3464 §2.3.3, the gravest first.
enum class Action : std::uint8_t { failed, delayed, delivered, relayed, expanded };

// Where a message waits that is delayed, which decides who has to do something about it.
enum class Delay : std::uint8_t {
    no_internet,
    link_held,     // by the administrator: by hand, or by what may go over the link
    relay_refuses, // the office's own, to all mail: a login that it does not take, say
    server_defers, // the recipient's, or the relay for this recipient
};

// RFC 3464 §2.3
struct RecipientStatus {
    std::string original_recipient = {}; // ORCPT as received (RFC 3461 §4.2); empty: none
    std::string final_recipient;         // a mailbox
    Action action = Action::failed;
    std::string status = {};     // RFC 3463, "5.1.1"; of class 4 in a failure: what it was when time was over
    std::string remote_mta = {}; // domain name; empty: none was reached
    std::string reply = {};      // as it came, "550 5.1.1 No such user"; empty: there was none
    std::optional<DateTime> last_attempt = {};
    bool relay_tells = false;     // of what was relayed: if it cannot be delivered
    std::uint64_t size_limit = 0; // of a server for which the message is too large (RFC 1870); 0: not known
    // Of a delay
    Delay delay = Delay::server_defers;
    std::optional<DateTime> will_retry_until = {};
};

// What of the message goes back with a notice.
enum class Returned : std::uint8_t { header, whole };

struct DeliveryStatus {
    std::string reporting_mta;               // this server's domain name
    std::string mail_domain;                 // of MAILER-DAEMON and postmaster
    std::string reverse_path;                // whom the notice is for; not empty
    std::string envelope_id;                 // ENVID as received (RFC 3461 §4.4); empty: none
    std::string future_release_request = {}; // RFC 4865 §6; empty: none
    DateTime arrival;                        // of the message; its offset is that in which people are told times
    std::uint64_t size = 0;                  // of the message, octets
    std::chrono::seconds outage{};           // how long there has been no internet; for Delay::no_internet
    std::vector<RecipientStatus> recipients; // one at least
    Returned returned = Returned::header;
    bool eight_bit = false; // the message's body is not ASCII

    // Of the notice itself
    DateTime date;
    std::string message_id; // "<...@...>"
    std::string boundary;   // letters and digits that nobody can guess: what is returned must not have them
};

// A message of CRLF lines: `head`, what is returned if that is the whole message, `tail`.
struct Notice {
    std::string head;
    std::string tail;
};

// `header` is the message's header section, or its beginning.
Notice make_notice(DeliveryStatus const& status, std::string_view header,
                   DeliveryTexts const& texts = english_delivery_texts);

// By what the sender asked for ("", "FULL" or "HDRS", RFC 3461 §4.3), which counts for failures alone, and by the
// message's size if nothing.
Returned find_returned(std::string_view asked, std::vector<RecipientStatus> const& recipients, std::uint64_t size);

} // namespace postern::message
