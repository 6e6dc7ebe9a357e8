// What an APPEND or a REPLACE is made of (RFC 4466 §2.7 append-message, RFC 3502 §6, RFC 4469 §5, RFC 6855 §4):
// messages, each of which is octets that the client sends, or a chain of such octets and of URLs. The octets come
// between the pieces of the command (imap_framing.h) and are in none of them.
#pragma once

#include "core/flags.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::wire::imap {

// Flags of STORE and APPEND. Keywords as spelled, each once (they compare without case).
struct FlagList {
    core::SystemFlags system;
    std::vector<std::string> keywords;
    friend bool operator==(FlagList const&, FlagList const&) = default;
};

struct MessageBegins {
    FlagList flags;
    std::optional<std::chrono::sys_seconds> internal_date;
};
// RFC 4469 §3: the octets that a URL means (imap_url.h) go into the message.
struct UrlPart {
    std::string url; // as the client wrote it
};
struct MessageEnds {};
using AppendStep = std::variant<MessageBegins, UrlPart, MessageEnds>;

// Octets that the client sends go into the message.
struct LiteralPart {
    std::uint64_t size = 0;
    bool literal8 = false;  // they may have NULs in them (RFC 3516 §4.3)
    bool utf8 = false;      // RFC 6855 §4: a header among them may be UTF-8
    bool catenated = false; // they are one part of their message (RFC 4469)
};

struct AppendPiece {
    std::vector<AppendStep> steps;
    std::optional<LiteralPart> literal; // which follows; nothing: the command is complete
};

} // namespace postern::wire::imap
