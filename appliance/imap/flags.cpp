#include "imap/flags.h"

#include "imap/fetch.h"
#include "imap/messages.h"
#include "office/access.h"
#include "store/changes.h"
#include "store/mailboxes.h"

#include <utility>

namespace postern::imap {

namespace {

// RFC 4314 §4, STORE: whether at least one of the flags can be changed that are to be.
bool allows_some(store::FlagScope const& scope, store::FlagMode mode, wire::imap::FlagList const& flags) {
    if (mode == store::FlagMode::replace) return scope.keywords || !scope.system.empty(); // which is about all of them
    if (flags.system.empty() && flags.keywords.empty()) return true;
    return !(flags.system & scope.system).empty() || (scope.keywords && !flags.keywords.empty());
}

bool allows_all(store::FlagScope const& scope, store::FlagMode mode, wire::imap::FlagList const& flags) {
    if (mode == store::FlagMode::replace) return scope == store::FlagScope();
    return (flags.system - scope.system).empty() && (scope.keywords || flags.keywords.empty());
}

} // namespace

asio::awaitable<store::Result<FlagsChanged>> change_flags(Session& session, store::UidSet uids,
                                                          store::FlagChange change) {
    // What others did up to now, and then our own change: in one transaction nothing comes between.
    struct Done {
        store::Changes before;
        store::Uid recorded_recent{};
        FlagsChanged changed;
    };
    Selected& selected = session.selected();
    auto done = co_await session.storage().write(
        [who = session.account(), mailbox = selected.mailbox, validity = selected.uid_validity,
         since = selected.view.seen(), uids = std::move(uids),
         change = std::move(change)](store::WriteTransaction& transaction) mutable -> store::Result<Done> {
            auto const record = store::get_mailbox(transaction, mailbox);
            if (!record || record->uid_validity != validity) return std::unexpected(store::StoreError::no_such_mailbox);
            auto before = store::changes_since(transaction, mailbox, since);
            if (!before) return std::unexpected(before.error());
            change.scope = office::flag_scope(office::rights_on(transaction, who, *record));
            auto stored = store::store_flags(transaction, mailbox, uids, change);
            if (!stored) return std::unexpected(stored.error());
            return Done{std::move(*before), record->first_recent, {std::move(*stored), change.scope}};
        });
    if (!done) co_return std::unexpected(done.error());
    selected.take(session.storage(), done->before, done->recorded_recent);
    selected.view.take_own_change(done->changed.stored.modseq);
    selected.contexts.note(done->changed.stored.changed);
    co_return std::move(done->changed);
}

asio::awaitable<Answer> store_flags(Session& session, wire::imap::Store& command) {
    auto meant = find_messages(session.selected().view, command.messages, command.uid);
    if (!meant) co_return meant.error();
    if (session.selected().examined) co_return no("The mailbox was opened by EXAMINE");
    if (command.unchanged_since) session.enable(Extension::condstore);

    using Action = wire::imap::Store::Action;
    store::FlagMode const mode = command.action == Action::replace ? store::FlagMode::replace
                                 : command.action == Action::add   ? store::FlagMode::add
                                                                   : store::FlagMode::remove;
    auto const changed = co_await change_flags(session, meant->uids,
                                               {.mode = mode,
                                                .flags = command.flags.system,
                                                .keywords = command.flags.keywords,
                                                .unchanged_since = command.unchanged_since});
    if (!changed) co_return no(changed.error());
    if (!allows_some(changed->scope, mode, command.flags)) co_return no(store::StoreError::not_permitted);
    store::FlagsStored const& stored = changed->stored;
    // Who did not get all that it asked for has to be told what it got.
    bool const silent = command.silent && allows_all(changed->scope, mode, command.flags);

    // RFC 7162 §3.1.3: mod-sequences are told even with .SILENT; so are the flags of messages that were left alone,
    // since those are what the client has to look at before it tries again.
    using wire::imap::FetchAttribute;
    FetchPlan plan{.just_written = true};
    if ((command.uid && !session.has(Extension::uidonly)) || session.tells_uid())
        plan.items.emplace_back(FetchAttribute::uid);
    if (session.has(Extension::condstore)) plan.items.emplace_back(FetchAttribute::modseq);
    if (!silent) {
        plan.items.emplace_back(FetchAttribute::flags);
        co_await send_fetch(session, meant->uids, std::move(plan));
    } else if (session.has(Extension::condstore)) {
        co_await send_fetch(session, stored.changed, plan);
        plan.items.emplace_back(FetchAttribute::flags);
        co_await send_fetch(session, stored.modified, std::move(plan));
    }

    Answer answer = ok("Stored");
    if (!stored.modified.empty()) {
        auto const& numbers = session.selected().view.numbers();
        answer.text = wire::imap::modified_code(command.uid ? stored.modified : numbers.numbers_of(stored.modified)) +
                      " Some were changed by others";
    } else if (meant->missing) { // RFC 2180 §4.2.2
        answer = meant->uids.empty() ? no("[EXPUNGEISSUED] Those messages were expunged")
                                     : ok("[EXPUNGEISSUED] Some of the messages were expunged");
    }
    co_return answer;
}

} // namespace postern::imap
