// A session's maildrop (RFC 1939 §5): the account's INBOX as it was at login, its messages numbered once, and what is
// to become of them when the session ends with QUIT. What IMAP clients do meanwhile changes no number: a message that
// they expunge is not there any more when it is asked for, and one that arrives is of the next session.
//
// A message is known to clients, over all sessions, by UIDVALIDITY and UID, which no other one ever gets.
#pragma once

#include "net/memory_budget.h"
#include "office/storage.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace postern::pop3 {

namespace asio = boost::asio;

class Maildrop {
public:
    struct Message {
        store::Uid uid;
        std::uint32_t size; // octets, as RETR sends it but for bare LFs and doubled dots (RFC 6856 §2.1)
    };

    // `utf8`: whether messages are sent as they are, or with ASCII headers (rendering.h), which are of another size.
    // Errors: no_such_account, and what storage failed with.
    static asio::awaitable<store::Result<Maildrop>> open(office::Storage& storage, store::AccountId account, bool utf8);

    [[nodiscard]] store::MailboxId mailbox() const { return mailbox_; }
    // Those that were there at login; message number n is the one at n - 1.
    [[nodiscard]] std::span<Message const> messages() const { return messages_; }
    [[nodiscard]] bool is_deleted(Message const& message) const { return deleted_.contains(message.uid); }
    // Null for a number that stands for no message, or for one that is marked as deleted.
    [[nodiscard]] Message const* find(std::uint32_t number) const;
    // RFC 1939 §7 UIDL.
    [[nodiscard]] std::string unique_id(Message const& message) const;
    // Of those that are not marked as deleted.
    [[nodiscard]] std::size_t count() const { return messages_.size() - deleted_count_; }
    [[nodiscard]] std::uint64_t octets() const { return octets_ - deleted_octets_; }
    [[nodiscard]] std::size_t held_octets() const { return messages_.capacity() * sizeof(Message); }

    void mark_deleted(Message const& message);
    void unmark_all();
    // It was sent whole: the client has read it. Whether nobody had before.
    bool mark_retrieved(Message const& message);

    // RFC 1939 §6: removes what is marked as deleted, and sets \Seen on what else was retrieved, as people expect who
    // read the same INBOX by IMAP. In one change, on flash when this returns; with an error nothing of it is. What
    // others removed before is no error. Gives what was removed.
    asio::awaitable<store::Result<std::vector<store::MessageId>>> update(office::Storage& storage) const;

private:
    store::MailboxId mailbox_{};
    store::UidValidity uid_validity_{};
    std::vector<Message> messages_;
    store::UidSet unseen_; // at login
    std::uint64_t octets_ = 0;

    store::UidSet deleted_;
    std::size_t deleted_count_ = 0;
    std::uint64_t deleted_octets_ = 0;
    store::UidSet retrieved_; // of unseen_
};

} // namespace postern::pop3
