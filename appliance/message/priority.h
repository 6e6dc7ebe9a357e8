// How urgent a message says it is: a hint for the order in which a queue takes messages, and no more, since anybody may
// write it. MT-Priority, which would be a promise between servers (RFC 6758), is not trusted and not read. Pure; any
// thread.
#pragma once

#include "core/urgency.h"
#include "message/header.h"

namespace postern::message {

using core::Urgency;

// By Importance and Priority (RFC 2156 §5.3.4, §5.3.6), X-Priority, X-MSMail-Priority, Precedence, and List-Id (RFC
// 2919), which only lists have. What says bulk anywhere is bulk: newsletters like to be important.
Urgency find_urgency(HeaderSection const& header);

} // namespace postern::message
