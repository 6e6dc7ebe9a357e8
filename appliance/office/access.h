// Which mailbox a name stands for, to whoever asks, and what he may do with it (RFC 4314 §4).
//
// - The owner of a mailbox has all rights to it, and so has each administrator to what belongs to the office; others
//   have what the mailbox's access control list grants them.
// - Every command that names a mailbox comes through here. One that changes something comes inside its transaction, so
//   that no right is used that was taken away before.
// - A mailbox that may not be looked up is told apart from none at all by no answer (§6).
#pragma once

#include "core/rights.h"
#include "store/error.h"
#include "store/messages.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::office {

using core::Right;
using core::Rights;

// ---- what is decided: pure

// What a list grants an account: what its own entry and that of `anyone` grant, less what either of them denies.
[[nodiscard]] Rights rights_in(store::Acl const& acl, store::AccountId who);
// Why somebody who has those rights may not do what needs these: no_such_mailbox or not_permitted; nothing if he may.
[[nodiscard]] std::optional<store::StoreError> refusal(Rights has, Rights needed);
// Which flags somebody with these rights may change and set (§4, STORE, COPY and APPEND).
[[nodiscard]] store::FlagScope flag_scope(Rights rights);

// ---- and looked up

// Whom an identifier means, which is a login or "anyone" (RFC 4314 §2). Nothing: there is no such login.
[[nodiscard]] std::optional<store::AccountId>
find_identified(store::ReadTransaction const& transaction, std::string_view identifier, std::string_view office_domain);
// Identifiers with their rights, as GETACL tells them (§3.6): those first who have all rights whatever is said, and
// what somebody is denied with a dash before him.
[[nodiscard]] std::vector<std::pair<std::string, Rights>> list_identifiers(store::ReadTransaction const& transaction,
                                                                           store::Mailbox const& mailbox);

// A mailbox, as somebody reaches it.
struct Reached {
    store::Mailbox mailbox; // named as its owner calls it
    std::string name;       // as whoever asks calls it
    Rights rights;          // his
};

// Where a mailbox can be made.
struct Place {
    store::AccountId owner{};
    std::string name; // as the owner calls it
};

// What no list grants and no list takes away: the owner's, and administrators' to what belongs to the office.
[[nodiscard]] Rights inherent_rights(store::ReadTransaction const& transaction, store::AccountId who,
                                     store::Mailbox const& mailbox);
// `who` may be anybody, from the mailbox's owner to one who may not even know of it.
[[nodiscard]] Rights rights_on(store::ReadTransaction const& transaction, store::AccountId who,
                               store::Mailbox const& mailbox);

// Also a \Noselect name. Errors: no_such_mailbox, not_permitted.
[[nodiscard]] store::Result<Reached> reach(store::ReadTransaction const& transaction, store::AccountId who,
                                           std::string_view name, Rights needed);
// The same, and no_such_mailbox for a \Noselect name.
[[nodiscard]] store::Result<Reached> reach_selectable(store::ReadTransaction const& transaction, store::AccountId who,
                                                      std::string_view name, Rights needed);

// What `who` calls the mailbox (mailbox_name.h).
[[nodiscard]] std::string name_of(store::ReadTransaction const& transaction, store::AccountId who,
                                  store::Mailbox const& mailbox);

// The mailbox as `who` reaches it, with the rights that he has, if any.
[[nodiscard]] Reached as_reached(store::ReadTransaction const& transaction, store::AccountId who,
                                 store::Mailbox mailbox);

// All that `who` may look up, by name; and of that what is his own.
[[nodiscard]] std::vector<Reached> list_reachable(store::ReadTransaction const& transaction, store::AccountId who);
[[nodiscard]] std::vector<Reached> list_own(store::ReadTransaction const& transaction, store::AccountId who);

// Where a mailbox of that name would be made; there may be one already. A "/" at the end is ignored (RFC 3501 §6.3.3).
// Errors: name_invalid, not_permitted.
[[nodiscard]] store::Result<Place> find_place(store::ReadTransaction const& transaction, store::AccountId who,
                                              std::string_view name);

} // namespace postern::office
