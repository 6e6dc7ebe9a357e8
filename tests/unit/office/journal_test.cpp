#include "office/journal.h"
#include "support/office_fixture.h"

#include <CppUTest/TestHarness.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::office;
using core::Event;
using namespace std::chrono_literals;

TEST_GROUP(Journal) {
    test::OfficeFixture fixture{1};
    std::filesystem::path directory = fixture.directory() / "journal";
    static constexpr Journal::Limits limits{.octets = 1024 * 1024, .age = 8 * 24h};
    std::unique_ptr<Journal> journal = open();

    std::unique_ptr<Journal> open(Journal::Limits with = limits) {
        return std::make_unique<Journal>(directory, fixture.clock, with);
    }
    void reopen(Journal::Limits with = limits) {
        journal.reset();
        journal = open(with);
    }
    static void accept(std::uint64_t message) {
        core::log(Event::message_accepted, {{"message", message}, {"from", std::string(90, 'x')}});
    }
    std::vector<std::uint64_t> messages() {
        std::vector<std::uint64_t> found;
        journal->snapshot().for_each([&](JournalRecord const& record) {
            found.push_back(record.number(JournalKey::message).value_or(0));
            return true;
        });
        return found;
    }
    std::vector<std::filesystem::path> files() {
        std::vector<std::filesystem::path> found;
        if (std::filesystem::exists(directory))
            for (auto const& entry : std::filesystem::directory_iterator(directory)) found.push_back(entry.path());
        return found;
    }
    std::uint64_t octets() {
        std::uint64_t all = 0;
        for (auto const& file : files()) all += std::filesystem::file_size(file);
        return all;
    }

    void setup() override { core::set_log_level(core::Level::error); }
};

TEST(Journal, hears_what_is_logged_whatever_the_level) {
    core::log(Event::message_read, {{"message", 1}}); // for who debugs
    accept(2);
    core::log(Event::login_accepted, {{"login", "alice"}});
    CHECK((messages() == std::vector<std::uint64_t>{1, 2}));
    LONGS_EQUAL(0, files().size()); // all of it in memory
}

TEST(Journal, what_was_written_and_what_was_not_are_told_together) {
    accept(1);
    journal->write();
    LONGS_EQUAL(1, files().size());
    accept(2);
    CHECK((messages() == std::vector<std::uint64_t>{1, 2}));
    reopen();
    CHECK((messages() == std::vector<std::uint64_t>{1, 2}));
    accept(3);
    journal->write();
    LONGS_EQUAL(1, files().size()); // goes on with the same
    CHECK((messages() == std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(Journal, is_for_its_owner_alone) {
    accept(1);
    journal->write();
    struct stat file{};
    LONGS_EQUAL(0, ::stat(files().front().c_str(), &file));
    LONGS_EQUAL(0600, file.st_mode & 0777);
}

TEST(Journal, who_fetches_a_message_again_and_again_is_told_of_once) {
    for (int time = 0; time < 3; ++time)
        for (auto const* login : {"alice", "bob"}) core::log(Event::message_read, {{"message", 1}, {"login", login}});
    LONGS_EQUAL(2, messages().size());
}

TEST(Journal, what_is_refused_again_and_again_leaves_room_for_mail) {
    auto const refuse = [](std::string_view to) { core::log(Event::recipient_refused, {{"to", to}}); };
    for (int time = 0; time < 5'000; ++time) refuse("guess@office.lan");
    accept(1);
    LONGS_EQUAL(1'001, messages().size());
    fixture.clock.advance(1h);
    refuse("bbo@office.lan");
    LONGS_EQUAL(1'002, messages().size());
}

TEST(Journal, is_written_elsewhere_once_there_is_enough) {
    std::vector<std::move_only_function<void()>> work;
    journal->write_by_itself([&](std::move_only_function<void()> one) { work.push_back(std::move(one)); });
    accept(1);
    LONGS_EQUAL(0, work.size());
    for (std::uint64_t message = 2; message <= 100; ++message) accept(message);
    LONGS_EQUAL(1, work.size()); // and not again before that was done
    LONGS_EQUAL(0, files().size());
    work.front()();
    CHECK(octets() > 8'000);
    for (std::uint64_t message = 101; message <= 200; ++message) accept(message);
    LONGS_EQUAL(2, work.size());
    LONGS_EQUAL(200, messages().size());
    journal->write_by_itself({});
}

TEST(Journal, is_never_larger_than_it_may_be_and_keeps_the_newest) {
    reopen({.octets = 256 * 1024, .age = 8 * 24h});
    for (std::uint64_t message = 1; message <= 10'000; ++message) {
        accept(message);
        if (message % 40 == 0) journal->write();
        CHECK(octets() <= 256 * 1024);
    }
    auto const left = messages();
    LONGS_EQUAL(10'000, left.back());
    CHECK(left.size() > 1'500); // about 100 octets each, and up to an eighth goes at a time
    LONGS_EQUAL(left.size(), left.back() - left.front() + 1);
}

TEST(Journal, nothing_is_older_than_it_may_be) {
    for (std::uint64_t day = 1; day <= 20; ++day) {
        accept(day);
        journal->write();
        fixture.clock.advance(24h);
    }
    journal->write();
    CHECK((messages() == std::vector<std::uint64_t>{13, 14, 15, 16, 17, 18, 19, 20}));
    fixture.clock.advance(30 * 24h);
    journal->write(); // whether or not there is something new
    LONGS_EQUAL(0, files().size());
}

TEST(Journal, new_limits_apply_at_the_next_write) {
    for (std::uint64_t message = 1; message <= 5'000; ++message) {
        accept(message);
        if (message % 40 == 0) journal->write();
    }
    CHECK(octets() > 400'000);
    journal->set_limits({.octets = 256 * 1024, .age = 8 * 24h});
    journal->write();
    CHECK(octets() <= 256 * 1024);
}

TEST(Journal, a_clock_that_goes_back_loses_nothing) {
    for (std::uint64_t message = 1; message <= 4'000; ++message) {
        accept(message);
        if (message % 40 == 0) journal->write();
        if (message == 2'000) fixture.clock.advance(-1h);
    }
    auto const all = messages();
    LONGS_EQUAL(4'000, all.size());
    CHECK(std::ranges::is_sorted(all));
}

TEST(Journal, a_torn_end_costs_only_itself) {
    accept(1);
    journal->write();
    auto const size = octets();
    accept(2);
    journal.reset();
    std::filesystem::resize_file(files().front(), octets() - 1);
    CHECK(octets() > size);
    journal = open();
    CHECK((messages() == std::vector<std::uint64_t>{1}));
    accept(3);
    reopen();
    CHECK((messages() == std::vector<std::uint64_t>{1, 3}));
}

TEST(Journal, files_of_others_are_left_alone) {
    std::filesystem::create_directory(directory);
    std::ofstream(directory / "notes.txt") << "mine";
    accept(1);
    fixture.clock.advance(100 * 24h);
    journal->write();
    fixture.clock.advance(100 * 24h);
    journal->write();
    LONGS_EQUAL(1, files().size());
    CHECK(messages().empty());
}

TEST(Journal, what_cannot_be_written_is_told_until_there_is_too_much) {
    std::ofstream(directory) << "in the way";
    accept(1);
    journal->write();
    CHECK((messages() == std::vector<std::uint64_t>{1}));
    std::filesystem::remove(directory);
    journal->write();
    LONGS_EQUAL(1, files().size());
    CHECK((messages() == std::vector<std::uint64_t>{1}));

    std::filesystem::remove_all(directory);
    std::ofstream(directory) << "in the way";
    for (std::uint64_t message = 2; message <= 100'000; ++message) accept(message);
    auto const left = messages();
    LONGS_EQUAL(100'000, left.back());
    CHECK(left.size() < 5'000);
    std::filesystem::remove(directory);
}
