// A set of UIDs (or of sequence numbers) as sorted, disjoint, non-adjacent ranges: a mailbox of 100,000 is one range.
#pragma once

#include "core/ids.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::core {

class UidSet {
public:
    struct Range {
        std::uint32_t first;
        std::uint32_t last; // inclusive
        friend bool operator==(Range const&, Range const&) = default;
    };

    UidSet() = default;
    UidSet(std::initializer_list<Uid> uids) {
        for (Uid uid : uids) add(uid);
    }

    // Cheap when values come in ascending order.
    void add(Uid uid) { add_range(number(uid), number(uid)); }
    void add_range(std::uint32_t first, std::uint32_t last);
    void add(UidSet const& other);
    void remove(UidSet const& other);

    [[nodiscard]] bool contains(Uid uid) const;
    [[nodiscard]] bool empty() const { return ranges_.empty(); }
    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] std::span<Range const> ranges() const { return ranges_; }

    // Calls visit(Uid) in ascending order.
    template <typename Visit> void for_each(Visit&& visit) const {
        for (Range const& range : ranges_)
            for (std::uint64_t value = range.first; value <= range.last; ++value) visit(static_cast<Uid>(value));
    }

    // RFC 3501 §9 sequence-set without "*": "1:4,7". Empty for the empty set.
    [[nodiscard]] std::string to_string() const;

    // The store's form: varints of gaps and lengths. decode refuses what encode does not make.
    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static std::optional<UidSet> decode(std::string_view octets);

    friend bool operator==(UidSet const&, UidSet const&) = default;

private:
    std::vector<Range> ranges_;
};

} // namespace postern::core
