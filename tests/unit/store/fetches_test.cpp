#include "fixture.h"
#include "store/fetches.h"
#include "store/repair.h"
#include "store/rows.h"

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

// clang-format off
TEST_GROUP(StoreFetches) {
    TestStore store;

    void setup() override { add("provider"); }

    void add(std::string const& name) {
        store.write([&](WriteTransaction& t) {
            FetchSource source;
            source.name = name;
            source.host = "imap.example.net";
            return set_fetch_source(t, source);
        });
    }
    void note(std::string const& source, Fetched const& fetched) {
        store.write([&](WriteTransaction& t) { return note_fetched(t, source, fetched); });
    }
    void forget(std::string const& source, std::string const& id) {
        store.write([&](WriteTransaction& t) -> Result<void> {
            forget_fetched(t, source, id);
            return {};
        });
    }
    std::vector<Fetched> taken(std::string const& source) {
        return store.read([&](ReadTransaction const& t) { return list_fetched(t, source); });
    }
    void finds(std::string_view piece, std::function<void(WriteTransaction&)> const& damage) {
        store.check();
        store.write([&](WriteTransaction& t) -> Result<void> {
            damage(t);
            return {};
        });
        auto const report = check(*store, true);
        CHECK(report.has_value());
        LONGS_EQUAL(1, report->problems.size());
        STRCMP_CONTAINS(std::string(piece).c_str(), report->problems.front().what.c_str());
    }
};
// clang-format on

TEST(StoreFetches, what_was_taken_is_known) {
    add("provider-2");
    note("provider", {"1", "mark", start});
    note("provider", {"2", "another", start});
    note("provider-2", {"1", "mark of its own", start});
    LONGS_EQUAL(2, taken("provider").size());
    CHECK((taken("provider").front() == Fetched{"1", "mark", start}));
    forget("provider", "1");
    LONGS_EQUAL(1, taken("provider").size());
    LONGS_EQUAL(1, taken("provider-2").size());
    store.check();
}

TEST(StoreFetches, a_message_that_its_provider_calls_otherwise_stays_known) {
    note("provider", {"1", "mark", start});
    auto const rename = [&](std::string const& before) {
        return store.write([&](WriteTransaction& t) { return rename_fetched(t, "provider", before, "9"); });
    };
    CHECK((rename("1") == Fetched{"9", "mark", start}));
    CHECK_FALSE(rename("1").has_value());
    LONGS_EQUAL(1, taken("provider").size());
    store.check();
}

TEST(StoreFetches, a_source_goes_with_all_that_is_known_of_it) {
    add("provider-2");
    note("provider-2", {"1", "mark", start});
    note("provider", {"1", "mark", start});
    store.write([](WriteTransaction& t) {
        return set_fetched_mailbox(t, "provider", {"INBOX", static_cast<UidValidity>(1), Uid{5}, {}});
    });
    store.write([](WriteTransaction& t) { return remove_fetch_source(t, "provider"); });
    CHECK(taken("provider").empty());
    LONGS_EQUAL(1, taken("provider-2").size());
    auto const gone =
        store->write_here([](WriteTransaction& t) { return note_fetched(t, "provider", {"1", "m", {}}); });
    CHECK(gone.error() == StoreError::no_such_fetch_source);
    store.check();
}

TEST(StoreFetches, a_repair_keeps_what_was_taken) {
    note("provider", {"1", "mark", start});
    store.write([](WriteTransaction& t) {
        return set_fetched_mailbox(t, "provider", {"INBOX", static_cast<UidValidity>(1), Uid{5}, {}});
    });
    store.close();
    auto const report = repair(store.directory(), start);
    CHECK(report && report->damages.empty());
    store.open();
    LONGS_EQUAL(1, taken("provider").size());
    auto const mailbox = store.read([](ReadTransaction const& t) { return get_fetched_mailbox(t, "provider"); });
    CHECK(mailbox && mailbox->settled == Uid{5});
    store.check();
}

TEST(StoreFetches, a_check_finds_what_cannot_be_read) {
    note("provider", {"1", "mark", start});
    finds("cannot be read", [](WriteTransaction& t) {
        put(t, Table::fetched, fetched_rows("provider", FetchedRow::message) + "2", "x");
    });
}

TEST(StoreFetches, a_check_finds_what_was_taken_from_nowhere) {
    finds("there is none of that name", [](WriteTransaction& t) {
        put(t, Table::fetched, fetched_rows("gone", FetchedRow::mailbox), encode(FetchedMailbox{}));
    });
}
