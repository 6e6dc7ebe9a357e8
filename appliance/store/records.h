// What the store keeps, as values. schema.h says under which key each lies,
// codec.h how it looks on flash.
#pragma once

#include "core/clock.h"
#include "core/flags.h"
#include "core/ids.h"
#include "core/rights.h"
#include "core/secret.h"
#include "core/uid_set.h"
#include "core/urgency.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace postern::store {

using core::AccountId;
using core::BodyId;
using core::LinkTime;
using core::MailboxId;
using core::MessageId;
using core::ModSeq;
using core::QueueItemId;
using core::Rights;
using core::SystemFlags;
using core::Uid;
using core::UidSet;
using core::UidValidity;
using core::Urgency;
using core::WallTime;

// RFC 5802 §3: what the server keeps instead of a password. Raw octets.
struct ScramVerifier {
    std::string salt;
    std::uint32_t iterations = 0;
    std::string stored_key;
    std::string server_key;
};

// No accounts have these numbers: who stands for all of them in access control lists (RFC 4314 §2), and who owns the
// mailboxes that belong to the office.
constexpr AccountId anyone{0};
constexpr AccountId the_office{0xffff'ffff};

// How much mail an account holds: the sum over its mailboxes.
struct Usage {
    std::uint64_t octets = 0; // RFC822.SIZE, of a message once for each mailbox that it is in
    std::uint64_t messages = 0;
    friend bool operator==(Usage const&, Usage const&) = default;
};

// How much of it an account may hold (quota.h).
constexpr std::uint64_t no_limit = 0x7fff'ffff'ffff'ffff; // the highest number64 of RFC 9051 §9
struct Quota {
    std::uint64_t octets = no_limit;
    std::uint64_t messages = no_limit;
    friend bool operator==(Quota const&, Quota const&) = default;
};

// Limits of an account's own; nothing: the office's apply.
struct OwnQuota {
    std::optional<std::uint64_t> octets;
    std::optional<std::uint64_t> messages;
};

struct Account {
    AccountId id{};
    std::string login; // lower case, a Local-part: alice
    ScramVerifier verifier;
    bool administrator = false;
    std::string certificate; // the serial number of the one that it may log in by; empty: none
    WallTime created{};
    OwnQuota quota;
    Usage usage; // not stored: it can be summed
};

struct Mailbox {
    AccountId account{};
    MailboxId id{};
    std::string name; // UTF-8, "/" between levels; INBOX in capitals
    UidValidity uid_validity{};
    Uid uid_next{1};
    ModSeq highest_modseq{1};
    ModSeq expunge_floor{0}; // changes at or below this mod-sequence are no longer remembered (changes.h)
    Uid first_recent{1};     // RFC 3501 §2.3.2: no session was shown this one or a later one as \Recent
    std::uint32_t messages = 0;
    std::uint32_t unseen = 0;
    std::uint32_t deleted = 0; // carrying \Deleted
    std::uint64_t octets = 0;
    std::vector<std::string> keywords; // position n is bit n of IndexRow::keywords (keywords.h)
    std::string special_use;           // RFC 6154: "\Sent", or empty
    bool selectable = true;            // false: \Noselect, a name that only has children
    WallTime created{};
};

// What the access control list of a mailbox says of one account, or of `anyone` (RFC 4314 §2).
struct AclEntry {
    AccountId who{};
    Rights granted;
    Rights denied; // the entry of the identifier with a dash: "negative rights"
    friend bool operator==(AclEntry const&, AclEntry const&) = default;
};
using Acl = std::vector<AclEntry>; // by `who`, each once, and with some rights

// How far a mailbox has come: whoever has seen it as far as that has nothing to look at. Zeros: it was deleted.
struct MailboxMark {
    UidValidity uid_validity{};
    ModSeq highest_modseq{};
};

// What a commit touched of an account: its own mailboxes, and those whose access control lists name it. What names
// `anyone` is told of that one, as if it were an account.
struct AccountMark {
    std::set<MailboxId> mailboxes{};
    // Which mailboxes there are, what they are called and used for, what they grant, or what is subscribed.
    bool listing = false;
};

// What a commit did to stubs: the sources whose originals were asked for, are not wanted any more, or are lost.
struct StubsMark {
    std::set<std::string, std::less<>> sources{};
};

// What a commit did to the queue.
struct QueueMark {
    bool added = false;
    bool changed = false; // what was there is gone, or another way, by its sender (waiting.h)
};

// One message in one mailbox.
struct IndexRow {
    Uid uid{};
    MessageId message{};
    ModSeq modseq{};
    SystemFlags flags;
    std::uint64_t keywords = 0;
    WallTime saved{};   // when it came into this mailbox
    bool filed = false; // by the server, as the sender's copy (Delivery::sent)
    bool stub = false;  // of a message that is at its provider (stubs.h)
};

// One stored message; shared by all mailboxes and queue rows that refer to it.
struct Message {
    MessageId id{};
    BodyId body{};            // the same number: a body belongs to one message
    std::uint64_t size = 0;   // RFC822.SIZE, octets
    WallTime internal_date{}; // RFC 3501 §2.3.3
    std::string envelope;     // message::encode(Envelope)
    std::string structure;    // message::encode(Structure)
    std::string search_texts; // message::pack_search_texts
    std::string thread_keys;  // message::encode(ThreadKeys)
    std::string signature;    // message::make_signature
};

// RFC 3461: what a sender asked to be told. Kept as given.
struct DsnWishes {
    std::string notify;             // "" (not asked), or the NOTIFY parameter's value
    std::string original_recipient; // ORCPT, xtext as received
    friend bool operator==(DsnWishes const&, DsnWishes const&) = default;
};

// What a message's sender asks of its transfer, beside notices.
struct TransferWishes {
    std::optional<std::int8_t> priority{}; // RFC 6710: -9 to 9
    WallTime deliver_by{};                 // RFC 2852, by-time; zero: none was given
    bool late_returns = false;             // by-mode "R": what is late comes back; otherwise its sender is told
    bool late_told = false;                // of what is late its sender knows
    bool trace = false;                    // by-trace "T"
    WallTime release{};                    // RFC 4865: not before; zero: none was given, or it had passed
    std::string release_request{};         // "for;SECONDS" or "until;DATE", for notices; empty: none was given
    friend bool operator==(TransferWishes const&, TransferWishes const&) = default;
};

// One outside recipient of one message; of one that is scheduled, an inside one as well.
struct QueueItem {
    QueueItemId id{};
    MessageId message{};
    AccountId owner{};          // who submitted it
    std::string reverse_path;   // empty: the null reverse-path
    std::string recipient;      // forward-path mailbox
    std::string envelope_id;    // RFC 3461 ENVID, xtext as received
    std::string return_content; // RFC 3461 RET: "", "FULL" or "HDRS"
    DsnWishes wishes;
    bool body_8bit = false;   // BODY=8BITMIME or BINARYMIME was declared
    bool body_binary = false; // BINARYMIME
    bool smtputf8 = false;
    std::uint64_t size = 0; // of the message, octets
    Urgency urgency = Urgency::normal;
    bool flagged = false;   // its sender wants it sent first (waiting.h)
    bool held = false;      // by an administrator, until it is released
    bool withdrawn = false; // by its sender, until the mark goes (waiting.h)
    TransferWishes transfer;
    bool scheduled = false; // until transfer.release
    WallTime queued{};
    LinkTime since{};           // when it was queued, too
    LinkTime next_attempt{};    // not before
    std::uint32_t attempts = 0; // that a server answered
    std::uint32_t cuts = 0;     // that a connection did not outlive
    WallTime last_attempt{};
    // An attempt was begun whose end is not known: if the power was cut then, the message may have arrived.
    bool under_way = false;
    bool delay_told = false; // its sender knows that it waits
    std::string last_reply;  // of who refused it for the time being, or why nobody could be asked
};

// How a connection to a relay, or to a provider's mailbox, is secured (RFC 8314 §3, RFC 3207).
enum class RelaySecurity : std::uint8_t {
    implicit_tls = 1,
    starttls,      // or no mail
    opportunistic, // STARTTLS where it is offered, with whatever certificate
    plain,
};

// Whom mail for outside is given to.
struct Relay {
    std::string name; // what the administrator calls it: lower case letters, digits, "-"
    std::string host; // a name or an address; empty: each domain's own servers (RFC 5321 §5.1)
    std::uint16_t port = 0;
    RelaySecurity security = RelaySecurity::starttls;
    std::string authority; // PEM: by whom its certificate must be signed; or its key's digest (net/key_digest.h);
                           // empty: by whom the system trusts
    std::string login;     // empty: none
    core::Secret password;
    bool token = false; // the password is an OAuth 2.0 access token
    std::vector<std::string>
        domains;                   // it is for these alone: "example.org", ".example.org" for all below; empty: for all
    std::uint32_t preference = 10; // the lowest is asked first

    [[nodiscard]] bool is_direct() const { return host.empty(); }
};

// A server elsewhere that may bring mail to our port 25, once it proved who it is.
struct Upstream {
    std::string name;                   // what the administrator calls it: lower case letters, digits, "-"
    std::vector<std::string> addresses; // from where it comes, and ranges: net/address.h
    std::string login;                  // by which it logs in, in lower case; empty: by a certificate
    ScramVerifier verifier;             // no iterations: there is no password yet
    std::string certificate;            // PEM: its own, or that of who has to have signed it
};

// What the name server says of a name because the administrator wants it.
struct DnsName {
    std::string name; // "printer.office.lan": letters in lower case, digits, "-", "_" and dots
    // Each as in a zone's file (RFC 1035 §5.1), with names that are whole: "3600 A 192.168.1.20". At least one.
    std::vector<std::string> records;
    friend bool operator==(DnsName const&, DnsName const&) = default;
};

enum class FetchProtocol : std::uint8_t {
    imap = 1,
    pop3,
    etrn, // of SMTP, for a server that keeps mail for domains of ours: it brings that to our port 25 (RFC 1985)
    atrn, // and one that brings it on the connection on which it is asked (RFC 2645)
};

// A mailbox at a provider from which mail is fetched, or a server there that keeps mail for us.
struct FetchSource {
    std::string name; // what the administrator calls it: lower case letters, digits, "-"
    FetchProtocol protocol = FetchProtocol::imap;
    std::string host; // a name or an address
    std::uint16_t port = 0;
    RelaySecurity security = RelaySecurity::implicit_tls;
    std::string authority; // PEM: by whom its certificate must be signed; or its key's digest (net/key_digest.h);
                           // empty: by whom the system trusts
    std::string login;
    core::Secret password;
    bool token = false; // the password is an OAuth 2.0 access token
    std::string mailbox =
        "INBOX";            // IMAP's, UTF-8; by ETRN and ATRN, domains: "a.example,b.example"; empty: the office's
    AccountId account{};    // who gets the mail; of a mailbox that is sorted, the rest
    bool sorted = false;    // it is for several: by the addresses in its header
    std::string sort_field; // which field they stand in; empty: the usual ones
    std::optional<std::uint64_t>
        keep_days;                // how long messages stay at the provider once they are here; nothing: always
    bool mark_seen = false;       // at the provider, what stays there
    std::uint32_t interval = 300; // seconds between two looks, where the provider does not tell of news
    std::optional<std::uint64_t>
        thin{}; // octets: of a message that is larger a stub comes first; nothing: all come whole

    [[nodiscard]] bool is_mailbox() const { return protocol == FetchProtocol::imap || protocol == FetchProtocol::pop3; }
    [[nodiscard]] bool lacks_login() const { return login.empty() && protocol != FetchProtocol::etrn; }
};

// The mailbox of a source of IMAP, as it was when it was seen last.
struct FetchedMailbox {
    std::string place; // which one it was: octets
    UidValidity uid_validity{};
    Uid settled{1}; // of all messages below nothing is left to be fetched
    Uid doubtful{}; // those below were there when UIDVALIDITY became another: they may have been taken before
};

// A message that was taken.
struct Fetched {
    std::string id;   // what its provider calls it: octets
    std::string mark; // by which it is recognised under another id
    WallTime taken{};
    MessageId stub{}; // what is here instead of it (stubs.h); 0: it came whole, or nobody wants it
    friend bool operator==(Fetched const&, Fetched const&) = default;
};

// Where a stub lies.
struct StubPlace {
    MailboxId mailbox{};
    Uid uid{};
    bool asked = false; // for the original, by a flag or a keyword there
    friend bool operator==(StubPlace const&, StubPlace const&) = default;
};

// What is known of a message that is a stub.
struct Stub {
    MessageId message{};
    std::string source;            // where the original is
    std::string id;                // and what it is called there; empty: it cannot be had any more
    std::uint64_t size = 0;        // octets of the original, as its provider says
    std::vector<StubPlace> places; // at least one

    [[nodiscard]] bool asked() const;
};

struct Alias {
    std::string address;                // lower case: "sales@office.lan", or "@office.lan" for a domain's catch-all
    std::vector<std::string> targets;   // addresses, local or outside
    std::vector<MailboxId> mailboxes{}; // of the office, whatever they are called
};

// What one command did to a mailbox: RFC 7162's VANISHED, and what a session reads to catch up.
struct Change {
    ModSeq modseq{};
    UidSet added;
    UidSet changed; // flags
    UidSet expunged;
};

} // namespace postern::store
