#include "fixture.h"
#include "store/acl.h"
#include "store/check.h"
#include "store/repair.h"
#include "store/rows.h"
#include "store/schema.h"

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::Right;

// clang-format off
TEST_GROUP(StoreAcl) {
    TestStore store;
    AccountId alice = store.account("alice");
    AccountId bob = store.account("bob");
    MailboxId box = store.mailbox(alice, "Box");

    void teardown() override { store.check(); }

    void set(MailboxId mailbox, AclEntry const& entry) {
        store.write([&](WriteTransaction& t) { return set_acl_entry(t, mailbox, entry); });
    }
    Acl acl(MailboxId mailbox) {
        return store.read([&](ReadTransaction const& t) { return get_acl(t, mailbox); });
    }
    std::vector<MailboxId> granted(AccountId who) {
        return store.read([&](ReadTransaction const& t) { return list_granted(t, who); });
    }
};
// clang-format on

TEST(StoreAcl, names_each_account_once_and_in_their_order) {
    CHECK(acl(box).empty());
    set(box, {bob, Right::read, {}});
    set(box, {anyone, Right::lookup, {}});
    set(box, {bob, Right::insert, Right::write});
    auto const list = acl(box);
    UNSIGNED_LONGS_EQUAL(2, list.size());
    CHECK(list[0].who == anyone && list[0].granted == Right::lookup && list[0].denied.empty());
    CHECK(list[1].who == bob && list[1].granted == Right::insert && list[1].denied == Right::write);
    CHECK(granted(bob) == std::vector{box} && granted(anyone) == std::vector{box} && granted(alice).empty());
    set(box, {bob, {}, {}});
    set(box, {anyone, {}, {}});
    CHECK(acl(box).empty() && granted(bob).empty() && granted(anyone).empty());
}

TEST(StoreAcl, wakes_who_watches_the_mailbox) {
    MailboxMark rung{};
    auto const watch = store->watch(box, [&](MailboxMark mark) { rung = mark; });
    set(box, {bob, Right::read, {}});
    CHECK(rung.uid_validity == store.get(box).uid_validity);
    CHECK(rung.highest_modseq > store.get(box).highest_modseq);
}

TEST(StoreAcl, is_inherited_from_the_parent) {
    set(box, {bob, Right::lookup | Right::read, {}});
    store.mailbox(alice, "Box/A/B");
    for (std::string_view const name : {"Box/A", "Box/A/B"}) CHECK(acl(store.find(alice, name).id).size() == 1);
    UNSIGNED_LONGS_EQUAL(3, granted(bob).size());
    CHECK(acl(store.mailbox(alice, "Elsewhere")).empty());
}

TEST(StoreAcl, stays_with_a_mailbox_that_is_renamed_and_goes_with_one_that_is_deleted) {
    set(box, {bob, Right::read, {}});
    store.write([&](WriteTransaction& t) { return rename_mailbox(t, alice, "Box", "Other", start); });
    CHECK(granted(bob) == std::vector{box});
    store.mailbox(alice, "Other/Below");
    store.write([&](WriteTransaction& t) { return delete_mailbox(t, alice, "Other"); }); // stays as \Noselect
    CHECK(acl(box).empty());
    UNSIGNED_LONGS_EQUAL(1, granted(bob).size());
    store.write([&](WriteTransaction& t) { return delete_mailbox(t, alice, "Other/Below"); });
    CHECK(granted(bob).empty());
}

TEST(StoreAcl, forgets_an_account_that_is_removed) {
    set(box, {bob, Right::read, {}});
    store.write([&](WriteTransaction& t) { return remove_account(t, bob); });
    CHECK(acl(box).empty());
    CHECK(granted(store.account("bob")).empty()); // who has the login now
    set(box, {anyone, Right::read, {}});
    store.write([&](WriteTransaction& t) { return remove_account(t, alice); });
    CHECK(granted(anyone).empty());
}

TEST(StoreAcl, is_there_for_the_mailboxes_of_the_office_too) {
    auto const sales = store.mailbox(the_office, "Sales/2026");
    set(sales, {bob, Right::read, {}});
    store.append(sales, "message");
    auto const validity = store.get(sales).uid_validity;
    store.write([&](WriteTransaction& t) { return rename_mailbox(t, the_office, "Sales/2026", "Sales/2027", start); });
    store.mailbox(the_office, "Sales/2026");
    CHECK(store.find(the_office, "Sales/2026").uid_validity != validity);
    store.write([&](WriteTransaction& t) { return delete_mailbox(t, the_office, "Sales/2027"); });
    CHECK(granted(bob).empty());
}

TEST(StoreAcl, is_whole_after_a_repair) {
    auto const sales = store.mailbox(the_office, "Sales");
    set(sales, {bob, Right::read, {}});
    set(box, {anyone, Right::lookup, {}});
    set(box, {bob, Right::read, Right::write});
    store.append(sales, "message");
    store.close();
    auto const report = repair(store.directory(), start);
    CHECK(report && report->damages.empty());
    store.open();
    UNSIGNED_LONGS_EQUAL(2, acl(box).size());
    CHECK((granted(bob) == std::vector{box, sales}));
    UNSIGNED_LONGS_EQUAL(1, store.get(sales).messages);
}

TEST(StoreAcl, loses_whose_account_is_lost) {
    set(box, {bob, Right::read, {}});
    store.write([&](WriteTransaction& t) -> Result<void> {
        erase(t, Table::account, u32_key(core::number(bob)));
        return {};
    });
    store.close();
    CHECK(repair(store.directory(), start).has_value());
    store.open();
    CHECK(acl(box).empty());
}
