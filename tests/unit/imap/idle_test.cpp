#include "core/log.h"
#include "imap_client.h"
#include "store/mailboxes.h"
#include "store/rows.h"
#include "store/schema.h"

#include <limits>

using namespace postern;
using namespace postern::test;

TEST_GROUP(ImapIdle) {
    ImapOffice office;
    ImapClient client{office};
    ImapClient other{office};

    void setup() override {
        client.log_in();
        other.log_in();
    }
    void idle() {
        client.feed("i IDLE\r\n");
        CHECK_HAS("+ ", client.read_until("\r\n"));
    }
};

TEST(ImapIdle, announces_what_others_do_as_it_happens) {
    client.say("SELECT INBOX");
    idle();
    other.append("INBOX", "a: b\r\n\r\n");
    CHECK_ANSWER("* 1 EXISTS\r\n* 1 RECENT\r\n", client.read_until("RECENT\r\n"));
    other.say("SELECT INBOX");
    other.say("STORE 1 +FLAGS (\\Seen)");
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Seen \\Recent))\r\n", client.read_until("\r\n"));
    other.say("STORE 1 +FLAGS (\\Deleted)");
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Deleted \\Seen \\Recent))\r\n", client.read_until("\r\n"));
    other.say("EXPUNGE");
    CHECK_ANSWER("* 1 EXPUNGE\r\n", client.read_until("\r\n"));
    client.feed("done\r\n");
    CHECK_ANSWER("OK No longer idle\r\n", client.answer_of("i"));
}

TEST(ImapIdle, tells_at_once_what_was_not_told_yet) {
    client.say("SELECT INBOX");
    other.append("INBOX", "a: b\r\n\r\n");
    idle();
    CHECK_ANSWER("* 1 EXISTS\r\n* 1 RECENT\r\n", client.read_until("RECENT\r\n"));
    client.feed("DONE\r\n");
    CHECK_ANSWER("OK No longer idle\r\n", client.answer_of("i"));
}

TEST(ImapIdle, works_without_a_mailbox_and_with_done_sent_ahead) {
    idle();
    client.feed("DONE\r\n");
    CHECK_ANSWER("OK No longer idle\r\n", client.answer_of("i"));
    client.feed("j IDLE\r\nDONE\r\nk NOOP\r\n");
    CHECK_HAS("OK No longer idle\r\n", client.answer_of("j"));
    CHECK_ANSWER("OK Nothing done\r\n", client.answer_of("k"));
}

TEST(ImapIdle, ends_with_anything_but_done_as_a_bad_command) {
    idle();
    client.feed("a NOOP\r\n");
    CHECK_ANSWER("BAD DONE ends IDLE\r\n", client.answer_of("i"));
    CHECK_HAS("OK ", client.say("NOOP"));
}

// Others' changes are not told then, and asking for them again and again would not help.
TEST(ImapIdle, sleeps_while_the_mailbox_cannot_be_read) {
    client.say("SELECT INBOX");
    idle();
    core::set_log_level(static_cast<core::Level>(0)); // the store complains, rightly
    auto const damaged = office.store().write_here([&](store::WriteTransaction& t) -> store::Result<void> {
        auto const inbox = store::find_mailbox(t, office.alice, "INBOX").value();
        store::put(t, store::Table::mailbox, store::mailbox_key(inbox.id), "x");
        t.pending().touched[inbox.id] = {inbox.uid_validity, store::ModSeq{std::numeric_limits<std::uint64_t>::max()}};
        return {};
    });
    CHECK(damaged.has_value());
    // It hears of the change, and looks.
    for (int i = 0; i < 5; ++i) {
        office.io.restart();
        office.io.poll();
        office.drain_readers();
    }
    office.io.restart();
    LONGS_EQUAL(0, office.io.poll());
    client.feed("DONE\r\n");
    CHECK_ANSWER("OK No longer idle\r\n", client.answer_of("i"));
    core::set_log_level(core::Level::info);
}

TEST(ImapIdle, says_goodbye_when_the_server_stops) {
    client.say("SELECT INBOX");
    idle();
    office.stop.raise();
    CHECK_ANSWER("* BYE The server is stopping\r\n", client.read_to_end());
}
