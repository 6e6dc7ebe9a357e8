// RFC 3501 §9 sequence-set, of sequence numbers or UIDs: "2,4:7,9,12:*"; or RFC 5182 §2.1's "$", what the last SEARCH
// saved. As it was written; what it means depends on the mailbox. Its length is bounded by the text of a command.
#pragma once

#include "core/uid_set.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::wire::imap {

class SequenceSet {
public:
    static constexpr std::uint32_t star = 0; // "*", the largest number in use: no number is 0

    struct Range {
        std::uint32_t first;
        std::uint32_t last; // may be less than first: 4:2 means 2:4
        friend bool operator==(Range const&, Range const&) = default;
    };

    SequenceSet() = default;
    explicit SequenceSet(std::vector<Range> ranges) : ranges_(std::move(ranges)) {}
    // "$"
    [[nodiscard]] static SequenceSet saved();

    // The whole of `text`; nothing if it is no sequence-set.
    [[nodiscard]] static std::optional<SequenceSet> parse(std::string_view text);

    [[nodiscard]] bool is_saved() const { return saved_; } // then there are no ranges

    // The numbers meant when `largest` is the largest in use; they need not be in use themselves. With `largest` 0
    // (an empty mailbox) a range with "*" means nothing. Not for "$".
    [[nodiscard]] core::UidSet resolve(std::uint32_t largest) const;

    [[nodiscard]] std::vector<Range> const& ranges() const { return ranges_; }
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(SequenceSet const&, SequenceSet const&) = default;

private:
    std::vector<Range> ranges_;
    bool saved_ = false;
};

} // namespace postern::wire::imap
