// What a client with NOTIFY (RFC 5465) knows of the mailboxes that its login reaches, and what it is to be told where
// that changed: STATUS responses, and LIST responses for names and subscriptions. Nothing is noted as it happens: each
// look compares how things are with how they were at the last one.
//
// Of mailboxes that others share it knows names where they may be looked up, and messages where they may be read; that
// is asked again at each look, so that nothing is told by a right that was taken away before (§5, §5.9). They are
// looked at only if some filter may mean them.
//
// Belongs to one session; looks happen on a reader's thread while the session waits for them.
#pragma once

#include "imap/mailbox_filter.h"
#include "office/access.h"
#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"
#include "wire/imap_notify.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

// Whose mailboxes: an account's own, or also those that others share with it.
struct Scope {
    store::AccountId account;
    bool shared;
};

// Mailboxes that may be looked up, by name, and subscriptions: all there are or some.
struct Listing {
    std::vector<office::Reached> mailboxes;
    std::vector<std::string> subscriptions;
};
// All of that scope, or the one mailbox of that name alone, if there is one.
[[nodiscard]] Listing read_listing(store::ReadTransaction const& transaction, Scope const& scope,
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
    WatchedMailboxes(store::AccountId account, std::span<wire::imap::EventGroup const> groups);

    // What is looked at.
    [[nodiscard]] Scope const& scope() const { return scope_; }

    // The first look. Says which mailboxes may not be read whose messages are asked for, and with `status` how those
    // are of which messages' events are told, or nothing is, as a snapshot (RFC 5465 §3.1, §5). Errors:
    // no_such_account.
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
    // What is told of a mailbox; of one that is not `readable`, which can be selected, nothing but its name.
    struct Known {
        std::string name;
        bool selectable = true;
        bool readable = true;
        store::UidValidity uid_validity{};
        store::Uid uid_next{1};
        store::ModSeq highest_modseq{};
        std::uint32_t messages = 0;
        std::uint32_t unseen = 0;
        friend bool operator==(Known const&, Known const&) = default;
    };
    using Mailboxes = std::map<store::MailboxId, Known>;
    using Names = MailboxChoice::Names;
    struct State {
        Mailboxes mailboxes;
        Names subscriptions;
    };
    struct Group {
        MailboxChoice choice;
        wire::imap::NotifyEvents events;
    };
    class Comparison; // of two states

    [[nodiscard]] static Known known(office::Reached const& reached);
    [[nodiscard]] static State known(Listing const& listing);
    // What is told of a mailbox of that name.
    [[nodiscard]] wire::imap::NotifyEvents wanted(std::string_view name, bool selectable,
                                                  Names const& subscriptions) const;
    // What happened to a mailbox's messages; `before` is null for one that is new.
    void put_news(std::string& out, store::MailboxId id, Known const* before, Known const& now,
                  Names const& subscriptions, Client const& client) const;
    void measure();

    Scope scope_;
    std::vector<Group> groups_;
    State state_;
    std::size_t held_octets_ = 0;
};

} // namespace postern::imap
