#include "fixture.h"
#include "store/lmdb.h"
#include "store/metadata.h"
#include "store/rows.h"

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

TEST_GROUP(StoreMetadata) {
    TestStore store;
    AccountId alice = store.account("alice");
    AccountId bob = store.account("bob");

    Result<void> set(AccountId reader, std::string_view mailbox, std::vector<EntryChange> changes) {
        auto const found = mailbox.empty() ? std::nullopt : std::optional(store.find(alice, mailbox));
        return store->write_here(
            [&](WriteTransaction& t) { return set_entries(t, {reader, found ? &*found : nullptr}, changes); });
    }
    // "name=value name=value"
    std::string find(AccountId reader, std::string_view mailbox, std::string_view name, Depth depth = Depth::zero) {
        auto const found = mailbox.empty() ? std::nullopt : std::optional(store.find(alice, mailbox));
        std::string text;
        for (Entry const& entry : store.read([&](ReadTransaction const& t) {
                 return find_entries(t, {reader, found ? &*found : nullptr}, name, depth);
             }))
            text += (text.empty() ? "" : " ") + entry.name + "=" + entry.value;
        return text;
    }
    std::uint64_t rows() {
        return store.read([](ReadTransaction const& t) { return count_rows(t, Table::metadata); });
    }
};

TEST(StoreMetadata, is_kept_by_name_in_any_case) {
    CHECK(set(alice, "INBOX", {{"/private/Comment", "a"}, {"/shared/comment", ""}}).has_value());
    store.reopen();
    STRCMP_EQUAL("/private/Comment=a", find(alice, "INBOX", "/PRIVATE/comment").c_str());
    STRCMP_EQUAL("/shared/comment=", find(alice, "INBOX", "/shared/comment").c_str());
    STRCMP_EQUAL("", find(alice, "Sent", "/shared/comment").c_str());
    STRCMP_EQUAL("", find(alice, "INBOX", "/private/" + std::string(600, 'x')).c_str());
    CHECK(set(alice, "INBOX", {{"/private/comment", std::nullopt}, {"/private/none", std::nullopt}}).has_value());
    STRCMP_EQUAL("", find(alice, "INBOX", "/private/comment").c_str());
    store.check();
}

TEST(StoreMetadata, is_found_below_a_name) {
    CHECK(
        set(alice, "INBOX", {{"/private/a", "1"}, {"/private/a/b", "2"}, {"/private/a/b/c", "3"}, {"/private/ab", "4"}})
            .has_value());
    STRCMP_EQUAL("/private/a=1", find(alice, "INBOX", "/private/a").c_str());
    STRCMP_EQUAL("/private/a=1 /private/a/b=2", find(alice, "INBOX", "/private/a", Depth::one).c_str());
    STRCMP_EQUAL("/private/a=1 /private/a/b=2 /private/a/b/c=3",
                 find(alice, "INBOX", "/private/a", Depth::infinity).c_str());
    STRCMP_EQUAL("/private/a=1 /private/ab=4", find(alice, "INBOX", "/private", Depth::one).c_str());
}

TEST(StoreMetadata, what_is_private_is_of_one_account_alone) {
    CHECK(set(alice, "INBOX", {{"/private/comment", "alice"}, {"/shared/comment", "both"}}).has_value());
    CHECK(set(bob, "INBOX", {{"/private/comment", "bob"}}).has_value());
    STRCMP_EQUAL("/private/comment=bob", find(bob, "INBOX", "/private/comment").c_str());
    STRCMP_EQUAL("/shared/comment=both", find(bob, "INBOX", "/shared/comment").c_str());
    CHECK(set(bob, "", {{"/private/comment", "b"}, {"/shared/comment", "all"}}).has_value());
    STRCMP_EQUAL("", find(alice, "", "/private/comment").c_str());
    STRCMP_EQUAL("/shared/comment=all", find(alice, "", "/shared/comment").c_str());
    store.check();
    store.write([&](WriteTransaction& t) { return remove_account(t, bob); });
    UNSIGNED_LONGS_EQUAL(3, rows());
    store.check();
    store.write([&](WriteTransaction& t) { return remove_account(t, alice); });
    UNSIGNED_LONGS_EQUAL(1, rows());
    store.check();
}

TEST(StoreMetadata, follows_its_mailbox) {
    auto const change = [&](auto operation) { store.write([&](WriteTransaction& t) { return operation(t); }); };
    CHECK(set(alice, "Sent", {{"/shared/comment", "x"}}).has_value());
    CHECK(set(alice, "INBOX", {{"/shared/comment", "y"}}).has_value());
    CHECK(set(bob, "INBOX", {{"/private/comment", "z"}}).has_value());
    change([&](WriteTransaction& t) { return rename_mailbox(t, alice, "Sent", "Post/Out", start); });
    STRCMP_EQUAL("/shared/comment=x", find(alice, "Post/Out", "/shared/comment").c_str());
    change([&](WriteTransaction& t) { return rename_mailbox(t, alice, "INBOX", "Old", start); });
    for (std::string_view const name : {"INBOX", "Old"}) {
        STRCMP_EQUAL("/shared/comment=y", find(alice, name, "/shared/comment").c_str());
        STRCMP_EQUAL("/private/comment=z", find(bob, name, "/private/comment").c_str());
    }
    // A name that only has children keeps none.
    CHECK(set(alice, "Post", {{"/shared/comment", "p"}}).has_value());
    change([&](WriteTransaction& t) { return delete_mailbox(t, alice, "Post"); });
    STRCMP_EQUAL("", find(alice, "Post", "/shared/comment").c_str());
    change([&](WriteTransaction& t) { return delete_mailbox(t, alice, "Post/Out"); });
    change([&](WriteTransaction& t) { return delete_mailbox(t, alice, "Old"); });
    UNSIGNED_LONGS_EQUAL(2, rows());
    store.check();
}

TEST(StoreMetadata, has_its_limits_and_is_set_whole_or_not_at_all) {
    std::vector<EntryChange> many;
    for (std::size_t i = 0; i < max_entries; ++i) many.push_back({std::format("/private/vendor/x/{}", i), "v"});
    CHECK(set(alice, "INBOX", many).has_value());
    CHECK(set(alice, "Sent", {{"/private/comment", "x"}}).error() == StoreError::over_quota);
    CHECK(set(alice, "INBOX", {{"/private/vendor/x/0", "w"}}).has_value()); // in the place of another
    CHECK(set(alice, "INBOX", {{"/private/vendor/x/0", std::nullopt}, {"/private/comment", "x"}}).has_value());
    CHECK(set(bob, "INBOX", {{"/private/comment", "x"}}).has_value());
    CHECK(set(alice, "", {{"/shared/comment", "new"}, {"/private/comment", "x"}}).error() == StoreError::over_quota);
    STRCMP_EQUAL("", find(alice, "", "/shared/comment").c_str());
    for (auto& change : many) change.value.reset();
    CHECK(set(alice, "INBOX", many).has_value());

    std::string const large(max_entry_octets, 'x');
    CHECK(set(alice, "INBOX", {{"/shared/comment", large + "x"}}).error() == StoreError::name_invalid);
    for (int i = 0; i < 63; ++i)
        CHECK(set(bob, "INBOX", {{std::format("/private/vendor/x/{}", i), large}}).has_value());
    CHECK(set(bob, "INBOX", {{"/private/vendor/x/63", large}}).error() == StoreError::over_quota);
    store.check();
}

TEST(StoreMetadata, the_special_use_of_a_mailbox_is_one_of_its_entries) {
    STRCMP_EQUAL("/private/specialuse=\\Sent", find(alice, "Sent", "/private/specialuse").c_str());
    STRCMP_EQUAL("/private/specialuse=\\Sent", find(alice, "Sent", "/Private", Depth::infinity).c_str());
    STRCMP_EQUAL("", find(alice, "Sent", "/private", Depth::zero).c_str());
    STRCMP_EQUAL("", find(bob, "Sent", "/private/specialuse").c_str());
    STRCMP_EQUAL("", find(alice, "INBOX", "/private/specialuse").c_str());
    auto const use = [&](std::string_view mailbox, std::string_view special_use) {
        auto const id = store.find(alice, mailbox).id;
        return store->write_here([&](WriteTransaction& t) { return set_special_use(t, id, special_use); });
    };
    CHECK(use("INBOX", "\\Sent").value() == "Sent");
    STRCMP_EQUAL("", find(alice, "Sent", "/private/specialuse").c_str());
    CHECK(!use("INBOX", "\\Sent").value().has_value());
    CHECK(!use("INBOX", "").value().has_value());
    store.mailbox(alice, "a/b");
    store.write([&](WriteTransaction& t) { return delete_mailbox(t, alice, "a"); });
    CHECK(use("a", "\\Sent").error() == StoreError::no_such_mailbox);
    store.check();
}

TEST(StoreMetadata, the_check_finds_what_belongs_to_nothing) {
    auto const problems = [&] { return check(*store, true).value().problems.size(); };
    auto const put_row = [&](std::string const& key, std::string_view value) {
        store.write([&](WriteTransaction& t) -> Result<void> {
            put(t, Table::metadata, key, value);
            return {};
        });
    };
    auto const inbox = store.find(alice, "INBOX").id;
    std::string const name = "/shared/comment";
    UNSIGNED_LONGS_EQUAL(0, problems());
    put_row(metadata_rows(alice, inbox) + name, encode(Entry{"/shared/other", "x"}));
    UNSIGNED_LONGS_EQUAL(1, problems());
    put_row(metadata_rows(alice, inbox) + name, "broken");
    UNSIGNED_LONGS_EQUAL(1, problems());
    put_row(metadata_rows(alice, inbox) + name, encode(Entry{"/shared/Comment", "x"}));
    UNSIGNED_LONGS_EQUAL(0, problems());
    put_row(metadata_rows(bob, inbox) + name, encode(Entry{name, "x"})); // shared, and not the owner's
    UNSIGNED_LONGS_EQUAL(1, problems());
    put_row(metadata_rows(alice, static_cast<MailboxId>(999)) + name, encode(Entry{name, "x"}));
    UNSIGNED_LONGS_EQUAL(2, problems());
    put_row(metadata_rows(static_cast<AccountId>(99), inbox) + "/private/comment",
            encode(Entry{"/private/comment", "x"}));
    UNSIGNED_LONGS_EQUAL(3, problems());
    put_row(metadata_rows(nobody, server) + "/private/comment", encode(Entry{"/private/comment", "x"}));
    UNSIGNED_LONGS_EQUAL(4, problems());
}
