// Puts messages into the order that SORT asks for (RFC 5256 §3, RFC 5957 §3): each message's values become octets that
// compare as the values do, all in one buffer. One thread at a time.
#pragma once

#include "core/ids.h"
#include "message/search_text.h"
#include "store/messages.h"
#include "wire/imap_search.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

// From, To, Cc, Bcc or Subject of a message, decoded and casemapped (message/search_text.h).
[[nodiscard]] std::string search_text(store::MessageView const& message, message::SearchField field);

class SortOrder {
public:
    explicit SortOrder(std::vector<wire::imap::SortCriterion> criteria) : criteria_(std::move(criteria)) {}

    [[nodiscard]] std::vector<wire::imap::SortCriterion> const& criteria() const { return criteria_; }

    // The next message, by ascending numbers.
    void add(store::MessageView const& message);
    // The places of those added, from 0, in order.
    [[nodiscard]] std::vector<std::uint32_t> places() const;
    // What the one added in that place is ordered by; those that have the same stand by their numbers.
    [[nodiscard]] std::string_view key(std::uint32_t place) const;

private:
    struct Entry {
        std::uint64_t first; // octets of the key, so that most comparisons need no other memory
        std::size_t end;     // of the key in keys_
    };

    void put(wire::imap::SortCriterion::Key key, store::MessageView const& message);
    void put_number(std::int64_t number);
    void put_text(std::string_view text);

    std::vector<wire::imap::SortCriterion> criteria_;
    std::string keys_;
    std::vector<Entry> entries_;
};

} // namespace postern::imap
