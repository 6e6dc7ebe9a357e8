// What the header of a fetched message tells: for whom it is, who it is, who sent it; and what is written on top of it.
// Pure; any thread.
#pragma once

#include "message/address.h"
#include "message/date.h"
#include "message/header.h"

#include <string>
#include <string_view>
#include <vector>

namespace postern::fetch {

// For whom the provider put a message into a mailbox for several people: what stands in `field`, or unless told in
// X-Original-To, Envelope-To and Delivered-To. Each occurrence is an entry, in the order in which they are to be asked:
// the first that leads to somebody here is right, since a Delivered-To may name the mailbox itself.
[[nodiscard]] std::vector<std::vector<message::Mailbox>> addressees(message::HeaderSection const& header,
                                                                    std::string_view field);

// By what a message is recognised under another UID or UIDL: a digest of its trace, Message-ID, date, sender,
// recipients and subject. Not of its size or its whole header: servers count line ends differently, and write lines of
// their own into the header (Status, X-UID). 16 octets.
[[nodiscard]] std::string mark_of(message::HeaderSection const& header);

// RFC 5321 §4.4: who sent it, as whoever delivered it last says; empty if nobody does.
[[nodiscard]] std::string reverse_path_of(message::HeaderSection const& header);

struct Trace {
    std::string_view server = {};       // what we know it as
    std::string_view peer_address = {}; // and where it was
    std::string_view protocol = {};     // "IMAP"
    std::string_view tls = {};          // protocol and cipher suite; empty without TLS
    std::string_view host_name = {};    // ours
    std::string_view id = {};
    message::DateTime date = {};
};
// RFC 5321 §4.4: Return-Path and Received. No "with": IANA's list of transmission types (RFC 3848) has SMTP and its
// kin, and IMAP and POP3 are none; a comment says it.
[[nodiscard]] std::string trace_fields(std::string_view reverse_path, Trace const& trace);

} // namespace postern::fetch
