#include "fixture.h"
#include "store/lmdb.h"
#include "store/quota.h"

#include <thread>
#include <vector>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

TEST_GROUP(StoreQuota) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;

    Usage usage() {
        return store.read([&](ReadTransaction const& t) { return usage_of(t, alice); });
    }
    std::optional<bool> glance(Usage more, Quota office) {
        return store.read([&](ReadTransaction const& t) { return fits_at_a_glance(t, alice, more, office); });
    }
    void set(OwnQuota quota) {
        store.write([&](WriteTransaction& t) { return set_quota(t, alice, quota); });
    }
};

TEST(StoreQuota, an_account_has_the_offices_limits_where_it_has_none_of_its_own) {
    auto const quota = [&] {
        return quota_of(*store.read([&](ReadTransaction const& t) { return get_account(t, alice); }), {1000, 10});
    };
    CHECK(quota() == (Quota{1000, 10}));
    set({5000, std::nullopt});
    CHECK(quota() == (Quota{5000, 10}));
    set({std::nullopt, no_limit});
    store.reopen();
    CHECK(quota() == (Quota{1000, no_limit}));
    auto const missing =
        store->write_here([&](WriteTransaction& t) { return set_quota(t, static_cast<AccountId>(99), {}); });
    CHECK(missing.error() == StoreError::no_such_account);
    store.check();
}

TEST(StoreQuota, a_limit_may_be_reached_and_not_passed) {
    store.append(inbox, std::string(60, 'x'));
    CHECK(usage() == (Usage{60, 1}));
    CHECK(glance({40, 1}, {100, no_limit}) == true);
    CHECK(glance({41, 1}, {100, no_limit}) == false);
    CHECK(glance({0, 1}, {no_limit, 2}) == true);
    CHECK(glance({0, 2}, {no_limit, 2}) == false);
    CHECK(glance({~std::uint64_t{0}, 1}, {100, no_limit}) == false); // and nothing overflows
    CHECK(glance({1, 1}, {0, no_limit}) == false);                   // RFC 9208 §3.1.2: any usage is prohibited
    CHECK(glance({1, 1}, {59, no_limit}) == false);                  // lowered below what is there already
    set({no_limit, no_limit});
    CHECK(glance({1'000'000, 1}, {0, 0}) == true);
}

TEST(StoreQuota, what_was_not_summed_yet_is_not_known_at_a_glance) {
    store.append(inbox, "four");
    store.reopen();
    CHECK(!glance({1, 1}, {100, no_limit}).has_value());
    CHECK(glance({1, 1}, {}) == true); // without limits nothing need be known
    CHECK(usage() == (Usage{4, 1}));
    CHECK(glance({1, 1}, {100, no_limit}) == true);
    store.append(inbox, "sixsix");
    CHECK(usage() == (Usage{10, 2}));
    CHECK(glance({90, 1}, {100, no_limit}) == true);
    CHECK(glance({91, 1}, {100, no_limit}) == false);
}

TEST(StoreQuota, a_change_that_was_undone_is_not_remembered) {
    store.append(inbox, "four");
    CHECK(usage() == (Usage{4, 1}));
    auto const refused = store->write_here([&](WriteTransaction& t) -> Result<void> {
        CHECK(append(t, store.message("sixsix"), {inbox, {}, {}}, {}, start).has_value());
        CHECK(usage_of(t, alice) == (Usage{10, 2}));
        return std::unexpected(StoreError::failed);
    });
    CHECK(!refused);
    CHECK(usage() == (Usage{4, 1}));
    store->write_here([&](WriteTransaction& t) -> Result<void> {
        (void)append(t, store.message("sixsix"), {inbox, {}, {}}, {}, start);
        throw std::runtime_error("in the middle");
    });
    CHECK(usage() == (Usage{4, 1}));
}

TEST(StoreQuota, each_change_of_a_batch_sees_those_before_it) {
    // A hundred that arrive at once, where there is room for ten.
    std::atomic<int> taken{0}, refused{0};
    for (int i = 0; i < 100; ++i)
        store->write(
            [&](WriteTransaction& t) {
                return append(t, store.message(std::string(10, 'x')), {inbox, {}, {}}, {.octets = 109}, start);
            },
            [&](Result<Appended> const& result) { ++(result ? taken : refused); });
    store.reopen(); // which waits for them
    CHECK(taken == 10 && refused == 90);
    CHECK(usage() == (Usage{100, 10}));
}

TEST(StoreQuota, readers_that_sum_meanwhile_remember_nothing_old) {
    std::atomic<bool> over{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i)
        readers.emplace_back([&] {
            while (!over) {
                auto const sum = store->read_here([&](ReadTransaction const& t) -> Result<Usage> {
                    t.snapshot().environment.sums().begin(0); // so that it has to be summed
                    return usage_of(t, alice);
                });
                CHECK(sum.has_value());
            }
        });
    for (int i = 0; i < 200; ++i) store.append(inbox, "four");
    over = true;
    for (auto& reader : readers) reader.join();
    CHECK(usage() == (Usage{800, 200}));
    CHECK(usage() == (Usage{800, 200}));
}

TEST(StoreQuota, a_removed_account_is_forgotten) {
    store.append(inbox, "four");
    CHECK(usage() == (Usage{4, 1}));
    store.write([&](WriteTransaction& t) { return remove_account(t, alice); });
    CHECK(usage() == Usage{});
    CHECK(glance({1, 1}, {0, 0}) == true); // whoever delivers to it hears that it is not there
}

TEST(StoreQuota, moving_within_an_account_needs_no_room_and_into_another_does) {
    auto const bob = store.account("bob");
    auto const theirs = store.find(bob, "INBOX").id, trash = store.find(alice, "Trash").id;
    store.append(inbox, std::string(10, 'x'));
    auto const move_to = [&](MailboxId from, MailboxId to) {
        UidSet all;
        all.add_range(1, 0xffff'ffff);
        return store->write_here([&](WriteTransaction& t) { return store::move(t, from, all, to, {9, 0}, start); });
    };
    CHECK(move_to(inbox, trash).has_value());
    CHECK(move_to(trash, theirs).error() == StoreError::over_quota);
    set({0, 0});
    CHECK(move_to(trash, inbox).has_value());
    store.write([&](WriteTransaction& t) { return set_quota(t, bob, {10, 1}); });
    CHECK(move_to(inbox, theirs).has_value());
    CHECK(usage() == Usage{});
    store.check();
}

TEST(StoreQuota, a_delivery_that_one_account_has_no_room_for_reaches_nobody) {
    auto const bob = store.account("bob");
    set({3, std::nullopt});
    Delivery to;
    to.local = {bob, alice};
    auto const done =
        store->write_here([&](WriteTransaction& t) { return deliver(t, store.message("four"), to, {}, start); });
    CHECK(done.error() == StoreError::over_quota);
    UNSIGNED_LONGS_EQUAL(0, store.find(bob, "INBOX").messages);
    UNSIGNED_LONGS_EQUAL(0, store.check().messages);
}
