#include "fixture.h"
#include "store/changes.h"

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

// clang-format off
TEST_GROUP(StoreChanges) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;

    ModSeq now() { return store.get(inbox).highest_modseq; }
    Changes since(ModSeq modseq) {
        auto changes =
            store->read_here([&](ReadTransaction const& t) { return changes_since(t, inbox, modseq); });
        if (!changes) FAIL("no changes");
        return *changes;
    }
    void flag(UidSet const& uids, SystemFlags flags) {
        store.write([&](WriteTransaction& t) {
            return store_flags(t, inbox, uids, {FlagMode::replace, flags, {}, {}});
        });
    }
    void expunge_one(Uid uid) {
        flag({uid}, SystemFlag::deleted);
        store.write([&](WriteTransaction& t) { return expunge(t, inbox, nullptr); });
    }
    // More changes than are remembered, none of which leaves a trace.
    void churn(Uid uid) {
        store->write_here([&](WriteTransaction& t) -> Result<void> {
            for (std::uint32_t i = 0; i < max_change_rows; ++i) {
                auto const flags = i % 2 == 0 ? SystemFlags(SystemFlag::flagged) : SystemFlags();
                auto done = store_flags(t, inbox, {uid}, {FlagMode::replace, flags, {}, {}});
                if (!done) return std::unexpected(done.error());
            }
            return {};
        });
    }
};
// clang-format on

TEST(StoreChanges, nothing_since_now) {
    store.append(inbox, "a");
    auto const changes = since(now());
    CHECK(changes.added.empty() && changes.changed.empty() && changes.expunged.empty());
    CHECK(changes.highest == now() && changes.uid_next == Uid{2});
    CHECK(since(static_cast<ModSeq>(core::number(now()) + 1000)).added.empty());
}

TEST(StoreChanges, each_kind_is_told) {
    for (int i = 0; i < 3; ++i) store.append(inbox, "a");
    auto const then = now();
    store.append(inbox, "b");
    flag({Uid{1}, Uid{2}}, SystemFlag::seen);
    expunge_one(Uid{3});
    auto const changes = since(then);
    CHECK(changes.added == UidSet{Uid{4}});
    CHECK(changes.changed == (UidSet{Uid{1}, Uid{2}}));
    CHECK(changes.expunged == UidSet{Uid{3}});
}

TEST(StoreChanges, what_came_and_went_is_not_told) {
    store.append(inbox, "a");
    auto const then = now();
    store.append(inbox, "b");
    flag({Uid{1}, Uid{2}}, SystemFlag::seen);
    expunge_one(Uid{2});
    expunge_one(Uid{1});
    auto const changes = since(then);
    CHECK(changes.added.empty());
    CHECK(changes.changed.empty());
    CHECK(changes.expunged == UidSet{Uid{1}});
}

TEST(StoreChanges, a_new_message_that_changed_is_new) {
    auto const then = now();
    store.append(inbox, "b");
    flag({Uid{1}}, SystemFlag::seen);
    CHECK(since(then).added == UidSet{Uid{1}});
    CHECK(since(then).changed.empty());
}

TEST(StoreChanges, no_mailbox_no_changes) {
    auto const changes = store->read_here(
        [&](ReadTransaction const& t) { return changes_since(t, static_cast<MailboxId>(99), ModSeq{1}); });
    CHECK(changes.error() == StoreError::no_such_mailbox);
}

TEST(StoreChanges, old_changes_are_forgotten_and_the_floor_says_so) {
    store.append(inbox, "a");
    auto const then = now();
    CHECK(store.get(inbox).expunge_floor == ModSeq{0});
    churn(Uid{1});
    auto const mailbox = store.get(inbox);
    CHECK(mailbox.expunge_floor >= then);
    CHECK(mailbox.expunge_floor < mailbox.highest_modseq);
    store.check();
    // From the floor on it is still remembered.
    CHECK(since(mailbox.expunge_floor).changed == UidSet{Uid{1}});
    CHECK(since(mailbox.expunge_floor).added.empty());
}

TEST(StoreChanges, below_the_floor_what_is_there_is_told) {
    for (int i = 0; i < 4; ++i) store.append(inbox, "a");
    auto const then = now();
    expunge_one(Uid{2});
    flag({Uid{3}}, SystemFlag::seen);
    store.append(inbox, "b"); // UID 5
    churn(Uid{4});
    CHECK(then < store.get(inbox).expunge_floor);

    auto const rough = since(then);
    CHECK(rough.added == (UidSet{Uid{3}, Uid{4}, Uid{5}}));
    CHECK(rough.expunged == UidSet{Uid{2}});

    std::vector<Uid> const known{Uid{1}, Uid{2}, Uid{3}, Uid{4}};
    auto const exact = store->read_here([&](ReadTransaction const& t) { return changes_since(t, inbox, then, known); });
    CHECK(exact->added == UidSet{Uid{5}});
    CHECK(exact->changed == (UidSet{Uid{3}, Uid{4}}));
    CHECK(exact->expunged == UidSet{Uid{2}});
    CHECK(exact->highest == now() && exact->uid_next == Uid{6});
}

TEST(StoreChanges, a_copy_is_an_addition_and_a_move_both) {
    auto const trash = store.find(alice, "Trash").id;
    for (int i = 0; i < 3; ++i) store.append(inbox, "a");
    auto const then = now();
    auto const trash_then = store.get(trash).highest_modseq;
    store.write([&](WriteTransaction& t) { return store::move(t, inbox, {Uid{1}, Uid{3}}, trash, {}, start); });
    CHECK(since(then).expunged == (UidSet{Uid{1}, Uid{3}}));
    auto const there = store->read_here([&](ReadTransaction const& t) { return changes_since(t, trash, trash_then); });
    CHECK(there->added == (UidSet{Uid{1}, Uid{2}}));
    CHECK(store.get(trash).highest_modseq == core::next(trash_then));
}

TEST(StoreChanges, the_history_has_what_came_and_went) {
    store.append(inbox, "a");
    auto const then = now();
    for (int i = 0; i < 3; ++i) store.append(inbox, "b");
    flag({Uid{1}}, SystemFlag::seen);
    expunge_one(Uid{2});
    auto const look = [&](ModSeq since) {
        return store->read_here([&](ReadTransaction const& t) { return history_since(t, inbox, since); }).value();
    };
    CHECK(look(then).touched == (UidSet{Uid{1}, Uid{3}, Uid{4}}));
    CHECK(look(then).expunged == UidSet{Uid{2}});
    CHECK(look(now()).touched.empty() && look(now()).expunged.empty());
    churn(Uid{3});
    CHECK(look(then).touched == (UidSet{Uid{1}, Uid{3}, Uid{4}}));
    CHECK(look(then).expunged == UidSet{Uid{2}});
}
