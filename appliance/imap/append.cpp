#include "imap/append.h"

#include "imap/copy.h"
#include "imap/messages.h"
#include "imap/upload.h"
#include "office/access.h"
#include "office/quota.h"
#include "office/sent_mail.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/quota.h"

#include <span>
#include <utility>

namespace postern::imap {

using store::StoreError;

namespace {

// Where messages go, and what for.
struct Target {
    store::AccountId who;
    std::string name;
    bool file_sent;     // submission.file_sent: what comes there may be what the server filed
    store::Quota quota; // the office's
};

Target make_target(Session& session, std::string name) {
    return {.who = session.account(),
            .name = std::move(name),
            .file_sent = session.settings().flag("submission.file_sent"),
            .quota = office::office_quota(session.settings())};
}

store::Result<office::Reached> find(store::ReadTransaction const& transaction, Target const& target) {
    return office::reach_selectable(transaction, target.who, target.name, office::Right::insert);
}

bool may_be_filed(store::ReadTransaction const& transaction, Target const& target, store::Mailbox const& mailbox) {
    if (!target.file_sent || mailbox.account != target.who) return false;
    auto const sent = office::find_sent_mailbox(transaction, target.who);
    return sent && sent->id == mailbox.id;
}

// What a REPLACE is to remove.
struct Replaced {
    store::MailboxId mailbox;
    store::UidValidity uid_validity;
    store::Uid uid;
};

// And what that leaves room for.
struct Freed {
    store::AccountId owner{};
    std::uint64_t octets = 0;
};

// What can be known before a message is sent: the store checks again when all are there.
Upload::Check check(Target const& target, Freed freed_then = {}) {
    return
        [&target, freed_then](store::ReadTransaction const& transaction, std::uint64_t octets) -> store::Result<void> {
            auto const to = find(transaction, target);
            if (!to) return std::unexpected(to.error());
            store::Mailbox const& mailbox = to->mailbox;
            std::uint64_t const freed = freed_then.owner == mailbox.account ? freed_then.octets : 0;
            if (octets <= freed || may_be_filed(transaction, target, mailbox)) return {};
            store::Usage const more{octets - freed, freed > 0 ? 0U : 1U};
            auto const fits = store::fits_at_a_glance(transaction, mailbox.account, more, target.quota);
            if (fits == false) return std::unexpected(StoreError::over_quota);
            return {};
        };
}

// Errors: no_such_message; not_permitted (RFC 8508 §4.1).
store::Result<Freed> may_remove(store::ReadTransaction const& transaction, store::AccountId who, Replaced const& old) {
    auto const mailbox = store::get_mailbox(transaction, old.mailbox);
    if (!mailbox || mailbox->uid_validity != old.uid_validity) return std::unexpected(StoreError::no_such_message);
    if (!office::rights_on(transaction, who, *mailbox).has_all(office::Right::delete_messages | office::Right::expunge))
        return std::unexpected(StoreError::not_permitted);
    auto const row = store::get_index(transaction, old.mailbox, old.uid);
    auto const message = row ? store::view_message(transaction, row->message) : std::nullopt;
    if (!message) return std::unexpected(StoreError::no_such_message);
    return Freed{mailbox->account, message->size};
}

store::Result<store::AdditionsDone> put(store::WriteTransaction& transaction, Target const& target,
                                        std::span<store::Addition const> additions, store::WallTime now) {
    auto const to = find(transaction, target);
    if (!to) return std::unexpected(to.error());
    store::Mailbox const& mailbox = to->mailbox;
    if (additions.size() == 1 && may_be_filed(transaction, target, mailbox))
        if (auto const filed = office::find_filed(transaction, mailbox, additions.front().message, now))
            return office::settle(transaction, mailbox, *filed, additions.front(), target.quota, now);
    // RFC 4314 §4: without the right to set a flag, a message comes without it.
    return store::append(transaction, mailbox.id, additions, target.quota, now, office::flag_scope(to->rights));
}

store::Result<store::AdditionsDone> put_in_place(store::WriteTransaction& transaction, Target const& target,
                                                 Replaced const& old, store::Addition const& addition,
                                                 store::WallTime now) {
    if (auto const may = may_remove(transaction, target.who, old); !may) return std::unexpected(may.error());
    auto const to = find(transaction, target);
    if (!to) return std::unexpected(to.error());
    store::Mailbox const& mailbox = to->mailbox;
    auto const filed = may_be_filed(transaction, target, mailbox)
                           ? office::find_filed(transaction, mailbox, addition.message, now)
                           : std::nullopt;
    if (!filed || (mailbox.id == old.mailbox && *filed == old.uid))
        return store::replace(transaction, old.mailbox, old.uid, mailbox.id, addition, target.quota, now,
                              office::flag_scope(to->rights));
    auto const done = office::settle(transaction, mailbox, *filed, addition, target.quota, now);
    if (!done) return done;
    if (auto const removed = store::remove(transaction, old.mailbox, {old.uid}); !removed)
        return std::unexpected(removed.error());
    return done;
}

} // namespace

asio::awaitable<Answer> append(Session& session, wire::imap::Append& command) {
    Target const target = make_target(session, std::move(command.mailbox));
    Upload upload(session, !session.hides("MULTIAPPEND"), check(target));
    if (auto refused = co_await upload.receive(std::move(command.piece))) co_return std::move(*refused);
    auto const appended = co_await session.write_own(
        session.storage(),
        [target, additions = upload.take(), now = session.office().clock.wall()](store::WriteTransaction& transaction) {
            return put(transaction, target, additions, now);
        },
        target.name);
    if (!appended) co_return no_destination(appended.error());
    session.note_own_arrivals(appended->uid_validity, appended->uids);
    co_return ok(wire::imap::append_uid_code(appended->uid_validity, appended->uids) + " Appended");
}

asio::awaitable<Answer> replace(Session& session, wire::imap::Replace& command) {
    auto const meant = find_messages(session.selected().view, command.message, command.uid);
    if (!meant) co_return meant.error();
    if (session.selected().examined) co_return no("The mailbox was opened by EXAMINE");
    if (meant->missing) co_return no(StoreError::no_such_message);
    if (meant->uids.empty()) co_return no("There is no such message to replace");
    Target const target = make_target(session, std::move(command.mailbox));
    Replaced const old{.mailbox = session.selected().mailbox,
                       .uid_validity = session.selected().uid_validity,
                       .uid = static_cast<store::Uid>(meant->uids.ranges().front().first)};
    // On this thread, as Upload's checks are.
    auto const freed = session.storage().read_here(
        [&](store::ReadTransaction const& transaction) { return may_remove(transaction, target.who, old); });
    if (!freed) co_return no(freed.error());

    Upload upload(session, false, check(target, *freed));
    if (auto refused = co_await upload.receive(std::move(command.piece))) co_return std::move(*refused);
    auto const replaced = co_await session.write_own(
        session.storage(),
        [target, old, additions = upload.take(),
         now = session.office().clock.wall()](store::WriteTransaction& transaction) {
            return put_in_place(transaction, target, old, additions.front(), now);
        },
        target.name);
    if (!replaced) co_return no_destination(replaced.error());
    session.note_own_arrivals(replaced->uid_validity, replaced->uids);
    // RFC 8508 §4.3: the code comes before the EXPUNGE response, and so does what arrived (§3.2).
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::ok,
                             wire::imap::append_uid_code(replaced->uid_validity, replaced->uids) +
                                 " The new message is there");
    session.queue(line);
    co_await session.announce(Session::Expunges::later);
    if (session.state() != State::selected) co_return answered();
    co_return co_await expunged(session, "Replaced");
}

} // namespace postern::imap
