// RFC 4314: who may do what with which mailbox.
#include "core/log.h"
#include "office/access.h"
#include "office/mailbox_name.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/mailboxes.h"
#include "support/office_fixture.h"
#include "wire/imap_acl.h"

#include <CppUTest/TestHarness.h>

#include <format>

using namespace postern;
using namespace postern::test;
using core::Right;
using core::Rights;
using store::AccountId;
using store::StoreError;

namespace {

constexpr AccountId carol_id{3}, dave_id{4};

Rights rights(std::string_view letters) {
    Rights all;
    for (char const letter : letters) all = all | wire::imap::rights_of(letter).value();
    return all;
}

std::string error_of(auto const& result) { return result ? "" : std::string(store::describe(result.error())); }

} // namespace

TEST_GROUP(Access){};

TEST(Access, adds_what_entries_grant_and_takes_away_what_they_deny) {
    struct Row {
        store::Acl acl;
        char const* carol;
        char const* dave;
    };
    Row const rows[] = {
        {{}, "", ""},
        {{{carol_id, rights("lrs"), {}}}, "lrs", ""},
        {{{store::anyone, rights("lr"), {}}, {carol_id, rights("i"), {}}}, "lri", "lr"},
        {{{store::anyone, rights("lrsw"), {}}, {carol_id, {}, rights("w")}}, "lrs", "lrsw"},
        {{{store::anyone, {}, rights("s")}, {carol_id, rights("lrs"), {}}}, "lr", ""},
        {{{carol_id, rights("lrs"), rights("s")}, {dave_id, rights("l"), rights("lr")}}, "lr", ""},
    };
    for (Row const& row : rows) {
        STRCMP_EQUAL(row.carol, wire::imap::to_string(office::rights_in(row.acl, carol_id)).c_str());
        STRCMP_EQUAL(row.dave, wire::imap::to_string(office::rights_in(row.acl, dave_id)).c_str());
    }
}

TEST(Access, is_refused_as_if_there_were_none_to_who_may_not_look_up) {
    CHECK(!office::refusal(rights("lr"), Right::read));
    CHECK(!office::refusal(rights("i"), Right::insert));
    CHECK(!office::refusal(rights("l"), {}));
    CHECK(office::refusal(rights("l"), Right::read) == StoreError::not_permitted);
    CHECK(office::refusal(rights("lr"), Right::read | Right::expunge) == StoreError::not_permitted);
    CHECK(office::refusal(rights("r"), Right::expunge) == StoreError::no_such_mailbox);
    CHECK(office::refusal({}, {}) == StoreError::no_such_mailbox);
}

TEST(Access, to_flags_goes_by_three_rights) {
    using enum core::SystemFlag;
    CHECK(office::flag_scope(Rights::all()) == store::FlagScope());
    CHECK((office::flag_scope(rights("lrikxea")) == store::FlagScope{{}, false}));
    CHECK((office::flag_scope(rights("s")) == store::FlagScope{seen, false}));
    CHECK((office::flag_scope(rights("t")) == store::FlagScope{deleted, false}));
    CHECK((office::flag_scope(rights("w")) == store::FlagScope{core::SystemFlags(answered) | flagged | draft, true}));
}

TEST(Access, knows_three_namespaces) {
    auto const parsed = [](std::string_view name) {
        auto const read = office::parse_mailbox_name(name);
        return read ? std::format("{}:{}:{}", static_cast<int>(read->in), read->login, read->name) : "none";
    };
    STRCMP_EQUAL("0::INBOX", parsed("INBOX").c_str());
    STRCMP_EQUAL("0::Sharedness", parsed("Sharedness").c_str());
    STRCMP_EQUAL("0::Other Users2/bob/x", parsed("Other Users2/bob/x").c_str());
    STRCMP_EQUAL("1:bob:Projects/Old", parsed("Other Users/bob/Projects/Old").c_str());
    STRCMP_EQUAL("2::Sales/2026", parsed("Shared/Sales/2026").c_str());
    for (std::string_view const no_mailbox : {"Shared", "Shared/", "Other Users", "Other Users/", "Other Users/bob",
                                              "Other Users/bob/", "Shared/inbox", "Shared/Inbox/x"})
        STRCMP_EQUAL("none", parsed(no_mailbox).c_str());
    STRCMP_EQUAL("Other Users/bob/INBOX/x", office::canonical_mailbox_name("Other Users/bob/inbox/x/")->c_str());
    STRCMP_EQUAL("INBOX", office::canonical_mailbox_name("inbox")->c_str());
    CHECK(!office::canonical_mailbox_name("Other Users/bob//x"));
}

TEST_GROUP(AccessToMailboxes) {
    OfficeFixture fixture;

    void setup() override { core::set_log_level(core::Level::error); }

    template <typename Change> void write(Change change) { fixture.store().write_here(change).value(); }
    template <typename Look> auto read(Look look) {
        using T = std::invoke_result_t<Look&, store::ReadTransaction const&>;
        return fixture.store()
            .read_here([&](store::ReadTransaction const& t) -> store::Result<T> { return look(t); })
            .value();
    }

    void make(AccountId owner, std::string_view name) {
        write([&](store::WriteTransaction& t) { return store::create_mailbox(t, owner, name, "", {}); });
    }
    void grant(AccountId owner, std::string_view name, AccountId who, std::string_view letters) {
        write([&](store::WriteTransaction& t) {
            auto const id = store::find_mailbox(t, owner, name).value().id;
            return store::set_acl_entry(t, id, {who, rights(letters), {}});
        });
    }
    // The rights, or why there are none.
    std::string reach(AccountId who, std::string_view name, Rights needed = {}) {
        return read([&](store::ReadTransaction const& t) {
            auto const reached = office::reach(t, who, name, needed);
            return reached ? reached->name + " " + wire::imap::to_string(reached->rights) : error_of(reached);
        });
    }
    std::string place(AccountId who, std::string_view name) {
        return read([&](store::ReadTransaction const& t) {
            auto const found = office::find_place(t, who, name);
            return found ? std::format("{} {}", core::number(found->owner), found->name) : error_of(found);
        });
    }
};

TEST(AccessToMailboxes, of_others_is_by_what_they_grant) {
    make(fixture.bob, "Projects");
    STRCMP_EQUAL("Projects lrswipkxtecda", reach(fixture.bob, "Projects", Rights::all()).c_str());
    STRCMP_EQUAL("no such mailbox", reach(fixture.alice, "Other Users/bob/Projects").c_str());
    STRCMP_EQUAL("no such mailbox", reach(fixture.alice, "Projects").c_str());
    grant(fixture.bob, "Projects", fixture.alice, "lr");
    STRCMP_EQUAL("Other Users/bob/Projects lr", reach(fixture.alice, "Other Users/bob/Projects", Right::read).c_str());
    STRCMP_EQUAL("that is not permitted", reach(fixture.alice, "Other Users/bob/Projects", Right::insert).c_str());
    STRCMP_EQUAL("no such mailbox", reach(fixture.bob, "Other Users/bob/Projects").c_str());
    grant(fixture.bob, "INBOX", store::anyone, "i");
    STRCMP_EQUAL("Other Users/bob/INBOX i", reach(fixture.alice, "Other Users/bob/inbox", Right::insert).c_str());
    STRCMP_EQUAL("no such mailbox", reach(fixture.alice, "Other Users/bob/INBOX", Right::read).c_str());
}

TEST(AccessToMailboxes, of_the_office_is_the_administrators_and_whom_they_grant_it) {
    make(store::the_office, "Sales");
    STRCMP_EQUAL("Shared/Sales lrswipkxtecda", reach(fixture.alice, "Shared/Sales").c_str());
    STRCMP_EQUAL("no such mailbox", reach(fixture.bob, "Shared/Sales").c_str());
    grant(store::the_office, "Sales", fixture.bob, "lrs");
    STRCMP_EQUAL("Shared/Sales lrs", reach(fixture.bob, "Shared/Sales").c_str());
    // Who is not there any more is not anyone.
    grant(store::the_office, "Sales", store::anyone, "lr");
    write([&](store::WriteTransaction& t) { return store::remove_account(t, fixture.bob); });
    STRCMP_EQUAL("no such mailbox", reach(fixture.bob, "Shared/Sales").c_str());
}

TEST(AccessToMailboxes, makes_new_ones_below_what_may_be_added_to) {
    auto const alice = core::number(fixture.alice), bob = core::number(fixture.bob);
    auto const office = core::number(store::the_office);
    STRCMP_EQUAL(std::format("{} A/B", alice).c_str(), place(fixture.alice, "A/B/").c_str());
    STRCMP_EQUAL(std::format("{} Sales", office).c_str(), place(fixture.alice, "Shared/Sales").c_str());
    STRCMP_EQUAL("that is not permitted", place(fixture.bob, "Shared/Sales").c_str());
    STRCMP_EQUAL("that is not permitted", place(fixture.alice, "Other Users/bob/New").c_str());
    STRCMP_EQUAL("that is not permitted", place(fixture.alice, "Other Users/nobody/New").c_str());
    for (std::string_view const name : {"Shared", "Shared/INBOX", "Other Users/bob", "A//B"})
        STRCMP_EQUAL("the name is not valid", place(fixture.alice, name).c_str());
    make(fixture.bob, "Projects/Old");
    grant(fixture.bob, "Projects", fixture.alice, "k");
    STRCMP_EQUAL(std::format("{} Projects/New/Newer", bob).c_str(),
                 place(fixture.alice, "Other Users/bob/Projects/New/Newer").c_str());
    // The nearest parent says, and this one says nothing.
    STRCMP_EQUAL("that is not permitted", place(fixture.alice, "Other Users/bob/Projects/Old/New").c_str());
}

TEST(AccessToMailboxes, is_listed_where_they_may_be_looked_up) {
    make(fixture.bob, "Projects");
    make(fixture.bob, "Projects/Secret");
    make(store::the_office, "Sales");
    grant(fixture.bob, "Projects", fixture.alice, "l");
    grant(fixture.bob, "Projects/Secret", fixture.alice, "r");
    grant(fixture.bob, "INBOX", store::anyone, "lr");
    auto const listed = [&](AccountId who) {
        return read([&](store::ReadTransaction const& t) {
            std::string names;
            for (office::Reached const& reached : office::list_reachable(t, who))
                if (reached.name.contains('/'))
                    names += reached.name + " " + wire::imap::to_string(reached.rights) + ",";
            return names;
        });
    };
    STRCMP_EQUAL("Other Users/bob/INBOX lr,Other Users/bob/Projects l,Shared/Sales lrswipkxtecda,",
                 listed(fixture.alice).c_str());
    STRCMP_EQUAL("Projects/Secret lrswipkxtecda,", listed(fixture.bob).c_str());
}
