// What an IMAP server says to its client (RFC 3501 §7, RFC 9051 §7), as values. What a client of ours has no use for is
// read as OtherReply. Pure; any thread.
#pragma once

#include "core/ids.h"
#include "core/uid_set.h"
#include "wire/imap_announced_part.h"
#include "wire/imap_framing.h"
#include "wire/imap_response.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::wire::imap {

// Octets of a status response's text that are kept, and capabilities of one list.
inline constexpr std::size_t status_text_limit = 512;
inline constexpr std::size_t capabilities_limit = 256;

// §7.1: "A1 NO [AUTHENTICATIONFAILED] Login failed", "* BYE Too busy"
struct StatusReply {
    std::string tag; // empty: untagged
    Condition condition = Condition::bad;
    std::string code; // in capitals: "UIDVALIDITY"; empty: none
    std::string code_arguments;
    std::string text; // UTF-8 without control characters, whatever was sent
    bool operator==(StatusReply const&) const = default;
};
// §7.5: "+ text"; of a SASL exchange the text is base64.
struct ContinuationReply {
    std::string text;
    bool operator==(ContinuationReply const&) const = default;
};
// §7.2.1, in capitals
struct CapabilityReply {
    std::vector<std::string> names;
    bool operator==(CapabilityReply const&) const = default;
};
// §7.3.1
struct ExistsReply {
    std::uint32_t messages = 0;
    bool operator==(ExistsReply const&) const = default;
};
// §7.2.2
struct ListReply {
    std::vector<std::string> attributes; // "\Noselect"
    std::string name;                    // UTF-8
    bool operator==(ListReply const&) const = default;
};
// §7.4.2, what of it was there.
struct FetchReply {
    std::optional<core::Uid> uid;
    std::optional<std::uint64_t> size; // RFC822.SIZE
    std::optional<std::chrono::sys_seconds> internal_date;
    bool deleted = false; // FLAGS has \Deleted
    bool has_body = false;
    std::uint64_t origin = 0;         // of BODY[...]<origin>
    std::uint64_t body_octets = 0;    // as its literal announced them: they are not here
    std::string quoted_body;          // of one that came without a literal
    std::vector<AnnouncedPart> parts; // of BODYSTRUCTURE, as far as it makes sense
    bool operator==(FetchReply const&) const = default;
};
// RFC 7162 §3.2.10
struct VanishedReply {
    core::UidSet uids;
    bool operator==(VanishedReply const&) const = default;
};
struct OtherReply {
    bool operator==(OtherReply const&) const = default;
};

using Reply = std::variant<StatusReply, ContinuationReply, CapabilityReply, ExistsReply, ListReply, FetchReply,
                           VanishedReply, OtherReply>;

// The names in a list of capabilities, as the CAPABILITY response and the response code of that name have it.
[[nodiscard]] std::vector<std::string> parse_capabilities(std::string_view text);

// Whether a line of a server can be followed by a literal: a status's text may end in what looks like one.
[[nodiscard]] bool may_announce_literal(std::string_view line);

// A response, literals and all; of a message's octets there is an empty literal of `body_octets`.
[[nodiscard]] Reply parse_reply(Framed const& framed, std::uint64_t body_octets);

// What is there of a FETCH response whose last text ends where a message's octets begin; nothing: it is none, or what
// follows is something else.
[[nodiscard]] std::optional<FetchReply> parse_up_to_body(Framed const& framed);

} // namespace postern::wire::imap
