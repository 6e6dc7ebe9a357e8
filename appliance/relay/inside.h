// Mail for people inside that its sender scheduled (RFC 4865): it waits in the queue like other mail, and once its time
// has come it is delivered here.
#pragma once

#include "office/office.h"
#include "relay/notices.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace postern::relay {

// All of one message, for domains of ours. Delivers to whom it can, each once, and takes those rows out of the queue;
// what comes back are failures, whose rows are still there, as are those that their sender withdrew meanwhile. Errors:
// what the store has; nothing is done then.
asio::awaitable<store::Result<std::vector<Notice>>> deliver_inside(office::Office& office,
                                                                   std::vector<store::QueueItem> items);

} // namespace postern::relay
