// STORE (RFC 3501 §6.4.6, RFC 7162 §3.1.3) and every other change of flags that this session makes.
#pragma once

#include "imap/session.h"
#include "store/messages.h"

namespace postern::imap {

asio::awaitable<Answer> store_flags(Session& session, wire::imap::Store& command);

struct FlagsChanged {
    store::FlagsStored stored;
    store::FlagScope scope; // what the rights allowed
};

// Changes flags in the selected mailbox, as far as rights allow, so that this session is not told of its own change;
// what others did before it is taken in as well.
asio::awaitable<store::Result<FlagsChanged>> change_flags(Session& session, store::UidSet uids,
                                                          store::FlagChange change);

} // namespace postern::imap
