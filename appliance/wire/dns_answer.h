// What a name server's answer means for who asked (RFC 1034 §5.3.3, RFC 2308). Pure; any thread.
#pragma once

#include "wire/dns_message.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace postern::wire::dns {

// What is taken of one answer, however much there is.
inline constexpr std::size_t answer_limit = 64;
// Aliases of aliases that are followed.
inline constexpr unsigned alias_limit = 16;

enum class Finding : std::uint8_t {
    records,         // there are some
    no_such_name,    // and so nothing of any type
    no_such_records, // the name has none of that type
    nothing,         // the server knows no answer: it failed, refuses, or sends us elsewhere
};

struct Answer {
    Finding finding = Finding::nothing;
    std::vector<Data> data; // of the type that was asked for
    // How long this may be taken for true. Of a negative answer only where its zone says so: one without may come from
    // somebody who cannot know (RFC 2308 §5).
    std::optional<std::chrono::seconds> lifetime;
    bool operator==(Answer const&) const = default;
};

// Follows aliases as far as the message does.
[[nodiscard]] Answer read_answer(Message const& message, Question const& question);

} // namespace postern::wire::dns
