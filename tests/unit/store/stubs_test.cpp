#include "fixture.h"
#include "store/bodies.h"
#include "store/fetches.h"
#include "store/repair.h"
#include "store/rows.h"
#include "store/stubs.h"

#include <algorithm>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

// clang-format off
TEST_GROUP(StoreStubs) {
    TestStore store;
    AccountId alice = store.account("alice"), bob = store.account("bob");
    MailboxId inbox = store.find(alice, "INBOX").id, of_bob = store.find(bob, "INBOX").id;
    MailboxId drafts = store.find(alice, "Drafts").id;
    std::vector<std::string> told; // the sources of which watchers were told
    Watch watch;

    void setup() override {
        store.write([&](WriteTransaction& t) {
            FetchSource source;
            source.name = "provider";
            source.host = "imap.example.net";
            return set_fetch_source(t, source);
        });
        watch = store->watch_stubs([&](StubsMark const& mark) { told.insert(told.end(), mark.sources.begin(), mark.sources.end()); });
    }
    void teardown() override { store.check(); }

    MessageId deliver(std::string const& id, std::vector<AccountId> to) {
        Delivery delivery;
        delivery.local = std::move(to);
        delivery.stub = true;
        return store.write([&](WriteTransaction& t) -> Result<MessageId> {
            auto const made = store::deliver(t, store.message("stub"), delivery, {}, start);
            if (auto const noted = note_stub(t, made.value(), "provider", {id, "mark", start}, 5000); !noted)
                return std::unexpected(noted.error());
            return made;
        });
    }
    std::vector<Stub> stubs() { return store.read([](ReadTransaction const& t) { return list_stubs(t); }); }
    bool asked() { return stubs().at(0).asked(); }
    Fetched fetched(std::string const& id) {
        return store.read([&](ReadTransaction const& t) { return find_fetched(t, "provider", id); }).value();
    }
    void flag(MailboxId mailbox, Uid uid, FlagMode mode, SystemFlags flags, std::vector<std::string> keywords = {}) {
        store.write([&](WriteTransaction& t) {
            return store_flags(t, mailbox, UidSet{uid}, {mode, flags, keywords, {}});
        });
    }
    Result<MessageId> complete(MessageId stub, std::string body = "the original", Quota const& quota = {}) {
        return store->write_here([&](WriteTransaction& t) {
            return complete_stub(t, stub, store.message(body), quota, start + std::chrono::hours(1));
        });
    }
    std::vector<IndexRow> rows(MailboxId mailbox) {
        std::vector<IndexRow> all;
        store.read([&](ReadTransaction const& t) {
            for_each_index(t, mailbox, list_uids(t, mailbox), [&](IndexRow const& row) {
                all.push_back(row);
                return true;
            });
            return 0;
        });
        return all;
    }
    std::string body(IndexRow const& row) {
        return store.write([&](WriteTransaction& t) {
            return read_body(t, static_cast<BodyId>(core::number(row.message)), 0, 1'000'000);
        });
    }
    void take_away(MailboxId mailbox, Uid uid) {
        store.write([&](WriteTransaction& t) { return remove(t, mailbox, UidSet{uid}); });
    }
};
// clang-format on

TEST(StoreStubs, a_stub_is_known_with_its_places) {
    auto const message = deliver("1", {alice, bob});
    UNSIGNED_LONGS_EQUAL(1, stubs().size());
    auto const stub = stubs().front();
    CHECK(stub.message == message && stub.source == "provider" && stub.id == "1" && stub.size == 5000);
    CHECK((stub.places == std::vector<StubPlace>{{inbox, Uid{1}}, {of_bob, Uid{1}}}));
    CHECK(fetched("1").stub == message);
    CHECK(told.empty());
}

TEST(StoreStubs, a_star_or_the_keyword_asks_and_what_is_taken_back_does_not) {
    deliver("1", {alice});
    flag(inbox, Uid{1}, FlagMode::add, SystemFlag::seen, {"Work"});
    CHECK(!asked() && told.empty());
    flag(inbox, Uid{1}, FlagMode::add, SystemFlag::flagged);
    CHECK(asked());
    flag(inbox, Uid{1}, FlagMode::add, {}, {"$fetchnow"});
    LONGS_EQUAL(1, told.size()); // it was known
    flag(inbox, Uid{1}, FlagMode::remove, SystemFlag::flagged);
    CHECK(asked());
    flag(inbox, Uid{1}, FlagMode::remove, {}, {"$FetchNow"});
    CHECK(!asked());
    STRCMP_EQUAL("provider", told.at(1).c_str());
}

TEST(StoreStubs, it_is_a_stub_wherever_it_is_copied_or_moved) {
    deliver("1", {alice});
    store.write([&](WriteTransaction& t) { return copy(t, inbox, UidSet{Uid{1}}, drafts, {}, start); });
    store.write([&](WriteTransaction& t) { return move(t, inbox, UidSet{Uid{1}}, of_bob, {}, start); });
    CHECK((stubs().at(0).places == std::vector<StubPlace>{{drafts, Uid{1}}, {of_bob, Uid{1}}}));
    flag(of_bob, Uid{1}, FlagMode::replace, {}, {"$FetchNow"});
    CHECK(asked());
    take_away(of_bob, Uid{1}); // who asked went
    CHECK(!asked());
    LONGS_EQUAL(2, told.size());
}

TEST(StoreStubs, the_original_takes_its_place_everywhere_with_its_flags) {
    auto const stub = deliver("1", {alice, bob});
    store.write([&](WriteTransaction& t) { return copy(t, inbox, UidSet{Uid{1}}, inbox, {}, start); });
    flag(inbox, Uid{1}, FlagMode::replace, SystemFlag::seen, {"Work", "$FetchNow"});
    flag(of_bob, Uid{1}, FlagMode::replace, SystemFlags(SystemFlag::flagged) | SystemFlag::answered);
    CHECK(complete(stub).has_value());
    auto const here = rows(inbox), there = rows(of_bob);
    UNSIGNED_LONGS_EQUAL(2, here.size());
    CHECK(here[0].uid == Uid{3} && here[1].uid == Uid{4} && here[0].message == here[1].message);
    CHECK(here[0].flags == SystemFlag::seen && here[1].flags == SystemFlags{});
    CHECK((keyword_names(store.get(inbox), here[0].keywords) == std::vector<std::string>{"Work"}));
    UNSIGNED_LONGS_EQUAL(1, there.size());
    CHECK(there[0].uid == Uid{2} && there[0].flags == SystemFlag::answered && there[0].message == here[0].message);
    STRCMP_EQUAL("the original", body(there[0]).c_str());
    UNSIGNED_LONGS_EQUAL(24, store.get(inbox).octets);
    CHECK(stubs().empty());
    CHECK(fetched("1") == (Fetched{"1", "mark", start + std::chrono::hours(1)})); // from then on its days count
    LONGS_EQUAL(1, told.size());
    CHECK(complete(stub).error() == StoreError::no_such_message);
    flag(inbox, Uid{3}, FlagMode::add, SystemFlag::flagged); // it is none any more
    LONGS_EQUAL(1, told.size());
}

TEST(StoreStubs, an_original_that_does_not_fit_leaves_it_as_it_was) {
    auto const stub = deliver("1", {alice, bob});
    CHECK(complete(stub, std::string(100, 'x'), {99, no_limit}).error() == StoreError::over_quota);
    UNSIGNED_LONGS_EQUAL(1, stubs().size());
    CHECK(complete(stub, std::string(100, 'x'), {100, 1}).has_value());
}

TEST(StoreStubs, of_one_that_is_deleted_nobody_wants_the_original) {
    auto const stub = deliver("1", {alice, bob});
    take_away(inbox, Uid{1});
    CHECK(told.empty());
    CHECK(fetched("1").stub == stub);
    store.write([&](WriteTransaction& t) { return remove_account(t, bob); });
    LONGS_EQUAL(1, told.size());
    CHECK(stubs().empty());
    CHECK(fetched("1") == (Fetched{"1", "mark", start}));
}

TEST(StoreStubs, it_follows_what_its_provider_calls_it) {
    auto const stub = deliver("1", {alice});
    store.write([&](WriteTransaction& t) { return rename_fetched(t, "provider", "1", "9"); });
    CHECK(stubs().at(0).id == "9" && fetched("9").stub == stub);
    CHECK(complete(stub).has_value());
    CHECK(fetched("9").stub == MessageId{});
}

TEST(StoreStubs, it_is_lost_with_what_is_known_of_its_source) {
    auto const first = deliver("1", {alice});
    deliver("2", {alice});
    store.write([](WriteTransaction& t) -> Result<void> {
        forget_fetched(t, "provider", "1");
        return {};
    });
    CHECK(stubs().at(0).message == first && stubs().at(0).id.empty());
    LONGS_EQUAL(1, told.size());
    store.check();
    store.write([](WriteTransaction& t) { return remove_fetch_source(t, "provider"); });
    CHECK(stubs().at(1).id.empty());
    CHECK(complete(first, "it is gone").has_value());
    UNSIGNED_LONGS_EQUAL(1, stubs().size());
    take_away(inbox, Uid{2});
    CHECK(stubs().empty());
}

TEST(StoreStubs, a_repair_keeps_them_where_they_are) {
    deliver("1", {alice, bob});
    flag(of_bob, Uid{1}, FlagMode::add, SystemFlag::flagged);
    auto const before = stubs().at(0);
    watch = {};
    store.close();
    auto const report = repair(store.directory(), start);
    CHECK(report && report->damages.empty());
    store.open();
    UNSIGNED_LONGS_EQUAL(1, stubs().size());
    CHECK(stubs().at(0).places == before.places && stubs().at(0).id == before.id && asked());
}

TEST(StoreStubs, a_check_finds_one_that_is_not_where_it_should_be) {
    auto const message = deliver("1", {alice});
    auto const problems = [&](Stub const& instead) {
        store.write([&](WriteTransaction& t) -> Result<void> {
            put(t, Table::fetched, stub_key(message), encode(instead));
            return {};
        });
        return check(*store, true).value().problems;
    };
    auto const right = stubs().at(0);
    auto elsewhere = right, of_nothing = right;
    elsewhere.places[0].uid = Uid{7};
    LONGS_EQUAL(2, problems(elsewhere).size());
    of_nothing.id = "2";
    STRCMP_CONTAINS("knows nothing of it", problems(of_nothing).at(0).what.c_str());
    CHECK(problems(right).empty());
}
