// What people search most in a header, made ready for it once when a message arrives: From, To, Cc, Bcc and Subject,
// decoded and casemapped (RFC 5051), so that SEARCH only looks through a few octets. Pure; any thread.
#pragma once

#include "message/envelope.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

enum class SearchField : std::uint8_t { from, to, cc, bcc, subject };

[[nodiscard]] std::optional<SearchField> search_field(std::string_view name); // of a header field, in any case

// The addresses as "name <local@domain>" and the names of groups, or the subject; behind each an octet that is in no
// UTF-8 text, so that nothing is found across two of them.
[[nodiscard]] std::string search_text(EnvelopeView const& envelope, SearchField field);

// The first address in such a text, for SORT (RFC 5256 §3, RFC 5957 §3); empty without one. Of a group each is its
// name.
struct FirstAddress {
    std::string_view display; // the display name, or else the address
    std::string_view mailbox; // the local part
};
[[nodiscard]] FirstAddress first_address(std::string_view search_text);

// The subject in such a text.
[[nodiscard]] std::string_view whole_subject(std::string_view search_text);

// All of them, in the store's form; empty if they are longer than search_texts_limit.
[[nodiscard]] std::string pack_search_texts(EnvelopeView const& envelope);
// Back from there; nothing if they were too long, or if it is another's form.
[[nodiscard]] std::optional<std::string_view> packed_search_text(std::string_view packed, SearchField field);

// Octets kept beside a message, whatever its header holds.
inline constexpr std::size_t search_texts_limit = 8 * 1024;

} // namespace postern::message
