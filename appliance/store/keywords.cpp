#include "store/keywords.h"

#include "store/messages.h"
#include "text/ascii.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace postern::store {

namespace {

constexpr std::uint64_t all_bits = std::numeric_limits<std::uint64_t>::max();
static_assert(max_keywords == std::numeric_limits<std::uint64_t>::digits);

// Where the mailbox has it, or the end of its keywords.
std::size_t position_of(Mailbox const& mailbox, std::string const& name) {
    auto const at =
        std::ranges::find_if(mailbox.keywords, [&](auto const& known) { return text::iequals(known, name); });
    return static_cast<std::size_t>(at - mailbox.keywords.begin());
}

std::uint64_t carried_bits(ReadTransaction const& transaction, MailboxId mailbox) {
    std::uint64_t bits = 0;
    UidSet all;
    all.add_range(1, std::numeric_limits<std::uint32_t>::max());
    for_each_index(transaction, mailbox, all, [&](IndexRow const& row) {
        bits |= row.keywords;
        return bits != all_bits;
    });
    return bits;
}

} // namespace

Result<std::uint64_t> keyword_bits(Mailbox const& mailbox, std::span<std::string const> names) {
    std::uint64_t bits = 0;
    for (std::string const& name : names) {
        if (name.empty() || name.size() > max_keyword_octets) return std::unexpected(StoreError::name_invalid);
        if (auto const position = position_of(mailbox, name); position < mailbox.keywords.size())
            bits |= std::uint64_t{1} << position;
    }
    return bits;
}

bool takes_keyword(ReadTransaction const& transaction, Mailbox const& mailbox) {
    return mailbox.keywords.size() < max_keywords || carried_bits(transaction, mailbox.id) != all_bits;
}

Result<std::uint64_t> KeywordsPut::bits(std::span<std::string const> names) {
    // Those that are there come first, so that none of them loses its place to a new one.
    auto bits = keyword_bits(mailbox_, names);
    if (!bits) return bits;
    given_ |= *bits;
    for (std::string const& name : names) {
        if (position_of(mailbox_, name) < mailbox_.keywords.size()) continue;
        auto const place = find_place();
        if (!place) return std::unexpected(StoreError::too_many_keywords);
        if (*place == mailbox_.keywords.size())
            mailbox_.keywords.push_back(name);
        else
            mailbox_.keywords[*place] = name;
        *bits |= std::uint64_t{1} << *place;
        given_ |= *bits;
    }
    return bits;
}

std::optional<std::size_t> KeywordsPut::find_place() {
    if (mailbox_.keywords.size() < max_keywords) return mailbox_.keywords.size();
    if (!carried_) carried_ = carried_bits(transaction_, mailbox_.id);
    auto const place = static_cast<std::size_t>(std::countr_one(*carried_ | given_));
    if (place == max_keywords) return std::nullopt;
    return place;
}

} // namespace postern::store
