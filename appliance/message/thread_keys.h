// What THREAD and SORT by DATE ask of a message (RFC 5256 §2.2, §3), made once when it arrives: when it was sent, and
// its own Message-ID and those it refers to, as hashes. Pure; any thread.
#pragma once

#include "message/envelope.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

// Of a Message-ID without quotes, blanks and comments, by 64-bit FNV-1a; never 0. Who makes two ids of one hash joins
// two threads, which naming the other's id would do as well.
enum class ReferenceHash : std::uint64_t {};

// RFC 5256 §3 step 1: the valid Message-IDs in a References or In-Reply-To field, in their order. Of many the last
// ones.
[[nodiscard]] std::vector<ReferenceHash> reference_hashes(std::string_view field);
inline constexpr std::size_t references_limit = 32;

struct ThreadKeys {
    std::optional<std::chrono::sys_seconds> sent; // nothing: the Date field is missing or cannot be read
    std::optional<ReferenceHash> id;
    std::vector<ReferenceHash> references; // the oldest first, the parent last
    friend bool operator==(ThreadKeys const&, ThreadKeys const&) = default;
};

// `references`: of the References field. Where there are none, the first of In-Reply-To stands for them.
[[nodiscard]] ThreadKeys make_thread_keys(EnvelopeView const& envelope, std::vector<ReferenceHash> references);

// The store's form. Decoding gives nothing for what encode() did not write.
[[nodiscard]] std::string encode(ThreadKeys const& keys);
[[nodiscard]] std::optional<ThreadKeys> decode_thread_keys(std::string_view octets);
// Only what SORT needs.
[[nodiscard]] std::optional<std::chrono::sys_seconds> decode_sent(std::string_view octets);

} // namespace postern::message
