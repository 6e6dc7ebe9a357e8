// Messages in mailboxes: what IMAP and delivery do. Each operation that changes a mailbox raises its HIGHESTMODSEQ by
// one, gives that mod-sequence to every row that it touched (RFC 7162 §3.1), notes one Change, and wakes its watchers;
// an operation that changes nothing does none of that.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::store {

constexpr std::size_t max_keywords = 64;        // a mailbox
constexpr std::size_t max_keyword_octets = 255; // longer, or empty: name_invalid

struct NewMessage {
    std::variant<std::string, BodyId>
        body;               // the octets, or what begin_body gave: it belongs to the message from then on
    std::uint64_t size = 0; // octets of the body
    WallTime internal_date{};
    std::string envelope;
    std::string structure;
    std::string search_texts;
    std::string thread_keys;
    std::string signature;
};

// The flags that may be touched: of others a change leaves what there is, and what is put into a mailbox loses them.
struct FlagScope {
    SystemFlags system{31};
    bool keywords = true;
    friend bool operator==(FlagScope const&, FlagScope const&) = default;
};

struct Placement {
    MailboxId mailbox{};
    SystemFlags flags;
    std::vector<std::string> keywords;
};

struct Appended {
    MessageId message{};
    UidValidity uid_validity{};
    Uid uid{};
    ModSeq modseq{};
};

// RFC 3501 §6.3.11. `office`, here and below: what an account may hold that has no limits of its own (quota.h).
// Errors: no_such_mailbox, no_such_message (the body), too_many_keywords, name_invalid, over_quota, full.
Result<Appended> append(WriteTransaction& transaction, NewMessage const& message, Placement const& placement,
                        Quota const& office, WallTime now);

// A new message as it is to be in its mailbox.
struct Addition {
    NewMessage message;
    SystemFlags flags;
    std::vector<std::string> keywords;
};

struct AdditionsDone {
    UidValidity uid_validity{};
    UidSet uids; // the n-th addition got the n-th of them
    ModSeq modseq{};
};

// RFC 3502: several at a time, all or none, which is one change of the mailbox. At least one. Errors as of one.
Result<AdditionsDone> append(WriteTransaction& transaction, MailboxId mailbox, std::span<Addition const> additions,
                             Quota const& office, WallTime now, FlagScope const& scope = {});

enum class FlagMode : std::uint8_t { add, remove, replace };

struct FlagChange {
    FlagMode mode = FlagMode::add;
    SystemFlags flags;
    std::vector<std::string> keywords;
    std::optional<ModSeq> unchanged_since; // RFC 7162 §3.1.3
    FlagScope scope{};
};

struct FlagsStored {
    UidSet changed;
    UidSet modified; // left alone: they changed after unchanged_since
    ModSeq modseq{}; // HIGHESTMODSEQ afterwards
};

// UIDs that are gone are passed over. Errors: no_such_mailbox, too_many_keywords, name_invalid.
Result<FlagsStored> store_flags(WriteTransaction& transaction, MailboxId mailbox, UidSet const& uids,
                                FlagChange const& change);

// Removes those that carry \Deleted, all of them or only `among` (RFC 4315 §2.1). Errors: no_such_mailbox.
Result<UidSet> expunge(WriteTransaction& transaction, MailboxId mailbox, UidSet const* among);

// Removes them whatever their flags, as POP3 does (RFC 1939 §6); gives those that were there. Errors: no_such_mailbox.
Result<UidSet> remove(WriteTransaction& transaction, MailboxId mailbox, UidSet const& uids);

// RFC 4315 §3: the n-th of source became the n-th of destination, both ascending.
struct Copied {
    UidValidity uid_validity{};
    UidSet source;
    UidSet destination;
};

// Errors: no_such_mailbox (either), too_many_keywords, over_quota, full.
Result<Copied> copy(WriteTransaction& transaction, MailboxId from, UidSet const& uids, MailboxId to,
                    Quota const& office, WallTime now, FlagScope const& scope = {});

// RFC 6851. Works on a full store and over the quota too, except into another account: it is how most clients delete.
// Errors: no_such_mailbox (either), too_many_keywords, over_quota.
Result<Copied> move(WriteTransaction& transaction, MailboxId from, UidSet const& uids, MailboxId to,
                    Quota const& office, WallTime now, FlagScope const& scope = {});

// RFC 8508 §3.4: the new message comes into `to`, and the old one is removed from `from`, which may be the same
// mailbox; the quota is asked for what the new one has more. Errors: no_such_message (the old one; or the body), those
// of append.
Result<AdditionsDone> replace(WriteTransaction& transaction, MailboxId from, Uid old, MailboxId to,
                              Addition const& addition, Quota const& office, WallTime now, FlagScope const& scope = {});

std::optional<IndexRow> get_index(ReadTransaction const& transaction, MailboxId mailbox, Uid uid);

// In ascending order, those of `uids` that are there; `visit` returns whether to go on.
void for_each_index(ReadTransaction const& transaction, MailboxId mailbox, UidSet const& uids,
                    std::function<bool(IndexRow const&)> const& visit);

UidSet list_uids(ReadTransaction const& transaction, MailboxId mailbox); // empty if there is no such mailbox

std::optional<Message> get_message(ReadTransaction const& transaction, MessageId message);

// Of a message that is a heading and then all of the body of another one, to which it is one reference more
// (waiting.h).
struct Heading {
    MessageId before{};
    std::uint64_t octets = 0;
};

// A Message without copies: valid inside the transaction, and in a change only until the next put.
struct MessageView {
    MessageId id{};
    BodyId body{};
    std::uint32_t references = 0; // index rows and queue rows when it was made (rows.h has how many there are)
    std::uint64_t size = 0;
    std::optional<Heading> heading{};
    WallTime internal_date{};
    std::string_view envelope;
    std::string_view structure;
    std::string_view search_texts;
    std::string_view thread_keys;
    std::string_view signature;
};

std::optional<MessageView> view_message(ReadTransaction const& transaction, MessageId message);

// The names of IndexRow::keywords.
std::vector<std::string> keyword_names(Mailbox const& mailbox, std::uint64_t bits);

} // namespace postern::store
