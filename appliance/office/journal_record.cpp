#include "office/journal_record.h"

#include "core/crc32c.h"
#include "message/packed.h"
#include "store/schema.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>

namespace postern::office {

namespace {

using core::Event;

// Their codes are kept: an event has its code for ever.
struct EventCode {
    std::uint8_t code;
    Event event;
};
constexpr EventCode event_codes[] = {
    {1, Event::daemon_started},    {2, Event::daemon_stopped},     {3, Event::message_accepted},
    {4, Event::message_refused},   {5, Event::recipient_refused},  {6, Event::message_delivered},
    {7, Event::message_queued},    {8, Event::message_read},       {9, Event::message_moved},
    {10, Event::message_deleted},  {11, Event::message_held},      {12, Event::message_released},
    {13, Event::message_recalled}, {14, Event::notice_made},       {15, Event::message_sent},
    {16, Event::message_deferred}, {17, Event::message_returned},  {18, Event::message_in_doubt},
    {20, Event::message_stubbed},  {21, Event::message_completed},
};

enum class Kind : std::uint8_t { number, text, numbers }; // kept, too
constexpr unsigned kind_bits = 2;

struct KeyRow {
    JournalKey key;
    std::string_view name; // as the log has it
    Kind kind;
};
constexpr KeyRow key_rows[] = {
    {JournalKey::message, "message", Kind::number},
    {JournalKey::about, "about", Kind::number},
    {JournalKey::from, "from", Kind::text},
    {JournalKey::to, "to", Kind::text},
    {JournalKey::accounts, "accounts", Kind::numbers},
    {JournalKey::mailboxes, "mailboxes", Kind::numbers},
    {JournalKey::peer, "peer", Kind::text},
    {JournalKey::login, "login", Kind::text},
    {JournalKey::message_id, "message_id", Kind::text},
    {JournalKey::size, "size", Kind::number},
    {JournalKey::relay, "relay", Kind::text},
    {JournalKey::reply, "reply", Kind::text},
    {JournalKey::code, "code", Kind::number},
    {JournalKey::reason, "reason", Kind::text},
    {JournalKey::by, "by", Kind::text},
    {JournalKey::service, "service", Kind::text},
    {JournalKey::messages, "messages", Kind::numbers},
    {JournalKey::mailbox, "mailbox", Kind::number},
    {JournalKey::into, "into", Kind::number},
};

constexpr std::string_view magic = "\xB7Pj1"; // no letter: it is nothing that texts have
constexpr std::size_t header_octets = 12;
constexpr std::size_t most_block_octets = 64 * 1024;
constexpr unsigned most_broken = 1000;                 // blocks with a wrong checksum that are looked at
constexpr std::uint64_t last_second = 253'402'300'799; // of the year 9999: what is later cannot be written as a date

std::optional<std::uint64_t> read_number(std::string_view written) {
    std::uint64_t number = 0;
    auto const* const end = written.data() + written.size();
    auto const [stop, error] = std::from_chars(written.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

std::optional<std::vector<std::uint64_t>> read_numbers(std::string_view written) {
    std::vector<std::uint64_t> numbers;
    while (!written.empty() && numbers.size() < most_journal_numbers) {
        auto const end = std::min(written.find(','), written.size());
        auto const number = read_number(written.substr(0, end));
        if (!number) return std::nullopt;
        numbers.push_back(*number);
        written.remove_prefix(std::min(end + 1, written.size()));
    }
    return numbers;
}

// Nothing: it is not there, or not what it should be.
std::optional<JournalValue> read_value(Kind kind, std::string_view written) {
    if (written.empty()) return std::nullopt;
    switch (kind) {
    case Kind::number: return read_number(written);
    case Kind::text: return std::string(written.substr(0, most_journal_text));
    case Kind::numbers: return read_numbers(written);
    }
    return std::nullopt;
}

// Differences in few octets, whichever way they go: 0, -1, 1, -2, ...
std::uint64_t fold(std::uint64_t value, std::uint64_t before) {
    std::uint64_t const difference = value - before;
    return (difference << 1U) ^ (difference >> 63U == 0 ? 0 : ~std::uint64_t{0});
}
std::uint64_t unfold(std::uint64_t folded, std::uint64_t before) {
    return before + ((folded >> 1U) ^ ((folded & 1U) == 0 ? 0 : ~std::uint64_t{0}));
}

std::uint64_t seconds(core::WallTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }
core::WallTime wall_time(std::uint64_t seconds) {
    return core::WallTime(std::chrono::seconds{static_cast<std::int64_t>(seconds)});
}

void put(message::PackedWriter& out, JournalKey key, JournalValue const& value) {
    out.number((std::uint64_t{static_cast<std::uint8_t>(key)} << kind_bits) | value.index());
    if (auto const* number = std::get_if<std::uint64_t>(&value)) {
        out.number(*number);
    } else if (auto const* text = std::get_if<std::string>(&value)) {
        out.string(*text);
    } else {
        std::uint64_t before = 0;
        out.list(std::get<std::vector<std::uint64_t>>(value), [&](std::uint64_t one) {
            out.number(fold(one, before));
            before = one;
        });
    }
}

JournalValue get_value(message::PackedReader& in, Kind kind) {
    switch (kind) {
    case Kind::number: return in.number();
    case Kind::text: return std::string(in.string());
    case Kind::numbers: break;
    }
    std::vector<std::uint64_t> numbers;
    std::uint64_t before = 0;
    for (auto left = in.number(most_journal_numbers); left > 0 && !in.failed(); --left)
        numbers.push_back(before = unfold(in.number(), before));
    return numbers;
}

// Moves the time on. Nothing: an event that is not known.
std::optional<JournalRecord> get_record(message::PackedReader& in, std::uint64_t& time) {
    auto const code = in.number();
    time = unfold(in.number(), time);
    if (time > last_second) in.fail();
    JournalRecord record{.event = {}, .time = wall_time(time), .fields = {}};
    for (auto left = in.number(std::size(key_rows) * 4); left > 0 && !in.failed(); --left) {
        auto const head = in.number();
        auto const kind = head & ((1U << kind_bits) - 1);
        if (kind > static_cast<unsigned>(Kind::numbers)) in.fail();
        auto value = get_value(in, static_cast<Kind>(kind));
        auto const row = std::ranges::find(key_rows, head >> kind_bits, [](KeyRow const& one) {
            return std::uint64_t{static_cast<std::uint8_t>(one.key)};
        });
        if (row != std::end(key_rows) && value.index() == static_cast<std::size_t>(row->kind))
            record.fields.emplace_back(row->key, std::move(value));
    }
    auto const known =
        std::ranges::find(event_codes, code, [](EventCode const& one) -> std::uint64_t { return one.code; });
    if (in.failed() || known == std::end(event_codes)) return std::nullopt;
    record.event = known->event;
    return record;
}

template <typename Value> Value const* find_value(JournalRecord const& record, JournalKey key) {
    auto const field = std::ranges::find(record.fields, key, [](auto const& one) { return one.first; });
    return field == record.fields.end() ? nullptr : std::get_if<Value>(&field->second);
}

} // namespace

std::optional<std::uint64_t> JournalRecord::number(JournalKey key) const {
    auto const* value = find_value<std::uint64_t>(*this, key);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

std::string_view JournalRecord::text(JournalKey key) const {
    auto const* value = find_value<std::string>(*this, key);
    return value == nullptr ? std::string_view() : *value;
}

std::span<std::uint64_t const> JournalRecord::numbers(JournalKey key) const {
    auto const* value = find_value<std::vector<std::uint64_t>>(*this, key);
    return value == nullptr ? std::span<std::uint64_t const>() : *value;
}

bool is_for_journal(Event event) { return std::ranges::contains(event_codes, event, &EventCode::event); }

JournalRecord make_journal_record(Event event, std::span<core::Detail const> details, core::WallTime now) {
    JournalRecord record{.event = event, .time = now, .fields = {}};
    for (core::Detail const& detail : details) {
        auto const row = std::ranges::find(key_rows, detail.key, &KeyRow::name);
        if (row == std::end(key_rows)) continue;
        if (auto value = read_value(row->kind, detail.value)) record.fields.emplace_back(row->key, std::move(*value));
    }
    return record;
}

void JournalBlock::add(JournalRecord const& record) {
    if (records_.empty()) begin_ = last_ = record.time;
    message::PackedWriter out;
    auto const code = std::ranges::find(event_codes, record.event, &EventCode::event);
    out.number(code->code);
    out.number(fold(seconds(record.time), seconds(last_)));
    out.number(record.fields.size());
    for (auto const& [key, value] : record.fields) put(out, key, value);
    last_ = record.time;
    records_ += out.take();
}

std::string JournalBlock::take() {
    if (records_.empty()) return {};
    message::PackedWriter begin;
    begin.number(fold(seconds(begin_), 0));
    return seal_journal_block(begin.take() + std::exchange(records_, {}));
}

std::string seal_journal_block(std::string_view content) {
    std::string checked;
    store::append_big_endian(checked, static_cast<std::uint32_t>(content.size()));
    checked += content;
    std::string block(magic);
    store::append_big_endian(block, core::crc32c(checked));
    return block + checked;
}

bool for_each_journal_record(std::string_view blocks, std::function<bool(JournalRecord const&)> const& visit) {
    unsigned broken = 0;
    while (broken < most_broken) {
        auto const at = blocks.find(magic);
        if (at == std::string_view::npos) break;
        blocks.remove_prefix(at);
        auto const size = store::u32_at(blocks, magic.size() + 4);
        if (!size || *size > most_block_octets || *size > blocks.size() - header_octets) {
            blocks.remove_prefix(magic.size());
            continue;
        }
        if (core::crc32c(blocks.substr(magic.size() + 4, 4 + *size)) != *store::u32_at(blocks, magic.size())) {
            blocks.remove_prefix(magic.size());
            ++broken;
            continue;
        }
        message::PackedReader in(blocks.substr(header_octets, *size));
        blocks.remove_prefix(header_octets + *size);
        std::uint64_t time = unfold(in.number(), 0);
        while (!in.failed() && !in.at_end())
            if (auto const record = get_record(in, time); record && !visit(*record)) return false;
    }
    return true;
}

} // namespace postern::office
