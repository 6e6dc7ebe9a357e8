#include "fixture.h"
#include "store/accounts.h"
#include "store/aliases.h"
#include "store/audit.h"
#include "store/lmdb.h"
#include "store/queue.h"
#include "store/settings.h"

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

// clang-format off
TEST_GROUP(StoreAccounts) {
    TestStore store;
    Result<AccountId> create(std::string_view login) {
        return store->write_here([&](WriteTransaction& t) { return create_account(t, login, {}, true, start); });
    }
    std::optional<Account> find(std::string_view login) {
        return store.read([&](ReadTransaction const& t) { return find_account(t, login); });
    }
};
// clang-format on

TEST(StoreAccounts, an_account_comes_back_as_it_was_made) {
    ScramVerifier const verifier{std::string("sa\0lt", 5), 4096, "stored", "server"};
    auto const id = store.write([&](WriteTransaction& t) { return create_account(t, "alice", verifier, true, start); });
    store.reopen();
    auto const account = find("alice");
    CHECK(account && account->id == id && account->login == "alice" && account->administrator);
    CHECK(account->verifier.salt == verifier.salt && account->verifier.iterations == 4096);
    CHECK(account->verifier.stored_key == "stored" && account->verifier.server_key == "server");
    CHECK(account->created == start && account->usage == Usage{});
    CHECK(!find("Alice") && !find("") && !find("bob"));
    UNSIGNED_LONGS_EQUAL(1, store.read([](ReadTransaction const& t) { return list_accounts(t); }).size());
}

TEST(StoreAccounts, logins_are_unique_and_checked) {
    CHECK(create("alice").has_value());
    CHECK(create("alice").error() == StoreError::account_exists);
    for (std::string const& bad : {std::string(""), std::string("Alice"), std::string("a b"), std::string("a@b"),
                                   std::string("a\n"), std::string(65, 'a')})
        CHECK(create(bad).error() == StoreError::name_invalid);
    CHECK(create(std::string(64, 'a')).has_value());
    store.check();
}

TEST(StoreAccounts, one_that_is_the_boxes_own_is_shown_to_nobody_and_goes_with_its_mail) {
    auto const alice = *create("alice");
    CHECK_FALSE(store.read([](ReadTransaction const& t) { return has_passing_accounts(t); }));
    auto const passing = *create("~test");
    store.append(store.find(passing, "INBOX").id, "x");
    CHECK(store.read([](ReadTransaction const& t) { return has_passing_accounts(t); }));
    auto const shown = store.read([](ReadTransaction const& t) { return list_accounts(t); });
    CHECK(shown.size() == 1 && shown.front().id == alice);
    CHECK(store->write_here([](WriteTransaction& t) { return remove_passing_accounts(t); }).has_value());
    CHECK(!find("~test") && find("alice"));
    CHECK_FALSE(store.read([](ReadTransaction const& t) { return has_passing_accounts(t); }));
    store.check();
}

TEST(StoreAccounts, a_removed_account_leaves_nothing_but_its_queue) {
    auto const alice = *create("alice");
    auto const bob = *create("bob");
    store.append(store.find(alice, "INBOX").id, "x");
    Delivery to;
    to.local = {alice, bob};
    to.outside = {{"carol@example.org", {}}};
    to.owner = alice;
    store.write([&](WriteTransaction& t) { return deliver(t, store.message("shared"), to, {}, start); });
    CHECK(store->write_here([&](WriteTransaction& t) { return remove_account(t, alice); }).has_value());
    CHECK(store->write_here([&](WriteTransaction& t) { return remove_account(t, alice); }).error() ==
          StoreError::no_such_account);
    CHECK(!find("alice"));
    store.reopen(); // erases garbage
    auto const report = store.check();
    UNSIGNED_LONGS_EQUAL(1, report.accounts);
    UNSIGNED_LONGS_EQUAL(6, report.mailboxes);
    UNSIGNED_LONGS_EQUAL(1, report.messages);
    UNSIGNED_LONGS_EQUAL(1, report.queue_items);
    UNSIGNED_LONGS_EQUAL(2, store.read([](ReadTransaction const& t) { return count_rows(t, Table::message); }));
    auto const again = *create("alice");
    CHECK(again > bob);
    UNSIGNED_LONGS_EQUAL(0, store.find(again, "INBOX").messages);
}

TEST(StoreAccounts, a_verifier_is_replaced) {
    auto const alice = *create("alice");
    store->write_here([&](WriteTransaction& t) { return set_verifier(t, alice, {"s", 5000, "a", "b"}); });
    UNSIGNED_LONGS_EQUAL(5000, find("alice")->verifier.iterations);
    auto const missing =
        store->write_here([&](WriteTransaction& t) { return set_verifier(t, static_cast<AccountId>(99), {}); });
    CHECK(missing.error() == StoreError::no_such_account);
}

TEST_GROUP(StoreAliases){};

TEST(StoreAliases, are_made_replaced_listed_and_removed) {
    TestStore store;
    auto const set = [&](Alias alias) {
        return store->write_here([&](WriteTransaction& t) { return set_alias(t, alias); });
    };
    CHECK(set({"sales@office.lan", {"alice@office.lan"}}).has_value());
    CHECK(set({"sales@office.lan", {"bob@office.lan", "carol@example.org"}}).has_value());
    CHECK(set({"@office.lan", {"alice@office.lan"}}).has_value());
    CHECK(set({"", {"a"}}).error() == StoreError::name_invalid);
    CHECK(set({"x", {}}).error() == StoreError::name_invalid);
    CHECK(set({std::string(321, 'x'), {"a"}}).error() == StoreError::name_invalid);
    auto const find = [&](std::string_view address) {
        return store.read([&](ReadTransaction const& t) { return find_alias(t, address); });
    };
    CHECK((find("sales@office.lan")->targets == std::vector<std::string>{"bob@office.lan", "carol@example.org"}));
    CHECK(!find("") && !find("sales") && !find(std::string(600, 'x')));
    auto const all = store.read([](ReadTransaction const& t) { return list_aliases(t); });
    CHECK(all.size() == 2 && all[0].address == "@office.lan" && all[1].address == "sales@office.lan");
    auto const remove = [&](std::string_view address) {
        return store->write_here([&](WriteTransaction& t) { return remove_alias(t, address); });
    };
    CHECK(remove("sales@office.lan").has_value());
    CHECK(remove("sales@office.lan").error() == StoreError::no_such_alias);
    CHECK(remove("").error() == StoreError::no_such_alias);
}

TEST(StoreAliases, lead_to_mailboxes_of_the_office_that_stay_as_long) {
    TestStore store;
    auto const set = [&](std::vector<MailboxId> mailboxes) {
        return store->write_here(
            [&](WriteTransaction& t) { return set_alias(t, {"sales@office.lan", {}, std::move(mailboxes)}); });
    };
    auto const remove = [&](std::string_view name) {
        return store->write_here([&](WriteTransaction& t) { return delete_mailbox(t, the_office, name); });
    };
    auto const alice = store.account("alice");
    auto const sales = store.mailbox(the_office, "Sales");
    store.mailbox(the_office, "Sales/2026");
    CHECK(set({sales, store.find(alice, "INBOX").id}).error() == StoreError::no_such_mailbox);
    CHECK(set({static_cast<MailboxId>(999)}).error() == StoreError::no_such_mailbox);
    CHECK(set({sales}).has_value());
    store.check();
    CHECK(store.read([&](ReadTransaction const& t) { return aliases_to(t, sales); }) ==
          std::vector<std::string>{"sales@office.lan"});
    CHECK(remove("Sales").error() == StoreError::mailbox_has_address); // which would have left its name alone
    CHECK(remove("Sales/2026").has_value());
    CHECK(remove("Sales").error() == StoreError::mailbox_has_address);
    store.write([&](WriteTransaction& t) { return rename_mailbox(t, the_office, "Sales", "Orders", start); });
    CHECK(remove("Orders").error() == StoreError::mailbox_has_address);
    store.write([&](WriteTransaction& t) { return remove_alias(t, "sales@office.lan"); });
    CHECK(remove("Orders").has_value());
    CHECK(set({sales}).error() == StoreError::no_such_mailbox);
    store.check();
}

TEST_GROUP(StoreSettings){};

TEST(StoreSettings, are_put_listed_and_erased) {
    TestStore store;
    auto const put = [&](std::string_view name, std::string_view value) {
        return store->write_here([&](WriteTransaction& t) { return put_setting(t, name, value); });
    };
    CHECK(put("smtp.limit", "1M").has_value());
    CHECK(put("smtp.limit", "2M").has_value());
    CHECK(put("empty", "").has_value());
    CHECK(put("", "x").error() == StoreError::name_invalid);
    auto const all = store.read([](ReadTransaction const& t) { return list_settings(t); });
    CHECK((all == std::vector<std::pair<std::string, std::string>>{{"empty", ""}, {"smtp.limit", "2M"}}));
    auto const erase = [&](std::string_view name) {
        return store->write_here([&](WriteTransaction& t) { return erase_setting(t, name); });
    };
    CHECK(erase("smtp.limit").has_value());
    CHECK(erase("smtp.limit").error() == StoreError::no_such_setting);
}

TEST_GROUP(StoreAudit){};

TEST(StoreAudit, rows_are_chained_and_listed_newest_first) {
    TestStore store;
    for (int i = 0; i < 3; ++i)
        store->write_here([&](WriteTransaction& t) { return audit(t, std::format("event{}", i), "details", start); });
    auto const rows = store.read([](ReadTransaction const& t) { return list_audit(t, 2); });
    UNSIGNED_LONGS_EQUAL(2, rows.size());
    STRCMP_EQUAL("event2", rows[0].event.c_str());
    UNSIGNED_LONGS_EQUAL(3, rows[0].sequence);
    UNSIGNED_LONGS_EQUAL(32, rows[0].before.size());
    UNSIGNED_LONGS_EQUAL(3, store.check().audit_rows);
}
