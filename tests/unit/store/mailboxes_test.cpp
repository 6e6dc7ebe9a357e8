#include "fixture.h"
#include "store/mailboxes.h"
#include "store/rows.h"

#include <algorithm>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

// clang-format off
TEST_GROUP(StoreMailboxes) {
    TestStore store;
    AccountId alice = store.account("alice");

    Result<MailboxId> create(std::string_view name) {
        return store->write_here([&](WriteTransaction& t) { return create_mailbox(t, alice, name, "", start); });
    }
    Result<void> remove(std::string_view name) {
        return store->write_here([&](WriteTransaction& t) { return delete_mailbox(t, alice, name); });
    }
    Result<void> rename(std::string_view from, std::string_view to) {
        return store->write_here([&](WriteTransaction& t) { return rename_mailbox(t, alice, from, to, start); });
    }
    std::vector<std::string> names() {
        return store.read([&](ReadTransaction const& t) {
            std::vector<std::string> found;
            for (Mailbox const& mailbox : list_mailboxes(t, alice)) found.push_back(mailbox.name);
            return found;
        });
    }
    bool has(std::string_view name) {
        return store.read([&](ReadTransaction const& t) { return find_mailbox(t, alice, name).has_value(); });
    }
};
// clang-format on

TEST(StoreMailboxes, a_new_account_has_the_usual_ones) {
    CHECK((names() == std::vector<std::string>{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"}));
    STRCMP_EQUAL("\\Sent", store.find(alice, "Sent").special_use.c_str());
    STRCMP_EQUAL("", store.find(alice, "INBOX").special_use.c_str());
    auto const subscribed = store.read([&](ReadTransaction const& t) { return list_subscriptions(t, alice); });
    CHECK(subscribed == names());
    store.check();
}

TEST(StoreMailboxes, names_are_checked_and_made_canonical) {
    auto const is = [](std::string_view name, std::string_view canonical) {
        auto const result = canonical_name(name);
        return result && *result == canonical;
    };
    CHECK(is("inbox", "INBOX"));
    CHECK(is("InBoX/a", "INBOX/a"));
    CHECK(is("inboxes", "inboxes"));
    CHECK(is("a/inbox", "a/inbox"));
    CHECK(is("Entw\u00fcrfe/\u6771\u4eac", "Entw\u00fcrfe/\u6771\u4eac"));
    CHECK(is("Entwu\u0308rfe/A\u030a", "Entw\u00fcrfe/\u00c5"));
    CHECK(is("a b*%&\"\\", "a b*%&\"\\"));
    CHECK(is(std::string(255, 'x') + "/y", std::string(255, 'x') + "/y"));
    for (std::string const& bad :
         {std::string(""), std::string("/"), std::string("/a"), std::string("a//b"), std::string("a/"),
          std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7f"), std::string("\u0085"),
          std::string("\u2028"), std::string("\xff"), std::string("\xc0\x80"), std::string(256, 'x')})
        CHECK(!canonical_name(bad));
    std::string deep = "a";
    while (deep.size() <= max_name_octets) deep += "/a";
    CHECK(!canonical_name(deep));
    std::string grows; // U+0958 has no place in form C
    while (grows.size() + 3 <= max_level_octets) grows += "\u0958";
    CHECK(!canonical_name(grows));
}

// RFC 9051 §5.1
TEST(StoreMailboxes, two_spellings_of_one_name_are_one_mailbox) {
    auto const made = create("Entwu\u0308rfe");
    CHECK(made.has_value());
    STRCMP_EQUAL("Entw\u00fcrfe", store.get(*made).name.c_str());
    CHECK(create("Entw\u00fcrfe").error() == StoreError::mailbox_exists);
    CHECK(store.find(alice, "Entwu\u0308rfe").id == *made);
}

TEST(StoreMailboxes, a_name_in_another_form_from_before_is_found_by_it) {
    auto const old = create("Old");
    store.write([&](WriteTransaction& t) {
        auto record = load_mailbox(t, *old);
        record->mailbox.name = "A\u030a";
        save_mailbox(t, *record);
        erase(t, Table::name, name_key(alice, "Old"));
        put_name(t, alice, "A\u030a", core::number(*old));
        put(t, Table::subscription, name_key(alice, "A\u030a"), encode_text("A\u030a"));
        return Result<void>();
    });
    auto const found = [&](std::string_view name) {
        return store.read([&](ReadTransaction const& t) { return find_mailbox(t, alice, name); });
    };
    CHECK(found("A\u030a")->id == *old);
    CHECK(!found("\u00c5"));
    auto const other = create("\u00c5");
    CHECK(found("A\u030a")->id == *old && found("\u00c5")->id == *other);
    CHECK(store->write_here([&](WriteTransaction& t) { return subscribe(t, alice, "A\u030a", false); }).has_value());
    auto const subscribed = store.read([&](ReadTransaction const& t) { return list_subscriptions(t, alice); });
    CHECK(std::ranges::find(subscribed, "A\u030a") == subscribed.end());
    store.check();
}

TEST(StoreMailboxes, create_makes_parents_and_ignores_a_last_slash) {
    CHECK(create("a/b/c/").has_value());
    CHECK(has("a") && has("a/b") && has("a/b/c"));
    CHECK(create("a/b").error() == StoreError::mailbox_exists);
    CHECK(create("Inbox").error() == StoreError::mailbox_exists);
    CHECK(create("x//y").error() == StoreError::name_invalid);
    auto const missing = store->write_here(
        [&](WriteTransaction& t) { return create_mailbox(t, static_cast<AccountId>(9), "x", "", start); });
    CHECK(missing.error() == StoreError::no_such_account);
    store.check();
}

// RFC 3501 §2.3.1.1: a name that is made again must not repeat UIDVALIDITY, whatever the clock says.
TEST(StoreMailboxes, uid_validity_ascends_even_when_the_clock_goes_back) {
    create("a");
    auto const first = store.find(alice, "a");
    remove("a");
    store->write_here(
        [&](WriteTransaction& t) { return create_mailbox(t, alice, "a", "", start - std::chrono::hours(1000)); });
    auto const second = store.find(alice, "a");
    CHECK(second.uid_validity > first.uid_validity);
    CHECK(second.id != first.id);
    remove("a");
    store.reopen();
    store->write_here(
        [&](WriteTransaction& t) { return create_mailbox(t, alice, "a", "", start + std::chrono::hours(1000)); });
    auto const third = store.find(alice, "a");
    CHECK(third.uid_validity > second.uid_validity);
    CHECK(core::number(third.uid_validity) == (start + std::chrono::hours(1000)).time_since_epoch().count());
}

TEST(StoreMailboxes, a_renamed_mailbox_does_not_bring_an_old_uid_validity_to_a_name) {
    create("old");
    create("new");
    auto const gone = store.find(alice, "new");
    remove("new");
    CHECK(rename("old", "new").has_value());
    CHECK(store.find(alice, "new").uid_validity > gone.uid_validity);
    // Nothing newer ever left a name: the UIDVALIDITY stays.
    auto const before = store.find(alice, "new");
    CHECK(rename("new", "newer").has_value());
    CHECK(store.find(alice, "newer").uid_validity == before.uid_validity);
    store.check();
}

// RFC 3501 §6.3.4
TEST(StoreMailboxes, delete_with_children_leaves_a_name) {
    auto const id = *create("a");
    create("a/b");
    store.append(id, "x");
    CHECK(remove("a").has_value());
    auto const left = store.find(alice, "a");
    CHECK(!left.selectable);
    UNSIGNED_LONGS_EQUAL(0, left.messages);
    CHECK(remove("a").error() == StoreError::mailbox_has_children);
    auto const refused = store->write_here(
        [&](WriteTransaction& t) { return append(t, store.message("x"), Placement{id, {}, {}}, {}, start); });
    CHECK(refused.error() == StoreError::no_such_mailbox);
    store.check();

    CHECK(create("a").has_value());
    auto const again = store.find(alice, "a");
    CHECK(again.selectable && again.id == id && again.uid_validity > left.uid_validity);

    CHECK(remove("a").has_value());
    CHECK(remove("a/b").has_value());
    CHECK(remove("a").has_value());
    CHECK(!has("a"));
    store.check();
}

TEST(StoreMailboxes, delete_refuses_inbox_and_what_is_not_there) {
    CHECK(remove("inbox").error() == StoreError::mailbox_protected);
    CHECK(remove("nothing").error() == StoreError::no_such_mailbox);
    CHECK(remove("//").error() == StoreError::no_such_mailbox);
}

// RFC 3501 §6.3.5
TEST(StoreMailboxes, rename_takes_children_along_and_makes_parents) {
    create("a");
    create("a/b");
    create("ab");
    auto const child = store.find(alice, "a/b");
    store.append(child.id, "x");
    CHECK(rename("a", "p/q").has_value());
    CHECK(!has("a") && !has("a/b") && has("ab") && has("p") && has("p/q") && has("p/q/b"));
    CHECK(store.find(alice, "p/q/b").id == child.id);
    UNSIGNED_LONGS_EQUAL(1, store.find(alice, "p/q/b").messages);
    CHECK(rename("p/q", "ab").error() == StoreError::mailbox_exists);
    CHECK(rename("p/q", "p/q/r").error() == StoreError::name_invalid);
    CHECK(rename("nothing", "x").error() == StoreError::no_such_mailbox);
    CHECK(rename("p/q", "x//").error() == StoreError::name_invalid);
    CHECK(rename("p/q", std::string(200, 'x') + "/" + std::string(200, 'y')).has_value());
    store.check();
}

TEST(StoreMailboxes, rename_refuses_a_child_s_name_that_grew_too_long) {
    std::string level(250, 'x');
    create("a/" + level + "/" + level + "/" + level);
    CHECK(rename("a", level).error() == StoreError::name_invalid);
    CHECK(has("a"));
}

// RFC 3501 §6.3.5: INBOX stays, empty; its inferior names are not touched.
TEST(StoreMailboxes, rename_of_inbox_moves_its_messages) {
    create("INBOX/child");
    auto const inbox = store.find(alice, "INBOX");
    store.append(inbox.id, "x", core::SystemFlag::seen, {"k"});
    CHECK(rename("inbox", "Old/2024").has_value());
    UNSIGNED_LONGS_EQUAL(0, store.find(alice, "INBOX").messages);
    CHECK(store.find(alice, "INBOX").id == inbox.id);
    UNSIGNED_LONGS_EQUAL(1, store.find(alice, "Old/2024").messages);
    CHECK(has("INBOX/child") && !has("Old/2024/child"));
    CHECK(rename("INBOX", "Old").error() == StoreError::mailbox_exists);
    store.check();
}

TEST(StoreMailboxes, subscriptions_need_no_mailbox) {
    auto const subscribe_to = [&](std::string_view name, bool on) {
        return store->write_here([&](WriteTransaction& t) { return subscribe(t, alice, name, on); });
    };
    CHECK(subscribe_to("not/there", true).has_value());
    CHECK(subscribe_to("not/there", true).has_value());
    CHECK(subscribe_to("Sent", false).has_value());
    CHECK(subscribe_to("never", false).has_value());
    CHECK(subscribe_to("bad//name", true).error() == StoreError::name_invalid);
    auto const subscribed = store.read([&](ReadTransaction const& t) { return list_subscriptions(t, alice); });
    CHECK((subscribed == std::vector<std::string>{"Archive", "Drafts", "INBOX", "Junk", "Trash", "not/there"}));
}

TEST(StoreMailboxes, thousands_are_created_and_listed) {
    auto const made = store->write_here([&](WriteTransaction& t) -> Result<void> {
        for (int i = 0; i < 2500; ++i)
            if (auto one = create_mailbox(t, alice, std::format("m/{:04}", i), "", start); !one)
                return std::unexpected(one.error());
        return {};
    });
    CHECK(made.has_value());
    UNSIGNED_LONGS_EQUAL(2507, names().size());
    CHECK(rename("m", "n").has_value());
    CHECK(has("n/2499") && !has("m/0000"));
    store.check();
}

TEST(StoreMailboxes, their_number_is_limited) {
    auto const made = store->write_here([&](WriteTransaction& t) -> Result<void> {
        for (std::uint32_t i = 0; i < max_mailboxes - 6; ++i) { // as create_mailbox does, without its counting
            std::string const name = std::format("{}", i);
            make_mailbox(t, alice, name, "", start);
        }
        return {};
    });
    CHECK(made.has_value());
    CHECK(create("one more").error() == StoreError::over_quota);
    CHECK(rename("0", "p/0").error() == StoreError::over_quota);
    CHECK(rename("0", "zero").has_value());
}

TEST(StoreMailboxes, accounts_do_not_see_each_other) {
    auto const bob = store.account("bob");
    create("private");
    CHECK(!store.read([&](ReadTransaction const& t) { return find_mailbox(t, bob, "private").has_value(); }));
    CHECK(store.mailbox(bob, "private") != store.find(alice, "private").id);
}
