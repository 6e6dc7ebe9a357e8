#include "migration/store_letters.h"

#include "core/crc32c.h"
#include "store/accounts.h"
#include "store/bodies.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/waiting.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace postern::migration {

namespace {

// Of one snapshot.
constexpr std::size_t letters_at_once = 200, rows_at_once = 5000;

} // namespace

store::Result<AccountMailboxes> list_mailboxes(store::Store& store, std::string_view login) {
    return store.read_here([&](store::ReadTransaction const& t) -> store::Result<AccountMailboxes> {
        auto const account = store::find_login(t, login);
        if (!account) return std::unexpected(store::StoreError::no_such_account);
        AccountMailboxes found{.names = {}, .subscriptions = store::list_subscriptions(t, *account)};
        for (store::Mailbox const& mailbox : store::list_mailboxes(t, *account))
            if (mailbox.selectable && !store::is_waiting(mailbox)) found.names.push_back(mailbox.name);
        return found;
    });
}

store::Result<StoreLetters> StoreLetters::begin(store::Store& store, std::string_view login, std::string_view mailbox) {
    return store.read_here([&](store::ReadTransaction const& t) -> store::Result<StoreLetters> {
        auto const account = store::find_login(t, login);
        if (!account) return std::unexpected(store::StoreError::no_such_account);
        auto found = store::find_mailbox(t, *account, mailbox);
        if (!found || !found->selectable) return std::unexpected(store::StoreError::no_such_mailbox);
        StoreLetters letters(store);
        letters.mailbox_ = found->id;
        store::for_each_index(t, letters.mailbox_, store::list_uids(t, letters.mailbox_),
                              [&](store::IndexRow const& row) { return letters.uids_.push_back(row.uid), true; });
        return letters;
    });
}

store::Result<std::string> StoreLetters::next() {
    return store_->read_here([&](store::ReadTransaction const& t) -> store::Result<std::string> {
        std::string out;
        for (std::size_t letters = 0; out.size() < piece_octets && letters < letters_at_once;) {
            if (body_) {
                auto const octets = store::read_body(t, *body_, offset_, piece_octets - out.size());
                if (!octets) return std::unexpected(octets.error());
                out += *octets;
                offset_ += octets->size();
                if (offset_ < size_ && !octets->empty()) continue;
                if (offset_ < size_) return std::unexpected(store::StoreError::damaged);
                body_.reset();
                pin_ = {};
                continue;
            }
            if (at_ == uids_.size()) break;
            // As it is now: it may have other keywords than when this began.
            auto const mailbox = store::get_mailbox(t, mailbox_);
            if (!mailbox) break;
            auto const row = store::get_index(t, mailbox_, uids_[at_++]);
            auto const message = row ? store::view_message(t, row->message) : std::nullopt;
            if (!message) continue;
            out += encode(LetterHead{.flags = row->flags,
                                     .keywords = store::keyword_names(*mailbox, row->keywords),
                                     .date = message->internal_date,
                                     .size = message->size});
            ++letters;
            if (message->size == 0) continue;
            body_ = message->body;
            pin_ = store_->pin(*body_);
            offset_ = 0;
            size_ = message->size;
        }
        return out;
    });
}

store::Result<std::shared_ptr<KnownLetters>> KnownLetters::of(store::Store& store, store::MailboxId mailbox) {
    std::shared_ptr<KnownLetters> const known(new KnownLetters(store));
    std::uint32_t next = 1; // UID
    for (bool more = true; more;) {
        auto const read = store.read_here([&](store::ReadTransaction const& t) -> store::Result<bool> {
            store::UidSet rest;
            rest.add_range(next, std::numeric_limits<std::uint32_t>::max());
            std::size_t rows = 0;
            store::for_each_index(t, mailbox, rest, [&](store::IndexRow const& row) {
                next = core::number(row.uid) + 1;
                if (auto const message = store::view_message(t, row.message))
                    known->letters_.emplace(std::pair{message->internal_date.time_since_epoch().count(), message->size},
                                            Known{message->body, std::nullopt});
                return ++rows < rows_at_once;
            });
            return rows == rows_at_once;
        });
        if (!read) return std::unexpected(read.error());
        more = *read;
    }
    return known;
}

store::Result<bool> KnownLetters::has(LetterHead const& head) {
    auto const [begin, end] = letters_.equal_range({head.date.time_since_epoch().count(), head.size});
    for (auto at = begin; at != end; ++at) {
        Known& known = at->second;
        std::uint32_t sum = 0;
        for (std::uint64_t offset = 0; !known.sum && offset < head.size;) {
            auto const octets = store_->read_here([&](store::ReadTransaction const& t) {
                return store::read_body(t, known.body, offset, StoreLetters::piece_octets);
            });
            if (!octets && octets.error() == store::StoreError::no_such_message) break; // it was expunged meanwhile
            if (!octets) return std::unexpected(octets.error());
            if (octets->empty()) break;
            sum = core::crc32c(*octets, sum);
            offset += octets->size();
        }
        if (!known.sum) known.sum = sum;
        if (known.sum == head.sum) return true;
    }
    return false;
}

void KnownLetters::add(LetterHead const& head) {
    letters_.emplace(std::pair{head.date.time_since_epoch().count(), head.size}, Known{{}, head.sum});
}

} // namespace postern::migration
