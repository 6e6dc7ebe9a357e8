// What a URL in CATENATE means (RFC 4469 §3, RFC 5092): a message of a mailbox that the session may read, or a part of
// one.
#pragma once

#include "imap/fetch_plan.h"
#include "imap/session.h"
#include "wire/imap_url.h"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace postern::imap {

struct UrlOctets {
    store::BodyPin pin; // of the body
    store::BodyId body{};
    BodySlice slice{};               // of it, unless
    std::optional<std::string> text; // the octets were made, as HEADER.FIELDS is
    [[nodiscard]] std::uint64_t size() const { return text ? text->size() : slice.octets; }
};

// Errors: no_such_message, where there is no such mailbox, message or part, or where the URL is not of this server and
// account; damaged.
asio::awaitable<store::Result<UrlOctets>> resolve_url(Session& session, std::string url);

} // namespace postern::imap
