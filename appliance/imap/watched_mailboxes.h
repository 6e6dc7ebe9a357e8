// What a client with NOTIFY (RFC 5465) knows of an account's mailboxes, and what it is to be told where that changed:
// STATUS responses, and LIST responses for names and subscriptions. Nothing is noted as it happens: each look compares
// how things are with how they were at the last one.
//
// Belongs to one session; looks happen on a reader's thread while the session waits for them.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"
#include "wire/imap_notify.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

// Mailboxes and subscriptions, all of an account's or some.
struct Listing {
    std::vector<store::Mailbox> mailboxes;
    std::vector<std::string> subscriptions;
};
// Of the whole account, or of the one mailbox of that name alone, if there is one.
[[nodiscard]] Listing read_listing(store::ReadTransaction const& transaction, store::AccountId account,
                                   std::string_view name = {});

class WatchedMailboxes {
public:
    // How the client is spoken to.
    struct Client {
        std::optional<store::MailboxId> selected; // of which it is told otherwise
        bool condstore;
        bool utf8;
    };

    // Groups of the selected mailbox mean nothing here.
    WatchedMailboxes(store::AccountId account, std::vector<wire::imap::EventGroup> groups);

    // The first look. With `status`, says how the mailboxes are of which messages' events are told, or nothing is, as a
    // snapshot (RFC 5465 §3.1, §5). Errors: no_such_account.
    [[nodiscard]] store::Result<std::string> begin(store::ReadTransaction const& transaction, bool status,
                                                   Client const& client);
    // The next look, at what was touched, and the responses that it leads to. After an error nothing is different.
    // Errors: no_such_account.
    [[nodiscard]] store::Result<std::string> catch_up(store::ReadTransaction const& transaction,
                                                      store::AccountMark const& touched, Client const& client);
    // The client made that of this itself, and is not told so (§5). What others did besides is still told.
    void take_own_change(Listing const& before, Listing const& after);

    // Whether changes of annotations are told of any mailbox or of the server; and of that mailbox, or of the server
    // (""). Not while a look is under way.
    [[nodiscard]] bool wants_annotations() const;
    [[nodiscard]] bool wants_annotations_of(std::string_view mailbox) const;

    // What it takes in memory, about.
    [[nodiscard]] std::size_t held_octets() const { return held_octets_; }

private:
    // What is told of a mailbox.
    struct Known {
        std::string name;
        bool selectable = true;
        store::UidValidity uid_validity{};
        store::Uid uid_next{1};
        store::ModSeq highest_modseq{};
        std::uint32_t messages = 0;
        std::uint32_t unseen = 0;
        friend bool operator==(Known const&, Known const&) = default;
    };
    using Mailboxes = std::map<store::MailboxId, Known>;
    using Names = std::set<std::string, std::less<>>;
    struct State {
        Mailboxes mailboxes;
        Names subscriptions;
    };
    class Comparison; // of two states

    [[nodiscard]] static Known known(store::Mailbox const& mailbox);
    [[nodiscard]] static State known(Listing const& listing);
    // What is told of a mailbox of that name.
    [[nodiscard]] wire::imap::NotifyEvents wanted(std::string_view name, bool selectable,
                                                  Names const& subscriptions) const;
    // What happened to a mailbox's messages; `before` is null for one that is new.
    void put_news(std::string& out, store::MailboxId id, Known const* before, Known const& now,
                  Names const& subscriptions, Client const& client) const;
    void measure();

    store::AccountId account_;
    std::vector<wire::imap::EventGroup> groups_;
    State state_;
    std::size_t held_octets_ = 0;
};

} // namespace postern::imap
