#include "imap/selected.h"

#include "store/accounts.h"
#include "store/changes.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "wire/imap_response.h"

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
// It is there, and may not be read any more.
struct Closed {
    core::Rights rights;
};
struct TooMuch {};
struct News {
    store::Changes changes;
    store::Uid recorded_recent;
    core::Rights rights;
};
using Seen = std::variant<News, Gone, Closed, TooMuch>;

struct Look {
    store::AccountId account;
    store::MailboxId mailbox;
    store::UidValidity uid_validity;
    core::ModSeq since;
    std::uint64_t most_changes;

    store::Result<Seen> operator()(store::ReadTransaction const& transaction) const {
        auto const record = store::get_mailbox(transaction, mailbox);
        auto const rights = record ? office::rights_on(transaction, account, *record) : core::Rights();
        if (!rights.has(core::Right::read) && !store::login_of(transaction, account))
            return std::unexpected(store::StoreError::no_such_account);
        if (!record || record->uid_validity != uid_validity) return Gone{};
        if (!rights.has(core::Right::read)) return Closed{rights};
        if (core::number(record->highest_modseq) - core::number(since) > most_changes) return TooMuch{};
        auto changes = store::changes_since(transaction, mailbox, since);
        if (!changes) return std::unexpected(changes.error());
        return News{std::move(*changes), record->first_recent, rights};
    }
};

} // namespace

bool is_read_only(core::Rights rights) {
    using enum core::Right;
    return !rights.has_any(insert | seen | write | delete_messages | expunge);
}

std::string Selected::permanent_flags() const {
    auto const scope = examined ? store::FlagScope{{}, false} : office::flag_scope(rights);
    return wire::imap::permanent_flags_code(scope.system, scope.keywords ? keywords : std::vector<std::string>(),
                                            scope.keywords && takes_keyword);
}

asio::awaitable<store::Result<void>> Selected::look_at_rights(office::Storage& storage) {
    if (owned) co_return store::Result<void>();
    auto const now = co_await storage.read(
        [account = account, mailbox = mailbox, uid_validity = uid_validity](
            store::ReadTransaction const& transaction) -> store::Result<std::optional<core::Rights>> {
            auto const record = store::get_mailbox(transaction, mailbox);
            if (!record || record->uid_validity != uid_validity) return std::nullopt;
            return office::rights_on(transaction, account, *record);
        });
    if (!now) co_return std::unexpected(now.error());
    if (!*now) co_return store::Result<void>(); // it is gone, and the view is empty or will be
    rights = **now;
    if (auto const why = office::refusal(rights, core::Right::read)) co_return std::unexpected(*why);
    co_return store::Result<void>();
}

asio::awaitable<store::Result<Bell::News>> Selected::catch_up(office::Storage& storage) {
    auto rung = bell.take(view.seen());
    if (std::exchange(missed, false)) rung = Bell::News::old;
    if (rung == Bell::News::none) co_return rung;
    Look look{account, mailbox, uid_validity, view.seen(), few_changes};
    store::Result<Seen> seen = TooMuch{};
    if (rung == Bell::News::fresh) seen = storage.read_here(look);
    if (seen && std::holds_alternative<TooMuch>(*seen)) {
        look.most_changes = any_number;
        seen = co_await storage.read(look);
    }
    if (!seen) {
        missed = true;
        co_return std::unexpected(seen.error());
    }
    if (auto const* news = std::get_if<News>(&*seen)) {
        rights = news->rights;
        take(storage, news->changes, news->recorded_recent);
    } else if (auto const* closed = std::get_if<Closed>(&*seen)) {
        rights = closed->rights;
    } else {
        view.take_deletion();
    }
    co_return rung;
}

void Selected::take(office::Storage& storage, store::Changes const& changes, store::Uid recorded_recent) {
    // Who only reads claims nothing (RFC 3501 §6.3.2).
    store::Uid const claimed = read_only() ? store::Uid{0} : changes.uid_next;
    view.take(changes, storage.store().claim_recent(mailbox, recorded_recent, claimed));
    memory.account(view.held_octets());
    contexts.note(changes.added);
    contexts.note(changes.changed);
}

} // namespace postern::imap
