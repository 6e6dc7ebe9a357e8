#include "wire/imap_request.h"

#include "text/ascii.h"
#include "text/utf7.h"

#include <algorithm>
#include <format>
#include <optional>
#include <stdexcept>
#include <utility>

namespace postern::wire::imap::request {

namespace {

// RFC 3501 §9 quoted: its characters, or nothing where it cannot be said so.
std::optional<std::string> quote(std::string_view octets) {
    if (!std::ranges::all_of(octets, [](char c) { return text::is_ascii(c) && !text::is_control(c); }))
        return std::nullopt;
    std::string quoted = "\"";
    for (char const c : octets) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

// RFC 3501 §9 astring, at the end of the last piece; a literal's octets begin another one.
void put_string(std::vector<std::string>& pieces, std::string_view octets, bool literal_plus) {
    if (octets.contains('\0')) throw std::invalid_argument("a NUL in an IMAP command");
    if (auto const quoted = quote(octets)) {
        pieces.back() += *quoted;
        return;
    }
    pieces.back() += std::format("{{{}{}}}\r\n", octets.size(), literal_plus ? "+" : "");
    if (!literal_plus) pieces.emplace_back();
    pieces.back() += octets;
}

std::string quoted_mailbox(std::string_view name) {
    auto const quoted = quote(text::utf7_encode(name));
    if (!quoted) throw std::invalid_argument("a control character in a mailbox's name");
    return *quoted;
}

} // namespace

std::string capability(std::string_view tag) { return std::format("{} CAPABILITY\r\n", tag); }
std::string starttls(std::string_view tag) { return std::format("{} STARTTLS\r\n", tag); }

std::vector<core::Secret> login(std::string_view tag, std::string_view login, core::Secret const& password,
                                bool literal_plus) {
    std::vector<std::string> pieces{std::format("{} LOGIN ", tag)};
    put_string(pieces, login, literal_plus);
    pieces.back() += ' ';
    put_string(pieces, password.reveal(), literal_plus);
    pieces.back() += "\r\n";
    std::vector<core::Secret> secrets;
    for (std::string& piece : pieces) secrets.emplace_back(std::move(piece));
    return secrets;
}

std::string list(std::string_view tag) { return std::format("{} LIST \"\" \"*\"\r\n", tag); }

std::string enable(std::string_view tag, std::string_view capability) {
    return std::format("{} ENABLE {}\r\n", tag, capability);
}

std::string select(std::string_view tag, std::string_view mailbox, bool read_only, bool mod_sequences) {
    return std::format("{} {} {}{}\r\n", tag, read_only ? "EXAMINE" : "SELECT", quoted_mailbox(mailbox),
                       mod_sequences ? " (CONDSTORE)" : "");
}

std::string survey(std::string_view tag, core::Uid from, ChangedSince since) {
    std::string changed;
    if (since.mod_sequence != 0)
        changed = std::format(" (CHANGEDSINCE {}{})", since.mod_sequence, since.vanished ? " VANISHED" : "");
    return std::format("{} UID FETCH {}:* (UID RFC822.SIZE FLAGS INTERNALDATE){}\r\n", tag, core::number(from),
                       changed);
}

std::string piece(std::string_view tag, core::Uid uid, std::uint64_t offset, std::uint32_t octets) {
    return std::format("{} UID FETCH {} (UID BODY.PEEK[]<{}.{}>)\r\n", tag, core::number(uid), offset, octets);
}

std::string outlines(std::string_view tag, core::UidSet const& uids, std::uint32_t octets) {
    return std::format("{} UID FETCH {} (UID BODYSTRUCTURE BODY.PEEK[HEADER]<0.{}>)\r\n", tag, uids.to_string(),
                       octets);
}

std::string beginning(std::string_view tag, core::Uid uid, std::string_view section, std::uint32_t octets) {
    return std::format("{} UID FETCH {} (UID BODY.PEEK[{}]<0.{}>)\r\n", tag, core::number(uid), section, octets);
}

std::string add_flag(std::string_view tag, core::UidSet const& uids, std::string_view flag) {
    return std::format("{} UID STORE {} +FLAGS.SILENT ({})\r\n", tag, uids.to_string(), flag);
}

std::string expunge(std::string_view tag, core::UidSet const* uids) {
    return uids != nullptr ? std::format("{} UID EXPUNGE {}\r\n", tag, uids->to_string())
                           : std::format("{} EXPUNGE\r\n", tag);
}

std::string noop(std::string_view tag) { return std::format("{} NOOP\r\n", tag); }
std::string idle(std::string_view tag) { return std::format("{} IDLE\r\n", tag); }
std::string done() { return "DONE\r\n"; }
std::string logout(std::string_view tag) { return std::format("{} LOGOUT\r\n", tag); }

} // namespace postern::wire::imap::request
