// IMAP responses (RFC 3501 §7): everything here appends to a buffer, whole lines with their CRLF where it is named
// after a response, bare values otherwise. Pure. FETCH's ENVELOPE and BODYSTRUCTURE are in imap_body_structure.h.
//
// NUL cannot be said in IMAP (RFC 3501 §9 CHAR8): strings carry "?" in its place.
#pragma once

#include "core/flags.h"
#include "core/ids.h"
#include "core/uid_set.h"
#include "message/threading.h"
#include "wire/imap_command.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::wire::imap {

// RFC 3501 §7.1
enum class Condition : std::uint8_t { ok, no, bad, preauth, bye };

// "tag OK text"; `text` may begin with a response code in brackets. Line ends within it become spaces.
void put_tagged(std::string& out, std::string_view tag, Condition condition, std::string_view text);
// "* OK text"
void put_untagged(std::string& out, Condition condition, std::string_view text);
// "+ text"; for a SASL challenge the text is base64
void put_continuation(std::string& out, std::string_view text);

// RFC 3501 §9 number
void put_number(std::string& out, std::uint64_t number);
// RFC 3501 §9 string: quoted if it can be (ASCII without line ends, short), a literal otherwise.
void put_string(std::string& out, std::string_view octets);
// NIL or string
void put_nstring(std::string& out, std::optional<std::string_view> octets);
// atom, quoted or literal
void put_astring(std::string& out, std::string_view octets);
// A mailbox name from UTF-8: modified UTF-7, or with `utf8` (UTF8=ACCEPT, RFC 6855 §3) a quoted UTF-8 string.
void put_mailbox(std::string& out, std::string_view name, bool utf8 = false);
// "{n}" CRLF: exactly that many octets are to follow; "~{n}" if NULs may be among them (RFC 3516 §7 literal8).
void put_literal_size(std::string& out, std::uint64_t octets, bool literal8 = false);

// "(\Seen keyword)"
void put_flags(std::string& out, core::SystemFlags system, std::span<std::string const> keywords, bool recent = false);
// RFC 3501 §9 date-time, quoted: " 5-Jan-2026 11:00:00 +0100"
void put_internal_date(std::string& out, std::chrono::sys_seconds utc, std::chrono::minutes offset = {});

// "* CAPABILITY IMAP4rev1 ..."; and as a response code, without line: "[CAPABILITY IMAP4rev1 ...]"
void put_capability(std::string& out, std::span<std::string_view const> capabilities);
[[nodiscard]] std::string capability_code(std::span<std::string_view const> capabilities);

// "* ENABLED CONDSTORE" (RFC 5161 §3.2)
void put_enabled(std::string& out, std::span<std::string_view const> capabilities);
// "* ID (...)" (RFC 2971 §3.2), "* ID NIL" if empty
void put_id(std::string& out, std::span<std::pair<std::string, std::string> const> parameters);
// What names in the personal namespace, in that of other users and in the shared one begin with (RFC 2342 §5), "/"
// between levels: * NAMESPACE (("" "/")) (("Other Users/" "/")) (("Shared/" "/"))
void put_namespace(std::string& out, std::string_view personal, std::string_view other_users, std::string_view shared);

// "* 23 EXISTS", "* 5 RECENT", "* 3 EXPUNGE"
void put_exists(std::string& out, std::uint32_t count);
void put_recent(std::string& out, std::uint32_t count);
void put_expunge(std::string& out, std::uint32_t sequence_number);
// "* VANISHED 405,407:410", or "* VANISHED (EARLIER) ..." (RFC 7162 §3.2.10); several lines where one would be long,
// none for no UIDs
void put_vanished(std::string& out, core::UidSet const& uids, bool earlier);
// "* FLAGS (...)"; and the PERMANENTFLAGS code, with "\*" if new keywords may be made
void put_flags_line(std::string& out, core::SystemFlags system, std::span<std::string const> keywords);
[[nodiscard]] std::string permanent_flags_code(core::SystemFlags system, std::span<std::string const> keywords,
                                               bool new_keywords);

// One line of LIST, LSUB or XLIST (RFC 3501 §7.2.2, RFC 5258 §6).
struct ListLine {
    bool lsub = false;
    bool xlist = false;
    std::vector<std::string_view> attributes; // "\HasChildren", "\Sent", "\Noselect"
    char delimiter = '/';
    std::string_view name;                         // UTF-8; empty for the answer to LIST "" ""
    std::vector<std::string_view> child_info = {}; // what children were selected by: "SUBSCRIBED" (RFC 5258 §3.5)
    std::string_view old_name = {};                // another than `name`: ("OLDNAME" ("...")), RFC 9051 §6.3.9.7
};
void put_list(std::string& out, ListLine const& line, bool utf8 = false);

struct StatusValue {
    StatusItem item;
    std::uint64_t value;
};
// "* STATUS name (MESSAGES 231 UIDNEXT 44292)"
void put_status(std::string& out, std::string_view mailbox, std::span<StatusValue const> values, bool utf8 = false);

// How much of a resource is used, and may be (RFC 9208 §4.2.1).
struct QuotaResource {
    std::string_view name; // "STORAGE"
    std::uint64_t usage;
    std::uint64_t limit;
};
// "* QUOTA "#user/alice" (STORAGE 10 512)"; without resources there are no limits
void put_quota(std::string& out, std::string_view root, std::span<QuotaResource const> resources);
// "* QUOTAROOT INBOX "#user/alice"" (§4.2.2), or without a root
void put_quota_root(std::string& out, std::string_view mailbox, std::optional<std::string_view> root,
                    bool utf8 = false);

// An entry's value, if it has one (RFC 5464 §4.4.1).
struct MetadataItem {
    std::string_view entry;
    std::optional<std::string_view> value; // may have NULs in it
};
// "* METADATA INBOX (/private/comment "My own comment")"; "" is the server
void put_metadata(std::string& out, std::string_view mailbox, std::span<MetadataItem const> items, bool utf8 = false);
// "* METADATA INBOX /shared/comment /private/comment" (§4.4.2)
void put_metadata_names(std::string& out, std::string_view mailbox, std::set<std::string> const& entries,
                        bool utf8 = false);

// What an ESEARCH response is about: the command, and of what searches several mailboxes which of them (RFC 7377 §2.1).
struct SearchCorrelator {
    struct Mailbox {
        std::string name; // UTF-8
        core::UidValidity uid_validity;
    };
    std::string tag;
    std::optional<Mailbox> mailbox = {};
    bool utf8 = false; // how the name is spelled
};

// "* SEARCH 2 84 882", with (MODSEQ n) as RFC 7162 §3.1.5 has it
void put_search(std::string& out, std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq = {});
// "* SORT 2 84 882", likewise (RFC 5256 §4)
void put_sort(std::string& out, std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq = {});
// "* THREAD (2)(3 6 (4 23)(44 7 96))" (RFC 5256 §4)
void put_thread(std::string& out, std::span<message::ThreadNode const> threads);
// "* ESEARCH (TAG "a1") UID COUNT 17 ALL 4:18,21" (RFC 4731). `found` ascends, or is in the
// order that SORT asked for (RFC 5267 §3.2). `modseq`: of what is returned (RFC 4731
// §3.2), left out if nothing was found.
void put_esearch(std::string& out, SearchCorrelator const& correlator, bool uid, SearchReturn const& returns,
                 std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq = {});

// RFC 5267 §4.3.3, §4.3.4: at this place of the results, from 1, these numbers enter or leave in this order; 0:
// wherever their order puts them.
struct ResultUpdate {
    std::uint32_t position;
    std::vector<std::uint32_t> numbers;
};
// "* ESEARCH (TAG "a1") UID REMOVEFROM (0 7) ADDTO (3 9)"; nothing where there is nothing to say
void put_result_updates(std::string& out, SearchCorrelator const& correlator, bool uid,
                        std::span<ResultUpdate const> removed, std::span<ResultUpdate const> added);

// Response codes, with their brackets: RFC 4315 §3. Source and destination ascend together.
[[nodiscard]] std::string append_uid_code(core::UidValidity uid_validity, core::UidSet const& uids);
[[nodiscard]] std::string copy_uid_code(core::UidValidity uid_validity, core::UidSet const& source,
                                        core::UidSet const& destination);
// RFC 4469 §4.1: [BADURL "/Sent/;UID=92"], as the client wrote it; what cannot be said there is percent-encoded, and a
// long URL cut.
[[nodiscard]] std::string bad_url_code(std::string_view url);
// "[INPROGRESS (\"a1\" 454 1000)]" (RFC 9585 §4): so many items of a command are done; of a `goal` that is not more
// than that, only what is done is told, and without either only the tag.
[[nodiscard]] std::string in_progress_code(std::string_view tag, std::uint64_t done, std::uint64_t goal);
// "[NOUPDATE \"a1\"]" (RFC 5267 §4.3.1)
[[nodiscard]] std::string no_update_code(std::string_view tag);
// RFC 7162 §3.1.2.1
[[nodiscard]] std::string highest_modseq_code(core::ModSeq modseq);
// RFC 7162 §3.1.3: [MODIFIED 7,9]
[[nodiscard]] std::string modified_code(core::UidSet const& messages);

} // namespace postern::wire::imap
