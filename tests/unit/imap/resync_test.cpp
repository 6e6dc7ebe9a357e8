#include "imap/resync.h"
#include "imap_client.h"

using namespace postern;
using namespace postern::test;
using core::UidSet;
using imap::SequenceNumbers;

namespace {

UidSet ranges(std::initializer_list<UidSet::Range> list) {
    UidSet set;
    for (auto const& [first, last] : list) set.add_range(first, last);
    return set;
}

// Every third message is left (the example of RFC 7162 §3.2.5.2).
SequenceNumbers thirds() {
    UidSet uids;
    for (std::uint32_t uid = 3; uid <= 30'000; uid += 3) uids.add_range(uid, uid);
    return SequenceNumbers(uids);
}

std::uint32_t known(SequenceNumbers const& numbers, UidSet counted, UidSet named) {
    wire::imap::Resync resync;
    resync.numbers = std::move(counted);
    resync.uids = std::move(named);
    return core::number(known_up_to(numbers, resync));
}

} // namespace

TEST_GROUP(ImapResync) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override { client.log_in(); }
    std::string modseq() {
        std::string const answer = client.say("STATUS INBOX (HIGHESTMODSEQ)");
        auto const begin = answer.find("SEQ ") + 4;
        return answer.substr(begin, answer.find(')') - begin);
    }
    std::string select(std::string const& since) {
        return client.say("SELECT INBOX (QRESYNC (" + std::to_string(uid_validity()) + ' ' + since + "))");
    }
    std::uint32_t uid_validity() {
        std::string const answer = client.say("STATUS INBOX (UIDVALIDITY)");
        return static_cast<std::uint32_t>(std::stoul(answer.substr(answer.find("ITY ") + 4)));
    }
};

TEST(ImapResync, the_last_number_that_still_has_its_uid_says_what_is_known) {
    LONGS_EQUAL(15, known(thirds(), ranges({{5, 5}}), ranges({{15, 15}})));
    LONGS_EQUAL(0, known(thirds(), ranges({{5, 5}}), ranges({{16, 16}})));
    LONGS_EQUAL(27, known(thirds(), ranges({{5, 5}, {9, 9}, {12, 12}}), ranges({{15, 15}, {27, 27}, {37, 37}})));
    LONGS_EQUAL(0, known(thirds(), ranges({{20'000, 20'000}}), ranges({{60'000, 60'000}})));
    LONGS_EQUAL(0, known(SequenceNumbers(), ranges({{1, 9}}), ranges({{1, 9}})));
    LONGS_EQUAL(0, known(thirds(), {}, {}));
}

TEST(ImapResync, a_range_is_known_up_to_where_something_was_expunged_in_it) {
    SequenceNumbers const numbers(ranges({{1, 10}, {12, 20}}));
    LONGS_EQUAL(10, known(numbers, ranges({{1, 19}}), ranges({{1, 19}})));
    LONGS_EQUAL(7, known(numbers, ranges({{3, 7}}), ranges({{3, 7}})));
    LONGS_EQUAL(20, known(numbers, ranges({{1, 10}, {19, 19}}), ranges({{1, 10}, {20, 20}})));
    LONGS_EQUAL(13, known(numbers, ranges({{11, 14}}), ranges({{12, 13}, {15, 16}})));
    LONGS_EQUAL(20, known(numbers, ranges({{4, 4294967294}}), ranges({{4, 4}, {6, 4294967295}})));
}

TEST(ImapResync, past_what_the_mailbox_remembers_all_that_is_gone_is_told) {
    for (int i = 0; i < 3; ++i) client.append("INBOX", "a: b\r\n\r\n");
    std::string const then = modseq();
    client.say("SELECT INBOX");
    client.say("STORE 1 +FLAGS.SILENT (\\Deleted)");
    client.say("EXPUNGE");
    for (unsigned i = 0; i < store::max_change_rows; ++i)
        client.say(i % 2 == 0 ? "STORE 2 +FLAGS.SILENT (\\Seen)" : "STORE 2 -FLAGS.SILENT (\\Seen)");
    client.say("ENABLE QRESYNC");
    std::string const answer = select(then);
    CHECK_HAS("* VANISHED (EARLIER) 1\r\n* 2 FETCH (UID 3 ", answer);
    CHECK(!answer.contains("* 1 FETCH"));
}

TEST(ImapResync, a_message_that_came_and_went_is_told_to_a_client_that_may_have_met_it) {
    client.append("INBOX", "a: b\r\n\r\n");
    std::string const then = modseq();
    client.append("INBOX", "a: b\r\n\r\n", "(\\Deleted) ");
    client.say("ENABLE QRESYNC");
    client.say("SELECT INBOX");
    client.say("EXPUNGE");
    CHECK_HAS("* VANISHED (EARLIER) 2\r\n", select(then + " 1:2"));
}

TEST(ImapResync, what_is_withheld_is_no_earlier_expunge) {
    for (int i = 0; i < 3; ++i) client.append("INBOX", "a: b\r\n\r\n", "(\\Deleted) ");
    std::string const then = modseq();
    client.say("ENABLE QRESYNC");
    client.say("SELECT INBOX");
    ImapClient other(office);
    other.log_in();
    other.say("SELECT INBOX");
    other.say("UID EXPUNGE 2");
    // The message has a number here still: only the response that takes it away may name it.
    std::string const answer = client.say("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + then + " VANISHED)");
    CHECK_HAS("* VANISHED 2\r\n", answer);
    CHECK(!answer.contains("EARLIER"));
    CHECK_HAS("* VANISHED (EARLIER) 2\r\n", client.say("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + then + " VANISHED)"));
}
