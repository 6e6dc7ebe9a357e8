// RFC 3501 §6.3.8: which mailbox names a LIST or LSUB pattern means. Pure.
#pragma once

#include <string_view>

namespace postern::imap {

// "*" matches anything, "%" anything but "/". INBOX, as the first level, is the same in any case (§5.1). Time is at
// most the product of both lengths, whatever the wildcards.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view name);

} // namespace postern::imap
