#include "store/codec.h"

#include "store/packing.h"

#include <charconv>
#include <cstdlib>
#include <format>
#include <limits>
#include <type_traits>
#include <utility>

namespace postern::store {

namespace {

// Of every record record_version, but for:
constexpr char queue_version = 3;       // 1: before the link's time was counted
constexpr char older_queue_version = 2; // before senders could change what waits of theirs
constexpr char heading_version = 2;     // of a message that is a heading before another
constexpr char thin_version = 2;        // of a source of which stubs come, and of a message that is one

// Records whose fields are all named once, for encode and decode alike.
template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, QueueItem>
{
    return use(r.message, r.owner, r.reverse_path, r.recipient, r.envelope_id, r.return_content, r.wishes.notify,
               r.wishes.original_recipient, r.body_8bit, r.body_binary, r.smtputf8, r.size, r.urgency, r.held, r.queued,
               r.since, r.next_attempt, r.attempts, r.cuts, r.last_attempt, r.under_way, r.delay_told, r.last_reply);
}

// What came with the third version of a queue item.
auto with_newer_fields(auto& item, auto&& use) {
    auto& wishes = item.transfer;
    return use(item.flagged, item.withdrawn, wishes.priority, wishes.deliver_by, wishes.late_returns, wishes.late_told,
               wishes.trace, wishes.release, wishes.release_request, item.scheduled);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, Relay>
{
    return use(r.host, r.port, r.security, r.authority, r.login, r.password, r.token, r.domains, r.preference);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, Upstream>
{
    return use(r.addresses, r.login, r.verifier.salt, r.verifier.iterations, r.verifier.stored_key,
               r.verifier.server_key, r.certificate);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, DnsName>
{
    return use(r.records);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, FetchSource>
{
    return use(r.protocol, r.host, r.port, r.security, r.authority, r.login, r.password, r.token, r.mailbox, r.account,
               r.sorted, r.sort_field, r.keep_days, r.mark_seen, r.interval);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, FetchedMailbox>
{
    return use(r.place, r.uid_validity, r.settled, r.doubtful);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, Fetched>
{
    return use(r.mark, r.taken);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, AccountRecord>
{
    auto& a = r.account;
    return use(a.login, a.verifier.salt, a.verifier.iterations, a.verifier.stored_key, a.verifier.server_key,
               a.administrator, a.created, a.quota.octets, a.quota.messages, r.vacated, a.certificate);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, MailboxRecord>
{
    auto& m = r.mailbox;
    return use(m.account, m.name, m.uid_validity, m.uid_next, m.highest_modseq, m.expunge_floor, m.first_recent,
               m.messages, m.unseen, m.deleted, m.octets, m.keywords, m.special_use, m.selectable, m.created,
               r.change_rows);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, NameRow>
{
    return use(r.id, r.name);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, Change>
{
    return use(r.added, r.changed, r.expunged);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, Reference>
{
    return use(r.count);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, Garbage>
{
    return use(r.state, r.size);
}

template <typename Record>
auto with_fields(Record& r, auto&& use)
    requires std::is_same_v<std::remove_const_t<Record>, AuditRow>
{
    return use(r.time, r.event, r.details, r.before);
}

// Among an alias's targets, a mailbox: "/7". An address has an "@".
std::string mailbox_target(MailboxId mailbox) { return std::format("/{}", core::number(mailbox)); }

// Nothing for an address.
std::optional<MailboxId> read_mailbox_target(std::string_view target) {
    std::uint32_t id = 0;
    if (!target.starts_with('/')) return std::nullopt;
    auto const [end, error] = std::from_chars(target.data() + 1, target.data() + target.size(), id);
    auto const mailbox = static_cast<MailboxId>(id);
    return error == std::errc{} && mailbox_target(mailbox) == target ? std::optional(mailbox) : std::nullopt;
}

bool is_known(RelaySecurity security) {
    return security >= RelaySecurity::implicit_tls && security <= RelaySecurity::plain;
}

template <typename Record> std::string encode_record(Record const& record) {
    return with_fields(record, [](auto const&... fields) { return encode_fields(fields...); });
}

template <typename Record> std::optional<Record> decode_record(Record record, std::string_view octets) {
    if (!with_fields(record, [&](auto&... fields) { return decode_fields(octets, fields...); })) return std::nullopt;
    return record;
}

// A record with one field more, where there is something in it.
template <typename Record, typename Field> std::string encode_with(Record const& record, Field const& more) {
    Encoder out(thin_version);
    with_fields(record, [&](auto const&... fields) { (out.add(fields), ...); });
    out.add(more);
    return out.take();
}

template <typename Record, typename Field>
std::optional<Record> decode_with(Record record, Field Record::* more, std::string_view octets) {
    if (!octets.starts_with(thin_version)) return decode_record(std::move(record), octets);
    Decoder in(octets, thin_version);
    with_fields(record, [&](auto&... fields) { (in.get(fields), ...); });
    in.get_something(record.*more);
    if (!in.done()) return std::nullopt;
    return record;
}

} // namespace

std::string encode(AccountRecord const& record) { return encode_record(record); }
std::string encode(MailboxRecord const& record) { return encode_record(record); }
std::string encode(NameRow const& row) { return encode_record(row); }
std::string encode(Change const& change) { return encode_record(change); }
std::string encode(Reference const& reference) { return encode_record(reference); }
std::string encode(Garbage const& garbage) { return encode_record(garbage); }
std::string encode(QueueItem const& item) {
    Encoder out(queue_version);
    auto const add = [&](auto const&... fields) { (out.add(fields), ...); };
    with_fields(item, add);
    with_newer_fields(item, add);
    return out.take();
}
std::string encode(Relay const& relay) { return encode_record(relay); }
std::string encode(Upstream const& upstream) { return encode_record(upstream); }
std::string encode(DnsName const& name) { return encode_record(name); }
std::string encode(FetchSource const& source) {
    return source.thin ? encode_with(source, *source.thin) : encode_record(source);
}
std::string encode(FetchedMailbox const& mailbox) { return encode_record(mailbox); }
std::string encode(Fetched const& fetched) {
    return fetched.stub != MessageId{} ? encode_with(fetched, fetched.stub) : encode_record(fetched);
}
std::string encode(Stub const& stub) {
    Encoder out;
    out.add(stub.source);
    out.add(stub.id);
    out.add(stub.size);
    out.add(std::uint64_t{stub.places.size()});
    for (StubPlace const& place : stub.places) {
        out.add(place.mailbox);
        out.add(place.uid);
        out.add(place.asked);
    }
    return out.take();
}
std::string encode(AuditRow const& row) { return encode_record(row); }
std::string encode(Entry const& entry) { return encode_fields(entry.name, entry.value); }
std::string encode(Alias const& alias) {
    std::vector<std::string> targets = alias.targets;
    for (MailboxId const mailbox : alias.mailboxes) targets.push_back(mailbox_target(mailbox));
    return encode_fields(targets);
}
std::string encode_text(std::string_view text) { return encode_fields(text); }

// In the octet of the flags.
constexpr std::uint8_t filed_bit = 128, stub_bit = 64;

std::string encode(IndexRow const& row) {
    auto const flags =
        static_cast<std::uint8_t>(row.flags.bits() | (row.filed ? filed_bit : 0) | (row.stub ? stub_bit : 0));
    return encode_fields(row.message, row.modseq, flags, row.keywords, row.saved);
}

std::string encode(Acl const& acl) {
    Encoder out;
    out.add(std::uint64_t{acl.size()});
    for (AclEntry const& entry : acl) {
        out.add(entry.who);
        out.add(entry.granted.bits());
        out.add(entry.denied.bits());
    }
    return out.take();
}

// The lengths stand together in front: SEARCH reads many of these, one string of each, and each further place in memory
// costs it as much as all the rest.
std::string encode(MessageView const& message) {
    auto const octets = [](std::string_view text) { return std::uint64_t{text.size()}; };
    Encoder out(message.heading ? heading_version : record_version);
    if (message.heading) {
        out.add(message.heading->before);
        out.add(message.heading->octets);
    }
    out.add(message.references);
    out.add(message.size);
    out.add(message.internal_date);
    for (auto const text :
         {message.search_texts, message.thread_keys, message.signature, message.envelope, message.structure})
        out.add(octets(text));
    return out.take()
        .append(message.search_texts)
        .append(message.thread_keys)
        .append(message.signature)
        .append(message.envelope)
        .append(message.structure);
}

std::optional<AccountRecord> decode_account(AccountId id, std::string_view octets) {
    AccountRecord record;
    record.account.id = id;
    return decode_record(std::move(record), octets);
}

std::optional<MailboxRecord> decode_mailbox(MailboxId id, std::string_view octets) {
    MailboxRecord record;
    record.mailbox.id = id;
    auto decoded = decode_record(std::move(record), octets);
    if (decoded && decoded->mailbox.keywords.size() > max_keywords) return std::nullopt;
    return decoded;
}

std::optional<NameRow> decode_name(std::string_view octets) { return decode_record(NameRow{}, octets); }

std::optional<IndexRow> decode_index(Uid uid, std::string_view octets) {
    IndexRow row;
    row.uid = uid;
    std::uint8_t flags = 0;
    if (!decode_fields(octets, row.message, row.modseq, flags, row.keywords, row.saved)) return std::nullopt;
    row.filed = (flags & filed_bit) != 0;
    row.stub = (flags & stub_bit) != 0;
    flags &= ~(filed_bit | stub_bit);
    row.flags = SystemFlags(flags);
    if (row.flags.bits() != flags) return std::nullopt;
    return row;
}

std::optional<Change> decode_change(ModSeq modseq, std::string_view octets) {
    Change change;
    change.modseq = modseq;
    return decode_record(std::move(change), octets);
}

std::optional<Acl> decode_acl(std::string_view octets) {
    Acl acl;
    Decoder in(octets);
    std::uint64_t size = 0;
    in.get(size);
    while (acl.size() < size) {
        AclEntry entry;
        std::uint16_t granted = 0, denied = 0;
        in.get(entry.who);
        in.get(granted);
        in.get(denied);
        entry.granted = Rights(granted);
        entry.denied = Rights(denied);
        bool const known = entry.granted.bits() == granted && entry.denied.bits() == denied;
        bool const ascends = acl.empty() || acl.back().who < entry.who;
        if (!known || !ascends || (granted | denied) == 0) return std::nullopt;
        acl.push_back(entry);
    }
    if (!in.done()) return std::nullopt;
    return acl;
}

std::optional<MessageView> decode_message(MessageId id, std::string_view octets) {
    MessageView message;
    message.id = id;
    message.body = static_cast<BodyId>(core::number(id));
    bool const has_heading = octets.starts_with(heading_version);
    Decoder in(octets, has_heading ? heading_version : record_version);
    if (has_heading) {
        auto& heading = message.heading.emplace();
        in.get(heading.before);
        in.get(heading.octets);
    }
    std::uint64_t search_texts = 0, thread_keys = 0, signature = 0, envelope = 0, structure = 0;
    in.get(message.references);
    in.get(message.size);
    in.get(message.internal_date);
    in.get(search_texts);
    in.get(thread_keys);
    in.get(signature);
    in.get(envelope);
    in.get(structure);
    in.get_octets(message.search_texts, search_texts);
    in.get_octets(message.thread_keys, thread_keys);
    in.get_octets(message.signature, signature);
    in.get_octets(message.envelope, envelope);
    in.get_octets(message.structure, structure);
    if (!in.done() || (message.heading && message.heading->octets > message.size)) return std::nullopt;
    return message;
}

std::optional<Reference> decode_reference(std::string_view octets) { return decode_record(Reference{}, octets); }

std::optional<Garbage> decode_garbage(std::string_view octets) {
    auto garbage = decode_record(Garbage{}, octets);
    if (!garbage || (garbage->state != GarbageState::spooling && garbage->state != GarbageState::dead))
        return std::nullopt;
    return garbage;
}

std::optional<QueueItem> decode_queue_item(QueueItemId id, std::string_view octets) {
    QueueItem item;
    item.id = id;
    if (octets.starts_with(record_version)) {
        WallTime next_attempt; // by the clock on the wall, which does not count any more
        if (!decode_fields(octets, item.message, item.owner, item.reverse_path, item.recipient, item.envelope_id,
                           item.return_content, item.wishes.notify, item.wishes.original_recipient, item.body_8bit,
                           item.smtputf8, item.attempts, item.queued, next_attempt, item.last_reply))
            return std::nullopt;
        return item;
    }
    bool const is_older = octets.starts_with(older_queue_version);
    Decoder in(octets, is_older ? older_queue_version : queue_version);
    auto const get = [&](auto&... fields) { (in.get(fields), ...); };
    with_fields(item, get);
    if (!is_older) with_newer_fields(item, get);
    if (!in.done() || item.urgency > Urgency::bulk || std::abs(item.transfer.priority.value_or(0)) > 9)
        return std::nullopt;
    return item;
}

std::optional<Relay> decode_relay(std::string_view name, std::string_view octets) {
    Relay relay;
    relay.name = name;
    auto decoded = decode_record(std::move(relay), octets);
    if (!decoded || !is_known(decoded->security)) return std::nullopt;
    return decoded;
}

std::optional<Upstream> decode_upstream(std::string_view name, std::string_view octets) {
    Upstream upstream;
    upstream.name = name;
    return decode_record(std::move(upstream), octets);
}

std::optional<DnsName> decode_dns_name(std::string_view name, std::string_view octets) {
    DnsName made;
    made.name = name;
    auto decoded = decode_record(std::move(made), octets);
    if (!decoded || decoded->records.empty()) return std::nullopt;
    return decoded;
}

std::optional<FetchSource> decode_fetch_source(std::string_view name, std::string_view octets) {
    FetchSource source;
    source.name = name;
    auto decoded = decode_with(std::move(source), &FetchSource::thin, octets);
    bool const known = decoded && is_known(decoded->security) && decoded->protocol >= FetchProtocol::imap &&
                       decoded->protocol <= FetchProtocol::atrn;
    return known ? std::move(decoded) : std::nullopt;
}

std::optional<FetchedMailbox> decode_fetched_mailbox(std::string_view octets) {
    return decode_record(FetchedMailbox{}, octets);
}

std::optional<Fetched> decode_fetched(std::string_view id, std::string_view octets) {
    Fetched fetched;
    fetched.id = id;
    return decode_with(std::move(fetched), &Fetched::stub, octets);
}

std::optional<Stub> decode_stub(MessageId message, std::string_view octets) {
    Stub stub;
    stub.message = message;
    Decoder in(octets);
    in.get(stub.source);
    in.get(stub.id);
    in.get(stub.size);
    std::uint64_t places = 0;
    in.get(places);
    if (places > octets.size()) return std::nullopt; // each takes some
    while (stub.places.size() < places) {
        StubPlace& place = stub.places.emplace_back();
        in.get(place.mailbox);
        in.get(place.uid);
        in.get(place.asked);
    }
    if (!in.done()) return std::nullopt;
    return stub;
}

std::optional<Entry> decode_entry(std::string_view octets) {
    Entry entry;
    if (!decode_fields(octets, entry.name, entry.value)) return std::nullopt;
    return entry;
}

std::optional<Alias> decode_alias(std::string_view address, std::string_view octets) {
    Alias alias{std::string(address), {}};
    std::vector<std::string> targets;
    if (!decode_fields(octets, targets)) return std::nullopt;
    for (std::string& target : targets) {
        if (auto const mailbox = read_mailbox_target(target))
            alias.mailboxes.push_back(*mailbox);
        else if (alias.mailboxes.empty())
            alias.targets.push_back(std::move(target));
        else
            return std::nullopt; // mailboxes stand last
    }
    return alias;
}

std::optional<AuditRow> decode_audit(std::uint64_t sequence, std::string_view octets) {
    AuditRow row;
    row.sequence = sequence;
    return decode_record(std::move(row), octets);
}

std::optional<std::string> decode_text(std::string_view octets) {
    std::string text;
    if (!decode_fields(octets, text)) return std::nullopt;
    return text;
}

} // namespace postern::store
