// A command that takes long: its client is told so, and nobody works for one that is gone.
#include "imap_client.h"

#include <latch>
#include <memory>
#include <system_error>

using namespace postern;
using namespace postern::test;

namespace {

// Holds up whoever works on the store, until it is let go.
class Obstacle {
public:
    ~Obstacle() { let_go(); }
    void stand_in_the_way_of_readers(store::Store& store) {
        for (int thread = 0; thread < 2; ++thread) store.run_on_pool([gone = gone_] { gone->wait(); });
    }
    void stand_in_the_way_of_the_writer(store::Store& store) {
        store.write(
            [gone = gone_](store::WriteTransaction&) -> store::Result<void> {
                gone->wait();
                return {};
            },
            [](store::Result<void>) {});
    }
    void let_go() {
        if (!gone_->try_wait()) gone_->count_down();
    }

private:
    std::shared_ptr<std::latch> gone_ = std::make_shared<std::latch>(1);
};

} // namespace

TEST_GROUP(ImapLongWork) {
    ImapOffice office;
    ImapClient client{office};
    Obstacle obstacle;

    void setup() override {
        client.log_in();
        client.say("CREATE Other");
        // Too short a string for signatures: some slices of reading.
        for (int i = 0; i < 9; ++i)
            client.append("INBOX", "Subject: n\r\n\r\n" + std::string(900'000, 'y') + " qx\r\n");
        client.say("SELECT INBOX");
    }
    // A command that is under way, and goes no further.
    void begin_among_readers(std::string_view command) {
        obstacle.stand_in_the_way_of_readers(office.store());
        client.feed(std::format("a {}\r\n", command));
        office.io.restart();
        office.io.poll();
    }
};

TEST(ImapLongWork, ends_when_its_client_closes) {
    for (std::string_view const command :
         {"SEARCH BODY qx", "UID SORT (SUBJECT) UTF-8 BODY qx", "THREAD REFS UTF-8 BODY qx"}) {
        ImapClient other(office);
        other.log_in();
        other.say("SELECT INBOX");
        other.feed(std::format("a {}\r\n", command));
        other.stream().feed_end();
        CHECK_ANSWER("", other.read_to_end());
    }
}

TEST(ImapLongWork, ends_when_its_connection_breaks) {
    begin_among_readers("SEARCH BODY qx");
    client.stream().fail(std::make_error_code(std::errc::connection_reset));
    obstacle.let_go();
    CHECK_ANSWER("", client.read_to_end());
}

TEST(ImapLongWork, ends_when_the_daemon_stops) {
    begin_among_readers("SEARCH BODY qx");
    office.stop.raise();
    obstacle.let_go();
    CHECK_ANSWER("* BYE The server is stopping\r\n", client.read_to_end());
}

TEST(ImapLongWork, short_work_is_answered_to_a_client_that_has_said_all) {
    client.feed("a SEARCH SUBJECT n\r\nb NOOP\r\n");
    client.stream().feed_end();
    CHECK_ANSWER("* SEARCH 1 2 3 4 5 6 7 8 9\r\na OK Searched\r\nb OK Nothing done\r\n", client.read_to_end());
}

// RFC 9585 §4
TEST(ImapLongWork, is_told_to_be_under_way) {
    begin_among_readers("SEARCH BODY qx");
    office.clock.advance(std::chrono::seconds{10});
    obstacle.let_go();
    std::string const answer = client.answer_of("a");
    CHECK_HAS("* OK [INPROGRESS (\"a\" ", answer);
    CHECK_HAS(" 9)] Still at it\r\n* SEARCH 1 2 3 4 5 6 7 8 9\r\nOK Searched\r\n", answer);
}

TEST(ImapLongWork, is_told_to_be_under_way_no_sooner_and_once_an_interval) {
    begin_among_readers("SEARCH BODY qx");
    office.clock.advance(std::chrono::seconds{9});
    obstacle.let_go();
    CHECK_ANSWER("* SEARCH 1 2 3 4 5 6 7 8 9\r\nOK Searched\r\n", client.answer_of("a"));
}

TEST(ImapLongWork, a_tag_that_would_end_the_code_is_not_told) {
    obstacle.stand_in_the_way_of_readers(office.store());
    client.feed("a]b SEARCH BODY qx\r\n");
    office.io.restart();
    office.io.poll();
    office.clock.advance(std::chrono::minutes{1});
    obstacle.let_go();
    CHECK_HAS("* OK [INPROGRESS (NIL ", client.answer_of("a]b"));
}

TEST(ImapLongWork, whom_the_code_is_masked_for_is_told_without_it) {
    office.set("imap.masks", "account alice: INPROGRESS (to see)").value();
    ImapClient other(office);
    other.log_in();
    other.say("SELECT INBOX");
    obstacle.stand_in_the_way_of_the_writer(office.store());
    other.feed("a COPY 1 Other\r\n");
    office.io.restart();
    office.io.poll();
    office.clock.advance(std::chrono::minutes{1});
    CHECK_ANSWER("* OK Still at it\r\n", other.read_until("\r\n"));
    obstacle.let_go();
    CHECK_HAS("OK ", other.answer_of("a"));
}

// A change is waited for, and what the client said meanwhile is done afterwards.
TEST(ImapLongWork, copying_is_told_to_be_under_way) {
    office.set("imap.progress_interval", "1s").value();
    ImapClient other(office);
    other.log_in();
    other.say("SELECT INBOX");
    for (std::string_view const command : {"COPY 1 Other", "MOVE 1 Other", "EXPUNGE"}) {
        Obstacle before;
        before.stand_in_the_way_of_the_writer(office.store());
        other.feed(std::format("a {}\r\nb NOOP\r\n", command));
        office.io.restart();
        office.io.poll();
        office.clock.advance(std::chrono::seconds{1});
        CHECK_ANSWER("* OK [INPROGRESS (\"a\" NIL NIL)] Still at it\r\n", other.read_until("\r\n"));
        before.let_go();
        CHECK_HAS("OK ", other.answer_of("a"));
        CHECK_HAS("OK ", other.answer_of("b"));
    }
}

TEST(ImapLongWork, a_copy_is_made_though_its_client_is_gone) {
    obstacle.stand_in_the_way_of_the_writer(office.store());
    client.feed("a COPY 1:9 Other\r\n");
    client.stream().feed_end();
    office.io.restart();
    office.io.poll();
    obstacle.let_go();
    (void)client.read_to_end();
    ImapClient other(office);
    other.log_in();
    CHECK_HAS("(MESSAGES 9)", other.say("STATUS Other (MESSAGES)"));
}
