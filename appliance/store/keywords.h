// The keywords of a mailbox, each a bit of its rows (RFC 3501 §2.3.2: names in any case; the first spelling stays).
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace postern::store {

// The bits of these; those that the mailbox does not have are left out. Errors: name_invalid.
[[nodiscard]] Result<std::uint64_t> keyword_bits(Mailbox const& mailbox, std::span<std::string const> names);

// Whether it can be given another one.
[[nodiscard]] bool takes_keyword(ReadTransaction const& transaction, Mailbox const& mailbox);

// Gives bits to the keywords of the rows that one change puts into a mailbox, which gets those that it does not have
// yet. Once it has max_keywords, a new one takes the place of one that no row carries any more; all rows are read for
// that.
class KeywordsPut {
public:
    KeywordsPut(ReadTransaction const& transaction, Mailbox& mailbox) : transaction_(transaction), mailbox_(mailbox) {}

    // Errors: too_many_keywords, name_invalid.
    [[nodiscard]] Result<std::uint64_t> bits(std::span<std::string const> names);

private:
    [[nodiscard]] std::optional<std::size_t> find_place();

    ReadTransaction const& transaction_;
    Mailbox& mailbox_;
    std::uint64_t given_ = 0;              // to rows of this change
    std::optional<std::uint64_t> carried_; // by those that were there
};

} // namespace postern::store
