#include "imap/mailboxes.h"

#include "office/access.h"
#include "office/mailbox_name.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "text/ascii.h"
#include "wire/imap_object_id.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

namespace {

Answer done(store::Result<void> const& result, std::string_view text) {
    return result ? ok(std::string(text)) : no(result.error());
}

// A use is one mailbox's of an account, so that who files a message finds one place for it; nothing: it is taken.
store::Result<std::optional<store::MailboxId>> make(store::WriteTransaction& transaction, store::AccountId who,
                                                    std::string_view name, std::string_view use, store::WallTime now) {
    auto const place = office::find_place(transaction, who, name);
    if (!place) return std::unexpected(place.error());
    // RFC 6154 §2: a use is for the owner's own mailboxes.
    if (!use.empty() && place->owner != who) return std::nullopt;
    if (!use.empty() &&
        std::ranges::contains(store::list_mailboxes(transaction, place->owner), use, &store::Mailbox::special_use))
        return std::nullopt;
    return store::create_mailbox(transaction, place->owner, place->name, use, now);
}

store::Result<void> move_name(store::WriteTransaction& transaction, store::AccountId who, std::string_view from,
                              std::string_view to, store::WallTime now) {
    auto const reached = office::reach(transaction, who, from, office::Right::delete_mailbox);
    if (!reached) return std::unexpected(reached.error());
    auto const place = office::find_place(transaction, who, to);
    if (!place) return std::unexpected(place.error());
    if (place->owner != reached->mailbox.account) return std::unexpected(store::StoreError::name_invalid);
    return store::rename_mailbox(transaction, place->owner, reached->mailbox.name, place->name, now);
}

// RFC 4314 §4: what others own must be there to be subscribed to; names of one's own need not (RFC 3501 §6.3.6).
store::Result<void> set_subscribed(store::WriteTransaction& transaction, store::AccountId who, std::string_view name,
                                   bool subscribed) {
    auto const canonical = office::canonical_mailbox_name(name);
    if (!canonical) return std::unexpected(store::StoreError::name_invalid);
    if (subscribed && office::parse_mailbox_name(*canonical)->in != office::Namespace::personal)
        if (auto const there = office::reach(transaction, who, *canonical, office::Right::lookup); !there)
            return std::unexpected(there.error());
    return store::subscribe(transaction, who, *canonical, subscribed);
}

// RFC 9051 §6.3.9.7: the name that a mailbox has, where it was known by another one.
void tell_name(Session& session, std::string_view name, std::string_view known) {
    auto const canonical = office::canonical_mailbox_name(name);
    if (!session.has(Extension::imap4rev2) || !canonical || *canonical == known) return;
    std::string line;
    wire::imap::put_list(line, {.attributes = {}, .name = *canonical, .old_name = known}, session.utf8());
    session.queue(line);
}

asio::awaitable<Answer> answer_subscribed(Session& session, std::string name, bool subscribed) {
    auto const result =
        co_await session.write_own(session.storage(), [who = session.account(), name = std::move(name),
                                                       subscribed](store::WriteTransaction& transaction) {
            return set_subscribed(transaction, who, name, subscribed);
        });
    co_return done(result, subscribed ? "Subscribed" : "Unsubscribed");
}

// RFC 3501 §6.3.10: the messages that no session was shown yet.
std::uint64_t count_recent(store::ReadTransaction const& transaction, store::Store& store,
                           store::Mailbox const& mailbox) {
    store::Uid const first = store.claim_recent(mailbox.id, mailbox.first_recent, store::Uid{0});
    if (first >= mailbox.uid_next) return 0;
    store::UidSet range;
    range.add_range(core::number(first), core::number(mailbox.uid_next) - 1);
    std::uint64_t count = 0;
    store::for_each_index(transaction, mailbox.id, range, [&](store::IndexRow const&) { return ++count > 0; });
    return count;
}

// RFC 9208 §4.1.4: octets that EXPUNGE would take off the account's usage.
std::uint64_t deleted_octets(store::ReadTransaction const& transaction, store::Mailbox const& mailbox) {
    std::uint64_t octets = 0;
    std::uint32_t left = mailbox.deleted;
    if (left == 0) return octets;
    store::UidSet all;
    all.add_range(1, core::number(mailbox.uid_next));
    store::for_each_index(transaction, mailbox.id, all, [&](store::IndexRow const& row) {
        if (!row.flags.has(core::SystemFlag::deleted)) return true;
        auto const message = store::view_message(transaction, row.message);
        octets += message ? message->size : 0;
        return --left > 0;
    });
    return octets;
}

} // namespace

std::string_view find_use(std::string_view name) {
    for (std::string_view const use : {"\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"})
        if (text::iequals(use, name)) return use;
    return {};
}

asio::awaitable<Answer> create(Session& session, wire::imap::Create& command) {
    std::string const asked = command.mailbox;
    // RFC 6154 §3: one use a mailbox, of those that mean a place to put messages into.
    auto const use = command.uses.empty() ? std::string_view() : find_use(command.uses.front());
    if (command.uses.size() > 1 || (!command.uses.empty() && use.empty()))
        co_return no("[USEATTR] A mailbox cannot be used for that");
    auto const result = co_await session.write_own(
        session.storage(),
        [who = session.account(), name = std::move(command.mailbox), use, now = session.office().clock.wall()](
            store::WriteTransaction& transaction) { return make(transaction, who, name, use, now); });
    if (!result) co_return no(result.error());
    if (!*result) co_return no("[USEATTR] Another mailbox is used for that");
    tell_name(session, asked, asked);
    co_return ok(wire::imap::mailbox_id_code(**result) + " Created");
}

asio::awaitable<Answer> remove(Session& session, wire::imap::Delete& command) {
    struct Removed {
        std::string name;
        bool stays; // for its children
    };
    std::string const asked = command.mailbox;
    auto const result = co_await session.write_own(
        session.storage(),
        [who = session.account(),
         name = std::move(command.mailbox)](store::WriteTransaction& transaction) -> store::Result<Removed> {
            auto const reached = office::reach(transaction, who, name, office::Right::delete_mailbox);
            if (!reached) return std::unexpected(reached.error());
            auto const deleted = store::delete_mailbox(transaction, reached->mailbox.account, reached->mailbox.name);
            if (!deleted) return std::unexpected(deleted.error());
            return Removed{reached->name, store::get_mailbox(transaction, reached->mailbox.id).has_value()};
        });
    if (!result) co_return no(result.error());
    if (session.has(Extension::imap4rev2) && result->name != asked) { // RFC 9051 §6.3.9.7
        std::string line;
        wire::imap::put_list(
            line,
            {.attributes = {result->stays ? "\\Noselect" : "\\NonExistent"}, .name = result->name, .old_name = asked},
            session.utf8());
        session.queue(line);
    }
    co_return ok("Deleted");
}

asio::awaitable<Answer> rename(Session& session, wire::imap::Rename& command) {
    std::string const from = command.from, to = command.to;
    auto const result = co_await session.write_own(
        session.storage(), [who = session.account(), from = std::move(command.from), to = std::move(command.to),
                            now = session.office().clock.wall()](store::WriteTransaction& transaction) {
            return move_name(transaction, who, from, to, now);
        });
    if (result) tell_name(session, to, from);
    co_return done(result, "Renamed");
}

asio::awaitable<Answer> subscribe(Session& session, wire::imap::Subscribe& command) {
    return answer_subscribed(session, std::move(command.mailbox), true);
}

asio::awaitable<Answer> unsubscribe(Session& session, wire::imap::Unsubscribe& command) {
    return answer_subscribed(session, std::move(command.mailbox), false);
}

asio::awaitable<Answer> status(Session& session, wire::imap::Status& command) {
    // RFC 7162 §3.1.7: asking for HIGHESTMODSEQ enables CONDSTORE.
    if (std::ranges::find(command.items, wire::imap::StatusItem::highest_modseq) != command.items.end())
        session.enable(Extension::condstore);
    auto const line = co_await session.storage().read(
        [&store = session.storage().store(), who = session.account(), command = std::move(command),
         utf8 = session.utf8(), append_limit = session.settings().bytes("imap.append_limit")](
            store::ReadTransaction const& transaction) -> store::Result<std::string> {
            auto const reached = office::reach_selectable(transaction, who, command.mailbox, office::Right::read);
            if (!reached) return std::unexpected(reached.error());
            std::string text;
            wire::imap::put_status(text, reached->name,
                                   status_values(transaction, store, reached->mailbox, command.items, append_limit),
                                   utf8);
            return text;
        });
    if (!line) co_return no(line.error());
    session.queue(*line);
    co_return ok("That is its status");
}

std::vector<wire::imap::StatusValue> status_values(store::ReadTransaction const& transaction, store::Store& store,
                                                   store::Mailbox const& mailbox,
                                                   std::span<wire::imap::StatusItem const> items,
                                                   std::uint64_t append_limit) {
    using Item = wire::imap::StatusItem;
    auto const value = [&](Item item) -> std::uint64_t {
        switch (item) {
        case Item::messages: return mailbox.messages;
        case Item::recent: return count_recent(transaction, store, mailbox);
        case Item::uid_next: return core::number(mailbox.uid_next);
        case Item::uid_validity: return core::number(mailbox.uid_validity);
        case Item::unseen: return mailbox.unseen;
        case Item::highest_modseq: return core::number(mailbox.highest_modseq);
        case Item::size: return mailbox.octets;
        case Item::deleted: return mailbox.deleted;
        case Item::mailbox_id: return core::number(mailbox.id);
        case Item::append_limit: return append_limit;
        case Item::deleted_storage: return deleted_octets(transaction, mailbox);
        }
        std::unreachable();
    };
    std::vector<wire::imap::StatusValue> values;
    for (Item const item : items) values.push_back({item, value(item)});
    return values;
}

} // namespace postern::imap
