#include "fetching_office.h"
#include "store/accounts.h"
#include "store/aliases.h"

using namespace postern;
using namespace std::chrono_literals;
using fetch::Fetcher;
using store::FetchProtocol;
using test::FakeProvider;
using test::HeldMail;
using test::numbered;
using test::OfficeFixture;

TEST_GROUP_BASE(Fetcher, test::FetchingOffice){};

// ---- both protocols

TEST(Fetcher, brings_what_is_there_once_and_leaves_it_there) {
    fill(3);
    start();
    arrived(3);
    LONGS_EQUAL(3, net.mail.size());
    for (HeldMail const& held : net.mail) CHECK(!held.seen && !held.deleted);
    CHECK(inbox().front().starts_with("Return-Path: <carol@example.org>\r\nReceived: from mail.example.net "
                                      "([192.0.2.25])\r\n\tby mail.office.lan (fetched by IMAP)\r\n"));
    LONGS_EQUAL(1, said("EXAMINE"));
    begin_anew();
    arrived(3);
    LONGS_EQUAL(3, said("BODY"));
}

TEST(Fetcher, out_of_hours_nothing_is_looked_for_and_a_connection_is_ended) {
    CHECK(fixture.set("link.schedule", "00:00-00:01").has_value());
    fixture.clock.advance(2h);
    fill(1);
    start();
    UNSIGNED_LONGS_EQUAL(0, net.connections());
    CHECK(inbox().empty());
    CHECK(fixture.set("link.schedule", "").has_value());
    fetcher->settings_changed();
    settle();
    arrived(1);
    CHECK(net.connections() > 0);
    CHECK(fixture.set("link.schedule", "00:00-00:01").has_value());
    fetcher->settings_changed();
    settle();
    UNSIGNED_LONGS_EQUAL(0, net.connections());
}

TEST(Fetcher, what_a_budget_does_not_leave_stays_at_the_provider_until_it_does) {
    CHECK(fixture.set("link.day_budget", "100K").has_value());
    fixture.office.link.count("192.168.1.2", 50 * 1024, *fixture.office.settings, fixture.clock);
    net.put(numbered(1, 80 * 1024));
    net.put(numbered(2));
    start();
    arrived({numbered(2)});
    fixture.clock.advance(24h);
    look();
    arrived({numbered(1, 80 * 1024), numbered(2)});
}

TEST(Fetcher, by_pop3_brings_what_is_there_once_and_leaves_it_there) {
    by_pop3();
    fill(3);
    start();
    arrived(3);
    LONGS_EQUAL(3, net.mail.size());
    begin_anew();
    arrived(3);
    LONGS_EQUAL(3, said("RETR"));
    LONGS_EQUAL(0, said("DELE"));
}

TEST(Fetcher, removes_what_came_if_that_is_wanted) {
    source.keep_days = 0;
    fill(3);
    start();
    arrived(3);
    CHECK(net.mail.empty());
    LONGS_EQUAL(1, said("UID EXPUNGE 1:3"));
}

TEST(Fetcher, by_pop3_removes_what_came_if_that_is_wanted) {
    by_pop3();
    source.keep_days = 0;
    fill(3);
    start();
    arrived(3);
    CHECK(net.mail.empty());
    look();
    arrived(3);
}

TEST(Fetcher, removes_what_was_here_for_long_enough) {
    for (bool const pop3 : {false, true}) {
        if (pop3) by_pop3();
        source.name = pop3 ? "pop3" : "imap";
        source.keep_days = 2;
        net.mail.clear();
        net.put(numbered(pop3 ? 1 : 2));
        start();
        LONGS_EQUAL(1, net.mail.size());
        fixture.clock.advance(47h);
        begin_anew();
        LONGS_EQUAL(1, net.mail.size());
        fixture.clock.advance(1h);
        begin_anew();
        CHECK(net.mail.empty());
        forget();
    }
    arrived(2);
}

// The heart: whatever is cut when, each message is there once.
TEST(Fetcher, each_comes_once_wherever_its_link_is_cut) {
    for (bool const pop3 : {false, true}) {
        source.keep_days = 0;
        if (pop3) by_pop3();
        std::vector<std::string> expected;
        for (std::size_t cut = 1; cut < 1500; cut += 37) {
            source.name = std::format("{}-{}", pop3 ? "pop3" : "imap", cut);
            source.account = fixture.bob;
            save();
            net.mail.clear();
            for (int at = 1; at <= 2; ++at) {
                expected.push_back(numbered(static_cast<int>(cut) * 10 + at + (pop3 ? 100'000 : 0), 300));
                net.put(expected.back());
            }
            net.cut_after = cut;
            begin_anew();
            for (int times = 0; times < 3; ++times) look();
            net.cut_after = std::numeric_limits<std::size_t>::max();
            look();
            look();
            CHECK(net.mail.empty());
            forget();
        }
        auto const mails = test::inbox(fixture, fixture.bob);
        for (std::string const& one : expected)
            LONGS_EQUAL(1, std::ranges::count_if(mails, [&](auto const& mail) { return mail.ends_with(one); }));
        if (pop3) LONGS_EQUAL(2 * expected.size(), mails.size());
    }
}

TEST(Fetcher, a_provider_that_cannot_be_reached_is_asked_again_when_the_network_changes) {
    net.reachable = false;
    fill(1);
    start();
    STRCMP_CONTAINS("it does not answer", trouble().c_str());
    auto const dialled = net.dialled;
    settle();
    LONGS_EQUAL(dialled, net.dialled);
    net.reachable = true;
    look();
    arrived(1);
    STRCMP_EQUAL("", trouble().c_str());
}

TEST(Fetcher, a_refused_login_is_told_and_not_tried_again_at_once) {
    for (bool const pop3 : {false, true}) {
        if (pop3) by_pop3();
        net.answer_with(pop3 ? "PASS" : "LOGIN",
                        pop3 ? "-ERR [AUTH] no such user" : "NO [AUTHENTICATIONFAILED] no such user");
        start();
        STRCMP_CONTAINS("port 1", trouble().c_str());
        STRCMP_CONTAINS("answered our login: no such user", trouble().c_str());
        auto const tries = said(pop3 ? "PASS" : "LOGIN");
        fixture.clock.advance(10min);
        settle();
        LONGS_EQUAL(tries, said(pop3 ? "PASS" : "LOGIN"));
        CHECK(fetcher->status().front().state == policy::LinkState::down);
    }
}

TEST(Fetcher, without_a_login_nothing_is_tried) {
    source.login.clear();
    start();
    LONGS_EQUAL(0, net.dialled);
    STRCMP_CONTAINS("`postern fetch login provider LOGIN`", trouble().c_str());
    STRCMP_CONTAINS("it has no login yet", try_it().c_str());
}

TEST(Fetcher, a_password_goes_nowhere_but_to_the_provider) {
    start();
    STRCMP_CONTAINS("mail.example.net", source.host.c_str());
    LONGS_EQUAL(1, said("LOGIN \"office\" \"secret\""));
    CHECK_FALSE(try_it().contains("secret"));
}

TEST(Fetcher, what_is_too_large_stays_there_and_the_rest_comes) {
    CHECK(fixture.set("fetch.message_size_limit", "64K").has_value());
    source.keep_days = 0;
    fill(4);
    net.mail[1].octets = numbered(2, 100'000);
    net.mail[2].octets = numbered(3, 100'000);
    net.mail[2].said_size = 10;
    start();
    arrived({numbered(1), numbered(4)});
    LONGS_EQUAL(2, net.mail.size());
    STRCMP_CONTAINS("2 it is larger than the setting", left().c_str());
}

TEST(Fetcher, a_full_mailbox_leaves_its_mail_there_and_gets_it_later) {
    auto const limit = [&](std::optional<std::uint64_t> messages) {
        write([&](store::WriteTransaction& t) { return store::set_quota(t, fixture.alice, {{}, messages}); });
    };
    limit(1);
    fill(2);
    source.keep_days = 0;
    start();
    arrived(1);
    LONGS_EQUAL(1, net.mail.size());
    STRCMP_CONTAINS("1 a mailbox that it is for is full", left().c_str());
    limit({});
    look();
    arrived(2);
    CHECK(net.mail.empty());
    STRCMP_EQUAL("", left().c_str());
}

TEST(Fetcher, a_full_disk_leaves_the_mail_there) {
    fixture.set_free_space(0);
    write([](store::WriteTransaction&) { return store::Result<void>{}; });
    fill(2);
    start();
    STRCMP_CONTAINS("the store takes nothing", trouble().c_str());
    LONGS_EQUAL(2, net.mail.size());
    fixture.set_free_space(std::uint64_t{1} << 40U);
    look();
    arrived(2);
}

TEST(Fetcher, mail_for_several_is_sorted_by_whom_it_is_for) {
    source.sorted = true;
    net.put("Delivered-To: office@provider.example\r\nDelivered-To: bob@office.lan\r\n" + numbered(1));
    net.put("X-Original-To: nobody@office.lan\r\n" + numbered(2));
    net.put("Delivered-To: stranger@elsewhere.example\r\n" + numbered(3));
    net.put("Envelope-To: alice@office.lan, both@office.lan\r\n" + numbered(4));
    write([&](store::WriteTransaction& t) {
        return store::set_alias(t, {"both@office.lan", {"bob@office.lan", "alice@office.lan"}, {}});
    });
    start();
    auto const bobs = test::inbox(fixture, fixture.bob);
    LONGS_EQUAL(2, bobs.size());
    CHECK(bobs[0].ends_with(numbered(1)) && bobs[1].ends_with(numbered(4)));
    auto const alices = inbox();
    LONGS_EQUAL(3, alices.size());
    CHECK(alices[0].ends_with(numbered(2)) && alices[1].ends_with(numbered(3)) && alices[2].ends_with(numbered(4)));
    CHECK(test::queue(fixture).empty());
}

TEST(Fetcher, mail_that_goes_round_in_a_loop_stays_there) {
    std::string trace;
    for (int at = 0; at < 150; ++at) trace += "Received: from a by b; Mon, 5 Jan 2026 09:00:00 +0000\r\n";
    net.put(trace + numbered(1));
    start();
    arrived(0);
    STRCMP_CONTAINS("it goes round in a loop", left().c_str());
}

TEST(Fetcher, a_source_that_is_changed_in_the_middle_goes_on_as_it_is_now) {
    net.put(numbered(1, 500'000));
    save();
    begin();
    test::run_until(fixture, net, [&] { return net.message_octets > 100'000; });
    source.account = fixture.bob;
    save();
    CHECK(fetcher->sources_changed().has_value());
    settle();
    LONGS_EQUAL(0, inbox().size());
    LONGS_EQUAL(1, test::inbox(fixture, fixture.bob).size());
    LONGS_EQUAL(1, net.connections());
}

// ---- IMAP

TEST(Fetcher, news_are_brought_as_they_come) {
    start();
    LONGS_EQUAL(1, said("IDLE"));
    net.put(numbered(1));
    settle();
    arrived(1);
    LONGS_EQUAL(1, net.dialled);
    LONGS_EQUAL(2, said("IDLE"));
    net.put(numbered(2));
    settle();
    arrived(2);
    LONGS_EQUAL(1, said("UID FETCH 2:* (UID RFC822.SIZE"));
}

TEST(Fetcher, with_mod_sequences_what_stays_there_is_not_listed_again) {
    net.capabilities = {"UIDPLUS", "CONDSTORE"};
    write([&](store::WriteTransaction& t) { return store::set_quota(t, fixture.alice, {{}, 2}); });
    fill(4);
    start();
    arrived(2);
    LONGS_EQUAL(1, said("INTERNALDATE"));
    look();
    LONGS_EQUAL(1, said("INTERNALDATE")); // nothing changed
    net.put(numbered(5));
    look();
    LONGS_EQUAL(1, said("UID FETCH 3:* (UID RFC822.SIZE FLAGS INTERNALDATE) (CHANGEDSINCE 5)"));
    LONGS_EQUAL(2, said("INTERNALDATE"));
    arrived(2);
    write([&](store::WriteTransaction& t) { return store::set_quota(t, fixture.alice, {}); });
    fixture.clock.advance(5h);
    look();
    LONGS_EQUAL(2, said("INTERNALDATE"));
    arrived(5);
    STRCMP_EQUAL("", left().c_str());
}

TEST(Fetcher, mod_sequences_of_a_mailbox_made_anew_count_for_nothing) {
    net.capabilities = {"UIDPLUS", "CONDSTORE"};
    fill(2);
    start();
    arrived(2);
    net.uid_validity = 8;
    look();
    LONGS_EQUAL(2, said("UID FETCH 1:* (UID RFC822.SIZE FLAGS INTERNALDATE)"));
    LONGS_EQUAL(0, said("CHANGEDSINCE"));
    arrived(2);
}

TEST(Fetcher, what_could_not_be_taken_and_is_gone_is_told_no_more) {
    for (auto const& capabilities : std::vector<std::vector<std::string>>{
             {"UIDPLUS"}, {"UIDPLUS", "CONDSTORE"}, {"UIDPLUS", "ENABLE", "CONDSTORE", "QRESYNC"}}) {
        net.capabilities = capabilities;
        bool const tells = capabilities.back() == "QRESYNC";
        net.mail.clear();
        net.commands.clear();
        source.mailbox = std::format("box-{}", capabilities.size());
        write([&](store::WriteTransaction& t) { return store::set_quota(t, fixture.alice, {{}, 0}); });
        net.put(numbered(1));
        start();
        STRCMP_CONTAINS("1 a mailbox that it is for is full", left().c_str());
        net.vanished = {net.mail.back().uid};
        net.mail.clear();
        ++net.mod_sequence;
        auto const tried = said("BODY.PEEK");
        fixture.clock.advance(5h);
        look();
        STRCMP_EQUAL("", left().c_str());
        LONGS_EQUAL(tried + (capabilities.back() == "CONDSTORE" ? 1 : 0), said("BODY.PEEK"));
        LONGS_EQUAL(tells ? 2 : 0, said("ENABLE QRESYNC"));
        arrived(0);
    }
}

TEST(Fetcher, without_idle_it_looks_again_after_a_while) {
    net.capabilities = {"UIDPLUS"};
    start();
    LONGS_EQUAL(0, net.connections());
    net.put(numbered(1));
    settle();
    LONGS_EQUAL(1, net.dialled);
    look();
    arrived(1);
}

TEST(Fetcher, what_came_is_marked_as_seen_only_if_that_is_wanted) {
    source.mark_seen = true;
    fill(1);
    start();
    CHECK(net.mail.front().seen);
}

TEST(Fetcher, what_somebody_deleted_is_not_brought) {
    fill(2);
    net.mail.front().deleted = true;
    start();
    arrived({numbered(2)});
}

TEST(Fetcher, a_large_message_goes_on_where_it_was_cut) {
    std::size_t const octets = 2'000'000;
    net.put(numbered(1, octets));
    net.cut_after = 100'000;
    start();
    for (int times = 0; times < 40 && inbox().empty(); ++times) look();
    arrived({numbered(1, octets)});
    LONGS_EQUAL(numbered(1, octets).size(), net.message_octets); // each once
}

TEST(Fetcher, small_ones_do_not_wait_for_large_ones) {
    std::string const large = numbered(1, 1'000'000), larger = numbered(2, 2'000'000);
    net.put(large);
    net.put(larger);
    net.put(numbered(3));
    save();
    begin();
    test::run_until(fixture, net, [&] { return brought() == 1; });
    CHECK(inbox().front().ends_with(numbered(3)));
    test::run_until(fixture, net, [&] { return net.message_octets > 500'000; });
    net.put(numbered(4));
    net.say_to_all("* 4 EXISTS\r\n");
    test::run_until(fixture, net, [&] { return brought() == 2; });
    CHECK(inbox()[1].ends_with(numbered(4))); // in the middle of it, and then it goes on
    settle();
    arrived({numbered(3), large, numbered(4), larger});
    CHECK(inbox()[2].ends_with(large));
    LONGS_EQUAL(large.size() + larger.size() + numbered(3).size() + numbered(4).size(), net.message_octets);
}

TEST(Fetcher, many_small_ones_are_asked_for_at_a_time) {
    fill(20);
    save();
    begin();
    std::size_t most = 0;
    std::size_t before = 0;
    test::run_until(fixture, net, [&] {
        most = std::max(most, said("BODY") - before);
        before = said("BODY");
        return brought() == 20;
    });
    CHECK(most >= 10);
    arrived(20);
}

TEST(Fetcher, other_numbers_for_the_same_messages_bring_none_of_them_again) {
    fill(3);
    start();
    net.uid_validity = 8;
    for (HeldMail& held : net.mail) held.uid += 10;
    net.uid_next = 20;
    net.put(numbered(4));
    begin_anew();
    arrived(4);
    auto const asked = said("BODY");
    begin_anew();
    arrived(4);
    LONGS_EQUAL(asked, said("BODY"));
}

TEST(Fetcher, another_mailbox_is_not_taken_for_the_one_before) {
    fill(2);
    start();
    net.mail.front().octets = numbered(7); // which has the same numbers
    source.mailbox = "Archive";
    save();
    begin_anew();
    arrived({numbered(1), numbered(2), numbered(7)});
    by_pop3();
    net.mail.back().octets = numbered(8);
    source.login = "another";
    save();
    begin_anew();
    arrived({numbered(1), numbered(2), numbered(7), numbered(8)});
}

TEST(Fetcher, of_messages_that_are_alike_each_comes_and_none_again_under_other_numbers) {
    net.put(numbered(1));
    net.put(numbered(1));
    start();
    LONGS_EQUAL(2, inbox().size());
    net.uid_validity = 8;
    begin_anew();
    LONGS_EQUAL(2, inbox().size());
    net.put(numbered(1));
    begin_anew();
    LONGS_EQUAL(3, inbox().size());
}

TEST(Fetcher, a_provider_that_lies_about_sizes_is_understood) {
    std::string const a = numbered(1, 200'000), b = numbered(2, 100), c = numbered(3, 65'536 * 2);
    net.put(a).said_size = 10;
    net.put(b).said_size = 300'000;
    net.put(c).said_size = 0;
    start();
    arrived({a, b, c});
}

TEST(Fetcher, a_provider_that_gives_short_pieces_is_understood) {
    std::string const a = numbered(1, 20'000);
    net.longest_piece = 1000;
    net.put(a);
    start();
    arrived({a});
}

TEST(Fetcher, a_provider_that_names_a_message_behind_it_is_understood) {
    net.uid_behind = true;
    std::string const a = numbered(1, 200'000);
    net.put(a);
    net.put(numbered(2));
    start();
    arrived({a, numbered(2)});
}

TEST(Fetcher, a_literal_that_is_longer_than_was_asked_for_is_not_read) {
    fill(1);
    net.answer_with("BODY", "* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\nabc");
    start();
    STRCMP_CONTAINS("more of a message than it was asked for", trouble().c_str());
    net.answer = nullptr;
    look();
    arrived(1);
}

TEST(Fetcher, what_is_not_imap_is_not_believed) {
    fill(1);
    net.answer_with("BODY", "* 1 FETCH (UID 1 BODY[]<0> {3}\r\nabc BODY[]<0> {3}\r\nabc)\r\n");
    start();
    STRCMP_CONTAINS("is not IMAP", trouble().c_str());
    arrived(0);
    net.answer_with("BODY", "* 1 FETCH (UID 1 BODY[]<5> {3}\r\nabc)\r\nA4 OK done\r\n");
    look();
    arrived(0);
}

TEST(Fetcher, a_message_that_vanished_meanwhile_is_passed_over) {
    fill(3);
    net.answer_with("UID FETCH 2 ", "OK done");
    start();
    arrived({numbered(1), numbered(3)});
    STRCMP_EQUAL("", left().c_str());
}

TEST(Fetcher, a_message_that_the_provider_cannot_give_stays_there) {
    fill(3);
    source.keep_days = 0;
    net.answer_with("UID FETCH 2 ", "NO it is broken");
    start();
    arrived({numbered(1), numbered(3)});
    LONGS_EQUAL(1, net.mail.size());
    STRCMP_CONTAINS("1 its provider answers: it is broken", left().c_str());
    net.answer = nullptr;
    look();
    arrived(3);
    CHECK(net.mail.empty());
}

TEST(Fetcher, a_mailbox_that_is_not_there_is_told_with_those_that_are) {
    net.answer_with("EXAMINE", "NO [NONEXISTENT] no such mailbox");
    start();
    STRCMP_CONTAINS("the mailbox INBOX: no such mailbox; there are INBOX, Archive", trouble().c_str());
}

TEST(Fetcher, a_test_says_what_there_is_or_what_is_wrong) {
    fill(2);
    start();
    STRCMP_EQUAL("192.0.2.25 port 143, without TLS, logged in as office, 2 messages in INBOX", try_it().c_str());
    net.answer_with("LOGIN", "NO [UNAVAILABLE] come back later");
    STRCMP_EQUAL("failed: mail.example.net port 143 answered our login: come back later", try_it().c_str());
    net.reachable = false;
    STRCMP_EQUAL("failed: mail.example.net: it does not answer", try_it().c_str());
}

TEST(Fetcher, a_goodbye_of_the_provider_is_told) {
    start();
    net.reachable = false;
    net.say_to_all("* BYE we close for today\r\n");
    settle();
    STRCMP_CONTAINS("we close for today", trouble().c_str());
}

// ---- POP3

TEST(Fetcher, other_unique_ids_for_the_same_messages_bring_none_of_them_again) {
    by_pop3();
    fill(3);
    start();
    net.renumbered = "new-";
    net.put(numbered(4));
    begin_anew();
    arrived(4);
    LONGS_EQUAL(4, said("RETR"));
    begin_anew();
    arrived(4);
    LONGS_EQUAL(4, said("RETR"));
}

TEST(Fetcher, by_pop3_what_could_not_be_taken_and_is_gone_is_told_no_more) {
    by_pop3();
    CHECK(fixture.set("fetch.message_size_limit", "64K").has_value());
    fill(1);
    net.mail[0].octets = numbered(1, 100'000);
    start();
    STRCMP_CONTAINS("1 it is larger than the setting", left().c_str());
    net.mail.clear();
    look();
    STRCMP_EQUAL("", left().c_str());
}

TEST(Fetcher, one_that_answers_without_pipelining_is_asked_one_by_one) {
    by_pop3();
    net.pop3_capabilities = {"USER", "UIDL"};
    fill(3);
    source.keep_days = 0;
    start();
    arrived(3);
    CHECK(net.mail.empty());
}

TEST(Fetcher, without_unique_ids_nothing_is_fetched) {
    by_pop3();
    fill(1);
    net.answer_with("UIDL", "-ERR unknown command");
    start();
    STRCMP_CONTAINS("answered UIDL: unknown command", trouble().c_str());
    arrived(0);
}

TEST(Fetcher, a_maildrop_that_is_in_use_is_tried_again_soon) {
    by_pop3();
    fill(1);
    net.answer_with("PASS", "-ERR [IN-USE] somebody else reads it");
    start();
    STRCMP_CONTAINS("somebody else reads it", trouble().c_str());
    net.answer = nullptr;
    look();
    arrived(1);
}

TEST(Fetcher, a_text_that_never_ends_is_broken_off) {
    by_pop3();
    fill(1);
    net.answer_with("UIDL", "+OK\r\n1 " + std::string(5000, 'x'));
    start();
    STRCMP_CONTAINS("is not POP3", trouble().c_str());
}
