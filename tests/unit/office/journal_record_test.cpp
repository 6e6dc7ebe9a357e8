#include "office/journal_record.h"

#include <CppUTest/TestHarness.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::office;
using core::Detail;
using core::Event;
using namespace std::chrono_literals;

namespace {

constexpr core::WallTime morning = std::chrono::sys_days{2026y / 1 / 5} + 10h;

JournalRecord accepted(std::uint64_t message, core::WallTime time = morning) {
    std::array const details{Detail("message", message), Detail("from", "alice@office.lan"), Detail("size", 2048)};
    return make_journal_record(Event::message_accepted, details, time);
}

std::string block_of(std::vector<JournalRecord> const& records) {
    JournalBlock block;
    for (JournalRecord const& record : records) block.add(record);
    return block.take();
}

std::vector<JournalRecord> read(std::string_view blocks) {
    std::vector<JournalRecord> records;
    CHECK(for_each_journal_record(blocks, [&](JournalRecord const& record) {
        records.push_back(record);
        return true;
    }));
    return records;
}

} // namespace

TEST_GROUP(JournalRecord){};

TEST(JournalRecord, an_event_is_kept_with_what_the_journal_knows_of_it) {
    std::array const details{Detail("message", 4711),      Detail("to", "carol@example.org"), Detail("accounts", "7,3"),
                             Detail("password", "secret"), Detail("mailboxes", ""),           Detail("size", "many")};
    auto const records = read(block_of({make_journal_record(Event::message_delivered, details, morning)}));
    LONGS_EQUAL(1, records.size());
    JournalRecord const& record = records.front();
    CHECK(record.event == Event::message_delivered);
    CHECK(record.time == morning);
    CHECK(record.number(JournalKey::message) == 4711U);
    CHECK(record.text(JournalKey::to) == "carol@example.org");
    CHECK(std::vector(record.numbers(JournalKey::accounts).begin(), record.numbers(JournalKey::accounts).end()) ==
          (std::vector<std::uint64_t>{7, 3}));
    LONGS_EQUAL(3, record.fields.size()); // no secret, nothing empty, nothing that is not what it should be
    CHECK(record.text(JournalKey::from).empty());
    CHECK_FALSE(record.number(JournalKey::size));
}

TEST(JournalRecord, only_what_happens_to_mail_is_for_the_journal) {
    CHECK(is_for_journal(Event::message_accepted));
    CHECK_FALSE(is_for_journal(Event::login_accepted));
    CHECK_FALSE(is_for_journal(Event::setting_changed));
}

TEST(JournalRecord, many_come_back_in_their_order_whatever_the_clock_did) {
    std::vector<JournalRecord> const records{accepted(1), accepted(2, morning + 1h), accepted(3, morning - 24h)};
    CHECK(read(block_of(records)) == records);
    CHECK(read(block_of(records) + block_of({accepted(4)})).size() == 4);
}

TEST(JournalRecord, a_message_takes_few_octets) {
    std::vector<JournalRecord> records;
    for (std::uint64_t message = 100'000; message < 100'010; ++message) records.push_back(accepted(message));
    CHECK(block_of(records).size() < 10 * 35); // 16 of them its sender
}

TEST(JournalRecord, texts_and_lists_are_cut) {
    std::string numbers = "1";
    for (int number = 2; number <= 1000; ++number) numbers += "," + std::to_string(number);
    std::array const details{Detail("reply", std::string(100'000, 'x')), Detail("messages", numbers)};
    auto const record = make_journal_record(Event::message_deleted, details, morning);
    LONGS_EQUAL(most_journal_text, record.text(JournalKey::reply).size());
    LONGS_EQUAL(most_journal_numbers, record.numbers(JournalKey::messages).size());
    CHECK(read(block_of({record})) == std::vector{record});
}

TEST(JournalRecord, what_is_torn_or_broken_is_passed_over) {
    std::string const first = block_of({accepted(1)}), second = block_of({accepted(2)});
    for (std::size_t left = 0; left < first.size(); ++left) {
        auto const records = read(first.substr(0, left) + second);
        LONGS_EQUAL(1, records.size());
        CHECK(records.front() == accepted(2));
    }
    for (std::size_t at = 0; at < first.size(); ++at) {
        std::string flipped = first;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
        auto const records = read(flipped + second);
        LONGS_EQUAL(1, records.size());
    }
    CHECK(read(std::string(10'000, '\0') + first).size() == 1);
}

TEST(JournalRecord, after_a_thousand_broken_blocks_the_rest_is_not_looked_at) {
    std::string const good = block_of({accepted(1)});
    std::string broken = good;
    broken.back() = static_cast<char>(broken.back() ^ 1);
    std::string many;
    for (int block = 0; block < 999; ++block) many += broken;
    LONGS_EQUAL(1, read(many + good).size());
    LONGS_EQUAL(0, read(many + broken + good).size()); // or checksums of what was made for it would take very long
}

TEST(JournalRecord, who_has_seen_enough_is_left_alone) {
    int seen = 0;
    CHECK_FALSE(for_each_journal_record(block_of({accepted(1), accepted(2)}), [&](auto const&) { return ++seen < 1; }));
    LONGS_EQUAL(1, seen);
}
