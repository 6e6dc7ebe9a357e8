// IMAP URLs that mean a message or a part of one (RFC 5092), as CATENATE has them (RFC 4469 §3). Pure; time and memory
// linear in the URL.
#pragma once

#include "core/ids.h"
#include "wire/imap_section.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::imap {

struct MessageUrl {
    // Of an absolute URL or a network path; without it the URL is a path on the server that it is told to.
    struct Server {
        std::string user; // empty: it is not named
        std::string host; // without port
    };
    // RFC 5092 §11 partial-range, in octets of what the section has.
    struct Range {
        std::uint32_t offset = 0;
        std::optional<std::uint32_t> length; // nothing: up to the end
    };

    std::optional<Server> server;
    std::string mailbox;   // UTF-8
    bool relative = false; // the mailbox is named from the level of the base's on; empty: it is the base's
    std::optional<core::UidValidity> uid_validity;
    core::Uid uid{};
    std::optional<Section> section; // nothing: the whole message
    std::optional<Range> range;
};

// Nothing for what is no such URL: one of a mailbox or of a search, one that needs URLAUTH (RFC 4467), and one that
// takes its message from the base, which names none (RFC 4469 §3). Dot segments are parts of names as any others.
[[nodiscard]] std::optional<MessageUrl> parse_message_url(std::string_view url);

} // namespace postern::wire::imap
