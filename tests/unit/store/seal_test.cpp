#include "fixture.h"
#include "store/pages.h"
#include "store/seal.h"
#include "support/faulty_disk.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using postern::test::faulty_disk;

namespace {

constexpr std::size_t page = 4096, sector = 512;

std::string read_file(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(std::filesystem::path const& path, std::string_view octets) {
    std::ofstream(path, std::ios::binary).write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

} // namespace

TEST_GROUP(StoreSeal) {
    TestStore store;
    std::filesystem::path file = store.directory() / "store/data.mdb";
    MailboxId inbox = store.find(store.account("alice"), "INBOX").id;
    std::string before; // the file, as it is without the newest commit

    // The file, as a power cut leaves it right after the flush of a commit: with the meta page as it was.
    std::string commit_and_cut(std::size_t octets = 30'000) {
        store.append(inbox, "kept");
        before = read_file(file);
        store.append(inbox, std::string(octets, 'x'));
        std::string disk = read_file(file);
        store.close();
        bool const second = PageFile(file).metas().front().transaction % 2 == 1;
        std::size_t const meta = second ? page : 0;
        CHECK(disk.compare(meta, page / 16, before, meta, page / 16) != 0);
        return disk.replace(meta, page / 16, before, meta, page / 16);
    }

    [[nodiscard]] std::size_t messages_after_start(std::string_view octets) {
        write_file(file, octets);
        store.open();
        auto const there = store.get(inbox).messages;
        store.append(inbox, "new");
        store.check();
        store.close();
        return there;
    }
};

TEST(StoreSeal, is_put_on_with_one_flush) {
    store.append(inbox, "first"); // and what is written ahead of need
    faulty_disk().flushed = 0;
    store.append(inbox, "second");
    LONGS_EQUAL(1, faulty_disk().flushed);
}

TEST(StoreSeal, holds_for_a_commit_that_is_whole) {
    std::string const disk = commit_and_cut();
    LONGS_EQUAL(2, messages_after_start(disk));
    // The power may go again while it is put in place.
    write_file(file, disk);
    CHECK(finish_commit(file));
    LONGS_EQUAL(2, messages_after_start(read_file(file)));
    write_file(file, disk);
    CHECK(finish_commit(file));
    CHECK_FALSE(finish_commit(file));
}

// Whatever part of it the disk did not get to: a page, or one sector.
TEST(StoreSeal, does_not_hold_for_a_commit_in_part) {
    std::string const disk = commit_and_cut();
    int torn = 0;
    for (std::size_t unit : {page, sector})
        for (std::size_t at = 0; at < disk.size(); at += unit) {
            auto const old = at < before.size() ? before.substr(at, unit) : std::string(unit, '\0');
            if (disk.compare(at, unit, old) == 0) continue;
            std::string part = disk;
            part.replace(at, unit, old);
            LONGS_EQUAL(1, messages_after_start(part));
            ++torn;
        }
    CHECK(torn > 20);
}

TEST(StoreSeal, does_not_hold_where_the_file_is_too_short) {
    std::string const disk = commit_and_cut(5'000'000);
    CHECK(disk.size() > before.size());
    LONGS_EQUAL(1, messages_after_start(std::string_view(disk).substr(0, before.size())));
}

// What goes bad later must be found, not taken for a commit that was cut off.
TEST(StoreSeal, is_not_needed_after_a_clean_end) {
    store.append(inbox, "kept");
    store.close();
    CHECK_FALSE(finish_commit(file));
}

TEST(StoreSeal, leaves_a_file_alone_that_is_no_store) {
    for (auto const& octets : {std::string(), std::string(10'000, '\0'), std::string(10'000, '\xff')}) {
        write_file(file, octets);
        CHECK_FALSE(finish_commit(file));
        CHECK(read_file(file) == octets);
    }
}

// More pieces than a meta page has room to name.
TEST(StoreSeal, of_a_scattered_commit_takes_two_flushes) {
    store.append(inbox, "kept");
    store.close();
    int const handle = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    Sealing sealing(page);
    std::array<char, page> octets{};
    auto const write = [&](std::size_t at, std::size_t size) {
        iovec const piece{octets.data(), size};
        LONGS_EQUAL(size, sealing.write(&sealing, handle, &piece, 1, static_cast<off_t>(at)));
    };
    for (auto const& [pieces, flushes] : {std::pair<std::size_t, int>{100, 1}, {2'000, 2}}) {
        sealing.begin();
        sealing.begin_commit();
        for (std::size_t i = 0; i < pieces; ++i) write((1'000 + 2 * i) * page, page);
        faulty_disk().flushed = 0;
        write(16 + 24, 100);
        LONGS_EQUAL(flushes, faulty_disk().flushed);
        sealing.end();
    }
    // And so does one that had to write before its end.
    sealing.begin();
    write(1'000 * page, page);
    sealing.begin_commit();
    faulty_disk().flushed = 0;
    write(16 + 24, 100);
    LONGS_EQUAL(2, faulty_disk().flushed);
    sealing.end();
    ::close(handle);
}
