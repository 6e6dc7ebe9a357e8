#include "imap/copy.h"

#include "imap/long_work.h"
#include "imap/messages.h"
#include "office/access.h"
#include "office/mail_events.h"
#include "office/quota.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/waiting.h"

#include <format>
#include <utility>
#include <vector>

namespace postern::imap {

using store::StoreError;

namespace {

// What both COPY and MOVE need to know, owned: a change may outlive its session.
struct Transfer {
    store::AccountId who;
    store::MailboxId from;
    store::UidValidity from_validity;
    core::Rights needed; // there
    store::UidSet uids;
    std::string to;
    bool all_or_nothing; // sequence numbers: a message that is gone makes it fail (RFC 2180 §4.4.1)
    store::Quota quota;  // the office's
    store::WallTime now;
};

struct Transferred : store::Copied {
    store::MailboxId into{};
    std::vector<store::MessageId> messages{}; // that moved
    std::vector<store::QueueItem> recalled{}; // thereby
};

// no_such_message: some of the messages are gone, or the whole mailbox is. Other errors are the destination's.
template <typename Operation> // store::Result<Transferred>(WriteTransaction&, Transfer const&, Reached const& to)
store::Result<Transferred> transfer(store::WriteTransaction& transaction, Transfer const& wanted, Operation operation) {
    auto const from = store::get_mailbox(transaction, wanted.from);
    if (!from || from->uid_validity != wanted.from_validity) return std::unexpected(StoreError::no_such_message);
    if (!office::rights_on(transaction, wanted.who, *from).has_all(wanted.needed))
        return std::unexpected(StoreError::not_permitted);
    if (wanted.all_or_nothing) {
        std::uint64_t there = 0;
        store::for_each_index(transaction, wanted.from, wanted.uids, [&](auto const&) { return ++there > 0; });
        if (there < wanted.uids.size()) return std::unexpected(StoreError::no_such_message);
    }
    auto const to = office::reach_selectable(transaction, wanted.who, wanted.to, office::Right::insert);
    if (!to) return std::unexpected(to.error());
    return operation(transaction, wanted, *to);
}

// Of these, which carry \Deleted.
std::vector<store::MessageId> deleted_messages(store::ReadTransaction const& transaction, store::MailboxId mailbox,
                                               store::UidSet const& uids) {
    std::vector<store::MessageId> messages;
    store::for_each_index(transaction, mailbox, uids, [&](store::IndexRow const& row) {
        if (row.flags.has(core::SystemFlag::deleted)) messages.push_back(row.message);
        return true;
    });
    return messages;
}

// RFC 4314 §4: flags that one may not set there are left behind.
store::Result<Transferred> do_copy(store::WriteTransaction& transaction, Transfer const& wanted,
                                   office::Reached const& to) {
    auto copied = store::copy(transaction, wanted.from, wanted.uids, to.mailbox.id, wanted.quota, wanted.now,
                              office::flag_scope(to.rights));
    if (!copied) return std::unexpected(copied.error());
    return Transferred{std::move(*copied), to.mailbox.id};
}

store::Result<Transferred> do_move(store::WriteTransaction& transaction, Transfer const& wanted,
                                   office::Reached const& to) {
    auto const from = store::get_mailbox(transaction, wanted.from);
    std::vector<store::QueueItem> recalled;
    if (from && store::is_waiting(*from))
        recalled = office::waiting_of(transaction, office::messages_of(transaction, wanted.from, wanted.uids));
    auto moved = store::move(transaction, wanted.from, wanted.uids, to.mailbox.id, wanted.quota, wanted.now,
                             office::flag_scope(to.rights));
    if (!moved) return std::unexpected(moved.error());
    auto messages = office::messages_of(transaction, to.mailbox.id, moved->destination);
    return Transferred{std::move(*moved), to.mailbox.id, std::move(messages), std::move(recalled)};
}

// RFC 6851 §4.5: a MOVE is a COPY, and then \Deleted and EXPUNGE.
constexpr core::Rights to_copy = core::Right::read;
constexpr core::Rights to_move = core::Right::delete_messages | core::Right::expunge;

Transfer make_transfer(Session& session, core::Rights needed, store::UidSet uids, std::string to, bool all_or_nothing) {
    Selected const& selected = session.selected();
    return {.who = session.account(),
            .from = selected.mailbox,
            .from_validity = selected.uid_validity,
            .needed = needed,
            .uids = std::move(uids),
            .to = std::move(to),
            .all_or_nothing = all_or_nothing,
            .quota = office::office_quota(session.settings()),
            .now = session.office().clock.wall()};
}

} // namespace

asio::awaitable<Answer> expunged(Session& session, std::string_view text) {
    co_await session.announce(Session::Expunges::own);
    if (session.state() != State::selected) co_return answered();
    if (!session.has(Extension::qresync)) co_return ok(std::string(text));
    co_return ok(std::format("{} {}", wire::imap::highest_modseq_code(session.selected().view.told()), text));
}

asio::awaitable<store::Result<store::UidSet>> expunge_selected(Session& session, std::optional<store::UidSet> among) {
    struct Expunged {
        store::UidSet uids;
        std::vector<store::MessageId> messages;
        std::vector<store::QueueItem> recalled;
    };
    LongWork work(session);
    auto const mailbox = session.selected().mailbox;
    auto done = co_await work.write([who = session.account(), mailbox, among = std::move(among)](
                                        store::WriteTransaction& transaction) -> store::Result<Expunged> {
        auto const record = store::get_mailbox(transaction, mailbox);
        if (record && !office::rights_on(transaction, who, *record).has(core::Right::expunge))
            return std::unexpected(StoreError::not_permitted);
        Expunged expunged;
        if (record && record->deleted > 0)
            expunged.messages =
                deleted_messages(transaction, mailbox, among ? *among : store::list_uids(transaction, mailbox));
        if (record && store::is_waiting(*record))
            expunged.recalled = office::waiting_of(transaction, std::exchange(expunged.messages, {}));
        auto uids = store::expunge(transaction, mailbox, among ? &*among : nullptr);
        if (!uids) return std::unexpected(uids.error());
        expunged.uids = std::move(*uids);
        return expunged;
    });
    if (!done) co_return std::unexpected(done.error());
    office::log_deleted(done->messages, mailbox, session.client());
    office::log_recalled(done->recalled, session.client());
    co_return std::move(done->uids);
}

asio::awaitable<Answer> copy(Session& session, wire::imap::Copy& command) {
    auto meant = find_messages(session.selected().view, command.messages, command.uid);
    if (!meant) co_return meant.error();
    if (meant->missing) co_return no(StoreError::no_such_message);
    LongWork work(session);
    auto const done = co_await session.write_own(
        work,
        [wanted = make_transfer(session, to_copy, std::move(meant->uids), command.mailbox, !command.uid)](
            store::WriteTransaction& transaction) { return transfer(transaction, wanted, do_copy); },
        command.mailbox);
    if (!done) co_return no_destination(done.error());
    if (done->source.empty()) co_return ok("There was nothing to copy");
    session.note_own_arrivals(done->uid_validity, done->destination);
    co_return ok(wire::imap::copy_uid_code(done->uid_validity, done->source, done->destination) + " Copied");
}

asio::awaitable<Answer> move(Session& session, wire::imap::Move& command) {
    auto meant = find_messages(session.selected().view, command.messages, command.uid);
    if (!meant) co_return meant.error();
    if (session.selected().examined) co_return no("The mailbox was opened by EXAMINE");
    if (meant->missing) co_return no(StoreError::no_such_message);
    LongWork work(session);
    auto const done = co_await session.write_own(
        work,
        [wanted = make_transfer(session, to_move, std::move(meant->uids), command.mailbox, !command.uid)](
            store::WriteTransaction& transaction) { return transfer(transaction, wanted, do_move); },
        command.mailbox);
    if (!done) co_return no_destination(done.error());
    if (done->source.empty()) co_return ok("There was nothing to move");
    office::log_recalled(done->recalled, session.client());
    office::log_moved(done->messages, session.selected().mailbox, done->into, session.client());
    // RFC 6851 §4.3: the code comes before the EXPUNGE responses that it explains.
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::ok,
                             wire::imap::copy_uid_code(done->uid_validity, done->source, done->destination) +
                                 " These are moving");
    session.queue(line);
    co_return co_await expunged(session, "Moved");
}

asio::awaitable<Answer> expunge(Session& session, wire::imap::Expunge& command) {
    if (session.selected().examined) co_return no("The mailbox was opened by EXAMINE");
    std::optional<store::UidSet> among;
    if (command.uids) {
        auto meant = find_messages(session.selected().view, *command.uids, true);
        if (!meant) co_return meant.error();
        among = std::move(meant->uids);
    }
    auto const done = co_await expunge_selected(session, std::move(among));
    if (!done) co_return no(done.error());
    if (done->empty()) co_return ok("Expunged");
    co_return co_await expunged(session, "Expunged"); // the EXPUNGE responses go before it, as others' would
}

} // namespace postern::imap
