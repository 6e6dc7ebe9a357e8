// Rights that change while somebody uses them (RFC 4314 §5.1.1). What each command needs is in the transcripts.
#include "imap_client.h"
#include "store/acl.h"
#include "store/mailboxes.h"

#include <chrono>
#include <functional>
#include <semaphore>

using namespace postern;
using namespace postern::test;
using core::Right;

namespace {

constexpr std::chrono::milliseconds quiet{50}; // after which a session is taken to wait for the writer

} // namespace

TEST_GROUP(ImapAcl) {
    ImapOffice office;
    ImapClient alice{office};
    ImapClient bob{office};

    void setup() override {
        alice.log_in();
        bob.log_in("bob");
        alice.say("CREATE Box");
        alice.append("Box", "Subject: 1\r\n\r\n", "(\\Deleted) ");
        alice.say("SETACL Box bob lrswite");
        bob.say("SELECT \"Other Users/alice/Box\"");
    }

    // What bob is answered where alice takes every right away after his command was begun, and before its change is
    // made. (Were it begun later, the answer would be the same.)
    std::string overtaken(std::string_view command) {
        std::binary_semaphore entered{0}, go{0}, done{0};
        office.store().write(
            [&](store::WriteTransaction& transaction) -> store::Result<void> {
                entered.release();
                go.acquire();
                auto const box = store::find_mailbox(transaction, office.alice, "Box").value().id;
                return store::set_acl_entry(transaction, box, {office.bob, Right::lookup | Right::read, {}});
            },
            [&](store::Result<void>) { done.release(); });
        entered.acquire();
        bob.feed(std::format("race {}\r\n", command));
        while (office.io.run_one_for(quiet) > 0) {
        }
        go.release();
        done.acquire();
        return bob.answer_of("race");
    }
};

TEST(ImapAcl, no_change_is_made_by_a_right_that_was_taken_away_before_it) {
    for (std::string_view const command : {"STORE 1 +FLAGS (\\Flagged)", "EXPUNGE", "MOVE 1 INBOX"}) {
        CHECK_HAS("NO [NOPERM] ", overtaken(command));
        alice.say("SETACL Box bob lrswite");
    }
    CHECK_HAS("NO [NOPERM] ", overtaken("COPY 1 \"Other Users/alice/Box\""));
    alice.say("SETACL Box bob lrswite");
    CHECK_HAS("OK Closed", overtaken("CLOSE"));
    CHECK_HAS("* STATUS Box (MESSAGES 1 DELETED 1)", alice.say("STATUS Box (MESSAGES DELETED)"));
}

TEST(ImapAcl, reading_a_message_marks_it_for_all_and_only_for_who_may) {
    bob.say("FETCH 1 BODY[]");
    CHECK_HAS("UNSEEN 0", alice.say("STATUS Box (UNSEEN)"));
    alice.append("Box", "Subject: 2\r\n\r\n");
    bob.say("NOOP");
    alice.say("SETACL Box bob -s");
    CHECK_HAS("* 2 FETCH (BODY[] ", bob.say("FETCH 2 BODY[]"));
    CHECK_HAS("UNSEEN 1", alice.say("STATUS Box (UNSEEN)"));
}

TEST(ImapAcl, what_is_put_into_a_mailbox_counts_for_its_owner) {
    office.set("account.quota", "1K").value();
    ImapClient other{office};
    other.log_in("bob");
    std::string const message = "Subject: 1\r\n\r\n" + std::string(600, 'x');
    CHECK_HAS("OK [APPENDUID ", other.append("\"Other Users/alice/Box\"", message));
    CHECK_HAS("NO [OVERQUOTA] ", other.append("\"Other Users/alice/Box\"", message));
    CHECK_HAS("OK [APPENDUID ", other.append("INBOX", message));
}

TEST(ImapAcl, an_examined_mailbox_stays_as_it_is_whatever_the_rights_are) {
    CHECK_HAS("OK [READ-ONLY] Examined", bob.say("EXAMINE \"Other Users/alice/Box\""));
    CHECK_HAS("NO The mailbox was opened by EXAMINE", bob.say("STORE 1 +FLAGS (\\Seen)"));
    alice.say("SETACL Box bob lr");
    CHECK_ANSWER("OK Nothing done\r\n", bob.say("NOOP"));
}
