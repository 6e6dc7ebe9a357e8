#include "imap/select.h"

#include "imap/copy.h"
#include "imap/fetch.h"
#include "imap/resync.h"
#include "office/access.h"
#include "store/keywords.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "wire/imap_object_id.h"

#include <format>
#include <utility>

namespace postern::imap {

namespace {

struct FoundMailbox {
    store::Mailbox mailbox;
    std::string name; // as this login calls it
    core::Rights rights;
    bool takes_keyword;
    store::UidSet uids;
    std::optional<store::Uid> first_unseen;
    Missed missed; // by a client that resynchronises
};

store::Result<FoundMailbox> find(store::ReadTransaction const& transaction, store::AccountId who,
                                 wire::imap::Select const& command, bool wants_unseen) {
    auto reached = office::reach_selectable(transaction, who, command.mailbox, office::Right::read);
    if (!reached) return std::unexpected(reached.error());
    bool const takes_keyword = store::takes_keyword(transaction, reached->mailbox);
    FoundMailbox found{
        std::move(reached->mailbox), std::move(reached->name), reached->rights, takes_keyword, {}, {}, {}};
    found.uids = store::list_uids(transaction, found.mailbox.id);
    if (wants_unseen && found.mailbox.unseen > 0)
        store::for_each_index(transaction, found.mailbox.id, found.uids, [&](store::IndexRow const& row) {
            if (row.flags.has(core::SystemFlag::seen)) return true;
            found.first_unseen = row.uid;
            return false;
        });
    // RFC 7162 §3.2.5: what the client knows of another mailbox of this name is of no use.
    if (command.resync && command.resync->uid_validity == found.mailbox.uid_validity) {
        auto missed = missed_since(transaction, found.mailbox.id, SequenceNumbers(found.uids), *command.resync);
        if (!missed) return std::unexpected(missed.error());
        found.missed = std::move(*missed);
    }
    return found;
}

// Of `uids`, those from `first` on.
store::UidSet from(store::UidSet const& uids, store::Uid first) {
    store::UidSet range;
    range.add_range(core::number(first), 0xFFFFFFFF);
    return common(uids, range);
}

// RFC 3501 §6.3.1, RFC 9051 §6.3.2 and RFC 7162 §3.1.2: what a client must know of a mailbox.
void put_selected(std::string& out, Session const& session, Selected const& selected, FoundMailbox const& found,
                  std::string_view asked) {
    using namespace wire::imap;
    using wire::imap::Condition;
    auto const number = [](auto id) { return core::number(id); };
    constexpr core::SystemFlags all{31};
    put_flags_line(out, all, selected.keywords);
    put_exists(out, selected.view.numbers().size());
    bool const rev2 = session.has(Extension::imap4rev2);
    if (!rev2) put_recent(out, static_cast<std::uint32_t>(selected.view.recent().size()));
    if (found.first_unseen)
        put_untagged(out, Condition::ok,
                     std::format("[UNSEEN {}] First unseen", *selected.view.numbers().number(*found.first_unseen)));
    put_untagged(out, Condition::ok,
                 selected.permanent_flags() + (selected.read_only() ? " No flags can be changed" : " Flags kept"));
    put_untagged(out, Condition::ok, std::format("[UIDNEXT {}] Next UID", number(found.mailbox.uid_next)));
    put_untagged(out, Condition::ok, std::format("[UIDVALIDITY {}] UIDs are valid", number(selected.uid_validity)));
    put_untagged(out, Condition::ok, mailbox_id_code(selected.mailbox) + " Its identifier");
    put_untagged(out, Condition::ok, highest_modseq_code(selected.view.told()) + " Highest");
    // RFC 9051 §6.3.2, §6.3.9.7
    if (rev2) put_list(out, {.attributes = {}, .name = found.name, .old_name = asked}, session.utf8());
    put_vanished(out, found.missed.vanished, true);
}

} // namespace

asio::awaitable<Answer> select(Session& session, wire::imap::Select& command) {
    if (command.condstore && session.hides("CONDSTORE")) co_return bad("There is no CONDSTORE here");
    if (command.resync && !session.has(Extension::qresync)) co_return bad("ENABLE QRESYNC first");
    session.leave_selected();
    if (command.condstore) session.enable(Extension::condstore);

    bool const examined = command.read_only;
    // The code has a sequence number.
    bool const wants_unseen = !session.has(Extension::imap4rev2) && !session.has(Extension::uidonly);
    std::string const asked = command.mailbox;
    auto found = co_await session.storage().read(
        [who = session.account(), wants_unseen, command = std::move(command)](
            store::ReadTransaction const& transaction) { return find(transaction, who, command, wants_unseen); });
    if (!found) co_return no(found.error());
    store::Mailbox& mailbox = found->mailbox;
    store::Uid const first_recent = session.storage().store().claim_recent(
        mailbox.id, mailbox.first_recent, examined || is_read_only(found->rights) ? store::Uid{0} : mailbox.uid_next);
    auto selected = std::make_unique<Selected>(Selected{
        .account = session.account(),
        .mailbox = mailbox.id,
        .uid_validity = mailbox.uid_validity,
        .owned = mailbox.account == session.account(),
        .examined = examined,
        .rights = found->rights,
        .told = found->rights,
        .keywords = mailbox.keywords,
        .takes_keyword = found->takes_keyword,
        .view = MailboxView(found->uids, from(found->uids, first_recent), mailbox.highest_modseq),
        // It rings at first: what happened since that look is told before this command's answer.
        .bell = Bell(session.storage().store(), mailbox.id, mailbox.uid_validity, session.connection().executor(),
                     session.news()),
        .memory = session.connection().share(),
    });
    if (!selected->memory.resize(selected->view.held_octets())) co_return no_room();
    std::string out;
    put_selected(out, session, *selected, *found, asked);
    if (!session.make_room(out.size())) co_return no_room();
    session.queue_whole(std::move(out));
    session.select(std::move(selected));
    co_await announce_flags(session, std::move(found->missed.touched), false);
    if (examined) co_return ok("[READ-ONLY] Examined");
    co_return ok(session.selected().read_only() ? "[READ-ONLY] Selected" : "[READ-WRITE] Selected");
}

asio::awaitable<Answer> close(Session& session, wire::imap::Close&) {
    // RFC 4314 §4: without the right to, nothing is expunged, and that is no error. Nor is it where something was to be
    // recalled that is being sent: what carries \Deleted is held back all the same (store/waiting.h).
    if (session.selected().may(core::Right::expunge)) {
        auto const expunged = co_await expunge_selected(session, std::nullopt);
        if (!expunged && expunged.error() != store::StoreError::no_such_mailbox &&
            expunged.error() != store::StoreError::not_permitted && expunged.error() != store::StoreError::being_sent)
            co_return no(expunged.error());
    }
    // While it is selected nothing is said of what this session did (RFC 5465 §6).
    co_await tell_of_mailboxes(session);
    session.deselect();
    co_return ok("Closed");
}

asio::awaitable<Answer> unselect(Session& session, wire::imap::Unselect&) {
    session.deselect();
    co_return ok("Closed, and nothing was expunged");
}

} // namespace postern::imap
