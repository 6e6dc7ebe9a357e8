#include "core/log.h"
#include "office/directory.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/aliases.h"
#include "store/mailboxes.h"
#include "support/office_fixture.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>

using namespace postern;
using namespace postern::test;
using office::Destination;

TEST_GROUP(Directory) {
    OfficeFixture fixture;

    void setup() override { core::set_log_level(core::Level::error); }

    void alias(std::string address, std::vector<std::string> targets, std::vector<store::MailboxId> mailboxes = {}) {
        fixture.store()
            .write_here([&](store::WriteTransaction& transaction) {
                return store::set_alias(transaction, {address, targets, mailboxes});
            })
            .value();
    }

    // One of the office, with that list.
    store::MailboxId shared(std::string_view name, store::Acl const& acl = {}) {
        return fixture.store()
            .write_here([&](store::WriteTransaction& transaction) {
                auto const made = store::create_mailbox(transaction, store::the_office, name, "", fixture.clock.wall());
                for (store::AclEntry const& entry : acl) store::set_acl_entry(transaction, made.value(), entry).value();
                return made;
            })
            .value();
    }

    bool may_post(std::optional<store::AccountId> sender, std::vector<store::MailboxId> const& mailboxes) {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& transaction) -> store::Result<bool> {
                return office::may_post(transaction, sender, mailboxes);
            })
            .value();
    }

    static message::Mailbox mailbox(std::string_view address) {
        return address.contains('@')
                   ? message::parse_smtp_mailbox(address, true).value()
                   : message::Mailbox{
                         .display_name = {}, .route = {}, .local_part = std::string(address), .domain = {}};
    }

    // "Sales/ alice bob carol@example.com": mailboxes of the office as they were found, accounts, then mailboxes
    // outside, each sorted.
    std::string leads(std::string_view address) {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& transaction) -> store::Result<std::string> {
                auto destination =
                    office::resolve(transaction, mailbox(address), "office.lan", *fixture.office.settings);
                std::ranges::sort(destination.outside);
                std::vector<std::string> logins;
                for (auto const account : destination.local)
                    logins.push_back(store::get_account(transaction, account).value().login);
                std::ranges::sort(logins);
                std::string all;
                for (auto const id : destination.mailboxes)
                    all += store::get_mailbox(transaction, id).value().name + "/ ";
                for (auto const& name : logins) all += name + " ";
                for (auto const& name : destination.outside) all += name + " ";
                if (!all.empty()) all.pop_back();
                return all;
            })
            .value();
    }

    bool may_send(store::AccountId account, std::string_view address) {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& transaction) -> store::Result<bool> {
                return office::may_send_as(transaction, account, mailbox(address), "office.lan",
                                           *fixture.office.settings);
            })
            .value();
    }
};

TEST(Directory, an_account_has_its_address_in_any_case_and_with_any_detail) {
    STRCMP_EQUAL("alice", leads("alice@office.lan").c_str());
    STRCMP_EQUAL("alice", leads("ALICE@OFFICE.lan").c_str());
    STRCMP_EQUAL("alice", leads("alice+news@office.lan").c_str());
    STRCMP_EQUAL("alice", leads("Alice+a+b@office.lan").c_str());
    STRCMP_EQUAL("", leads("nobody@office.lan").c_str());
    STRCMP_EQUAL("", leads("+news@office.lan").c_str());
    STRCMP_EQUAL("", leads("ali@office.lan").c_str());
}

TEST(Directory, other_domains_are_outside) {
    STRCMP_EQUAL("alice@example.com", leads("alice@example.com").c_str());
    STRCMP_EQUAL("\"a b\"@example.com", leads("\"a b\"@example.com").c_str());
    STRCMP_EQUAL("alice@sub.office.lan", leads("alice@sub.office.lan").c_str());
    STRCMP_EQUAL("alice@[192.0.2.1]", leads("alice@[192.0.2.1]").c_str());
}

TEST(Directory, a_domain_can_be_local_besides_the_offices_own) {
    fixture
        .set("mail.local_domains", "B\xc3\xbc"
                                   "ro.example, old.lan")
        .value();
    STRCMP_EQUAL("alice", leads("alice@old.lan").c_str());
    STRCMP_EQUAL("alice", leads("alice@xn--bro-hoa.example").c_str());
    STRCMP_EQUAL("alice", leads("alice@b\xc3\xbcro.example").c_str());
    STRCMP_EQUAL("alice@new.lan", leads("alice@new.lan").c_str());
}

TEST(Directory, postmaster_and_abuse_reach_the_administrator) {
    STRCMP_EQUAL("alice", leads("postmaster").c_str()); // without a domain, RFC 5321 §4.1.1.3
    STRCMP_EQUAL("alice", leads("PostMaster@office.lan").c_str());
    STRCMP_EQUAL("alice", leads("abuse@office.lan").c_str());
    fixture.set("mail.administrator", "bob").value();
    STRCMP_EQUAL("bob", leads("postmaster@office.lan").c_str());
    fixture.set("mail.administrator", "gone").value();
    STRCMP_EQUAL("alice", leads("postmaster@office.lan").c_str());
    alias("abuse@office.lan", {"carol@example.com"});
    STRCMP_EQUAL("carol@example.com", leads("abuse@office.lan").c_str());
}

TEST(Directory, an_alias_leads_to_one_or_many) {
    alias("sales@office.lan", {"bob@office.lan"});
    alias("all@office.lan", {"alice@office.lan", "sales@office.lan", "carol@example.com", "Bob@office.lan"});
    STRCMP_EQUAL("bob", leads("Sales@office.lan").c_str());
    STRCMP_EQUAL("bob", leads("sales+2026@office.lan").c_str());
    STRCMP_EQUAL("alice bob carol@example.com", leads("all@office.lan").c_str());
}

TEST(Directory, an_alias_leads_to_mailboxes_of_the_office_too_each_once) {
    auto const sales = shared("Sales"), archive = shared("Archive");
    alias("sales@office.lan", {"bob@office.lan"}, {sales, archive});
    alias("all@office.lan", {"sales@office.lan", "all@office.lan", "alice@office.lan"}, {archive});
    STRCMP_EQUAL("Sales/ Archive/ bob", leads("Sales+x@office.lan").c_str());
    STRCMP_EQUAL("Sales/ Archive/ alice bob", leads("all@office.lan").c_str());
    alias("@office.lan", {}, {sales});
    STRCMP_EQUAL("Sales/", leads("whoever@office.lan").c_str());
}

// RFC 4314 §2.1
TEST(Directory, whoever_has_the_right_posts_to_a_mailbox) {
    using enum core::Right;
    auto const closed = shared("Closed"), open = shared("Open", {{store::anyone, post, {}}});
    auto const staff = shared("Staff", {{fixture.bob, lookup | post, {}}});
    auto const denied = shared("Denied", {{store::anyone, post, {}}, {fixture.bob, {}, post}});
    for (auto const sender : {std::optional(fixture.alice), std::optional(fixture.bob), {}}) {
        bool const administrator = sender == fixture.alice, is_bob = sender == fixture.bob;
        CHECK_EQUAL(administrator, may_post(sender, {closed}));
        CHECK(may_post(sender, {open}));
        CHECK_EQUAL(administrator || is_bob, may_post(sender, {staff}));
        CHECK_EQUAL(!is_bob, may_post(sender, {denied}));
        CHECK_EQUAL(administrator, may_post(sender, {open, closed})); // all of them
        CHECK(may_post(sender, {}));
    }
}

TEST(Directory, an_alias_with_detail_comes_before_the_account) {
    alias("alice+lists@office.lan", {"bob@office.lan"});
    STRCMP_EQUAL("bob", leads("alice+lists@office.lan").c_str());
    STRCMP_EQUAL("alice", leads("alice+other@office.lan").c_str());
}

TEST(Directory, an_alias_may_keep_a_copy_for_the_account_of_its_name) {
    alias("alice@office.lan", {"alice@office.lan", "alice@example.com"});
    STRCMP_EQUAL("alice alice@example.com", leads("alice@office.lan").c_str());
    STRCMP_EQUAL("alice alice@example.com", leads("alice+x@office.lan").c_str());
}

TEST(Directory, the_catch_all_takes_what_nobody_else_does) {
    alias("@office.lan", {"bob@office.lan"});
    STRCMP_EQUAL("bob", leads("anything@office.lan").c_str());
    STRCMP_EQUAL("alice", leads("alice@office.lan").c_str());
    STRCMP_EQUAL("alice", leads("postmaster@office.lan").c_str());
}

TEST(Directory, alias_loops_end) {
    alias("a@office.lan", {"b@office.lan"});
    alias("b@office.lan", {"a@office.lan", "bob@office.lan"});
    STRCMP_EQUAL("bob", leads("a@office.lan").c_str());
    alias("c@office.lan", {"d@office.lan"});
    alias("d@office.lan", {"c@office.lan"});
    alias("@office.lan", {"alice@office.lan", "nobody@office.lan"});
    STRCMP_EQUAL("", leads("c@office.lan").c_str());
    STRCMP_EQUAL("alice", leads("nobody@office.lan").c_str());
}

TEST(Directory, aliases_are_followed_ten_deep) {
    for (int i = 0; i < 20; ++i)
        alias("n" + std::to_string(i) + "@office.lan", {"n" + std::to_string(i + 1) + "@office.lan"});
    alias("n10@office.lan", {"bob@office.lan"});
    STRCMP_EQUAL("", leads("n0@office.lan").c_str());
    STRCMP_EQUAL("bob", leads("n1@office.lan").c_str());
}

TEST(Directory, an_account_sends_as_itself_and_as_aliases_of_its_own) {
    alias("sales@office.lan", {"bob@office.lan"});
    alias("all@office.lan", {"alice@office.lan", "bob@office.lan"});
    alias("partner@office.lan", {"bob@office.lan", "bob@example.com"});
    CHECK(may_send(fixture.bob, "bob@office.lan"));
    CHECK(may_send(fixture.bob, "Bob+x@OFFICE.LAN"));
    CHECK(may_send(fixture.bob, "sales@office.lan"));
    CHECK_FALSE(may_send(fixture.bob, "all@office.lan"));
    CHECK_FALSE(may_send(fixture.bob, "partner@office.lan"));
    CHECK_FALSE(may_send(fixture.bob, "alice@office.lan"));
    CHECK_FALSE(may_send(fixture.bob, "bob@example.com"));
    CHECK_FALSE(may_send(fixture.bob, "nobody@office.lan"));
    CHECK(may_send(fixture.alice, "postmaster@office.lan"));
    alias("orders@office.lan", {"bob@office.lan"}, {shared("Orders")});
    CHECK_FALSE(may_send(fixture.bob, "orders@office.lan"));
    alias("bob@office.lan", {"bob@office.lan", "bob@example.com"}); // a copy elsewhere takes nothing away
    CHECK(may_send(fixture.bob, "bob@office.lan"));
}

TEST(Directory, who_puts_messages_into_a_mailbox_of_the_office_sends_as_the_addresses_that_lead_there) {
    using enum core::Right;
    auto const info = shared("Info", {{store::anyone, lookup | read | post, {}}, {fixture.bob, insert, {}}});
    auto const orders = shared("Orders", {{fixture.bob, lookup | read | post, {}}});
    alias("info@office.lan", {}, {info});
    alias("orders@office.lan", {}, {orders});
    alias("both@office.lan", {}, {info, orders});
    alias("info-and-bob@office.lan", {"bob@office.lan"}, {info});
    alias("info-and-alice@office.lan", {"alice@office.lan"}, {info});
    alias("info-and-outside@office.lan", {"bob@example.com"}, {info});
    CHECK(may_send(fixture.bob, "info@office.lan"));
    CHECK(may_send(fixture.bob, "info-and-bob@office.lan"));
    CHECK_FALSE(may_send(fixture.bob, "orders@office.lan")); // he only reads there
    CHECK_FALSE(may_send(fixture.bob, "both@office.lan"));
    CHECK_FALSE(may_send(fixture.bob, "info-and-alice@office.lan"));
    CHECK_FALSE(may_send(fixture.bob, "info-and-outside@office.lan"));
    CHECK(may_send(fixture.alice, "orders@office.lan")); // an administrator has all rights there
    CHECK_FALSE(may_send(fixture.alice, "info-and-bob@office.lan"));
}
