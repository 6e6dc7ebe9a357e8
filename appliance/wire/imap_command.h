// IMAP commands as values (RFC 3501 §6 and the extensions named at each). What is here is valid: names are decoded,
// numbers in range, flags known. Mailbox names are UTF-8 with INBOX in capitals, whatever the wire had.
#pragma once

#include "core/ids.h"
#include "core/rights.h"
#include "core/secret.h"
#include "wire/imap_append.h"
#include "wire/imap_fetch.h"
#include "wire/imap_mailbox_filter.h"
#include "wire/imap_notify.h"
#include "wire/imap_search.h"
#include "wire/imap_sequence_set.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace postern::wire::imap {

// Any state
struct Capability {};
struct Noop {};
struct Logout {};
// RFC 2971; a value may be NIL. At most 30 pairs, fields of 30 octets, values of 1024 (§3.3).
struct Id {
    std::vector<std::pair<std::string, std::optional<std::string>>> parameters;
};

struct Compress {}; // RFC 4978; DEFLATE, there is no other

// Not authenticated
struct StartTls {};
struct Authenticate {
    std::string mechanism;                        // upper case
    std::optional<core::Secret> initial_response; // RFC 4959; decoded from base64
};
struct Login {
    std::string user;
    core::Secret password;
};

// Authenticated
struct Enable {                            // RFC 5161
    std::vector<std::string> capabilities; // upper case
};
// RFC 7162 §3.2.5: what the client knows of the mailbox.
struct Resync {
    core::UidValidity uid_validity{};
    core::ModSeq modseq{};
    std::optional<core::UidSet> known;
    // §3.2.5.2: the n-th of these sequence numbers had the n-th of these UIDs. As many of one as of the other.
    core::UidSet numbers;
    core::UidSet uids;
};
struct Select {
    std::string mailbox;
    bool read_only = false; // EXAMINE
    bool condstore = false; // RFC 7162 §3.1.8
    std::optional<Resync> resync;
};
struct Create {
    std::string mailbox;
    std::vector<std::string> uses; // RFC 6154 §3: "\Sent", as spelled
};
struct Delete {
    std::string mailbox;
};
struct Rename {
    std::string from;
    std::string to;
};
struct Subscribe {
    std::string mailbox;
};
struct Unsubscribe {
    std::string mailbox;
};
// RFC 3501 §6.3.10, RFC 9051 §6.3.11, RFC 7162 §3.1.7, RFC 8474 §4.3, RFC 7889 §3, RFC 9208 §4.1.4
enum class StatusItem : std::uint8_t {
    messages,
    recent,
    uid_next,
    uid_validity,
    unseen,
    highest_modseq,
    size,
    deleted,
    mailbox_id,
    append_limit,
    deleted_storage
};
// LIST (RFC 3501 §6.3.8, RFC 5258, RFC 5819, RFC 6154) and LSUB
struct List {
    // RFC 5258 §3.1 selection options
    struct Selection {
        bool subscribed = false;
        bool remote = false;
        bool recursive_match = false;
        bool special_use = false;
    };
    // RFC 5258 §3.2 return options; RFC 8440
    struct Return {
        bool subscribed = false;
        bool children = false;
        bool special_use = false;
        bool my_rights = false;
        std::vector<StatusItem> status;    // RFC 5819; each once
        std::vector<std::string> metadata; // RFC 9590: entries, as spelled
    };
    bool lsub = false;
    bool xlist = false;    // what LIST with SPECIAL-USE came from: known to old clients, in no RFC
    bool extended = false; // anything beyond RFC 3501 was used: an empty pattern then has no special meaning
    std::string reference;
    std::vector<std::string> patterns; // with "*" and "%"
    Selection selection;
    Return returns;
};
struct Unauthenticate {}; // RFC 8437
struct Namespace {};      // RFC 2342
struct Status {
    std::string mailbox;
    std::vector<StatusItem> items; // each once
};
// RFC 9208 §4.1
struct GetQuota {
    std::string root;
};
struct GetQuotaRoot {
    std::string mailbox;
};
struct SetQuota {
    std::string root;
    std::optional<std::uint64_t> storage;  // in units of 1024 octets; nothing: there is to be no limit
    std::optional<std::uint64_t> messages; // the same of messages
};
// RFC 5464 §4.2; names of entries are valid (§3.2), at most entry_name_limit octets, and as they were spelled
constexpr std::size_t entry_name_limit = 255;
enum class MetadataDepth : std::uint8_t { zero, one, infinity };
struct GetMetadata {
    std::string mailbox; // empty: the server
    std::vector<std::string> entries;
    std::optional<std::uint64_t> max_size;
    MetadataDepth depth = MetadataDepth::zero;
};
struct MetadataValue {
    std::string entry;
    std::optional<std::string> value; // may have NULs in it; nothing: it is to go
};
struct SetMetadata { // §4.3
    std::string mailbox;
    std::vector<MetadataValue> values;
};
struct Append {
    std::string mailbox;
    AppendPiece piece; // the first one
};
struct Idle {}; // RFC 2177
// RFC 5465 §3.1. Where MessageNew is, MessageExpunge is, and both where FlagChange or AnnotationChange are (§5).
struct Notify {
    bool status = false;
    std::vector<EventGroup> groups; // empty: NONE; of the selected mailbox at most one
    bool unknown = false;           // an event was asked for that is in no RFC known here
};
// RFC 4314 §2: a login, "anyone", or one of them after a dash, for what it is denied.
struct AclIdentifier {
    std::string given; // as it stood on the wire
    std::string name;  // prepared (§3), without the dash
    bool negative = false;
};
// RFC 4314 §3
struct SetAcl {
    enum class Action : std::uint8_t { replace, add, remove };

    std::string mailbox;
    AclIdentifier identifier;
    Action action = Action::replace;
    core::Rights rights;
};
struct DeleteAcl {
    std::string mailbox;
    AclIdentifier identifier;
};
struct GetAcl {
    std::string mailbox;
};
struct ListRights {
    std::string mailbox;
    AclIdentifier identifier;
};
struct MyRights {
    std::string mailbox;
};

// Selected
struct Check {};
struct Close {};
struct Unselect {}; // RFC 3691
struct Expunge {
    std::optional<SequenceSet> uids; // UID EXPUNGE, RFC 4315
};
struct Search {
    bool uid = false;
    std::optional<SearchReturn> returns; // RFC 4731: answered by ESEARCH
    std::optional<std::string> charset;  // of the strings in the key, which are its octets; US-ASCII if nobody says
    SearchKey key;
};
struct Sort { // RFC 5256 §3
    Search search;
    std::vector<SortCriterion> criteria;
};
struct Thread { // RFC 5256 §3
    Search search;
    ThreadAlgorithm algorithm{};
};
struct Esearch {                        // RFC 7377 §2; in the authenticated state as well
    Search search;                      // what it answers are UIDs, always by ESEARCH
    std::vector<MailboxFilter> sources; // none: the selected mailbox
};
struct CancelUpdate { // RFC 5267 §4.3.5
    std::vector<std::string> tags;
};
// Sequence numbers in what follows are UIDs if `uid`.
struct Fetch {
    bool uid = false;
    SequenceSet messages;
    std::vector<FetchItem> items; // each once; macros written out; UID is there if `uid`, MODSEQ if changed_since
    std::optional<core::ModSeq> changed_since; // RFC 7162 §3.1.4.1
    std::optional<PartialRange> partial;       // RFC 9394 §3.3: of the messages that are there
    bool vanished = false;                     // §3.2.6; only with `uid` and `changed_since`
    bool names_uid = false;                    // UID is among the items as the client wrote them
};
struct Store {
    enum class Action : std::uint8_t { replace, add, remove };

    bool uid = false;
    SequenceSet messages;
    std::optional<core::ModSeq> unchanged_since; // RFC 7162 §3.1.3; may be 0
    Action action = Action::replace;
    bool silent = false;
    FlagList flags;
};
struct Copy {
    bool uid = false;
    SequenceSet messages;
    std::string mailbox;
};
struct Move { // RFC 6851
    bool uid = false;
    SequenceSet messages;
    std::string mailbox;
};

struct Replace { // RFC 8508
    bool uid = false;
    SequenceSet message; // one, or "*"
    std::string mailbox;
    AppendPiece piece; // the first one, of one message
};

struct Command {
    using Body = std::variant<Capability, Noop, Logout, Id, Compress, StartTls, Authenticate, Login, Enable, Select,
                              Create, Delete, Rename, Subscribe, Unsubscribe, List, Namespace, Unauthenticate, Status,
                              GetQuota, GetQuotaRoot, SetQuota, GetMetadata, SetMetadata, Append, Idle, Notify, SetAcl,
                              DeleteAcl, GetAcl, ListRights, MyRights, Check, Close, Unselect, Expunge, Search, Sort,
                              Thread, Esearch, CancelUpdate, Fetch, Store, Copy, Move, Replace>;

    std::string tag;
    Body body;
};

} // namespace postern::wire::imap
