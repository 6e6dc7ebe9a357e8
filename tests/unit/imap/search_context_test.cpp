// Results that are kept up to date, in the client's own terms: what it makes of the responses is what it would find.
#include "imap_client.h"

#include <algorithm>
#include <random>
#include <vector>

using namespace postern::test;

TEST_GROUP(ImapSearchContext) {
    ImapOffice office;
    ImapClient client{office};
    ImapClient other{office};

    void setup() override {
        client.log_in();
        other.log_in();
        for (std::string_view const subject : {"delta", "alpha", "charlie"}) add(subject);
        client.say("SELECT INBOX");
        other.say("SELECT INBOX");
    }
    void add(std::string_view subject) {
        client.append("INBOX", std::format("Subject: {}\r\n\r\nbody of {}\r\n", subject, subject));
    }
    // The answer to a command of this tag.
    std::string ask(std::string_view tag, std::string_view command) {
        client.feed(std::format("{} {}\r\n", tag, command));
        return client.answer_of(tag);
    }
};

// RFC 5267 §4.3
TEST(ImapSearchContext, flags_bring_messages_in_and_out) {
    CHECK_ANSWER("* ESEARCH (TAG \"B01\") UID COUNT 0\r\nOK Searched\r\n",
                 ask("B01", "UID SEARCH RETURN (UPDATE COUNT) DELETED KEYWORD $Junk"));
    CHECK_ANSWER("* 2 FETCH (UID 2 FLAGS (\\Deleted \\Recent $Junk))\r\n"
                 "* 3 FETCH (UID 3 FLAGS (\\Deleted \\Recent $Junk))\r\n"
                 "* ESEARCH (TAG \"B01\") UID ADDTO (0 2:3)\r\nOK Stored\r\n",
                 [&] {
                     std::string const answer = client.say("UID STORE 2:3 +FLAGS (\\Deleted $Junk)");
                     return answer.substr(answer.find("* 2 FETCH"));
                 }());
    other.say("STORE 2 FLAGS ($Junk)");
    CHECK_ANSWER("* 2 FETCH (FLAGS (\\Recent $Junk))\r\n* ESEARCH (TAG \"B01\") UID REMOVEFROM (0 2)\r\n"
                 "OK Nothing done\r\n",
                 client.say("NOOP"));
    other.say("STORE 2 +FLAGS.SILENT ($Other)");
    CHECK_FALSE(client.say("NOOP").contains("ESEARCH"));
}

TEST(ImapSearchContext, new_messages_come_in_after_they_exist) {
    ask("c", "SEARCH RETURN (UPDATE) SUBJECT a");
    CHECK_ANSWER("* 4 EXISTS\r\n* 4 RECENT\r\n* ESEARCH (TAG \"c\") ADDTO (0 4)\r\nOK ", [&] {
        std::string const answer = client.append("INBOX", "Subject: bravo\r\n\r\n");
        return answer.substr(answer.find("* 4"), answer.find("[APPEND") - answer.find("* 4"));
    }());
    CHECK_FALSE(client.append("INBOX", "Subject: x\r\n\r\n").contains("ESEARCH"));
}

// §4.3.4: before the numbers go.
TEST(ImapSearchContext, expunged_messages_leave_while_they_have_their_numbers) {
    ask("c", "SEARCH RETURN (UPDATE COUNT) ALL");
    ask("d", "UID SEARCH RETURN (UPDATE COUNT) SUBJECT alpha");
    other.say("STORE 1:2 +FLAGS.SILENT (\\Deleted)");
    other.say("EXPUNGE");
    // A command that counts by numbers is in the way of the expunge alone (appendix A.3).
    std::string answer = client.say("SEARCH SUBJECT charlie");
    CHECK_HAS("* SEARCH 3\r\n* ESEARCH (TAG \"c\") REMOVEFROM (0 1:2)\r\n"
              "* ESEARCH (TAG \"d\") UID REMOVEFROM (0 2)\r\n",
              answer);
    CHECK_FALSE(answer.contains("EXPUNGE"));
    answer = client.say("NOOP");
    CHECK_HAS("* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n", answer);
    CHECK_FALSE(answer.contains("ESEARCH"));
}

TEST(ImapSearchContext, expunges_of_its_own_are_told_likewise) {
    ask("c", "UID SEARCH RETURN (UPDATE) ALL");
    client.say("STORE 2 +FLAGS.SILENT (\\Deleted)");
    CHECK_ANSWER("* ESEARCH (TAG \"c\") UID REMOVEFROM (0 2)\r\n* 2 EXPUNGE\r\nOK Expunged\r\n", client.say("EXPUNGE"));
}

// §4.3.3: sorted they are alpha 2, charlie 3, delta 1.
TEST(ImapSearchContext, sorted_results_tell_their_places) {
    CHECK_ANSWER("* ESEARCH (TAG \"s\") UID ALL 2:3,1\r\nOK Searched\r\n",
                 ask("s", "UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNDELETED"));
    CHECK_HAS("* ESEARCH (TAG \"s\") UID ADDTO (2 4)\r\n", client.append("INBOX", "Subject: bravo\r\n\r\n"));
    CHECK_HAS("* ESEARCH (TAG \"s\") UID REMOVEFROM (1 2 2 3)\r\n",
              client.say("UID STORE 2,3 +FLAGS.SILENT (\\Deleted)"));
    // bravo 4, delta 1
    other.say("STORE 3 -FLAGS.SILENT (\\Deleted)");
    CHECK_HAS("* ESEARCH (TAG \"s\") UID ADDTO (2 3)\r\n", client.say("NOOP"));
    // bravo 4, charlie 3, delta 1
    CHECK_HAS("* ESEARCH (TAG \"s\") UID REMOVEFROM (1 4,3,1)\r\n",
              client.say("UID STORE 1:4 +FLAGS.SILENT (\\Deleted)"));
    CHECK_HAS("* ESEARCH (TAG \"s\") UID ADDTO (1 2,4,3,1)\r\n", client.say("UID STORE 1:4 FLAGS.SILENT ()"));
}

TEST(ImapSearchContext, reversed_orders_put_the_later_of_equals_behind) {
    ask("s", "SORT RETURN (UPDATE COUNT) (REVERSE SUBJECT) UTF-8 ALL"); // 1, 3, 2
    CHECK_HAS("* ESEARCH (TAG \"s\") ADDTO (3 4)\r\n", client.append("INBOX", "Subject: charlie\r\n\r\n"));
}

TEST(ImapSearchContext, is_told_while_the_client_idles) {
    ask("c", "UID SEARCH RETURN (UPDATE) FLAGGED");
    client.feed("i IDLE\r\n");
    CHECK_HAS("+ ", client.read_until("\r\n"));
    other.say("STORE 3 +FLAGS.SILENT (\\Flagged)");
    CHECK_HAS("* ESEARCH (TAG \"c\") UID ADDTO (0 3)\r\n", client.read_until("(0 3)\r\n"));
    client.feed("DONE\r\n");
    CHECK_HAS("OK ", client.answer_of("i"));
}

// RFC 3501 §6.4.4, RFC 5267 §4.3: numbers are those of when the command came; "n:*" of UIDs goes on.
TEST(ImapSearchContext, numbers_keep_their_meaning) {
    ask("c", "UID SEARCH RETURN (UPDATE) 2:*");
    ask("d", "UID SEARCH RETURN (UPDATE) UID 2:*");
    std::string const answer = client.append("INBOX", "Subject: new\r\n\r\n");
    CHECK_HAS("* ESEARCH (TAG \"d\") UID ADDTO (0 4)\r\n", answer);
    CHECK_FALSE(answer.contains("TAG \"c\""));
}

// RFC 9051 §6.4.4: SAVE alone takes away the response.
TEST(ImapSearchContext, an_extended_search_is_answered_also_with_nothing) {
    CHECK_ANSWER("* ESEARCH (TAG \"c\") UID\r\nOK Searched\r\n", ask("c", "UID SEARCH RETURN (UPDATE) ALL"));
    CHECK_ANSWER("* ESEARCH (TAG \"d\")\r\nOK Searched\r\n", ask("d", "SEARCH RETURN (CONTEXT) ALL"));
    CHECK_ANSWER("OK Searched\r\n", ask("e", "SEARCH RETURN (SAVE UPDATE) ALL"));
    CHECK_HAS("* SEARCH 1 2 3", ask("f", "SEARCH $"));
}

// §4.3
TEST(ImapSearchContext, a_tag_stands_for_one_search) {
    ask("c", "SEARCH RETURN (UPDATE) ALL");
    CHECK_ANSWER("BAD Tag reuse\r\n", ask("c", "SORT RETURN (UPDATE) (DATE) UTF-8 FLAGGED"));
    CHECK_HAS("* SEARCH 1", ask("c", "SEARCH ALL"));
}

// §4.3.1
TEST(ImapSearchContext, there_are_only_so_many) {
    for (int i = 0; i < 16; ++i)
        CHECK_ANSWER(std::format("* ESEARCH (TAG \"c{}\")\r\nOK Searched\r\n", i),
                     ask(std::format("c{}", i), "SEARCH RETURN (UPDATE) ALL"));
    CHECK_ANSWER("* ESEARCH (TAG \"B02\") UID COUNT 3\r\n"
                 "* NO [NOUPDATE \"B02\"] Too many searches are kept up to date\r\nOK Searched\r\n",
                 ask("B02", "UID SORT RETURN (UPDATE COUNT) (DATE) UTF-8 ALL"));
    CHECK_ANSWER("OK No further updates\r\n", client.say("CANCELUPDATE \"c3\""));
    CHECK_ANSWER("* ESEARCH (TAG \"B03\") UID\r\nOK Searched\r\n",
                 ask("B03", "UID SORT RETURN (UPDATE) (DATE) UTF-8 ALL"));
}

TEST(ImapSearchContext, takes_from_the_clients_memory) {
    auto const before = office.memory.held();
    ask("c", "SEARCH RETURN (UPDATE) TEXT " + std::string(900, 'x'));
    client.say("NOOP");
    CHECK_TRUE(office.memory.held() > before + 900);
    client.say("CANCELUPDATE \"c\"");
    client.say("NOOP");
    LONGS_EQUAL(before, office.memory.held());
}

// §4.3.5
TEST(ImapSearchContext, ends_when_it_is_cancelled_or_its_mailbox_left) {
    ask("c", "SEARCH RETURN (UPDATE) ALL");
    ask("d", "SEARCH RETURN (UPDATE) ALL");
    CHECK_ANSWER("NO There are no updates to one of them\r\n", client.say("CANCELUPDATE \"c\" \"x\""));
    std::string const answer = client.append("INBOX", "Subject: new\r\n\r\n");
    CHECK_FALSE(answer.contains("TAG \"c\""));
    CHECK_HAS("* ESEARCH (TAG \"d\") ADDTO (0 4)\r\n", answer);
    client.say("SELECT INBOX");
    CHECK_FALSE(client.append("INBOX", "Subject: new\r\n\r\n").contains("ESEARCH"));
    CHECK_ANSWER("NO There are no updates to one of them\r\n", client.say("CANCELUPDATE \"d\""));
}

// Whatever happens, who follows the updates has what a search finds.
TEST(ImapSearchContext, who_follows_has_what_a_search_finds) {
    std::vector<std::string> list; // of UIDs
    auto const numbers = [](std::string_view set) {
        std::vector<std::string> all;
        while (!set.empty()) {
            std::string_view const item = set.substr(0, set.find(','));
            set.remove_prefix(std::min(set.size(), item.size() + 1));
            auto const colon = item.find(':');
            int const from = std::stoi(std::string(item.substr(0, colon)));
            int const to = colon == std::string_view::npos ? from : std::stoi(std::string(item.substr(colon + 1)));
            for (int number = from; number <= to; ++number) all.push_back(std::to_string(number));
        }
        return all;
    };
    auto const move = [&](bool in, std::string_view pairs) {
        while (!pairs.empty()) {
            auto const space = pairs.find(' ');
            auto const place = std::stoi(std::string(pairs.substr(0, space))) - 1;
            pairs.remove_prefix(space + 1);
            std::string_view const set = pairs.substr(0, pairs.find(' '));
            pairs.remove_prefix(std::min(pairs.size(), set.size() + 1));
            std::vector<std::string> const moved = numbers(set);
            auto const here = list.begin() + place;
            if (in) {
                list.insert(here, moved.begin(), moved.end());
            } else {
                CHECK_TRUE(std::equal(moved.begin(), moved.end(), here));
                list.erase(here, here + static_cast<std::ptrdiff_t>(moved.size()));
            }
        }
    };
    auto const follow = [&](std::string_view said) {
        for (std::size_t at = 0; (at = said.find(" (", at)) != std::string_view::npos; ++at) {
            std::string_view const name = said.substr(0, at), pairs = said.substr(at + 2, said.find(')', at) - at - 2);
            if (name.ends_with("REMOVEFROM") || name.ends_with("ADDTO")) move(name.ends_with("ADDTO"), pairs);
        }
    };
    auto const found = [&] {
        std::string const answer = client.say("UID SORT (SUBJECT REVERSE ARRIVAL) UTF-8 UNSEEN SUBJECT e");
        follow(answer.substr(answer.find("\r\n"))); // what is told at its end
        std::vector<std::string> all;
        std::string_view rest = std::string_view(answer).substr(6, answer.find('\r') - 6);
        while (rest.starts_with(' ')) {
            rest.remove_prefix(1);
            all.emplace_back(rest.substr(0, rest.find(' ')));
            rest.remove_prefix(all.back().size());
        }
        return all;
    };
    ask("s", "UID SORT RETURN (UPDATE) (SUBJECT REVERSE ARRIVAL) UTF-8 UNSEEN SUBJECT e");
    list = {"3", "1"};
    std::mt19937 random{20260105};
    for (int step = 0; step < 120; ++step) {
        ImapClient& who = random() % 2 == 0 ? client : other;
        auto const uid = 1 + random() % 40;
        std::string said;
        switch (random() % 5) {
        case 0:
        case 1:
            said = who.append("INBOX", std::format("Subject: {}{}\r\n\r\n", std::string(1 + random() % 2, 'e'),
                                                   static_cast<char>('a' + random() % 6)));
            break;
        case 2: said = who.say(std::format("UID STORE {}:{} +FLAGS.SILENT (\\Seen)", uid, uid + random() % 6)); break;
        case 3: said = who.say(std::format("UID STORE {}:{} -FLAGS.SILENT (\\Seen)", uid, uid + random() % 6)); break;
        default:
            said = who.say(std::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", uid));
            if (&who == &client) follow(said);
            said = who.say("EXPUNGE");
        }
        if (&who == &client) follow(said);
        follow(client.say("NOOP"));
        CHECK_TRUE(list == found());
    }
}

// RFC 5465 §7: more than may be held of one response is refused, as in FETCH; several searches together may want it.
TEST(ImapSearchContext, tells_no_more_of_a_new_message_than_there_is_room_for) {
    auto const items = [](int from, int to) {
        std::string text;
        for (int i = from; i < to; ++i) text += std::format("{}BODY.PEEK[{}]", i == from ? "" : " ", i);
        return text;
    };
    CHECK_HAS("* NO [NOUPDATE \"a\"] ", ask("a", std::format("SEARCH RETURN (UPDATE ({})) ALL", items(1, 102))));
    ask("b", std::format("SEARCH RETURN (UPDATE ({})) ALL", items(1, 80)));
    ask("c", "SEARCH RETURN (UPDATE (FLAGS)) ALL");
    ask("d", std::format("SEARCH RETURN (UPDATE ({})) ALL", items(80, 160)));
    other.append("INBOX", "a: b\r\n\r\n");
    std::string const answer = client.say("NOOP");
    CHECK_HAS(" BODY[79] NIL FLAGS ())\r\n* 4 FETCH (BODY[80] NIL ", answer);
    CHECK_HAS(" BODY[159] NIL)\r\n* ESEARCH (TAG \"b\") ADDTO (0 4)\r\n", answer);
}
