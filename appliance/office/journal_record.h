// How the journal (journal.h) keeps events of the log: packed records, many to a block, each block with its checksum.
// Of an event it keeps what the tables in journal_record.cpp name; nothing else gets in. What a newer version wrote is
// read as far as this one knows it. Pure; any thread.
//
//   block  = magic, CRC-32C of the rest u32, size of what follows u32, time of the first record, record...
//   record = event, time since the record before, number of fields, field...
//   field  = key and kind, then a number, a text behind its length, or numbers behind their count
//
// u32 are big-endian, all other numbers varints; times are seconds, and may go back.
#pragma once

#include "core/clock.h"
#include "core/log.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace postern::office {

// Their numbers are kept: a key is never another one.
enum class JournalKey : std::uint8_t {
    message = 1,
    about,     // the message that a notice is about
    from,      // reverse-path
    to,        // forward-path, as it was given
    accounts,  // in whose INBOX it is
    mailboxes, // of the office, where it is
    peer,
    login,
    message_id,
    size,
    relay,
    reply,
    code,
    reason,
    by,
    service,
    messages,
    mailbox,
    into, // a mailbox
};

using JournalValue = std::variant<std::uint64_t, std::string, std::vector<std::uint64_t>>;

struct JournalRecord {
    core::Event event{};
    core::WallTime time{};
    std::vector<std::pair<JournalKey, JournalValue>> fields;

    // What is not there is nothing, or empty.
    [[nodiscard]] std::optional<std::uint64_t> number(JournalKey key) const;
    [[nodiscard]] std::string_view text(JournalKey key) const;
    [[nodiscard]] std::span<std::uint64_t const> numbers(JournalKey key) const;

    friend bool operator==(JournalRecord const&, JournalRecord const&) = default;
};

inline constexpr std::size_t most_journal_text = 512;    // octets kept of a text
inline constexpr std::size_t most_journal_numbers = 256; // of a list of numbers, which are written with commas between

[[nodiscard]] bool is_for_journal(core::Event event);

// What is kept of an event that is.
[[nodiscard]] JournalRecord make_journal_record(core::Event event, std::span<core::Detail const> details,
                                                core::WallTime now);

// Gathers records for one block.
class JournalBlock {
public:
    void add(JournalRecord const& record);
    [[nodiscard]] std::size_t octets() const { return records_.size(); }
    // The whole block; the next record begins another one. Nothing was added: empty.
    [[nodiscard]] std::string take();

private:
    std::string records_;
    core::WallTime begin_{};
    core::WallTime last_{};
};

// With its magic, checksum and size.
[[nodiscard]] std::string seal_journal_block(std::string_view content);

// The records of all blocks that are whole, in their order; `visit` returns whether to go on. What is torn or broken is
// passed over, up to a bound on the work that it makes. Returns whether `visit` wanted to go on.
bool for_each_journal_record(std::string_view blocks, std::function<bool(JournalRecord const&)> const& visit);

} // namespace postern::office
