#include "imap/selected.h"

#include "store/accounts.h"
#include "store/changes.h"
#include "store/mailboxes.h"

#include <optional>

namespace postern::imap {

namespace {

struct News {
    store::Changes changes;
    store::Uid recorded_recent;
};

// Nothing: the mailbox is gone, or is another one now (a rename may give it a new UIDVALIDITY).
using Look = store::Result<std::optional<News>>;

} // namespace

asio::awaitable<store::Result<void>> Selected::catch_up(office::Storage& storage) {
    if (!bell.take()) co_return store::Result<void>{};
    Look const news = co_await storage.read([owner = account, id = mailbox, validity = uid_validity,
                                             since = view.seen()](store::ReadTransaction const& transaction) -> Look {
        auto const record = store::get_mailbox(transaction, id);
        if (!record && !store::get_account(transaction, owner))
            return std::unexpected(store::StoreError::no_such_account);
        if (!record || record->uid_validity != validity) return std::nullopt;
        auto changes = store::changes_since(transaction, id, since);
        if (!changes) return std::unexpected(changes.error());
        return News{std::move(*changes), record->first_recent};
    });
    if (!news) {
        bell.ring(); // look again next time
        co_return std::unexpected(news.error());
    }
    if (!*news) {
        view.take_deletion();
        co_return store::Result<void>{};
    }
    take(storage, (*news)->changes, (*news)->recorded_recent);
    co_return store::Result<void>{};
}

void Selected::take(office::Storage& storage, store::Changes const& changes, store::Uid recorded_recent) {
    // EXAMINE looks and claims nothing (RFC 3501 §6.3.2).
    store::Uid const claimed = read_only ? store::Uid{0} : changes.uid_next;
    view.take(changes, storage.store().claim_recent(mailbox, recorded_recent, claimed));
    memory.account(view.held_octets());
}

} // namespace postern::imap
