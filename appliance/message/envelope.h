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
template <typename As> struct BasicEnvelope {
    using Text = std::optional<typename As::Text>;
    using Addresses = typename As::template List<BasicAddress<As>>;

    Text date;
    Text subject;
    Text in_reply_to;
    Text message_id;
    Addresses from;
    Addresses sender;   // empty if the field is: then ENVELOPE shows `from`
    Addresses reply_to; // likewise
    Addresses to;
    Addresses cc;
    Addresses bcc;

    bool operator==(BasicEnvelope const&) const = default;
};
using Envelope = BasicEnvelope<Owned>;
using EnvelopeView = BasicEnvelope<Packed>;

// Of a field that may stand once but stands several times the first counts; address fields are joined.
Envelope make_envelope(HeaderSection const& header);

// The same, but reads at most `mailboxes` addresses and takes those it read off that.
Envelope make_envelope(HeaderSection const& header, std::size_t& mailboxes);

// The store's form: a version octet, then fields in order. Decoding takes any octets and gives nothing for what
// encode() did not write.
template <typename As> std::string encode(BasicEnvelope<As> const& envelope);
std::optional<EnvelopeView> decode_envelope(std::string_view bytes);

// The same without the version, within other values.
template <typename As> void put(PackedWriter& out, BasicEnvelope<As> const& envelope);
void get(PackedReader& in, EnvelopeView& envelope);

} // namespace postern::message
