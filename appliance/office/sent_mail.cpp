#include "office/sent_mail.h"

#include "message/envelope.h"
#include "message/thread_keys.h"
#include "store/mailboxes.h"

#include <algorithm>
#include <chrono>

namespace postern::office {

namespace {

constexpr std::string_view sent_use = "\\Sent", sent_name = "Sent";

// A client files its copy right after it sent the message; one that was offline, or was told to try again, later.
constexpr std::chrono::hours filed_lately{24};
constexpr std::uint32_t newest = 256; // UIDs that are looked at: a few pages

std::optional<message::ReferenceHash> message_id(std::string_view thread_keys) {
    auto const keys = message::decode_thread_keys(thread_keys);
    return keys ? keys->id : std::nullopt;
}

bool names_blind_copies(std::string_view envelope) {
    auto const view = message::decode_envelope(envelope);
    return view && view->bcc.begin() != view->bcc.end();
}

} // namespace

std::optional<store::Mailbox> find_sent_mailbox(store::ReadTransaction const& transaction, store::AccountId account) {
    auto named = store::find_mailbox(transaction, account, sent_name);
    if (named && named->special_use == sent_use) return named; // most have it there
    auto const all = store::list_mailboxes(transaction, account);
    auto const used = std::ranges::find(all, sent_use, &store::Mailbox::special_use);
    if (used != all.end()) return *used;
    if (named && !named->selectable) return std::nullopt;
    return named;
}

store::Result<store::MailboxId> make_sent_mailbox(store::WriteTransaction& transaction, store::AccountId account,
                                                  store::WallTime now) {
    if (auto const mailbox = find_sent_mailbox(transaction, account)) return mailbox->id;
    auto const made = store::create_mailbox(transaction, account, sent_name, sent_use, now);
    if (made) (void)store::subscribe(transaction, account, sent_name, true); // unless there are too many
    return made;
}

std::optional<store::Uid> find_filed(store::ReadTransaction const& transaction, store::Mailbox const& mailbox,
                                     store::NewMessage const& message, store::WallTime now) {
    auto const wanted = message_id(message.thread_keys);
    auto const end = core::number(mailbox.uid_next);
    if (!wanted || end == 1) return std::nullopt;
    store::UidSet uids;
    uids.add_range(end > newest ? end - newest : 1, end - 1);
    std::optional<store::Uid> found;
    store::for_each_index(transaction, mailbox.id, uids, [&](store::IndexRow const& row) {
        if (!row.filed || row.saved + filed_lately < now) return true;
        auto const there = store::view_message(transaction, row.message);
        if (there && message_id(there->thread_keys) == wanted) found = row.uid;
        return true;
    });
    return found;
}

store::Result<store::AdditionsDone> settle(store::WriteTransaction& transaction, store::Mailbox const& mailbox,
                                           store::Uid filed, store::Addition const& addition,
                                           store::Quota const& office, store::WallTime now) {
    auto const row = store::get_index(transaction, mailbox.id, filed);
    auto const there = row ? store::view_message(transaction, row->message) : std::nullopt;
    if (!there) return std::unexpected(store::StoreError::no_such_message);
    if (names_blind_copies(addition.message.envelope) && !names_blind_copies(there->envelope))
        return store::replace(transaction, mailbox.id, filed, mailbox.id, addition, office, now);
    auto const stored = store::store_flags(
        transaction, mailbox.id, {filed},
        {.mode = store::FlagMode::add, .flags = addition.flags, .keywords = addition.keywords, .unchanged_since = {}});
    if (!stored) return std::unexpected(stored.error());
    return store::AdditionsDone{.uid_validity = mailbox.uid_validity, .uids = {filed}, .modseq = stored->modseq};
}

} // namespace postern::office
