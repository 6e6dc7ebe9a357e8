#include "imap/acl.h"

#include "office/access.h"
#include "store/acl.h"
#include "wire/imap_acl.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

using core::Right;
using core::Rights;
using store::AccountId;
using wire::imap::AclIdentifier;
using wire::imap::SetAcl;

namespace {

// One identifier's part of a list.
struct Modification {
    AccountId who; // changes it
    std::string mailbox;
    AclIdentifier identifier;
    SetAcl::Action action;
    Rights rights;
    std::string office_domain;

    enum class Outcome : std::uint8_t { done, no_such_login, inherent };

    [[nodiscard]] Rights apply(Rights before) const {
        switch (action) {
        case SetAcl::Action::replace: return rights;
        case SetAcl::Action::add: return before | rights;
        case SetAcl::Action::remove: return before - rights;
        }
        std::unreachable();
    }

    store::Result<Outcome> operator()(store::WriteTransaction& transaction) const {
        auto const reached = office::reach(transaction, who, mailbox, Right::administer);
        if (!reached) return std::unexpected(reached.error());
        auto const meant = office::find_identified(transaction, identifier.name, office_domain);
        if (!meant) return Outcome::no_such_login;
        // A client that writes back what GETACL told changes nothing; whatever else it says would have no effect.
        if (Rights const inherent = office::inherent_rights(transaction, *meant, reached->mailbox); !inherent.empty()) {
            Rights const told = identifier.negative ? Rights() : inherent;
            return apply(told) == told ? Outcome::done : Outcome::inherent;
        }
        store::AclEntry entry = store::get_acl_entry(transaction, reached->mailbox.id, *meant);
        Rights& changed = identifier.negative ? entry.denied : entry.granted;
        changed = apply(changed);
        auto const set = store::set_acl_entry(transaction, reached->mailbox.id, entry);
        if (!set) return std::unexpected(set.error());
        return Outcome::done;
    }
};

Answer no_such_login() { return no("There is no such login"); }

asio::awaitable<Answer> modify(Session& session, Modification modification, std::string_view text) {
    std::string const mailbox = modification.mailbox;
    auto const outcome = co_await session.write_own(session.storage(), std::move(modification), mailbox);
    if (!outcome) co_return no(outcome.error());
    switch (*outcome) {
    case Modification::Outcome::done: co_return ok(std::string(text));
    case Modification::Outcome::no_such_login: co_return no_such_login();
    case Modification::Outcome::inherent: co_return no("[CANNOT] That login keeps all rights to this mailbox");
    }
    std::unreachable();
}

} // namespace

asio::awaitable<Answer> set_acl(Session& session, wire::imap::SetAcl& command) {
    return modify(session,
                  {session.account(), std::move(command.mailbox), std::move(command.identifier), command.action,
                   command.rights, session.office().domain},
                  "The list is changed");
}

asio::awaitable<Answer> delete_acl(Session& session, wire::imap::DeleteAcl& command) {
    return modify(session,
                  {session.account(), std::move(command.mailbox), std::move(command.identifier),
                   SetAcl::Action::replace, Rights(), session.office().domain},
                  "The list names it no more");
}

asio::awaitable<Answer> get_acl(Session& session, wire::imap::GetAcl& command) {
    auto const line = co_await session.storage().read(
        [who = session.account(), mailbox = std::move(command.mailbox),
         utf8 = session.utf8()](store::ReadTransaction const& transaction) -> store::Result<std::string> {
            auto const reached = office::reach(transaction, who, mailbox, Right::administer);
            if (!reached) return std::unexpected(reached.error());
            std::string text;
            wire::imap::put_acl(text, reached->name, office::list_identifiers(transaction, reached->mailbox), utf8);
            return text;
        });
    if (!line) co_return no(line.error());
    if (!session.make_room(line->size())) co_return no_room();
    session.queue(*line);
    co_return ok("That is the list");
}

asio::awaitable<Answer> list_rights(Session& session, wire::imap::ListRights& command) {
    auto const line = co_await session.storage().read(
        [who = session.account(), command = std::move(command), domain = session.office().domain,
         utf8 = session.utf8()](store::ReadTransaction const& transaction) -> store::Result<std::string> {
            auto const reached = office::reach(transaction, who, command.mailbox, Right::administer);
            if (!reached) return std::unexpected(reached.error());
            auto const meant = office::find_identified(transaction, command.identifier.name, domain);
            if (!meant) return std::string();
            Rights const inherent = office::inherent_rights(transaction, *meant, reached->mailbox);
            std::string text;
            wire::imap::put_list_rights(text, reached->name, command.identifier.given,
                                        command.identifier.negative ? Rights() : inherent, Rights::all() - inherent,
                                        utf8);
            return text;
        });
    if (!line) co_return no(line.error());
    if (line->empty()) co_return no_such_login();
    session.queue(*line);
    co_return ok("Those can be granted");
}

asio::awaitable<Answer> my_rights(Session& session, wire::imap::MyRights& command) {
    auto const line = co_await session.storage().read(
        [who = session.account(), mailbox = std::move(command.mailbox),
         utf8 = session.utf8()](store::ReadTransaction const& transaction) -> store::Result<std::string> {
            // §4: any of these; who has none of them is not to know of the mailbox.
            constexpr Rights any = Right::lookup | Right::read | Right::insert | Right::create_mailboxes |
                                   Right::delete_mailbox | Right::administer;
            auto const reached = office::reach(transaction, who, mailbox, {});
            if (!reached) return std::unexpected(reached.error());
            if (!reached->rights.has_any(any)) return std::unexpected(store::StoreError::no_such_mailbox);
            std::string text;
            wire::imap::put_my_rights(text, reached->name, reached->rights, utf8);
            return text;
        });
    if (!line) co_return no(line.error());
    session.queue(*line);
    co_return ok("Those are your rights");
}

} // namespace postern::imap
