#include "fetching_office.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/aliases.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/queue.h"
#include "store/stubs.h"

#include <limits>

using namespace postern;
using namespace std::chrono_literals;
using core::SystemFlag;
using test::numbered;

namespace {

constexpr std::size_t large_octets = 300'000;

// With an attachment of so many octets.
std::string large(int number, std::size_t octets = large_octets) {
    return std::format("Received: from a by b id {0}; Mon, 5 Jan 2026 09:00:00 +0000\r\n"
                       "Message-ID: <{0}@example.org>\r\nReferences: <0@example.org>\r\nFrom: carol@example.org\r\n"
                       "To: office@office.lan\r\nSubject: number {0}\r\nMIME-Version: 1.0\r\n"
                       "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
                       "The plan is attached.\r\n--b\r\nContent-Type: application/pdf\r\n"
                       "Content-Disposition: attachment; filename=Plan.pdf\r\n\r\n",
                       number) +
           std::string(octets, 'p') + "\r\n--b--\r\n";
}

} // namespace

// clang-format off
TEST_GROUP_BASE(ThinFetching, test::FetchingOffice) {
    void thin() { source.thin = 10'000; }

    store::Mailbox box(store::AccountId account, std::string const& name = "INBOX") {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& t) -> store::Result<store::Mailbox> {
                return store::find_mailbox(t, account, name).value();
            })
            .value();
    }
    std::vector<store::IndexRow> rows(store::MailboxId mailbox) {
        std::vector<store::IndexRow> all;
        CHECK(fixture.store()
                  .read_here([&](store::ReadTransaction const& t) -> store::Result<void> {
                      store::for_each_index(t, mailbox, store::list_uids(t, mailbox), [&](auto const& row) {
                          all.push_back(row);
                          return true;
                      });
                      return {};
                  })
                  .has_value());
        return all;
    }
    std::vector<store::Stub> stubs() {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& t) -> store::Result<std::vector<store::Stub>> {
                return store::list_stubs(t);
            })
            .value();
    }
    void flag(store::AccountId account, store::Uid uid, core::SystemFlags flags,
              std::vector<std::string> keywords = {}) {
        write([&, mailbox = box(account).id](store::WriteTransaction& t) -> store::Result<void> {
            auto const done = store::store_flags(t, mailbox, core::UidSet{uid}, {store::FlagMode::add, flags, keywords, {}});
            if (!done) return std::unexpected(done.error());
            return {};
        });
        settle();
    }
    void take_away(store::AccountId account, store::Uid uid) {
        write([&, mailbox = box(account).id](store::WriteTransaction& t) -> store::Result<void> {
            auto const done = store::remove(t, mailbox, core::UidSet{uid});
            if (!done) return std::unexpected(done.error());
            return {};
        });
        settle();
    }
};
// clang-format on

TEST(ThinFetching, small_ones_come_whole_and_of_large_ones_stubs) {
    thin();
    source.keep_days = 0;
    net.put(large(1));
    net.put(numbered(2));
    net.put(large(3));
    net.put(numbered(4));
    start();
    auto const mails = inbox();
    LONGS_EQUAL_TEXT(4, mails.size(), (trouble() + left()).c_str());
    CHECK(mails[0].ends_with(numbered(2)) && mails[1].ends_with(numbered(4)));
    for (int const number : {1, 3}) {
        auto const& stub = mails[number == 1 ? 2 : 3];
        STRCMP_CONTAINS(std::format("Subject: number {}\r\n", number).c_str(), stub.c_str());
        STRCMP_CONTAINS("References: <0@example.org>\r\n", stub.c_str());
        STRCMP_CONTAINS("application/pdf, \"Plan.pdf\", 300 kB", stub.c_str());
        STRCMP_CONTAINS("$FetchNow", stub.c_str());
        STRCMP_CONTAINS("\r\nThe plan is attached.\r\n", stub.c_str());
        CHECK(!stub.contains("multipart/mixed") && !stub.contains("pppp"));
    }
    CHECK(net.message_octets < 5'000);
    LONGS_EQUAL(2, net.mail.size()); // what nobody has is not removed
    LONGS_EQUAL(2, stubs().size());
    begin_anew();
    LONGS_EQUAL(4, inbox().size());
    LONGS_EQUAL(1, said("BODYSTRUCTURE"));
}

TEST(ThinFetching, a_star_brings_the_original_in_place_of_its_stub) {
    thin();
    source.keep_days = 0;
    net.put(large(1));
    start();
    flag(fixture.alice, core::Uid{1}, core::SystemFlags(SystemFlag::flagged) | SystemFlag::seen, {"Work"});
    arrived({large(1)});
    auto const row = rows(box(fixture.alice).id).at(0);
    CHECK(row.uid == core::Uid{2} && row.flags == SystemFlag::seen && !row.stub);
    CHECK((store::keyword_names(box(fixture.alice), row.keywords) == std::vector<std::string>{"Work"}));
    auto const message = fixture.store().read_here([&](store::ReadTransaction const& t) {
        return store::Result<store::Message>(*store::get_message(t, row.message));
    });
    CHECK(message->internal_date == std::chrono::sys_days(2026y / 1 / 1) + 8h);
    CHECK(stubs().empty());
    CHECK(net.mail.empty());
    LONGS_EQUAL(1, brought());
}

TEST(ThinFetching, the_keyword_brings_it_wherever_the_stub_is) {
    thin();
    source.keep_days = 0;
    net.put(large(1));
    start();
    auto const drafts = box(fixture.bob, "Drafts").id;
    write([&](store::WriteTransaction& t) -> store::Result<void> {
        auto const moved = store::move(t, box(fixture.alice).id, core::UidSet{core::Uid{1}}, drafts, {}, {});
        if (!moved) return std::unexpected(moved.error());
        auto const flagged =
            store::store_flags(t, drafts, moved->destination, {store::FlagMode::add, {}, {"$FetchNow"}, {}});
        if (!flagged) return std::unexpected(flagged.error());
        return {};
    });
    settle();
    CHECK(inbox().empty());
    auto const there = rows(drafts);
    LONGS_EQUAL(1, there.size());
    CHECK(!there[0].stub && there[0].keywords == 0 && there[0].uid == core::Uid{2});
    CHECK(box(fixture.bob, "Drafts").octets > large_octets);
}

TEST(ThinFetching, one_that_is_for_several_comes_once_for_all) {
    thin();
    source.sorted = true;
    auto const mail = "X-Original-To: alice@office.lan, bob@office.lan\r\n" + large(1);
    net.put(mail);
    start();
    LONGS_EQUAL(1, test::inbox(fixture, fixture.bob).size());
    flag(fixture.bob, core::Uid{1}, SystemFlag::answered);
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    arrived({mail});
    CHECK(test::inbox(fixture, fixture.bob).at(0).ends_with(mail));
    CHECK(rows(box(fixture.bob).id).at(0).flags == SystemFlag::answered);
    CHECK(rows(box(fixture.alice).id).at(0).flags == core::SystemFlags{});
    CHECK(net.message_octets < 2 * large_octets);
}

TEST(ThinFetching, a_mailbox_of_the_office_has_a_stub_and_then_the_original) {
    thin();
    source.sorted = true;
    store::MailboxId info{};
    write([&](store::WriteTransaction& t) -> store::Result<void> {
        info = store::create_mailbox(t, store::the_office, "Info", "", {}).value();
        if (auto const granted = store::set_acl_entry(t, info, {store::anyone, core::Right::post, {}}); !granted)
            return granted;
        return store::set_alias(t, {"info@office.lan", {}, {info}});
    });
    auto const mail = "X-Original-To: info@office.lan\r\n" + large(1);
    net.put(mail);
    start();
    CHECK(rows(info).at(0).stub);
    write([&](store::WriteTransaction& t) -> store::Result<void> {
        auto const asked = store::store_flags(t, info, core::UidSet{core::Uid{1}},
                                              {store::FlagMode::add, SystemFlag::flagged, {}, {}});
        if (!asked) return std::unexpected(asked.error());
        return {};
    });
    settle();
    LONGS_EQUAL(1, rows(info).size());
    CHECK(!rows(info).at(0).stub && rows(info).at(0).flags == core::SystemFlags{});
    CHECK(inbox().empty());
}

TEST(ThinFetching, what_goes_elsewhere_comes_whole) {
    thin();
    source.sorted = true;
    write([](store::WriteTransaction& t) { return store::set_alias(t, {"away@office.lan", {"dave@example.com"}}); });
    net.put("X-Original-To: away@office.lan\r\n" + large(1));
    start();
    LONGS_EQUAL(1, test::queue(fixture).size());
    CHECK(test::queue(fixture).at(0).size > large_octets);
    CHECK(stubs().empty());
}

// The heart: whatever is cut when, the original is there once, and the stub is gone.
TEST(ThinFetching, stub_and_original_come_once_wherever_the_link_is_cut) {
    thin();
    source.keep_days = 0;
    std::size_t const octets = 12'000;
    std::vector<std::string> expected;
    for (std::size_t cut = 1; cut < 14'000; cut += cut < 2500 ? 37 : 997) {
        source.name = std::format("provider-{}", expected.size());
        if (expected.size() % 2 == 1) {
            by_pop3();
        } else {
            source.protocol = store::FetchProtocol::imap;
            source.port = 143;
        }
        save();
        net.mail.clear();
        expected.push_back(large(static_cast<int>(cut), octets));
        net.put(expected.back());
        net.cut_after = cut;
        begin_anew();
        for (int times = 0; times < 2; ++times) look();
        if (stubs().empty()) { // it does not get as far as that
            net.cut_after = std::numeric_limits<std::size_t>::max();
            look();
            net.cut_after = cut;
        }
        LONGS_EQUAL(expected.size(), inbox().size());
        LONGS_EQUAL(1, stubs().size());
        flag(fixture.alice, stubs().at(0).places.at(0).uid, SystemFlag::flagged);
        for (int times = 0; times < 2; ++times) {
            if (times == 1) begin_anew(); // the daemon starts again
            look();
            LONGS_EQUAL(expected.size(), inbox().size());
        }
        net.cut_after = std::numeric_limits<std::size_t>::max();
        look();
        look();
        CHECK(stubs().empty());
        CHECK(net.mail.empty());
        forget();
    }
    arrived(expected);
}

TEST(ThinFetching, an_original_goes_on_where_it_was_cut) {
    thin();
    net.put(large(1, 2'000'000));
    start();
    auto const before = net.message_octets;
    net.cut_after = 100'000;
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    for (int times = 0; times < 40 && !stubs().empty(); ++times) look();
    arrived({large(1, 2'000'000)});
    LONGS_EQUAL(large(1, 2'000'000).size(), net.message_octets - before); // each once
}

TEST(ThinFetching, who_asks_while_the_link_is_away_gets_it_when_it_is_back) {
    thin();
    net.put(large(1));
    start();
    net.reachable = false;
    net.capabilities = {"UIDPLUS"}; // nobody idles
    begin_anew();
    auto const dialled = net.dialled;
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    flag(fixture.alice, core::Uid{1}, {}, {"$FetchNow"});
    LONGS_EQUAL(dialled, net.dialled); // it waits for its time
    LONGS_EQUAL(1, stubs().size());
    net.reachable = true;
    look();
    arrived({large(1)});
}

TEST(ThinFetching, a_stub_that_is_deleted_is_not_brought_and_goes_at_the_provider) {
    thin();
    source.keep_days = 0;
    net.put(large(1));
    net.put(large(2));
    start();
    take_away(fixture.alice, core::Uid{1});
    look();
    LONGS_EQUAL(1, net.mail.size());
    LONGS_EQUAL(2, net.mail.front().uid);
    LONGS_EQUAL(1, inbox().size());
    LONGS_EQUAL(1, stubs().size());
}

TEST(ThinFetching, one_that_is_gone_when_it_is_asked_for_says_so) {
    thin();
    net.put(large(1));
    start();
    net.mail.clear();
    flag(fixture.alice, core::Uid{1}, core::SystemFlags(SystemFlag::flagged) | SystemFlag::seen);
    auto const mails = inbox();
    LONGS_EQUAL(1, mails.size());
    STRCMP_CONTAINS("Postern-State: only the beginning is here; it is not at its provider any more\r\n",
                    mails[0].c_str());
    STRCMP_CONTAINS("The rest cannot be fetched", mails[0].c_str());
    STRCMP_CONTAINS("The plan is attached.", mails[0].c_str());
    CHECK(!mails[0].contains("$FetchNow"));
    CHECK(rows(box(fixture.alice).id).at(0).flags == SystemFlag::seen);
    CHECK(stubs().empty());
    flag(fixture.alice, core::Uid{2}, SystemFlag::flagged);
    LONGS_EQUAL(1, inbox().size());
}

TEST(ThinFetching, stubs_of_a_source_that_is_taken_away_say_so) {
    thin();
    net.put(large(1));
    start();
    forget();
    begin();
    settle();
    STRCMP_CONTAINS("nothing is fetched from its provider any more", inbox().at(0).c_str());
    CHECK(stubs().empty());
    save(); // for status
    begin_anew();
}

TEST(ThinFetching, where_the_link_costs_nothing_originals_come_by_themselves_after_everything_else) {
    thin();
    fixture.office.link = office::LinkGate([] { return std::string("fiber"); }, {});
    CHECK(fixture.set("link.metered", "satellite").has_value());
    net.put(large(1));
    net.put(large(2));
    net.put(numbered(3));
    start();
    arrived({large(1), large(2), numbered(3)});
    auto const& mails = inbox();
    CHECK(mails[0].ends_with(numbered(3)) && mails[1].ends_with(large(1)));
    CHECK(rows(box(fixture.alice).id).at(1).uid == core::Uid{4}); // after both stubs
}

TEST(ThinFetching, what_is_asked_for_and_what_is_small_comes_before_what_is_under_way_by_itself) {
    thin();
    fixture.office.link = office::LinkGate([] { return std::string("fiber"); }, {});
    CHECK(fixture.set("link.metered", "satellite").has_value());
    net.put(large(1, 2'000'000));
    net.put(large(2));
    save();
    begin();
    test::run_until(fixture, net, [&] { return net.message_octets > 500'000; });
    write([&](store::WriteTransaction& t) -> store::Result<void> {
        auto const asked = store::store_flags(t, box(fixture.alice).id, core::UidSet{core::Uid{2}},
                                              {store::FlagMode::add, SystemFlag::flagged, {}, {}});
        if (!asked) return std::unexpected(asked.error());
        return {};
    });
    net.put(numbered(3));
    net.say_to_all("* 3 EXISTS\r\n");
    settle();
    auto const mails = inbox();
    LONGS_EQUAL(3, mails.size());
    CHECK(mails[0].ends_with(numbered(3)) && mails[1].ends_with(large(2)) && mails[2].ends_with(large(1, 2'000'000)));
    CHECK(net.message_octets < 2'400'000); // it went on where it was
}

TEST(ThinFetching, on_a_metered_link_nothing_comes_that_nobody_asked_for_and_budgets_hold) {
    thin();
    fixture.office.link =
        office::LinkGate([] { return std::string("satellite"); }, [](auto const&) { return std::string("satellite"); });
    CHECK(fixture.set("link.metered", "satellite").has_value());
    CHECK(fixture.set("link.day_budget", "100K").has_value());
    fixture.office.link.count("192.168.1.2", 20 * 1024, *fixture.office.settings, fixture.clock);
    net.put(large(1));
    start();
    LONGS_EQUAL(1, stubs().size());
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    LONGS_EQUAL(1, stubs().size());
    fixture.clock.advance(24h);
    look();
    arrived({large(1)});
}

TEST(ThinFetching, an_original_that_does_not_fit_waits_for_room) {
    thin();
    auto const limit = [&](std::optional<std::uint64_t> octets) {
        write([&](store::WriteTransaction& t) { return store::set_quota(t, fixture.alice, {octets, {}}); });
    };
    net.put(large(1));
    start();
    limit(100'000);
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    LONGS_EQUAL(1, stubs().size());
    STRCMP_CONTAINS("1 a mailbox that it is for is full;", left().c_str());
    limit(std::nullopt);
    look();
    arrived({large(1)});
}

TEST(ThinFetching, other_numbers_for_the_same_messages_bring_neither_stub_nor_original_again) {
    thin();
    net.put(large(1));
    net.put(large(2));
    start();
    net.uid_validity = 8;
    for (auto& held : net.mail) held.uid += 100;
    net.uid_next += 100;
    begin_anew();
    LONGS_EQUAL(2, inbox().size());
    LONGS_EQUAL(2, stubs().size());
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    LONGS_EQUAL(1, stubs().size());
    CHECK(inbox().at(1).ends_with(large(1)));
}

TEST(ThinFetching, what_a_provider_makes_up_of_a_structure_does_no_harm) {
    thin();
    net.put(large(1));
    std::size_t sources = 0;
    for (std::string const structure :
         {"NIL", "(((())))", "(\"text\" \"plain\" NIL NIL NIL \"base64\" 99999999999999999999 1)"}) {
        source.name = std::format("provider-{}", ++sources);
        // Before it: capabilities, two for the login, capabilities, mailbox, survey.
        net.answer_with("BODYSTRUCTURE", std::format("* 1 FETCH (UID 1 BODYSTRUCTURE {} BODY[HEADER]<0> {{14}}\r\n"
                                                     "Subject: x\r\n\r\n)\r\nA7 OK done\r\n",
                                                     structure));
        start();
        LONGS_EQUAL_TEXT(sources, inbox().size(), structure.c_str());
        STRCMP_CONTAINS("This is the beginning of a message of 301 kB.", inbox().back().c_str());
        forget();
    }
    save();
    begin_anew();
}

TEST(ThinFetching, a_provider_that_sends_more_than_was_asked_for_is_not_read) {
    thin();
    net.put(large(1));
    net.answer_with("BODYSTRUCTURE", "* 1 FETCH (UID 1 BODY[HEADER]<0> {100000}\r\nSubject: x\r\n");
    start();
    STRCMP_CONTAINS("it sends more of a message than it was asked for", trouble().c_str());
    CHECK(inbox().empty());
}

TEST(ThinFetching, a_message_whose_structure_a_provider_cannot_give_stays_there) {
    thin();
    net.put(large(1));
    net.put(numbered(2));
    net.answer_with("BODYSTRUCTURE", "NO it is broken");
    start();
    arrived({numbered(2)});
    STRCMP_CONTAINS("1 its provider answers: it is broken;", left().c_str());
}

// ---- POP3

TEST(ThinFetching, by_pop3_the_beginning_comes_by_top_and_the_original_when_asked_for) {
    by_pop3();
    thin();
    source.keep_days = 0;
    net.put(large(1));
    net.put(numbered(2));
    start();
    auto const mails = inbox();
    LONGS_EQUAL_TEXT(2, mails.size(), (trouble() + left()).c_str());
    CHECK(mails[0].ends_with(numbered(2)));
    STRCMP_CONTAINS("  text/plain, 1 kB\r\n  application/pdf, \"Plan.pdf\"\r\n", mails[1].c_str());
    STRCMP_CONTAINS("\r\nThe plan is attached.\r\n", mails[1].c_str());
    LONGS_EQUAL(1, net.mail.size());
    LONGS_EQUAL(1, said("RETR"));
    flag(fixture.alice, core::Uid{2}, SystemFlag::flagged);
    arrived({large(1), numbered(2)});
    CHECK(net.mail.empty());
}

TEST(ThinFetching, by_pop3_one_that_is_gone_when_it_is_asked_for_says_so) {
    by_pop3();
    thin();
    net.put(large(1));
    start();
    net.mail.clear();
    net.put(numbered(2));
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    LONGS_EQUAL(2, inbox().size());
    CHECK(stubs().empty());
    STRCMP_CONTAINS("it is not at its provider any more", inbox().back().c_str());
}

TEST(ThinFetching, by_pop3_other_unique_ids_bring_no_stub_again) {
    by_pop3();
    thin();
    net.put(large(1));
    start();
    net.renumbered = "new-";
    begin_anew();
    LONGS_EQUAL(1, inbox().size());
    flag(fixture.alice, core::Uid{1}, SystemFlag::flagged);
    arrived({large(1)});
}

TEST(ThinFetching, by_pop3_without_top_nothing_is_fetched_and_that_is_told) {
    by_pop3();
    thin();
    net.pop3_capabilities = {"USER", "UIDL"};
    net.put(large(1));
    start();
    STRCMP_CONTAINS("it has no TOP", trouble().c_str());
    CHECK(inbox().empty());
}
