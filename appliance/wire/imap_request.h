// IMAP commands as a client sends them, each with its CRLF (RFC 3501 §6, and the extensions that are named). Arguments
// were checked when they were read from whoever brought them: a line end or a NUL in one is a broken invariant and
// throws std::invalid_argument, so that nothing can put a second command on the line. Pure; any thread.
#pragma once

#include "core/ids.h"
#include "core/secret.h"
#include "core/uid_set.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::wire::imap::request {

[[nodiscard]] std::string capability(std::string_view tag);
[[nodiscard]] std::string starttls(std::string_view tag);
// RFC 3501 §6.2.3. What cannot be said in a quoted string is a literal: with `literal_plus` (RFC 7888) one that waits
// for nothing; otherwise each piece but the first is said once the server asks for it ("+").
[[nodiscard]] std::vector<core::Secret> login(std::string_view tag, std::string_view login,
                                              core::Secret const& password, bool literal_plus);

// Mailbox names are UTF-8 here.
[[nodiscard]] std::string list(std::string_view tag);
// RFC 5161
[[nodiscard]] std::string enable(std::string_view tag, std::string_view capability);
// `mod_sequences`: the answer is to say up to where there are changes (RFC 7162 §3.1.8).
[[nodiscard]] std::string select(std::string_view tag, std::string_view mailbox, bool read_only, bool mod_sequences);
// RFC 7162 §3.1.4.1, §3.2.6
struct ChangedSince {
    std::uint64_t mod_sequence = 0; // 0: whether it changed or not
    bool vanished = false;          // what is there no more is to be told, too
};
// What there is from that UID on: each one's UID, size, flags and date.
[[nodiscard]] std::string survey(std::string_view tag, core::Uid from, ChangedSince since);
// Octets of a message, which stays unseen (BODY.PEEK).
[[nodiscard]] std::string piece(std::string_view tag, core::Uid uid, std::uint64_t offset, std::uint32_t octets);
// Of these messages the header, up to so many octets of each, and what they consist of.
[[nodiscard]] std::string outlines(std::string_view tag, core::UidSet const& uids, std::uint32_t octets);
// The beginning of a part: "1.2".
[[nodiscard]] std::string beginning(std::string_view tag, core::Uid uid, std::string_view section,
                                    std::uint32_t octets);
// `flag`: "\\Deleted"
[[nodiscard]] std::string add_flag(std::string_view tag, core::UidSet const& uids, std::string_view flag);
// RFC 4315 §2.1; without UIDs RFC 3501 §6.4.3.
[[nodiscard]] std::string expunge(std::string_view tag, core::UidSet const* uids);
[[nodiscard]] std::string noop(std::string_view tag);
[[nodiscard]] std::string idle(std::string_view tag); // RFC 2177
[[nodiscard]] std::string done();
[[nodiscard]] std::string logout(std::string_view tag);

} // namespace postern::wire::imap::request
