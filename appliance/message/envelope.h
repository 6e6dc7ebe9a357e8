// What IMAP's ENVELOPE tells of a message (RFC 3501 §7.4.2), made once when the message arrives. Pure; any thread.
#pragma once

#include "message/address.h"
#include "message/header.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

// Octets as the header has them, unfolded: encoded words are not decoded, 8-bit octets are kept. A field that is absent
// is nothing, one that is empty is the empty string.
struct Envelope {
    std::optional<std::string> date;
    std::optional<std::string> subject;
    std::optional<std::string> in_reply_to;
    std::optional<std::string> message_id;
    std::vector<Address> from;
    std::vector<Address> sender;   // `from` if the field is absent or empty, as RFC 3501 asks
    std::vector<Address> reply_to; // likewise
    std::vector<Address> to;
    std::vector<Address> cc;
    std::vector<Address> bcc;

    bool operator==(Envelope const&) const = default;
};

// Of a field that may stand once but stands several times the first counts; address fields are joined.
Envelope make_envelope(HeaderSection const& header);

// The same, but reads at most `mailboxes` addresses and takes those it read off that.
Envelope make_envelope(HeaderSection const& header, std::size_t& mailboxes);

// The store's form: a version octet, then fields in order. Decoding takes any octets and gives nothing for what
// encode() did not write.
std::string encode(Envelope const& envelope);
std::optional<Envelope> decode_envelope(std::string_view bytes);

} // namespace postern::message
