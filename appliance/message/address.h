// Mail addresses, read two ways: as header fields spell them (RFC 5322 §3.4, obsolete forms of §4.4, and what else
// people send), where nothing fails; and as SMTP commands do (RFC 5321 §4.1.2, RFC 6531 §3.3), where everything is
// strict. Pure; any thread.
#pragma once

#include "message/packed.h"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::message {

template <typename As> struct BasicMailbox {
    typename As::Text display_name; // octets as they stand, quoting and folds removed, encoded words not decoded
    typename As::Text route;        // obsolete source route, "@a,@b"; empty but in museum pieces
    typename As::Text local_part;   // octets, quoting removed
    typename As::Text domain; // as given, or an address literal with its brackets; empty where a header leaves it out

    bool operator==(BasicMailbox const&) const = default;
};

template <typename As> struct BasicGroup {
    typename As::Text name;
    typename As::template List<BasicMailbox<As>> members;

    bool operator==(BasicGroup const&) const = default;
};

template <typename As> using BasicAddress = std::variant<BasicMailbox<As>, BasicGroup<As>>;

using Mailbox = BasicMailbox<Owned>;
using Group = BasicGroup<Owned>;
using Address = BasicAddress<Owned>;
using MailboxView = BasicMailbox<Packed>;
using GroupView = BasicGroup<Packed>;
using AddressView = BasicAddress<Packed>;

// How many mailboxes of one list are read unless told, those in groups included; what follows is left out.
inline constexpr std::size_t mailbox_limit = 10'000;

// The body of From, To and the like, folded or not. Never fails: what makes no sense is skipped. A comment stands in
// for a display name that is missing ("pete@example.org (Pete)"). Linear in time, whatever nests.
std::vector<Address> parse_address_list(std::string_view body, std::size_t mailboxes = mailbox_limit);

// Every mailbox of a list, those of groups too.
std::vector<Mailbox> mailboxes(std::vector<Address> const& addresses);

// As a header field spells it, quoted where needed; the display name must be ASCII or encoded already.
std::string to_string(Mailbox const& mailbox);

// The store's form.
template <typename As> void put(PackedWriter& out, BasicAddress<As> const& address);
void get(PackedReader& in, MailboxView& mailbox);
void get(PackedReader& in, AddressView& address);

// RFC 5321 §4.5.3.1.1, §4.5.3.1.2: octets
inline constexpr std::size_t local_part_limit = 64;
inline constexpr std::size_t domain_limit = 255;

// RFC 5321 §4.1.2 Mailbox: Local-part "@" ( Domain / address-literal ), the whole of `text`. With `utf8`, RFC 6531
// §3.3. Otherwise why it is none, worded for a 5.1.3 reply. "_" is allowed in domains: printers and PCs are named so.
std::expected<Mailbox, std::string_view> parse_smtp_mailbox(std::string_view text, bool utf8);

// RFC 5321 §4.1.2 Domain / address-literal alone, as in EHLO; with `utf8`, U-labels too.
bool is_smtp_domain(std::string_view domain, bool utf8);

// As an SMTP command spells it: the local part quoted where it needs to be; without "@" if there is no domain.
std::string smtp_mailbox(std::string_view local_part, std::string_view domain);

} // namespace postern::message
