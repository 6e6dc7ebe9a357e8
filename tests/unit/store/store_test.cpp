#include "fixture.h"
#include "store/acl.h"
#include "store/bodies.h"
#include "store/lmdb.h"
#include "store/settings.h"
#include "store/store.h"
#include "store/version.h"

#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

namespace {

// Holds the writer inside a change until it is released, so that what is submitted meanwhile waits together.
class HeldWriter {
public:
    explicit HeldWriter(Store& store) {
        store.write(
            [this](WriteTransaction&) -> Result<void> {
                entered_.release();
                go_.acquire();
                return {};
            },
            [this](Result<void>) { done_.release(); });
        entered_.acquire();
    }
    void release() {
        go_.release();
        done_.acquire();
    }

private:
    std::binary_semaphore entered_{0};
    std::binary_semaphore go_{0};
    std::binary_semaphore done_{0};
};

std::uint64_t transaction_id(WriteTransaction& transaction) { return mdb_txn_id(transaction.snapshot().transaction); }

// Waits until `count` completions came.
class Completions {
public:
    explicit Completions(int count) : left_(count) {}
    void one() {
        if (--left_ == 0) all_.release();
    }
    void wait() { all_.acquire(); }

private:
    std::atomic<int> left_;
    std::binary_semaphore all_{0};
};

} // namespace

// clang-format off
TEST_GROUP(StoreWriter) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;
};
// clang-format on

TEST(StoreWriter, changes_that_wait_together_share_one_commit) {
    HeldWriter held(*store);
    Completions completions(50);
    std::vector<std::uint64_t> ids(50);
    for (std::size_t i = 0; i < ids.size(); ++i)
        store->write(
            [&, i](WriteTransaction& t) {
                ids[i] = transaction_id(t);
                return append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start);
            },
            [&](Result<Appended> const& appended) {
                CHECK(appended.has_value());
                completions.one();
            });
    held.release();
    completions.wait();
    for (auto const id : ids) CHECK(id == ids.front());
    auto const next = store.write([&](WriteTransaction& t) -> Result<std::uint64_t> { return transaction_id(t); });
    CHECK(next == ids.front() + 1);
    UNSIGNED_LONGS_EQUAL(50, store.get(inbox).messages);
    store.check();
}

TEST(StoreWriter, after_a_slow_batch_the_next_waits_for_those_who_were_answered) {
    HeldWriter held(*store);
    std::array<std::uint64_t, 2> ids{};
    std::binary_semaphore answered{0};
    Completions completions(2);
    auto const write = [&](std::size_t i, std::chrono::milliseconds time, std::function<void()> done) {
        store->write(
            [this, &ids, i, time](WriteTransaction& t) {
                std::this_thread::sleep_for(time);
                ids[i] = transaction_id(t);
                return append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start);
            },
            [done](Result<Appended> const&) { done(); });
    };
    write(0, std::chrono::milliseconds(800), [&] { write(0, {}, [&] { completions.one(); }); });
    write(1, {}, [&] { answered.release(); });
    held.release();
    answered.acquire();
    auto const before = ids[1];
    write(1, {}, [&] { completions.one(); });
    completions.wait();
    CHECK(ids[1] == before + 1);
    CHECK(ids[0] == ids[1]);
}

TEST(StoreWriter, done_comes_after_the_commit) {
    std::binary_semaphore done{0};
    std::uint32_t seen = 0;
    store->write(
        [&](WriteTransaction& t) { return append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start); },
        [&](Result<Appended> const&) {
            seen = store.get(inbox).messages; // a reader sees what is committed alone
            done.release();
        });
    done.acquire();
    UNSIGNED_LONGS_EQUAL(1, seen);
}

TEST(StoreWriter, a_change_that_throws_costs_only_itself) {
    HeldWriter held(*store);
    Completions completions(11);
    std::vector<int> runs(11);
    std::vector<bool> good(11);
    for (std::size_t i = 0; i < runs.size(); ++i)
        store->write(
            [&, i](WriteTransaction& t) -> Result<Appended> {
                ++runs[i];
                auto appended = append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start);
                if (i == 5) throw std::runtime_error("a bug");
                return appended;
            },
            [&, i](Result<Appended> const& appended) {
                good[i] = appended.has_value();
                if (!good[i]) CHECK(appended.error() == StoreError::failed);
                completions.one();
            });
    held.release();
    completions.wait();
    for (std::size_t i = 0; i < runs.size(); ++i) {
        CHECK(good[i] == (i != 5));
        LONGS_EQUAL(i <= 5 ? 2 : 1, runs[i]); // those behind it were not reached the first time
    }
    UNSIGNED_LONGS_EQUAL(10, store.get(inbox).messages);
    store.check();
}

TEST(StoreWriter, an_error_after_a_put_leaves_nothing) {
    HeldWriter held(*store);
    Completions completions(3);
    for (int i = 0; i < 3; ++i)
        store->write(
            [&, i](WriteTransaction& t) -> Result<Appended> {
                auto appended = append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start);
                if (i == 1) return std::unexpected(StoreError::no_such_alias);
                return appended;
            },
            [&, i](Result<Appended> const& appended) {
                CHECK(appended.has_value() == (i != 1));
                if (i == 1) CHECK(appended.error() == StoreError::no_such_alias);
                completions.one();
            });
    held.release();
    completions.wait();
    UNSIGNED_LONGS_EQUAL(2, store.get(inbox).messages);
    store.check();
}

TEST(StoreWriter, a_refusal_does_not_disturb_its_batch) {
    HeldWriter held(*store);
    Completions completions(3);
    int runs = 0;
    for (int i = 0; i < 3; ++i)
        store->write(
            [&, i](WriteTransaction& t) {
                ++runs;
                auto const mailbox = i == 1 ? static_cast<MailboxId>(999) : inbox;
                return append(t, store.message("x"), Placement{mailbox, {}, {}}, {}, start);
            },
            [&](Result<Appended> const&) { completions.one(); });
    held.release();
    completions.wait();
    LONGS_EQUAL(3, runs);
    UNSIGNED_LONGS_EQUAL(2, store.get(inbox).messages);
}

TEST(StoreWriter, closing_finishes_what_was_accepted) {
    std::atomic<int> done{0};
    for (int i = 0; i < 500; ++i)
        store->write(
            [&](WriteTransaction& t) { return append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start); },
            [&](Result<Appended> const& appended) { done += appended ? 1 : 0; });
    store.close();
    LONGS_EQUAL(500, done.load());
    store.open();
    UNSIGNED_LONGS_EQUAL(500, store.get(inbox).messages);
}

TEST(StoreWriter, once_it_is_closed_nothing_is_called_from_its_threads) {
    std::atomic<int> called{0};
    for (int i = 0; i < 20; ++i) {
        store->run_on_pool([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            // The last work may still write, as a session's does.
            store->write([](WriteTransaction&) -> Result<void> { return {}; }, [&](Result<void> const&) { ++called; });
        });
    }
    store->close();
    LONGS_EQUAL(20, called.load());

    std::thread::id worker;
    store->run_on_pool([&] { worker = std::this_thread::get_id(); });
    CHECK(worker == std::this_thread::get_id());
    std::optional<StoreError> refused;
    store->write([](WriteTransaction&) -> Result<void> { return {}; },
                 [&](Result<void> const& written) { refused = written.error(); });
    CHECK(refused == StoreError::closed);
    store->close();
}

TEST(StoreWriter, what_comes_while_closing_is_told_so) {
    std::atomic<bool> told{false};
    std::binary_semaphore go{0};
    Store& closing = *store;
    closing.write(
        [&](WriteTransaction&) -> Result<void> {
            go.acquire();
            return {};
        },
        [&](Result<void> const&) {
            // The writer ends: what its last completion asks for may still be done or be refused, but is answered.
            closing.write([](WriteTransaction&) -> Result<void> { return {}; },
                          [&](Result<void> const&) { told = true; });
        });
    std::thread closer([&] { store.close(); });
    go.release();
    closer.join();
    CHECK(told.load());
    store.open();
}

TEST(StoreWriter, reads_and_work_run_on_the_pool) {
    std::binary_semaphore done{0};
    std::thread::id reader;
    std::size_t accounts = 0;
    store->read([](ReadTransaction const& t) -> Result<std::size_t> { return list_accounts(t).size(); },
                [&](Result<std::size_t> const& result) {
                    accounts = result.value_or(0);
                    reader = std::this_thread::get_id();
                    done.release();
                });
    done.acquire();
    UNSIGNED_LONGS_EQUAL(1, accounts);
    CHECK(reader != std::this_thread::get_id());
    store->run_on_pool([&] { done.release(); });
    done.acquire();
}

TEST(StoreWriter, a_look_that_throws_is_a_failure) {
    auto const result =
        store->read_here([](ReadTransaction const&) -> Result<int> { throw std::runtime_error("a bug"); });
    CHECK(result.error() == StoreError::failed);
}

// clang-format off
TEST_GROUP(StoreWatch) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;
    MailboxId trash = store.find(alice, "Trash").id;
};
// clang-format on

TEST(StoreWatch, is_called_once_for_each_commit_of_its_mailbox) {
    std::atomic<int> calls{0};
    auto const watch = store->watch(inbox, [&](MailboxMark) { ++calls; });
    store.append(trash, "x");
    LONGS_EQUAL(0, calls.load());

    HeldWriter held(*store);
    Completions completions(20);
    for (int i = 0; i < 20; ++i)
        store->write(
            [&](WriteTransaction& t) { return append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start); },
            [&](Result<Appended> const&) { completions.one(); });
    held.release();
    completions.wait();
    LONGS_EQUAL(1, calls.load());
}

TEST(StoreWatch, hears_of_its_mailbox_s_end_and_name) {
    auto const mailbox = store.mailbox(alice, "a");
    std::atomic<int> calls{0};
    auto watch = store->watch(mailbox, [&](MailboxMark) { ++calls; });
    store->write_here([&](WriteTransaction& t) { return rename_mailbox(t, alice, "a", "b", start); });
    LONGS_EQUAL(1, calls.load());
    store->write_here([&](WriteTransaction& t) { return delete_mailbox(t, alice, "b"); });
    LONGS_EQUAL(2, calls.load());
}

TEST(StoreWatch, hears_nothing_after_its_end_nor_of_a_failed_change) {
    std::atomic<int> calls{0};
    auto watch = store->watch(inbox, [&](MailboxMark) { ++calls; });
    store->write_here([&](WriteTransaction& t) -> Result<void> {
        (void)append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start);
        return std::unexpected(StoreError::no_such_alias);
    });
    LONGS_EQUAL(0, calls.load());
    watch = Watch();
    store.append(inbox, "x");
    LONGS_EQUAL(0, calls.load());
    watch = store->watch(inbox, [&](MailboxMark) { ++calls; });
    store.close(); // it may outlive the store
    watch = Watch();
    store.open();
}

TEST(StoreWatch, hears_of_all_of_an_account) {
    AccountId const bob = store.account("bob");
    std::vector<AccountMark> marks;
    auto const watch = store->watch(alice, [&](AccountMark const& mark) { marks.push_back(mark); });
    auto const last = [&] {
        CHECK_EQUAL(1U, marks.size());
        AccountMark const mark = marks.at(0);
        marks.clear();
        return mark;
    };
    store.append(store.find(bob, "INBOX").id, "x");
    CHECK_EQUAL(0U, marks.size());
    store.append(trash, "x");
    AccountMark const appended = last();
    CHECK(appended.mailboxes == std::set{trash});
    CHECK(!appended.listing);
    auto const made = store.mailbox(alice, "a");
    AccountMark const created = last();
    CHECK(created.mailboxes == std::set{made});
    CHECK(created.listing);
    store->write_here([&](WriteTransaction& t) { return rename_mailbox(t, alice, "a", "b", start); });
    CHECK(last().listing);
    store->write_here([&](WriteTransaction& t) { return subscribe(t, alice, "b", true); });
    CHECK(last().listing);
    store->write_here([&](WriteTransaction& t) { return subscribe(t, alice, "b", true); }); // it is already
    CHECK_EQUAL(0U, marks.size());
    store->write_here([&](WriteTransaction& t) { return delete_mailbox(t, alice, "b"); });
    CHECK(last().listing);
    store->write_here([&](WriteTransaction& t) { return subscribe(t, alice, "b", false); });
    CHECK(last().listing);
}

TEST(StoreWatch, whom_a_list_names_hears_of_that_mailbox) {
    AccountId const bob = store.account("bob");
    AccountMark heard_by_bob, heard_by_anyone;
    auto const watch = store->watch(bob, [&](AccountMark const& mark) { heard_by_bob = mark; });
    auto const other = store->watch(anyone, [&](AccountMark const& mark) { heard_by_anyone = mark; });
    auto const set = [&](AccountId who, Rights granted) {
        store->write_here([&](WriteTransaction& t) { return set_acl_entry(t, trash, {who, granted, {}}); });
    };
    auto const heard = [](AccountMark& by) { return std::exchange(by, {}); };
    store.append(trash, "x");
    CHECK(heard(heard_by_bob).mailboxes.empty());
    set(bob, core::Right::lookup);
    CHECK(heard(heard_by_bob).listing);
    CHECK(!heard(heard_by_anyone).listing);
    store.append(trash, "x");
    AccountMark const appended = heard(heard_by_bob);
    CHECK(appended.mailboxes == std::set{trash});
    CHECK(!appended.listing);
    set(anyone, core::Right::lookup);
    CHECK(heard(heard_by_anyone).listing);
    CHECK(!heard(heard_by_bob).listing);
    store.append(trash, "x");
    CHECK(heard(heard_by_anyone).mailboxes == std::set{trash});
    store->write_here([&](WriteTransaction& t) { return rename_mailbox(t, alice, "Trash", "b", start); });
    CHECK(heard(heard_by_anyone).listing && heard(heard_by_bob).listing);
    set(bob, {});
    CHECK(heard(heard_by_bob).listing);
    store.append(trash, "x");
    CHECK(heard(heard_by_bob).mailboxes.empty());
    store->write_here([&](WriteTransaction& t) { return delete_mailbox(t, alice, "b"); });
    CHECK(heard(heard_by_anyone).listing);
}

TEST(StoreWatch, its_end_waits_for_a_call_under_way) {
    std::binary_semaphore entered{0};
    std::atomic<bool> left{false};
    auto watch = store->watch(inbox, [&](MailboxMark) {
        entered.release();
        std::this_thread::sleep_for(std::chrono::milliseconds(20)); // so that a Watch that does not wait is caught
        left = true;
    });
    store.append(inbox, "x");
    entered.acquire();
    watch = Watch();
    CHECK(left.load());
}

TEST_GROUP(StoreFull){};

TEST(StoreFull, below_the_low_water_mark_only_deleting_works) {
    std::atomic<std::uint64_t> free{std::uint64_t{1} << 30};
    auto options = TestStore::small();
    options.free_space = [&] { return free.load(); };
    TestStore store(options);
    auto const alice = store.account("alice");
    auto const inbox = store.find(alice, "INBOX").id;
    auto const trash = store.find(alice, "Trash").id;
    store.append(inbox, std::string(100'000, 'x'));
    auto const spooled = store.write([](WriteTransaction& t) { return begin_body(t); });
    free = options.low_water / 2; // the pages that the store left unused count too

    auto const refused = [&](auto change) {
        auto const result = store->write_here(change);
        return !result && result.error() == StoreError::full;
    };
    CHECK(refused(
        [&](WriteTransaction& t) { return append(t, store.message("x"), Placement{inbox, {}, {}}, {}, start); }));
    Delivery to;
    to.local = {alice};
    CHECK(refused([&](WriteTransaction& t) { return deliver(t, store.message("x"), to, {}, start); }));
    CHECK(refused([&](WriteTransaction& t) { return copy(t, inbox, {Uid{1}}, trash, {}, start); }));
    CHECK(refused([&](WriteTransaction& t) { return begin_body(t); }));
    CHECK(refused([&](WriteTransaction& t) { return append_body(t, spooled, "x"); }));
    CHECK(refused([&](WriteTransaction& t) { return create_mailbox(t, alice, "a", "", start); }));
    CHECK(refused([&](WriteTransaction& t) { return create_account(t, "bob", {}, false, start); }));

    store.write([&](WriteTransaction& t) {
        return store_flags(t, inbox, {Uid{1}}, {FlagMode::add, SystemFlag::seen, {}, {}});
    });
    store.write([&](WriteTransaction& t) { return store::move(t, inbox, {Uid{1}}, trash, {}, start); });
    store.write([&](WriteTransaction& t) {
        return store_flags(t, trash, {Uid{1}}, {FlagMode::add, SystemFlag::deleted, {}, {}});
    });
    store.write([&](WriteTransaction& t) { return expunge(t, trash, nullptr); });
    store.check();
    free = std::uint64_t{1} << 30;
    store.append(inbox, "again");
}

TEST(StoreFull, the_end_of_the_map_is_no_end_of_the_store) {
    auto options = TestStore::small();
    options.map_size = std::uint64_t{16} << 20;
    TestStore store(options);
    auto const alice = store.account("alice");
    auto const inbox = store.find(alice, "INBOX").id;
    auto const fill = [&] {
        for (int i = 0;; ++i) {
            auto const result = store->write_here([&](WriteTransaction& t) {
                return append(t, store.message(std::string(300'000, 'x')), Placement{inbox, {}, {}}, {}, start);
            });
            if (result) continue;
            CHECK(result.error() == StoreError::full);
            return i;
        }
    };
    CHECK(fill() > 20);
    store.check();
    store.write([&](WriteTransaction& t) {
        UidSet all;
        all.add_range(1, 1000);
        return store_flags(t, inbox, all, {FlagMode::add, SystemFlag::deleted, {}, {}});
    });
    store.write([&](WriteTransaction& t) { return expunge(t, inbox, nullptr); });
    store.reopen(); // erases the bodies; their pages are counted as room
    CHECK(fill() > 20);
    store.check();
}

TEST(StoreFull, without_a_mark_lmdb_s_own_refusal_is_full_too) {
    auto options = TestStore::small();
    options.map_size = std::uint64_t{2} << 20;
    options.low_water = 0;
    options.free_space = [] { return std::uint64_t{1} << 40; };
    TestStore store(options);
    auto const inbox = store.find(store.account("alice"), "INBOX").id;
    bool full = false;
    for (int i = 0; i < 100 && !full; ++i) {
        auto const result = store->write_here([&](WriteTransaction& t) -> Result<void> {
            for (int n = 0; n < 100; ++n) // past what take_room counts
                if (auto done = put_setting(t, std::format("{}.{}", i, n), std::string(5000, 'x')); !done) return done;
            return {};
        });
        full = !result && result.error() == StoreError::full;
    }
    CHECK(full);
    CHECK(store.get(inbox).messages == 0);
    store.check();
}

TEST(StoreFull, a_disk_that_takes_no_more_loses_nothing) {
    std::atomic<std::uint64_t> free{std::uint64_t{1} << 30};
    auto options = TestStore::small();
    options.free_space = [&] { return free.load(); };
    TestStore store(options);
    auto const inbox = store.find(store.account("alice"), "INBOX").id;
    store.append(inbox, "before");
    // A limit on the size of files is what a test can have of a full disk: pwrite(2) writes a part or fails with EFBIG.
    auto const before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    rlimit small = limit;
    small.rlim_cur = std::filesystem::file_size(store.directory() / "store/data.mdb") + 100'000;
    setrlimit(RLIMIT_FSIZE, &small);
    HeldWriter held(*store);
    Completions completions(2);
    std::vector<bool> good(2);
    for (std::size_t i = 0; i < 2; ++i)
        store->write(
            [&, i](WriteTransaction& t) {
                auto appended = append(t, store.message(std::string(i == 0 ? 1'000'000 : 100, 'x')),
                                       Placement{inbox, {}, {}}, {}, start);
                free = i == 0 ? 0 : std::uint64_t{1} << 30; // somebody else took it, after the store looked
                return appended;
            },
            [&, i](Result<Appended> const& result) {
                good[i] = result.has_value();
                free = std::uint64_t{1} << 30;
                if (!result) CHECK(result.error() == StoreError::full);
                completions.one();
            });
    held.release();
    completions.wait();
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, before);
    CHECK(!good[0] && good[1]);
    store.append(inbox, std::string(1'000'000, 'x'));
    UNSIGNED_LONGS_EQUAL(3, store.get(inbox).messages);
    store.reopen();
    UNSIGNED_LONGS_EQUAL(3, store.get(inbox).messages);
    store.check();
}

TEST_GROUP(StoreOpen){};

TEST(StoreOpen, a_second_process_is_refused) {
    TestStore store;
    auto const second = Store::open(store.directory(), TestStore::small());
    CHECK(!second);
    STRCMP_CONTAINS("posternd", second.error().reason.c_str());
    auto options = TestStore::small();
    options.read_only = true;
    CHECK(!Store::open(store.directory(), options));
}

TEST(StoreOpen, read_only_looks_and_changes_nothing) {
    TestStore store;
    auto const alice = store.account("alice");
    auto const spooled = store.write([](WriteTransaction& t) { return begin_body(t); });
    store.close();
    auto options = TestStore::small();
    options.read_only = true;
    {
        auto const offline = Store::open(store.directory(), options);
        CHECK(offline.has_value());
        CHECK(check(**offline, true)->problems.empty());
        auto const refused = (*offline)->write_here([](WriteTransaction& t) { return begin_body(t); });
        CHECK(refused.error() == StoreError::closed);
        auto const looked =
            (*offline)->read_here([&](ReadTransaction const& t) { return read_body(t, spooled, 0, 1); });
        CHECK(looked.has_value());
    }
    CHECK(!Store::open(store.directory() / "nothing", options));
    CHECK(!std::filesystem::exists(store.directory() / "nothing"));
    store.open();
    STRCMP_EQUAL("INBOX", store.find(alice, "inbox").name.c_str());
}

TEST(StoreOpen, another_schema_is_refused_and_left_alone) {
    for (auto const& [schema, said] : {std::pair{schema_version + 1, "newer"}, {oldest_schema - 1, "older"}}) {
        TestStore store;
        store->write_here([schema](WriteTransaction& t) -> Result<void> {
            put_number(t, meta_schema, schema);
            return {};
        });
        store.close();
        for (bool const read_only : {false, true}) {
            auto options = TestStore::small();
            options.read_only = read_only;
            auto const refused = Store::open(store.directory(), options);
            CHECK(!refused);
            STRCMP_CONTAINS(said, refused.error().reason.c_str());
        }
    }
}

TEST(StoreOpen, an_older_schema_is_brought_up_to_date) {
    TestStore store;
    store->write_here([](WriteTransaction& t) -> Result<void> {
        put_number(t, meta_schema, oldest_schema);
        return {};
    });
    store.close();
    auto only_read = TestStore::small();
    only_read.read_only = true;
    auto const refused = Store::open(store.directory(), only_read);
    CHECK(!refused);
    STRCMP_CONTAINS("start the daemon once", refused.error().reason.c_str());
    store.open();
    store.close();
    CHECK(Store::open(store.directory(), only_read).has_value());
}

TEST(StoreOpen, an_older_schema_stays_one_until_the_version_is_kept) {
    TestStore store;
    store->write_here([](WriteTransaction& t) -> Result<void> {
        put_number(t, meta_schema, came_with(Table::dns_name) - 1);
        return {};
    });
    store.close();
    auto keeping = TestStore::small();
    keeping.keep_schema = true;
    auto const schema = [](Store& opened) {
        return opened.read_here([](ReadTransaction const& t) -> Result<std::uint64_t> { return schema_of(t); }).value();
    };
    auto const put_into = [](Store& opened, Table table) {
        return opened.write_here([table](WriteTransaction& t) -> Result<void> {
            put(t, table, "key", "value");
            return {};
        });
    };
    {
        auto const opened = Store::open(store.directory(), keeping).value();
        UNSIGNED_LONGS_EQUAL(came_with(Table::dns_name) - 1, schema(*opened));
        core::set_log_level(core::Level(0));
        CHECK(put_into(*opened, Table::dns_name).error() == StoreError::failed);
        core::set_log_level(core::Level::error);
        CHECK(put_into(*opened, Table::upstream).has_value());
        CHECK(opened->write_here(keep_version).value());
        UNSIGNED_LONGS_EQUAL(schema_version, schema(*opened));
        CHECK(put_into(*opened, Table::dns_name).has_value());
        CHECK_FALSE(opened->write_here(keep_version).value());
    }
    UNSIGNED_LONGS_EQUAL(schema_version, schema(*Store::open(store.directory(), keeping).value()));
}

TEST(StoreOpen, an_older_schema_gets_the_tables_that_it_lacks) {
    TestStore store;
    store.account("alice");
    store->write_here([](WriteTransaction& t) -> Result<void> {
        put_number(t, meta_schema, schema_version - 1);
        return {};
    });
    store.close();
    auto const drop = [&](Table table) {
        MDB_env* environment = nullptr;
        MDB_txn* transaction = nullptr;
        MDB_dbi database{};
        CHECK_EQUAL(0, mdb_env_create(&environment));
        mdb_env_set_maxdbs(environment, table_count);
        CHECK_EQUAL(0, mdb_env_open(environment, (store.directory() / "store").c_str(), 0, 0600));
        CHECK_EQUAL(0, mdb_txn_begin(environment, nullptr, 0, &transaction));
        CHECK_EQUAL(0, mdb_dbi_open(transaction, std::string(table_name(table)).c_str(), 0, &database));
        CHECK_EQUAL(0, mdb_drop(transaction, database, 1));
        CHECK_EQUAL(0, mdb_txn_commit(transaction));
        mdb_env_close(environment);
    };
    drop(Table::dns_name);
    store.open();
    UNSIGNED_LONGS_EQUAL(1, store.check().accounts);
    store.close();
    drop(Table::dns_name); // which is damage now
    core::set_log_level(core::Level(0));
    auto const damaged = Store::open(store.directory(), TestStore::small());
    core::set_log_level(core::Level::error);
    CHECK(!damaged);
}

TEST(StoreOpen, what_is_no_store_is_refused) {
    TestStore store;
    store.close();
    std::filesystem::resize_file(store.directory() / "store/data.mdb", 100);
    CHECK(!Store::open(store.directory(), TestStore::small()));
}

TEST(StoreOpen, a_store_whose_making_was_cut_off_is_made_again) {
    TestStore store;
    store.close();
    std::filesystem::rename(store.directory() / "store", store.directory() / "store.new");
    std::filesystem::resize_file(store.directory() / "store.new/data.mdb", 100);
    store.open();
    store.account("alice");
    CHECK(!std::filesystem::exists(store.directory() / "store.new"));
    store.reopen();
    UNSIGNED_LONGS_EQUAL(1, store.check().accounts);
}

TEST(StoreOpen, its_files_are_its_owner_s_alone) {
    TestStore store;
    for (auto const& entry : std::filesystem::directory_iterator(store.directory() / "store")) {
        auto const others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
        CHECK((entry.status().permissions() & others) == std::filesystem::perms::none);
    }
}

TEST_GROUP(StoreThreads){};

// For the tsan preset above all: writers, readers, watches and pins at once.
TEST(StoreThreads, many_work_at_once) {
    TestStore store;
    auto const alice = store.account("alice");
    auto const inbox = store.find(alice, "INBOX").id;
    constexpr int each = 50;
    std::atomic<int> wakes{0};
    std::atomic<int> bad{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int n = 0; n < 3; ++n)
        threads.emplace_back([&] {
            for (int i = 0; i < each; ++i) {
                auto const appended = store->write_here([&](WriteTransaction& t) {
                    return append(t, store.message(std::string(5000, 'x')), Placement{inbox, {}, {}}, {}, start);
                });
                if (!appended) ++bad;
            }
        });
    threads.emplace_back([&] { // takes out what the others put in
        for (int i = 0; i < each; ++i)
            (void)store->write_here([&](WriteTransaction& t) -> Result<UidSet> {
                auto const uids = list_uids(t, inbox);
                if (uids.empty()) return UidSet();
                (void)store_flags(t, inbox, {static_cast<Uid>(uids.ranges().front().first)},
                                  {FlagMode::add, SystemFlag::deleted, {}, {}});
                return expunge(t, inbox, nullptr);
            });
    });
    for (int n = 0; n < 2; ++n)
        threads.emplace_back([&] {
            while (!stop) {
                auto const watch = store->watch(inbox, [&](MailboxMark) { ++wakes; });
                auto const consistent = store->read_here([&](ReadTransaction const& t) -> Result<bool> {
                    auto const mailbox = get_mailbox(t, inbox);
                    return mailbox && list_uids(t, inbox).size() == mailbox->messages;
                });
                if (!consistent.value_or(false)) ++bad;
                auto const mailbox = store.get(inbox);
                store->claim_recent(inbox, mailbox.first_recent, mailbox.uid_next);
                auto const pin = store->pin(static_cast<BodyId>(core::number(mailbox.uid_next)));
            }
        });
    for (std::size_t i = 0; i < 4; ++i) threads[i].join();
    stop = true;
    for (std::size_t i = 4; i < threads.size(); ++i) threads[i].join();
    LONGS_EQUAL(0, bad.load());
    store.check();
}
