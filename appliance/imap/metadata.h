// GETMETADATA and SETMETADATA (RFC 5464), LIST's METADATA (RFC 9590), and what else is told of annotations.
//
// What a mailbox is used for is its entry /private/specialuse (RFC 6154 §4): setting it takes the use from the mailbox
// that had it. The server's /shared/admin says how to reach the administrator, and cannot be set (§3.2.1.1).
#pragma once

#include "core/rights.h"
#include "imap/session.h"
#include "store/records.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::imap {

asio::awaitable<Answer> get_metadata(Session& session, wire::imap::GetMetadata& command);
asio::awaitable<Answer> set_metadata(Session& session, wire::imap::SetMetadata& command);

// RFC 5464 §4.3: why an annotation of so many octets cannot be set; nothing: it is no longer than one may be.
[[nodiscard]] std::optional<Answer> annotation_too_long(std::uint64_t octets);

// RFC 5464 §3.3: whether somebody with these rights sees and sets annotations of a mailbox.
[[nodiscard]] bool may_annotate(core::Rights rights);

// RFC 9590 §3: these entries of a mailbox that LIST shows by that name, NIL where it has none.
void put_listed_metadata(std::string& out, store::ReadTransaction const& transaction, store::AccountId reader,
                         store::Mailbox const& mailbox, std::string_view name, std::span<std::string const> entries,
                         bool utf8);

// RFC 5464 §4.4.2: which entries others changed, of the mailboxes that are wanted; "" is the server.
void put_metadata_news(std::string& out, office::MetadataNews::Listener& listener,
                       std::function<bool(std::string_view mailbox)> const& wanted, bool utf8);

} // namespace postern::imap
