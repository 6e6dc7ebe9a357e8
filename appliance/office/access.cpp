#include "office/access.h"

#include "store/mailboxes.h"

#include <utility>

namespace postern::office {

using store::StoreError;

Rights rights_on(store::ReadTransaction const&, store::AccountId who, store::Mailbox const& mailbox) {
    return mailbox.account == who ? Rights::all() : Rights();
}

store::Result<Reached> reach(store::ReadTransaction const& transaction, store::AccountId who, std::string_view name,
                             Rights needed) {
    auto mailbox = store::find_mailbox(transaction, who, name);
    if (!mailbox) return std::unexpected(StoreError::no_such_mailbox);
    Reached reached{std::move(*mailbox), {}, {}};
    reached.name = reached.mailbox.name;
    reached.rights = rights_on(transaction, who, reached.mailbox);
    if (!reached.rights.has_all(needed))
        return std::unexpected(reached.rights.has(Right::lookup) ? StoreError::not_permitted
                                                                 : StoreError::no_such_mailbox);
    return reached;
}

store::Result<Reached> reach_selectable(store::ReadTransaction const& transaction, store::AccountId who,
                                        std::string_view name, Rights needed) {
    auto reached = reach(transaction, who, name, needed);
    if (reached && !reached->mailbox.selectable) return std::unexpected(StoreError::no_such_mailbox);
    return reached;
}

store::Result<Place> find_place(store::ReadTransaction const&, store::AccountId who, std::string_view name) {
    if (name.ends_with('/')) name.remove_suffix(1);
    auto canonical = store::canonical_name(name);
    if (!canonical) return std::unexpected(canonical.error());
    return Place{who, std::move(*canonical)};
}

} // namespace postern::office
