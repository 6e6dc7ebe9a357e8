// The records as octets: a version byte, then numbers as varints (core/varint.h; times zigzagged) and
// strings with their length before them. Ids that the key holds are not repeated in the value.
// Pure. decode refuses whatever encode does not make, and never takes more memory than a small multiple of its input.
#pragma once

#include "store/audit.h"
#include "store/messages.h"
#include "store/metadata.h"
#include "store/records.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::store {

// What an account's row holds beyond Account.
struct AccountRecord {
    Account account;
    UidValidity vacated{}; // the highest UIDVALIDITY of a mailbox that was deleted or renamed
};

// What a mailbox's row holds beyond Mailbox.
struct MailboxRecord {
    Mailbox mailbox;
    std::uint32_t change_rows = 0;
};

// What a name stands for.
struct NameRow {
    std::uint32_t id = 0; // MailboxId, or AccountId where it is a login
    std::string name;
};

// How many index rows and queue rows refer to a message. Apart from its record, which may be long: a COPY of many
// messages would write all of theirs anew.
struct Reference {
    std::uint32_t count = 0;
};

enum class GarbageState : std::uint8_t { spooling = 1, dead = 2 };

// A body that still arrives, or one to be erased, with its message's record if it had one.
struct Garbage {
    GarbageState state = GarbageState::dead;
    std::uint64_t size = 0; // octets
};

[[nodiscard]] std::string encode(AccountRecord const& record);
[[nodiscard]] std::string encode(MailboxRecord const& record);
[[nodiscard]] std::string encode(NameRow const& row);
[[nodiscard]] std::string encode(IndexRow const& row);
[[nodiscard]] std::string encode(Change const& change);
[[nodiscard]] std::string encode(Acl const& acl);
[[nodiscard]] std::string encode(MessageView const& message);
[[nodiscard]] std::string encode(Reference const& reference);
[[nodiscard]] std::string encode(Garbage const& garbage);
[[nodiscard]] std::string encode(QueueItem const& item);
[[nodiscard]] std::string encode(Relay const& relay);
[[nodiscard]] std::string encode(Upstream const& upstream);
[[nodiscard]] std::string encode(DnsName const& name);
[[nodiscard]] std::string encode(FetchSource const& source);
[[nodiscard]] std::string encode(FetchedMailbox const& mailbox);
[[nodiscard]] std::string encode(Fetched const& fetched);
[[nodiscard]] std::string encode(Stub const& stub);
[[nodiscard]] std::string encode(Entry const& entry);
[[nodiscard]] std::string encode(Alias const& alias);
[[nodiscard]] std::string encode(AuditRow const& row);
[[nodiscard]] std::string encode_text(std::string_view text); // a setting's value, a subscribed name

[[nodiscard]] std::optional<AccountRecord> decode_account(AccountId id, std::string_view octets);
[[nodiscard]] std::optional<MailboxRecord> decode_mailbox(MailboxId id, std::string_view octets);
[[nodiscard]] std::optional<NameRow> decode_name(std::string_view octets);
[[nodiscard]] std::optional<IndexRow> decode_index(Uid uid, std::string_view octets);
[[nodiscard]] std::optional<Change> decode_change(ModSeq modseq, std::string_view octets);
[[nodiscard]] std::optional<Acl> decode_acl(std::string_view octets);
[[nodiscard]] std::optional<MessageView> decode_message(MessageId id, std::string_view octets); // points into octets
[[nodiscard]] std::optional<Reference> decode_reference(std::string_view octets);
[[nodiscard]] std::optional<Garbage> decode_garbage(std::string_view octets);
[[nodiscard]] std::optional<QueueItem> decode_queue_item(QueueItemId id, std::string_view octets);
[[nodiscard]] std::optional<Relay> decode_relay(std::string_view name, std::string_view octets);
[[nodiscard]] std::optional<Upstream> decode_upstream(std::string_view name, std::string_view octets);
[[nodiscard]] std::optional<DnsName> decode_dns_name(std::string_view name, std::string_view octets);
[[nodiscard]] std::optional<FetchSource> decode_fetch_source(std::string_view name, std::string_view octets);
[[nodiscard]] std::optional<FetchedMailbox> decode_fetched_mailbox(std::string_view octets);
[[nodiscard]] std::optional<Fetched> decode_fetched(std::string_view id, std::string_view octets);
[[nodiscard]] std::optional<Stub> decode_stub(MessageId message, std::string_view octets);
[[nodiscard]] std::optional<Entry> decode_entry(std::string_view octets);
[[nodiscard]] std::optional<Alias> decode_alias(std::string_view address, std::string_view octets);
[[nodiscard]] std::optional<AuditRow> decode_audit(std::uint64_t sequence, std::string_view octets);
[[nodiscard]] std::optional<std::string> decode_text(std::string_view octets);

} // namespace postern::store
