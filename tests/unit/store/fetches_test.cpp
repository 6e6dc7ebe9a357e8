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
    std::optional<std::string> recognise(std::string const& source, std::string const& mark) {
        return store.read([&](ReadTransaction const& t) { return recognise_fetched(t, source, mark); });
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

TEST(StoreFetches, what_was_taken_is_known_by_its_id_and_by_its_mark) {
    add("provider-2");
    note("provider", {"1", "mark", start});
    note("provider", {"2", "another", start});
    note("provider-2", {"1", "mark of its own", start});
    LONGS_EQUAL(2, taken("provider").size());
    CHECK((taken("provider").front() == Fetched{"1", "mark", start}));
    CHECK(recognise("provider", "another") == "2");
    CHECK_FALSE(recognise("provider-2", "another").has_value());
    forget("provider", "1");
    CHECK_FALSE(recognise("provider", "mark").has_value());
    CHECK(recognise("provider-2", "mark of its own") == "1");
    store.check();
}

TEST(StoreFetches, of_several_with_the_same_mark_the_others_stay_known) {
    note("provider", {"1", "mark", start});
    note("provider", {"2", "mark", start});
    forget("provider", "1");
    CHECK(recognise("provider", "mark") == "2");
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
    CHECK(recognise("provider", "mark") == "1");
    auto const mailbox = store.read([](ReadTransaction const& t) { return get_fetched_mailbox(t, "provider"); });
    CHECK(mailbox && mailbox->settled == Uid{5});
    store.check();
}

TEST(StoreFetches, a_check_finds_what_does_not_belong_together) {
    note("provider", {"1", "mark", start});
    finds("a mark is not that of the message", [](WriteTransaction& t) {
        put(t, Table::fetched, fetched_rows("provider", FetchedRow::mark) + "mark", encode_text("2"));
    });
}

TEST(StoreFetches, a_check_finds_what_was_taken_from_nowhere) {
    finds("there is none of that name", [](WriteTransaction& t) {
        put(t, Table::fetched, fetched_rows("gone", FetchedRow::mailbox), encode(FetchedMailbox{}));
    });
}
