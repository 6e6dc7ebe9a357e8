// The mailbox that a session has selected (RFC 3501 §3.3).
//
// A mailbox that is deleted while it is selected becomes an empty one for this session: its messages are expunged, as
// RFC 2180 §3 allows, and it stays selected, so that client and server never disagree about the state. What is asked of
// it then ends in NO [NONEXISTENT].
#pragma once

#include "imap/bell.h"
#include "imap/mailbox_view.h"
#include "imap/search_contexts.h"
#include "net/memory_budget.h"
#include "office/storage.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace postern::imap {

namespace asio = boost::asio;

// One session's; its executor.
struct Selected {
    store::AccountId account; // whose session it is
    store::MailboxId mailbox;
    store::UidValidity uid_validity;
    bool read_only;                    // by EXAMINE
    std::vector<std::string> keywords; // as the client was told
    MailboxView view;
    Bell bell;
    net::MemoryShare memory;      // for the view
    SearchContexts contexts = {}; // gone with the selection (RFC 5267 §4.3)
    // Messages that this session put here, not announced yet (Session::note_own_arrivals).
    store::UidSet own_arrivals = {};

    // Brings the view up to date, and gives what there was to look at. No such mailbox: that was told to the view, and
    // is no error. Errors: no_such_account, and what storage failed with.
    asio::awaitable<store::Result<Bell::News>> catch_up(office::Storage& storage);
    // Takes in changes since view.seen(), with Mailbox::first_recent as it was recorded then.
    void take(office::Storage& storage, store::Changes const& changes, store::Uid recorded_recent);
};

} // namespace postern::imap
