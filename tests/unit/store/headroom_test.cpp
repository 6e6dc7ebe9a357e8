#include "fixture.h"
#include "store/headroom.h"

#include <atomic>

namespace postern::store::test {

namespace {

struct GrowingStore {
    explicit GrowingStore(std::uint64_t free_at_first = std::uint64_t{1} << 30) : free(free_at_first) {}

    std::atomic<std::uint64_t> free;
    TestStore store{[this] {
        auto options = TestStore::small();
        options.free_space = [this] { return free.load(); };
        return options;
    }()};
    MailboxId inbox = store.find(store.account("alice"), "INBOX").id;

    [[nodiscard]] std::uint64_t size() const {
        return std::filesystem::file_size(store.directory() / "store/data.mdb");
    }
};

} // namespace

TEST_GROUP(StoreHeadroom){};

TEST(StoreHeadroom, small_commits_seldom_make_the_file_longer) {
    GrowingStore grown;
    int longer = 0;
    for (int i = 0; i < 40; ++i) {
        auto const before = grown.size();
        grown.store.append(grown.inbox, std::string(3000, 'x'));
        if (grown.size() != before) ++longer;
    }
    CHECK(longer <= 1);
    grown.store.check();
}

TEST(StoreHeadroom, is_not_renewed_after_a_large_body) {
    GrowingStore grown;
    grown.store.append(grown.inbox, std::string(3'000'000, 'x'));
    auto const before = grown.size();
    grown.store.append(grown.inbox, "small");
    CHECK(grown.size() < before + Headroom::step / 2);
    grown.store.append(grown.inbox, "small");
    CHECK(grown.size() > before + Headroom::step / 2);
    grown.store.check();
}

TEST(StoreHeadroom, counts_as_room) {
    GrowingStore grown;
    grown.store.append(grown.inbox, "before");
    grown.free = TestStore::small().low_water - Headroom::step / 2;
    grown.store.append(grown.inbox, "after");
    grown.store.check();
}

TEST(StoreHeadroom, is_not_taken_from_what_the_low_water_mark_keeps) {
    GrowingStore grown(TestStore::small().low_water + Headroom::step / 2);
    grown.store.append(grown.inbox, "small");
    CHECK(grown.size() < Headroom::step / 2);
    grown.free = std::uint64_t{1} << 30;
    grown.store.append(grown.inbox, std::string(Headroom::step, 'x')); // past what was tried
    grown.store.append(grown.inbox, "small");
    grown.store.append(grown.inbox, "small");
    CHECK(grown.size() > Headroom::step / 2);
    grown.store.check();
}

} // namespace postern::store::test
