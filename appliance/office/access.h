// Which mailbox a name stands for, to whoever asks, and what he may do with it (RFC 4314 §4).
//
// Every command that names a mailbox comes through here. One that changes something comes inside its transaction, so
// that no right is used that was taken away before.
#pragma once

#include "core/rights.h"
#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <string>
#include <string_view>

namespace postern::office {

using core::Right;
using core::Rights;

// A mailbox, as somebody reaches it.
struct Reached {
    store::Mailbox mailbox; // named as its owner calls it
    std::string name;       // as whoever asks calls it
    Rights rights;          // his
};

// A name that a mailbox may be given.
struct Place {
    store::AccountId owner{};
    std::string name; // as the owner calls it
};

// `who` may be anything from the owner of the mailbox to somebody who may not even know of it.
[[nodiscard]] Rights rights_on(store::ReadTransaction const& transaction, store::AccountId who,
                               store::Mailbox const& mailbox);

// Also a \Noselect name. Errors: no_such_mailbox, also for one that `who` may not look up; not_permitted without all of
// `needed`.
[[nodiscard]] store::Result<Reached> reach(store::ReadTransaction const& transaction, store::AccountId who,
                                           std::string_view name, Rights needed);
// The same, and no_such_mailbox for a \Noselect name.
[[nodiscard]] store::Result<Reached> reach_selectable(store::ReadTransaction const& transaction, store::AccountId who,
                                                      std::string_view name, Rights needed);

// Where a mailbox of that name would be made; there may be one already. A "/" at the end is ignored (RFC 3501 §6.3.3).
// Errors: name_invalid, not_permitted.
[[nodiscard]] store::Result<Place> find_place(store::ReadTransaction const& transaction, store::AccountId who,
                                              std::string_view name);

} // namespace postern::office
