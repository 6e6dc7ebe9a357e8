// FETCH responses that are too long to be held, or whose length is not known before they are decoded: sent in slices,
// each read in a transaction of its own.
#pragma once

#include "imap/fetch_plan.h"
#include "imap/session.h"

namespace postern::imap {

// no_such_message or damaged: nothing was sent, since that was seen at the first slice. Later there is no way to say so
// within a literal, and the connection ends.
asio::awaitable<store::Result<void>> send_long(Session& session, LongResponse response);

} // namespace postern::imap
