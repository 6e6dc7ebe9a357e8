#include "store/stubs.h"

#include "store/fetches.h"
#include "store/keywords.h"
#include "store/new_rows.h"
#include "store/quota.h"
#include "store/rows.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <map>
#include <utility>

namespace postern::store {

namespace {

Stub decode_stub_row(MessageId message, std::string_view value) {
    auto stub = decode_stub(message, value);
    if (!stub) damaged(std::format("stub {}", core::number(message)));
    return std::move(*stub);
}

void save(WriteTransaction& transaction, Stub const& stub) {
    put(transaction, Table::fetched, stub_key(stub.message), encode(stub));
}

// The original came, or is not wanted: nothing is known of a stub any more.
void forget(WriteTransaction& transaction, Stub const& stub, std::optional<WallTime> taken) {
    erase(transaction, Table::fetched, stub_key(stub.message));
    auto fetched = find_fetched(transaction, stub.source, stub.id);
    if (!fetched || fetched->stub != stub.message) return;
    fetched->stub = {};
    fetched->taken = taken.value_or(fetched->taken);
    put(transaction, Table::fetched, fetched_rows(stub.source, FetchedRow::message) + stub.id, encode(*fetched));
}

void tell(WriteTransaction& transaction, Stub const& stub) { transaction.pending().stubs.sources.insert(stub.source); }

bool asks(Mailbox const& mailbox, IndexRow const& row) {
    if (row.flags.has(core::SystemFlag::flagged)) return true;
    return std::ranges::any_of(keyword_names(mailbox, row.keywords),
                               [](std::string const& name) { return text::iequals(name, fetch_keyword); });
}

auto find_place(Stub& stub, MailboxId mailbox, Uid uid) {
    return std::ranges::find_if(stub.places,
                                [&](StubPlace const& one) { return one.mailbox == mailbox && one.uid == uid; });
}

// The rows of a stub in one mailbox, by their UIDs.
struct InMailbox {
    MailboxRecord record;
    std::vector<IndexRow> rows;
};
using ByMailbox = std::map<MailboxId, InMailbox>;

ByMailbox rows_of(ReadTransaction const& transaction, Stub const& stub) {
    ByMailbox places;
    for (StubPlace const& place : stub.places) {
        auto [at, made] = places.try_emplace(place.mailbox);
        if (made) {
            auto record = load_selectable(transaction, place.mailbox);
            if (!record) damaged(std::format("mailbox {}", core::number(place.mailbox)));
            at->second.record = std::move(*record);
        }
        auto const row = get_index(transaction, place.mailbox, place.uid);
        if (!row) damaged(std::format("mailbox {} UID {}", core::number(place.mailbox), core::number(place.uid)));
        at->second.rows.push_back(*row);
    }
    for (auto& [mailbox, place] : places) std::ranges::sort(place.rows, {}, &IndexRow::uid);
    return places;
}

// A message of so many octets in place of each of these rows.
Result<void> may_take(ReadTransaction const& transaction, ByMailbox const& places, std::uint64_t octets,
                      Quota const& office) {
    std::map<AccountId, Usage> added;
    for (auto const& [mailbox, place] : places) {
        if (!has_uids(place.record.mailbox, place.rows.size())) return std::unexpected(StoreError::full);
        std::uint64_t const all = octets * place.rows.size();
        added[place.record.mailbox.account].octets += all - std::min(all, size_of(transaction, place.rows).octets);
    }
    for (auto const& [account, usage] : added)
        if (usage != Usage{} && !fits(transaction, account, usage, office))
            return std::unexpected(StoreError::over_quota);
    return {};
}

} // namespace

bool Stub::asked() const { return std::ranges::contains(places, true, &StubPlace::asked); }

Result<void> note_stub(WriteTransaction& transaction, MessageId message, std::string_view source,
                       Fetched const& fetched, std::uint64_t size) {
    auto stub = find_stub(transaction, message);
    if (!stub) throw Failure(StoreError::failed, "a stub that was not delivered as one");
    stub->source = source;
    stub->id = fetched.id;
    stub->size = size;
    Fetched noted = fetched;
    noted.stub = message;
    if (auto const done = note_fetched(transaction, source, noted); !done) return std::unexpected(done.error());
    save(transaction, *stub);
    return {};
}

std::optional<Stub> find_stub(ReadTransaction const& transaction, MessageId message) {
    auto const value = get(transaction, Table::fetched, stub_key(message));
    if (!value) return std::nullopt;
    return decode_stub_row(message, *value);
}

std::vector<Stub> list_stubs(ReadTransaction const& transaction, std::optional<std::string_view> source) {
    std::vector<Stub> stubs;
    auto const prefix = fetched_rows("", FetchedRow::stub);
    for_each_row(transaction, Table::fetched, prefix, [&](std::string_view key, std::string_view value) {
        auto stub = decode_stub_row(static_cast<MessageId>(u64_at(key, prefix.size()).value_or(0)), value);
        if (!source || stub.source == *source) stubs.push_back(std::move(stub));
        return true;
    });
    return stubs;
}

Result<MessageId> complete_stub(WriteTransaction& transaction, MessageId message, NewMessage const& instead,
                                Quota const& office, WallTime now) {
    auto const stub = find_stub(transaction, message);
    if (!stub) return std::unexpected(StoreError::no_such_message);
    auto places = rows_of(transaction, *stub);
    if (auto const may = may_take(transaction, places, instead.size, office); !may) return std::unexpected(may.error());
    if (auto const may = may_make(transaction, instead, stub->places.size()); !may) return std::unexpected(may.error());

    forget(transaction, *stub, now);
    MessageId const id = make_message(transaction, instead, stub->places.size());
    std::string const asking[] = {std::string(fetch_keyword)};
    for (auto& [mailbox, place] : places) {
        auto const bits = keyword_bits(place.record.mailbox, asking);
        std::vector<IndexRow> rows = place.rows;
        Change change;
        for (IndexRow& row : rows) {
            change.expunged.add(row.uid);
            row.message = id;
            row.flags = row.flags - core::SystemFlag::flagged;
            row.keywords &= ~bits.value_or(0);
            row.saved = now;
            row.filed = row.stub = false;
        }
        add_rows(transaction, place.record, rows, [&](std::size_t) { return instead.size; });
        remove_rows(transaction, place.record, place.rows);
        note_change(transaction, place.record, change);
        save_mailbox(transaction, place.record);
    }
    return id;
}

void lose_stub(WriteTransaction& transaction, MessageId message) {
    auto stub = find_stub(transaction, message);
    if (!stub || stub->id.empty()) return;
    if (auto fetched = find_fetched(transaction, stub->source, stub->id); fetched && fetched->stub == message) {
        fetched->stub = {};
        put(transaction, Table::fetched, fetched_rows(stub->source, FetchedRow::message) + stub->id, encode(*fetched));
    }
    stub->id.clear();
    save(transaction, *stub);
    tell(transaction, *stub);
}

void follow_stubs(WriteTransaction& transaction, Mailbox const& mailbox, std::span<IndexRow const> rows) {
    for (IndexRow const& row : rows) {
        if (!row.stub) continue;
        Stub stub;
        stub.message = row.message; // delivered just now: what it is of follows
        if (auto known = find_stub(transaction, row.message)) stub = std::move(*known);
        bool const before = stub.asked();
        auto place = find_place(stub, mailbox.id, row.uid);
        if (place == stub.places.end()) place = stub.places.insert(place, {mailbox.id, row.uid});
        place->asked = asks(mailbox, row);
        save(transaction, stub);
        if (stub.asked() != before) tell(transaction, stub);
    }
}

void leave_stubs(WriteTransaction& transaction, MailboxId mailbox, std::span<IndexRow const> rows) {
    for (IndexRow const& row : rows) {
        auto stub = row.stub ? find_stub(transaction, row.message) : std::nullopt;
        if (!stub) continue;
        bool const before = stub->asked();
        if (auto const place = find_place(*stub, mailbox, row.uid); place != stub->places.end())
            stub->places.erase(place);
        if (stub->places.empty())
            forget(transaction, *stub, std::nullopt);
        else
            save(transaction, *stub);
        if (stub->places.empty() || stub->asked() != before) tell(transaction, *stub);
    }
}

void rename_stub(WriteTransaction& transaction, MessageId message, std::string_view id) {
    auto stub = find_stub(transaction, message);
    if (!stub) return;
    stub->id = id;
    save(transaction, *stub);
}

} // namespace postern::store
