// The mailbox that a session has selected (RFC 3501 §3.3).
//
// A mailbox that is deleted while it is selected becomes an empty one for this session: its messages are expunged, as
// RFC 2180 §3 allows, and it stays selected, so that client and server never disagree about the state. What is asked of
// it then ends in NO [NONEXISTENT].
//
// Rights are looked up again for each command on messages (RFC 4314 §5.1.1), and once more inside each change. Who may
// read the mailbox no longer is told nothing more of it, and that it is not there or that he may not; it stays
// selected, and if he may again, he is told what happened meanwhile.
#pragma once

#include "imap/bell.h"
#include "imap/mailbox_view.h"
#include "imap/search_contexts.h"
#include "net/memory_budget.h"
#include "office/access.h"
#include "office/storage.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace postern::imap {

namespace asio = boost::asio;

// RFC 4314 §5.2: whether SELECT says READ-ONLY, since with these rights nothing can be changed.
[[nodiscard]] bool is_read_only(core::Rights rights);

// One session's; its executor.
struct Selected {
    store::AccountId account; // whose session it is
    store::MailboxId mailbox;
    store::UidValidity uid_validity;
    bool owned;                        // by that account, whose rights nobody can take away
    bool examined;                     // EXAMINE: nothing is changed, whatever the rights are
    core::Rights rights;               // as they were when last looked at
    core::Rights told;                 // those that the client knows of
    std::vector<std::string> keywords; // as the client was told
    bool takes_keyword;                // another one, as the client was told
    MailboxView view;
    Bell bell;
    net::MemoryShare memory;      // for the view
    SearchContexts contexts = {}; // gone with the selection (RFC 5267 §4.3)
    // What it rang for last could not be read. Whoever listens is not woken for that, since it would fail again at
    // once.
    bool missed = false;
    // Messages that this session put here, not announced yet (Session::note_own_arrivals).
    store::UidSet own_arrivals = {};

    [[nodiscard]] bool may(core::Right right) const { return !examined && rights.has(right); }
    [[nodiscard]] bool read_only() const { return examined || is_read_only(rights); }
    // "[PERMANENTFLAGS (...)]", by the rights.
    [[nodiscard]] std::string permanent_flags() const;

    // Looks at the rights. Errors: no_such_mailbox or not_permitted if the mailbox may not be read any more; what
    // storage failed with.
    asio::awaitable<store::Result<void>> look_at_rights(office::Storage& storage);
    // Brings the view up to date, and gives what there was to look at. No such mailbox: that was told to the view, and
    // is no error. Errors: no_such_account, and what storage failed with.
    asio::awaitable<store::Result<Bell::News>> catch_up(office::Storage& storage);
    // Takes in changes since view.seen(), with Mailbox::first_recent as it was recorded then.
    void take(office::Storage& storage, store::Changes const& changes, store::Uid recorded_recent);
};

} // namespace postern::imap
