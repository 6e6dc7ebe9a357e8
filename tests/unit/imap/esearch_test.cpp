#include "imap_client.h"
#include "store/acl.h"
#include "store/mailboxes.h"

using namespace postern;
using namespace postern::test;

// RFC 7377
TEST_GROUP(ImapEsearch) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override {
        client.log_in();
        for (std::string_view const name : {"folder2", "folder2/banana", "folder2/banana/peel", "folder1"})
            client.say(std::format("CREATE {}", name));
        add("INBOX", "chad");
        add("folder1", "none");
        add("folder1", "chad");
        add("folder2/banana", "chad");
        add("folder2/banana/peel", "chad");
    }
    void add(std::string_view mailbox, std::string_view subject) {
        client.append(mailbox, std::format("Subject: {}\r\n\r\n", subject));
    }
    // Where what was found, without UIDVALIDITY.
    std::string finds(std::string_view command) {
        std::string answer = client.say(std::format("ESEARCH {}", command));
        std::string found;
        for (std::size_t at = 0; (at = answer.find(" MAILBOX ", at)) != std::string::npos; ++at) {
            std::size_t const name = at + 9;
            std::size_t const item = answer.find(") ", at) + 2;
            found += answer.substr(name, answer.find(" UIDVALIDITY ", name) - name) + ' ' +
                     answer.substr(item, answer.find("\r\n", item) - item) + '\n';
        }
        CHECK_HAS("OK Searched\r\n", answer);
        return found;
    }
};

TEST(ImapEsearch, correlates_each_response) {
    std::string const status = client.say("STATUS folder1 (UIDVALIDITY)");
    auto const at = status.find("(UIDVALIDITY ") + 13;
    std::string const validity = status.substr(at, status.find(')', at) - at);
    client.feed("tag1 ESEARCH IN (mailboxes \"folder1\") subject \"chad\"\r\n");
    CHECK_ANSWER(
        std::format("* ESEARCH (TAG \"tag1\" MAILBOX folder1 UIDVALIDITY {}) UID ALL 2\r\nOK Searched\r\n", validity),
        client.answer_of("tag1"));
}

// §2.2, RFC 5465 §6
TEST(ImapEsearch, chooses_mailboxes) {
    CHECK_ANSWER("folder2/banana UID ALL 1\nfolder2/banana/peel UID ALL 1\n", finds("IN (subtree folder2) ALL"));
    CHECK_ANSWER("folder2/banana UID ALL 1\n", finds("IN (subtree-one folder2) ALL"));
    CHECK_ANSWER("folder1 UID ALL 1:2\nfolder2/banana UID ALL 1\n",
                 finds("IN (mailboxes folder1 subtree-one (folder2)) ALL"));
    CHECK_ANSWER("INBOX UID ALL 1\n", finds("IN (inboxes) ALL"));
    CHECK_ANSWER("INBOX UID ALL 1\nfolder1 UID ALL 2\nfolder2/banana UID ALL 1\nfolder2/banana/peel UID ALL 1\n",
                 finds("IN (personal) SUBJECT chad"));
    client.say("UNSUBSCRIBE INBOX");
    CHECK_ANSWER("", finds("IN (subscribed) ALL"));
    client.say("SUBSCRIBE folder1");
    client.say("SUBSCRIBE nothing");
    CHECK_ANSWER("folder1 UID ALL 1:2\n", finds("IN (subscribed) ALL"));
    CHECK_ANSWER("INBOX UID ALL 1\nfolder1 UID ALL 1:2\n", finds("IN (subtree-one \"\") ALL"));
    CHECK_ANSWER("INBOX UID ALL 1\n", finds("IN (mailboxes (inbox nothing \"*\")) ALL"));
    // Named twice, searched once.
    CHECK_ANSWER("folder1 UID ALL 1:2\n", finds("IN (mailboxes folder1 subtree folder1 subscribed) ALL"));
}

// §2.2, RFC 4314 §4: what others share is searched under the name that the client knows it by, where it may be read.
TEST(ImapEsearch, searches_what_others_share) {
    ImapClient bob{office};
    bob.log_in("bob");
    auto const finds = [&](std::string_view sources) {
        std::string const answer = bob.say(std::format("ESEARCH IN ({}) SUBJECT chad", sources));
        CHECK_HAS("OK Searched\r\n", answer);
        return static_cast<int>(answer.contains("MAILBOX \"Other Users/alice/folder1\" ")) +
               2 * static_cast<int>(answer.contains("MAILBOX \"Other Users/alice/folder2/banana\" "));
    };
    client.say("SETACL folder1 bob lr");
    client.say("SETACL folder2/banana bob l"); // to be looked up, not read
    CHECK_EQUAL(1, finds("mailboxes \"Other Users/alice/folder1\""));
    CHECK_EQUAL(1, finds("subtree \"Other Users/alice\""));
    CHECK_EQUAL(1, finds("subtree \"\""));
    CHECK_EQUAL(0, finds("personal"));
    CHECK_EQUAL(0, finds("subscribed"));
    bob.say("SUBSCRIBE \"Other Users/alice/folder1\"");
    CHECK_EQUAL(1, finds("subscribed"));
    client.say("SETACL folder2/banana bob +r");
    CHECK_EQUAL(3, finds("subtree \"Other Users/\""));
    client.say("DELETEACL folder1 bob");
    CHECK_EQUAL(2, finds("subtree \"Other Users\""));
}

// RFC 4314 §4: the right is asked of each mailbox when its turn comes.
TEST(ImapEsearch, stops_where_a_right_was_taken_away_meanwhile) {
    constexpr int many = 8;
    std::string const filler(700'000, 'y');
    for (int i = 0; i < many; ++i) {
        client.say(std::format("CREATE many/{}", i));
        client.append(std::format("many/{}", i), std::format("Subject: n\r\n\r\n{} qx\r\n", filler));
    }
    ImapClient bob(office);
    bob.log_in("bob");
    auto const grant = [&](core::Rights rights) {
        auto const granted = office.store().write_here([&](store::WriteTransaction& t) -> store::Result<void> {
            for (int i = 0; i < many; ++i) {
                auto const mailbox = store::find_mailbox(t, office.alice, std::format("many/{}", i)).value();
                if (auto set = store::set_acl_entry(t, mailbox.id, {office.bob, rights, {}}); !set) return set;
            }
            return {};
        });
        CHECK(granted.has_value());
    };
    // How many are told of where the right goes after so many of the session's steps, each with what it has read.
    auto const finds = [&](int steps) {
        grant(core::Right::lookup | core::Right::read);
        bob.feed("a ESEARCH IN (subtree \"Other Users\") BODY qx\r\n");
        for (int i = 0; i < steps; ++i) {
            office.io.restart();
            office.io.poll_one();
            office.drain_readers();
        }
        grant(core::Right::lookup);
        std::string const answer = bob.answer_of("a");
        CHECK_HAS("OK Searched\r\n", answer);
        int found = 0;
        for (int i = 0; i < many; ++i)
            found += static_cast<int>(answer.contains(std::format("\"Other Users/alice/many/{}\" ", i)));
        return found;
    };
    CHECK_EQUAL(0, finds(0));
    int in_the_middle = 0, steps = 0;
    for (int found = 0; found < many; ++steps) {
        CHECK(steps < 1000);
        found = finds(steps);
        in_the_middle += static_cast<int>(found > 0 && found < many);
    }
    CHECK(in_the_middle > 0);
}

TEST(ImapEsearch, searches_what_is_selected) {
    client.say("SELECT folder1");
    CHECK_ANSWER("folder1 UID ALL 2\n", finds("SUBJECT chad"));
    CHECK_ANSWER("folder1 UID COUNT 2\n", finds("IN (selected) RETURN (COUNT) ALL"));
    CHECK_ANSWER("folder1 UID ALL 2\nINBOX UID ALL 1\n", finds("IN (selected inboxes) SUBJECT chad"));
    CHECK_ANSWER("folder1 UID ALL 2\nINBOX UID ALL 1\n", finds("IN (mailboxes (INBOX folder1)) SUBJECT chad"));
    CHECK_HAS("2 EXISTS", client.say("EXAMINE folder1"));
}

// §2.1
TEST(ImapEsearch, says_nothing_of_a_mailbox_where_nothing_is) {
    CHECK_ANSWER("folder1 UID COUNT 1\n", finds("IN (personal) RETURN (COUNT) SUBJECT none"));
    client.say("SELECT folder1");
    CHECK_ANSWER("", finds("RETURN (MIN MAX COUNT) SUBJECT nothing"));
}

TEST(ImapEsearch, numbers_are_those_of_each_mailbox) {
    CHECK_ANSWER("folder1 UID ALL 2\n", finds("IN (personal) 2"));
    CHECK_ANSWER("folder1 UID ALL 1:2\n", finds("IN (mailboxes folder1) 1:100"));
    CHECK_ANSWER("folder1 UID ALL 2\nfolder2/banana UID ALL 1\n", finds("IN (mailboxes (folder1 folder2/banana)) *"));
    CHECK_ANSWER("folder1 UID PARTIAL (2:2 2)\nfolder2/banana UID PARTIAL (2:2 NIL)\n",
                 finds("IN (mailboxes (folder1 folder2/banana)) RETURN (PARTIAL 2:2) ALL"));
}

TEST(ImapEsearch, tells_mod_sequences_if_asked_about_them) {
    CHECK_HAS(" MODSEQ ", finds("IN (mailboxes folder1) MODSEQ 1"));
    client.say("SELECT folder1");
    CHECK_HAS("MODSEQ (", client.say("STORE 1 +FLAGS (\\Seen)")); // which enabled CONDSTORE
}

// §2.2
TEST(ImapEsearch, refuses_what_makes_no_sense) {
    CHECK_HAS("BAD Select a mailbox first", client.say("ESEARCH ALL"));
    CHECK_HAS("BAD Select a mailbox first", client.say("ESEARCH IN (personal selected) ALL"));
    CHECK_HAS("BAD Updates are of the selected", client.say("ESEARCH IN (personal) RETURN (UPDATE) ALL"));
    CHECK_HAS("BAD Only what is found in the selected", client.say("ESEARCH IN (personal) RETURN (SAVE) ALL"));
    client.say("SELECT folder1");
    CHECK_HAS("BAD Only what is found in the selected", client.say("ESEARCH IN (selected inboxes) RETURN (SAVE) ALL"));
    CHECK_HAS("BAD ", client.say("ESEARCH IN (selected-delayed) ALL"));
    CHECK_HAS("BAD ", client.say("ESEARCH IN (personal (scope)) ALL"));
    CHECK_HAS("NO [BADCHARSET", client.say("ESEARCH IN (personal) CHARSET klingon TEXT x"));
    CHECK_HAS("NO [BADCHARSET", client.say("ESEARCH CHARSET klingon TEXT x"));
}

TEST(ImapEsearch, saves_and_updates_what_is_selected) {
    client.say("SELECT folder1");
    CHECK_ANSWER("OK Searched\r\n", client.say("ESEARCH RETURN (SAVE) SUBJECT chad"));
    CHECK_HAS("* SEARCH 2\r\n", client.say("SEARCH $"));
    CHECK_HAS("* NO [NOUPDATE ", client.say("ESEARCH IN (inboxes) RETURN (UPDATE) ALL"));
    client.feed("u ESEARCH IN (personal) RETURN (UPDATE COUNT) SUBJECT chad\r\n");
    CHECK_HAS(" UID COUNT 1\r\n", client.answer_of("u"));
    std::string const answer = client.append("folder1", "Subject: chad\r\n\r\n");
    CHECK_HAS("* ESEARCH (TAG \"u\" MAILBOX folder1 UIDVALIDITY ", answer);
    CHECK_HAS(") UID ADDTO (0 3)\r\n", answer);
    CHECK_FALSE(client.append("INBOX", "Subject: chad\r\n\r\n").contains("ESEARCH"));
}

TEST(ImapEsearch, spells_names_as_the_client_reads_them) {
    client.say("CREATE {9+}\r\nGr\xC3\xBC\xC3\x9F"
               "e/x");
    add("Gr&APwA3w-e/x", "chad");
    CHECK_ANSWER("Gr&APwA3w-e/x UID ALL 1\n", finds("IN (subtree Gr&APwA3w-e) ALL"));
    client.say("ENABLE UTF8=ACCEPT");
    CHECK_ANSWER("\"Gr\xC3\xBC\xC3\x9F"
                 "e/x\" UID ALL 1\n",
                 finds("IN (subtree \"Gr\xC3\xBC\xC3\x9F"
                       "e\") ALL"));
    CHECK_HAS("BAD ", client.say("ESEARCH IN (personal) CHARSET UTF-8 ALL"));
}

TEST(ImapEsearch, goes_through_more_than_a_slice) {
    std::string const filler(700'000, 'y');
    for (int i = 0; i < 8; ++i) {
        client.say(std::format("CREATE many/{}", i));
        client.append(std::format("many/{}", i),
                      std::format("Subject: n\r\n\r\n{} {}\r\n", filler, i % 3 == 0 ? "qx" : ""));
    }
    CHECK_ANSWER("many/0 UID ALL 1\nmany/3 UID ALL 1\nmany/6 UID ALL 1\n", finds("IN (subtree many) BODY qx"));
    client.feed("a ESEARCH IN (subtree many) BODY qx\r\n");
    client.stream().feed_end();
    CHECK_FALSE(client.read_to_end().contains("OK Searched"));
}
