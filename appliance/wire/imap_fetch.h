// What FETCH asks for (RFC 3501 §6.4.5, RFC 7162 §3.1.4, RFC 3516, RFC 8970).
#pragma once

#include "wire/imap_section.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::wire::imap {

enum class FetchAttribute : std::uint8_t {
    envelope,
    body, // BODY without section: the structure without extension data
    body_structure,
    flags,
    internal_date,
    uid,
    modseq,
    rfc822_size,
    email_id,     // RFC 8474
    thread_id,    // the same
    save_date,    // RFC 8514
    preview,      // RFC 8970
    preview_lazy, // the same, unless that takes long
};

// "<origin.octets>"
struct Partial {
    std::uint32_t origin = 0;
    std::uint32_t octets = 1; // never 0
    friend bool operator==(Partial const&, Partial const&) = default;
};

// Octets of the message. RFC822, RFC822.HEADER and RFC822.TEXT are old names of BODY[], BODY.PEEK[HEADER] and
// BODY[TEXT].
struct FetchBody {
    enum class Name : std::uint8_t { body, rfc822, rfc822_header, rfc822_text };

    Section section;
    bool peek = false; // \Seen is left alone
    std::optional<Partial> partial;
    Name name = Name::body;

    friend bool operator==(FetchBody const&, FetchBody const&) = default;
};

// A part without its Content-Transfer-Encoding (RFC 3516 §4.2, RFC 9051 §6.4.5).
struct FetchBinary {
    std::vector<std::uint32_t> part; // as in Section; empty: the whole message, which has no encoding of its own
    bool size_alone = false;         // BINARY.SIZE
    bool peek = false;               // \Seen is left alone
    std::optional<Partial> partial;  // of what is decoded

    friend bool operator==(FetchBinary const&, FetchBinary const&) = default;
};

using FetchItem = std::variant<FetchAttribute, FetchBody, FetchBinary>;

// What stands before the value in a FETCH response: "FLAGS", "BODY[HEADER.FIELDS (DATE)]<0>", "RFC822.TEXT".
[[nodiscard]] std::string response_name(FetchItem const& item);

} // namespace postern::wire::imap
