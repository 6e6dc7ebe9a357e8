#include "office/access.h"

#include "office/login.h"
#include "office/mailbox_name.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/mailboxes.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace postern::office {

using store::AccountId;
using store::ReadTransaction;
using store::StoreError;

namespace {

constexpr std::string_view anyone_identifier = "anyone";

// Whose mailboxes a name is among. One's own are reached by their own names alone.
std::optional<AccountId> find_owner(ReadTransaction const& transaction, AccountId who, MailboxName const& name) {
    switch (name.in) {
    case Namespace::personal: return who;
    case Namespace::shared: return store::the_office;
    case Namespace::other_users: break;
    }
    auto const owner = store::find_login(transaction, name.login);
    return owner == who ? std::nullopt : owner;
}

// RFC 4314 §4, CREATE: the nearest parent that there is.
std::optional<store::Mailbox> find_parent(ReadTransaction const& transaction, AccountId owner, std::string_view name) {
    for (auto end = name.rfind('/'); end != std::string_view::npos; end = name.rfind('/', end - 1))
        if (auto parent = store::find_mailbox(transaction, owner, name.substr(0, end))) return parent;
    return std::nullopt;
}

} // namespace

Rights rights_in(store::Acl const& acl, AccountId who) {
    Rights granted, denied;
    for (store::AclEntry const& entry : acl) {
        if (entry.who != who && entry.who != store::anyone) continue;
        granted = granted | entry.granted;
        denied = denied | entry.denied;
    }
    return granted - denied;
}

std::optional<StoreError> refusal(Rights has, Rights needed) {
    if (!has.empty() && has.has_all(needed)) return std::nullopt;
    return has.has(Right::lookup) ? StoreError::not_permitted : StoreError::no_such_mailbox;
}

store::FlagScope flag_scope(Rights rights) {
    using enum core::SystemFlag;
    store::FlagScope scope{{}, rights.has(Right::write)};
    if (rights.has(Right::seen)) scope.system = scope.system | seen;
    if (rights.has(Right::delete_messages)) scope.system = scope.system | deleted;
    if (rights.has(Right::write)) scope.system = scope.system | answered | flagged | draft;
    return scope;
}

std::optional<AccountId> find_identified(ReadTransaction const& transaction, std::string_view identifier,
                                         std::string_view office_domain) {
    std::string const login = canonical_login(identifier, office_domain);
    if (login == anyone_identifier) return store::anyone;
    return store::find_login(transaction, login);
}

std::vector<std::pair<std::string, Rights>> list_identifiers(ReadTransaction const& transaction,
                                                             store::Mailbox const& mailbox) {
    std::vector<std::pair<std::string, Rights>> identifiers;
    auto const add = [&](std::string identifier, Rights rights) {
        if (!rights.empty()) identifiers.emplace_back(std::move(identifier), rights);
    };
    if (mailbox.account == store::the_office)
        for (std::string& login : store::list_administrators(transaction)) add(std::move(login), Rights::all());
    else
        add(store::login_of(transaction, mailbox.account).value_or(""), Rights::all());
    for (store::AclEntry const& entry : store::get_acl(transaction, mailbox.id)) {
        auto const login = entry.who == store::anyone ? std::string(anyone_identifier)
                                                      : store::login_of(transaction, entry.who).value_or("");
        add(login, entry.granted);
        add("-" + login, entry.denied);
    }
    return identifiers;
}

Rights inherent_rights(ReadTransaction const& transaction, AccountId who, store::Mailbox const& mailbox) {
    bool const has =
        mailbox.account == store::the_office ? store::is_administrator(transaction, who) : mailbox.account == who;
    return has ? Rights::all() : Rights();
}

Rights rights_on(ReadTransaction const& transaction, AccountId who, store::Mailbox const& mailbox) {
    Rights const inherent = inherent_rights(transaction, who, mailbox);
    if (!inherent.empty()) return inherent;
    // Whose account was removed while he is logged in is not even `anyone`.
    if (!store::login_of(transaction, who)) return {};
    return rights_in(store::get_acl(transaction, mailbox.id), who);
}

store::Result<Reached> reach(ReadTransaction const& transaction, AccountId who, std::string_view name, Rights needed) {
    auto const parsed = parse_mailbox_name(name);
    auto const owner = parsed ? find_owner(transaction, who, *parsed) : std::nullopt;
    auto mailbox = owner ? store::find_mailbox(transaction, *owner, parsed->name) : std::nullopt;
    if (!mailbox) return std::unexpected(StoreError::no_such_mailbox);
    Rights const rights = rights_on(transaction, who, *mailbox);
    if (auto const why = refusal(rights, needed)) return std::unexpected(*why);
    std::string known = to_string({parsed->in, parsed->login, mailbox->name});
    return Reached{std::move(*mailbox), std::move(known), rights};
}

store::Result<Reached> reach_selectable(ReadTransaction const& transaction, AccountId who, std::string_view name,
                                        Rights needed) {
    auto reached = reach(transaction, who, name, needed);
    if (reached && !reached->mailbox.selectable) return std::unexpected(StoreError::no_such_mailbox);
    return reached;
}

std::string name_of(ReadTransaction const& transaction, AccountId who, store::Mailbox const& mailbox) {
    if (mailbox.account == who) return mailbox.name;
    if (mailbox.account == store::the_office) return to_string({Namespace::shared, {}, mailbox.name});
    std::string const login = store::login_of(transaction, mailbox.account).value_or("");
    return to_string({Namespace::other_users, login, mailbox.name});
}

Reached as_reached(ReadTransaction const& transaction, AccountId who, store::Mailbox mailbox) {
    std::string name = name_of(transaction, who, mailbox);
    Rights const rights = rights_on(transaction, who, mailbox);
    return {std::move(mailbox), std::move(name), rights};
}

std::vector<Reached> list_own(ReadTransaction const& transaction, AccountId who) {
    std::vector<Reached> own;
    for (store::Mailbox& mailbox : store::list_mailboxes(transaction, who)) {
        std::string name = mailbox.name;
        own.push_back({std::move(mailbox), std::move(name), Rights::all()});
    }
    return own;
}

std::vector<Reached> list_reachable(ReadTransaction const& transaction, AccountId who) {
    std::vector<Reached> reachable = list_own(transaction, who);
    std::set<store::MailboxId> elsewhere;
    for (AccountId const named : {who, store::anyone})
        for (store::MailboxId const mailbox : store::list_granted(transaction, named)) elsewhere.insert(mailbox);
    if (store::is_administrator(transaction, who))
        for (store::Mailbox const& mailbox : store::list_mailboxes(transaction, store::the_office))
            elsewhere.insert(mailbox.id);
    for (store::MailboxId const id : elsewhere) {
        auto mailbox = store::get_mailbox(transaction, id);
        if (!mailbox || mailbox->account == who) continue;
        Reached reached = as_reached(transaction, who, std::move(*mailbox));
        if (reached.rights.has(Right::lookup)) reachable.push_back(std::move(reached));
    }
    std::ranges::sort(reachable, {}, &Reached::name);
    return reachable;
}

store::Result<Place> find_place(ReadTransaction const& transaction, AccountId who, std::string_view name) {
    if (name.ends_with('/')) name.remove_suffix(1);
    auto const parsed = parse_mailbox_name(name);
    if (!parsed) return std::unexpected(StoreError::name_invalid);
    auto canonical = store::canonical_name(parsed->name);
    if (!canonical) return std::unexpected(canonical.error());
    auto const owner = find_owner(transaction, who, *parsed);
    if (!owner) return std::unexpected(StoreError::not_permitted);
    if (*owner != who) {
        auto const parent = find_parent(transaction, *owner, *canonical);
        bool const may = parent ? rights_on(transaction, who, *parent).has(Right::create_mailboxes)
                                : *owner == store::the_office && store::is_administrator(transaction, who);
        if (!may) return std::unexpected(StoreError::not_permitted);
    }
    return Place{*owner, std::move(*canonical)};
}

} // namespace postern::office
