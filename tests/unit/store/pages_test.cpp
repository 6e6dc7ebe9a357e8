// Bits flipped in the pages of a store: told, and never a crash. Whatever a page says, who opens the store, reads all
// of it and changes it ends by itself; it does so in a process of its own.
#include "fixture.h"
#include "store/bodies.h"
#include "store/pages.h"
#include "store/settings.h"

#include <sys/wait.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <random>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

namespace {

constexpr std::size_t page_size = 4096;

void use(Store& store) {
    std::vector<std::pair<MailboxId, UidSet>> found;
    auto const look = [&](auto step) {
        return store.read_here([&](ReadTransaction const& t) -> Result<void> { return step(t), Result<void>(); });
    };
    (void)look([&](ReadTransaction const& t) {
        for (Account const& account : list_accounts(t))
            for (Mailbox const& mailbox : list_mailboxes(t, account.id))
                found.emplace_back(mailbox.id, list_uids(t, mailbox.id));
    });
    for (auto const& [mailbox, uids] : found)
        uids.for_each([&](Uid uid) {
            (void)look([&](ReadTransaction const& t) {
                auto const row = get_index(t, mailbox, uid);
                auto const message = row ? get_message(t, row->message) : std::nullopt;
                if (message) (void)read_body(t, message->body, 0, message->size);
            });
        });
    (void)check(store, true);
    for (auto const& [mailbox, uids] : found) {
        UidSet some;
        uids.for_each([&](Uid uid) {
            if (core::number(uid) % 3 == 0) some.add(uid);
        });
        (void)store.write_here([&](WriteTransaction& t) {
            return append(t, TestStore::message(std::string(10'000, 'x')), Placement{mailbox, {}, {}}, {}, start);
        });
        (void)store.write_here([&](WriteTransaction& t) {
            return store_flags(t, mailbox, some, {FlagMode::add, SystemFlag::deleted, {}, {}});
        });
        (void)store.write_here([&](WriteTransaction& t) { return expunge(t, mailbox, nullptr); });
    }
}

} // namespace

TEST_GROUP(Pages) {
    TestStore store;
    std::filesystem::path const file = store.directory() / "store/data.mdb";
    std::string whole;

    // Branches, leaves, bodies of their own pages and lists of unused ones.
    void setup() override {
        for (auto const* login : {"alice", "bob", "carol"}) {
            auto const account = store.account(login);
            auto const inbox = store.find(account, "INBOX").id;
            for (int i = 0; i < 150; ++i) store.append(inbox, std::string(i % 7 == 0 ? 20'000 : 400, 'x'));
            auto const archive = store.find(account, "Archive").id;
            UidSet moved;
            for (std::uint32_t uid = 1; uid <= 150; uid += 2) moved.add(Uid{uid});
            store.write([&](WriteTransaction& t) { return store::move(t, inbox, moved, archive, {}, start); });
            store.write([&](WriteTransaction& t) {
                return store_flags(t, archive, moved, {FlagMode::add, SystemFlag::deleted, {}, {}});
            });
            store.write([&](WriteTransaction& t) { return expunge(t, archive, nullptr); });
        }
        store.reopen(); // erases what was expunged
        store.check();
        store.close();
        std::ifstream stream(file, std::ios::binary);
        whole.assign(std::istreambuf_iterator<char>(stream), {});
    }

    void save(std::string const& octets) { std::ofstream(file, std::ios::binary | std::ios::trunc) << octets; }

    std::vector<std::string> complaints(bool bodies = true) {
        std::vector<std::string> all;
        PageFile pages(file);
        pages.check(pages.metas().front(), bodies, [&](std::string what) { all.push_back(std::move(what)); });
        return all;
    }

    // In a process of its own; whether it ended by itself.
    bool survives(std::function<void(Store&)> const& user) {
        pid_t const child = ::fork();
        if (child == 0) {
            ::alarm(60); // a loop without end is no survival either
            if (auto opened = Store::open(store.directory(), TestStore::small())) user(**opened);
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status);
    }

    [[nodiscard]] std::uint16_t kind_of(std::size_t page) const {
        return static_cast<std::uint16_t>(static_cast<unsigned char>(whole[page * page_size + 10]));
    }
};

TEST(Pages, of_a_whole_store_hold) {
    CHECK(complaints().empty());
    CHECK(survives(use));
}

TEST(Pages, with_flipped_bits_end_nobody) {
    std::mt19937 random(1);
    auto const below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    constexpr int rounds = 100;
    int told = 0;
    for (int round = 0; round < rounds; ++round) {
        std::string damaged = whole;
        for (std::size_t flips = 1 + below(4); flips > 0; --flips) {
            std::size_t page = below(whole.size() / page_size);
            while (kind_of(page) == 0 || kind_of(page) > 8) page = below(whole.size() / page_size);
            // Half of them where the page says what is in it.
            std::size_t const at = page * page_size + below(below(2) == 0 ? 64 : page_size);
            damaged[at] = static_cast<char>(damaged[at] ^ 1 << below(8));
        }
        save(damaged);
        try {
            if (!complaints().empty()) ++told;
        } catch (std::exception const&) {
            ++told;
        }
        CHECK(survives(use));
    }
    CHECK(told > rounds / 5); // the others are in what rows say, or where nothing lies
}

TEST(Pages, that_are_damaged_are_read_as_far_as_they_can_be_and_not_written) {
    for (std::size_t page = 2; page < whole.size() / page_size; ++page) {
        if (kind_of(page) != 2) continue;
        std::string damaged = whole;
        damaged.replace(page * page_size + 12, 2, 2, '\0');
        save(damaged);
        auto const told = complaints();
        if (told.size() != 1 || !told[0].contains("table message: page")) continue;
        CHECK(told[0].contains(": the rows"));
        store.open();
        auto const accounts = store.read([](ReadTransaction const& t) { return list_accounts(t); });
        LONGS_EQUAL(3, accounts.size());
        auto const changed = store->write_here([](WriteTransaction& t) { return put_setting(t, "a", "b"); });
        CHECK(!changed && changed.error() == StoreError::damaged);
        CHECK(!check(*store, true)->problems.empty());
        store.close();
        std::ifstream stream(file, std::ios::binary);
        CHECK(damaged == std::string(std::istreambuf_iterator<char>(stream), {}));
        return;
    }
    FAIL("no page of messages");
}

TEST(Pages, that_the_disk_does_not_give_end_nobody) {
    CHECK(survives([&](Store& opened) {
        std::filesystem::resize_file(file, whole.size() / 2);
        use(opened);
    }));
}
