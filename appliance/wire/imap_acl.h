// Access control lists on the wire (RFC 4314): rights as letters, and the responses that tell them. The obsolete
// letters of §2.1.1 stand for two rights each: c for k and x, d for t and e. Pure.
#pragma once

#include "core/rights.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace postern::wire::imap {

// What a letter stands for, if for anything.
[[nodiscard]] std::optional<core::Rights> rights_of(char letter);
// With c and d, where any right is there that they stand for.
[[nodiscard]] std::string to_string(core::Rights rights);

// "* ACL INBOX alice lrswipkxtecda -bob w" (§3.6): identifiers and what is said of each
void put_acl(std::string& out, std::string_view mailbox, std::span<std::pair<std::string, core::Rights> const> entries,
             bool utf8 = false);
// "* LISTRIGHTS INBOX bob "" l r s w i p k x t e c d a" (§3.7): none of the optional rights is tied to another
void put_list_rights(std::string& out, std::string_view mailbox, std::string_view identifier, core::Rights required,
                     core::Rights optional, bool utf8 = false);
// "* MYRIGHTS INBOX lrs" (§3.8)
void put_my_rights(std::string& out, std::string_view mailbox, core::Rights rights, bool utf8 = false);

} // namespace postern::wire::imap
