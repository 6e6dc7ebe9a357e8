// The larger commands' grammars, a function each, called by the table in imap_parser.cpp with the cursor just after the
// verb. A failure is left in the cursor. For the parser's own files.
#pragma once

#include "wire/imap_command.h"
#include "wire/imap_cursor.h"

namespace postern::wire::imap {

Append parse_append(Cursor& in);
Replace parse_replace(Cursor& in, bool uid);
List parse_list(Cursor& in);
List parse_lsub(Cursor& in);
List parse_xlist(Cursor& in);
Status parse_status(Cursor& in);
SetAcl parse_set_acl(Cursor& in);
DeleteAcl parse_delete_acl(Cursor& in);
ListRights parse_list_rights(Cursor& in);
GetQuota parse_get_quota(Cursor& in);
SetQuota parse_set_quota(Cursor& in);
GetMetadata parse_get_metadata(Cursor& in);
SetMetadata parse_set_metadata(Cursor& in);
Fetch parse_fetch(Cursor& in, bool uid);
Notify parse_notify(Cursor& in);
Search parse_search(Cursor& in, bool uid);
Esearch parse_esearch(Cursor& in);
Sort parse_sort(Cursor& in, bool uid);
Thread parse_thread(Cursor& in, bool uid);

// What follows the octets of `literal`.
AppendPiece parse_piece_after(Cursor& in, LiteralPart const& literal, bool several);

// RFC 3501 §9: flag-list = "(" [flag *(SP flag)] ")", after the "("
FlagList parse_flag_list(Cursor& in);
// One flag more.
void parse_flag(Cursor& in, FlagList& flags);

// RFC 5465 §8 filter-mailboxes
MailboxFilter parse_mailbox_filter(Cursor& in);

// sequence-set
SequenceSet parse_sequence_set(Cursor& in);

// RFC 3501 §9: section = "[" [section-spec] "]", after the "["
Section parse_section(Cursor& in);

// RFC 3501 §9: fetch-att *(SP fetch-att) ")", after a "("; each once
std::vector<FetchItem> parse_fetch_attributes(Cursor& in);

// RFC 9590 §5: what LIST is to return of annotations
std::vector<std::string> parse_listed_entries(Cursor& in);

// RFC 9394 §4 partial-range
PartialRange parse_partial_range(Cursor& in);
// RFC 7162 §7 known-uids and the like: a sequence-set without "*", in ascending order
core::UidSet parse_known_set(Cursor& in);

// RFC 7162 §7 mod-sequence-valzer: 63 bits
core::ModSeq parse_modseq(Cursor& in);

// RFC 3501 §9 date-day "-" date-month "-" date-year, quotes not included
std::chrono::sys_days parse_date(Cursor& in);

// RFC 3501 §9: date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE, after the quote
std::chrono::sys_seconds parse_date_time(Cursor& in);

} // namespace postern::wire::imap
