#include "imap/selected.h"

#include "store/accounts.h"
#include "store/changes.h"
#include "store/mailboxes.h"

#include <limits>
#include <utility>
#include <variant>

namespace postern::imap {

namespace {

// So many changes of a mailbox lie beside its record: a page or two.
constexpr std::uint64_t few_changes = 16;
constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

// The mailbox is gone, or is another one now (a rename may give it a new UIDVALIDITY).
struct Gone {};
struct TooMuch {};
struct News {
    store::Changes changes;
    store::Uid recorded_recent;
};
using Seen = std::variant<News, Gone, TooMuch>;

struct Look {
    store::AccountId account;
    store::MailboxId mailbox;
    store::UidValidity uid_validity;
    core::ModSeq since;
    std::uint64_t most_changes;

    store::Result<Seen> operator()(store::ReadTransaction const& transaction) const {
        auto const record = store::get_mailbox(transaction, mailbox);
        if (!record && !store::get_account(transaction, account))
            return std::unexpected(store::StoreError::no_such_account);
        if (!record || record->uid_validity != uid_validity) return Gone{};
        if (core::number(record->highest_modseq) - core::number(since) > most_changes) return TooMuch{};
        auto changes = store::changes_since(transaction, mailbox, since);
        if (!changes) return std::unexpected(changes.error());
        return News{std::move(*changes), record->first_recent};
    }
};

} // namespace

asio::awaitable<store::Result<Bell::News>> Selected::catch_up(office::Storage& storage) {
    auto const rung = bell.take(view.seen());
    if (rung == Bell::News::none) co_return rung;
    Look look{account, mailbox, uid_validity, view.seen(), few_changes};
    store::Result<Seen> seen = TooMuch{};
    if (rung == Bell::News::fresh) seen = storage.read_here(look);
    if (seen && std::holds_alternative<TooMuch>(*seen)) {
        look.most_changes = any_number;
        seen = co_await storage.read(look);
    }
    if (!seen) {
        bell.ring(); // look again next time
        co_return std::unexpected(seen.error());
    }
    if (auto const* news = std::get_if<News>(&*seen))
        take(storage, news->changes, news->recorded_recent);
    else
        view.take_deletion();
    co_return rung;
}

void Selected::take(office::Storage& storage, store::Changes const& changes, store::Uid recorded_recent) {
    // EXAMINE looks and claims nothing (RFC 3501 §6.3.2).
    store::Uid const claimed = read_only ? store::Uid{0} : changes.uid_next;
    view.take(changes, storage.store().claim_recent(mailbox, recorded_recent, claimed));
    memory.account(view.held_octets());
    contexts.note(changes.added);
    contexts.note(changes.changed);
}

} // namespace postern::imap
