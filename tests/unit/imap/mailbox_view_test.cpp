#include "imap/mailbox_view.h"

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern;
using core::ModSeq;
using core::Uid;
using core::UidSet;
using imap::MailboxView;

namespace {

UidSet range(std::uint32_t first, std::uint32_t last) {
    UidSet set;
    set.add_range(first, last);
    return set;
}

std::string expunges(MailboxView& view) {
    std::string out;
    view.announce_expunges(out, false);
    return out;
}

std::string arrivals(MailboxView& view) {
    std::string out;
    view.announce_arrivals(out, true);
    return out;
}

} // namespace

// Five messages, UIDs 11 to 15, the last of them \Recent, seen at mod-sequence 7.
TEST_GROUP(MailboxView) {
    MailboxView view{range(11, 15), range(15, 15), ModSeq{7}};

    void take(UidSet added, UidSet changed, UidSet expunged, std::uint64_t highest = 8, std::uint32_t recent = 16) {
        view.take({ModSeq{highest}, Uid{100}, std::move(added), std::move(changed), std::move(expunged)}, Uid{recent});
    }
};

TEST(MailboxView, has_no_news_at_first) {
    STRCMP_EQUAL("", expunges(view).c_str());
    STRCMP_EQUAL("", arrivals(view).c_str());
    CHECK(view.take_flag_changes().empty());
}

TEST(MailboxView, announces_what_came) {
    take(range(16, 17), {}, {});
    STRCMP_EQUAL("* 7 EXISTS\r\n* 3 RECENT\r\n", arrivals(view).c_str());
    STRCMP_EQUAL("", arrivals(view).c_str());
    CHECK(ModSeq{8} == view.seen());
}

TEST(MailboxView, what_another_session_was_shown_first_is_not_recent_here) {
    take(range(16, 17), {}, {}, 8, 17);
    STRCMP_EQUAL("* 7 EXISTS\r\n* 2 RECENT\r\n", arrivals(view).c_str());
    CHECK(!view.is_recent(Uid{16}));
    CHECK(view.is_recent(Uid{17}));
}

TEST(MailboxView, an_expunged_message_keeps_its_number_until_that_is_announced) {
    take({}, {}, range(12, 12));
    CHECK_EQUAL(5u, view.numbers().size());
    CHECK_EQUAL(3u, *view.numbers().number(Uid{13}));
    CHECK(view.gone() == range(12, 12));
    STRCMP_EQUAL("* 2 EXPUNGE\r\n", expunges(view).c_str());
    CHECK_EQUAL(2u, *view.numbers().number(Uid{13}));
    CHECK(view.gone().empty());
}

TEST(MailboxView, announces_expunges_from_the_last_to_the_first) {
    UidSet gone = range(11, 12);
    gone.add(Uid{15});
    take({}, {}, gone);
    STRCMP_EQUAL("* 5 EXPUNGE\r\n* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n", expunges(view).c_str());
    CHECK(view.recent().empty());
}

TEST(MailboxView, never_expunges_what_was_not_announced) {
    take(range(16, 18), {}, {});
    take({}, {}, range(14, 17), 9);
    STRCMP_EQUAL("* 5 EXPUNGE\r\n* 4 EXPUNGE\r\n", expunges(view).c_str());
    STRCMP_EQUAL("* 4 EXISTS\r\n* 1 RECENT\r\n", arrivals(view).c_str());
    take({}, {}, range(18, 18), 10);
    STRCMP_EQUAL("* 4 EXPUNGE\r\n", expunges(view).c_str());
}

TEST(MailboxView, counts_what_is_gone_but_not_announced_as_existing) {
    take(range(16, 16), {}, range(11, 11));
    STRCMP_EQUAL("* 6 EXISTS\r\n* 2 RECENT\r\n", arrivals(view).c_str());
    STRCMP_EQUAL("* 1 EXPUNGE\r\n", expunges(view).c_str());
}

TEST(MailboxView, tells_whose_flags_changed_unless_they_are_gone) {
    take({}, range(11, 13), range(12, 12));
    UidSet expected = range(11, 11);
    expected.add(Uid{13});
    CHECK(expected == view.take_flag_changes());
    CHECK(view.take_flag_changes().empty());
}

TEST(MailboxView, does_not_announce_a_change_of_a_message_that_just_came) {
    take(range(16, 16), range(16, 16), {});
    CHECK(view.take_flag_changes().empty());
}

// What changes_since says when the mailbox has forgotten: all that is there and changed, all UIDs that are not there.
TEST(MailboxView, sorts_out_what_a_forgetful_mailbox_says) {
    UidSet added = range(13, 14);
    added.add(Uid{20});
    UidSet expunged = range(1, 12);
    expunged.add_range(15, 19);
    take(added, {}, expunged, 5000);
    STRCMP_EQUAL("* 5 EXPUNGE\r\n* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n", expunges(view).c_str());
    STRCMP_EQUAL("* 3 EXISTS\r\n* 1 RECENT\r\n", arrivals(view).c_str());
    CHECK(range(13, 14) == view.take_flag_changes());
}

TEST(MailboxView, is_told_nothing_of_its_own_change) {
    view.take_own_change(ModSeq{9});
    CHECK(ModSeq{9} == view.seen());
    CHECK(view.take_flag_changes().empty());
}

TEST(MailboxView, a_deleted_mailbox_is_an_empty_one) {
    view.take_deletion();
    STRCMP_EQUAL("* 5 EXPUNGE\r\n* 4 EXPUNGE\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n", expunges(view).c_str());
    CHECK_EQUAL(0u, view.numbers().size());
}

TEST(MailboxView, everything_is_told_up_to_before_what_is_not) {
    CHECK(ModSeq{7} == view.told());
    take({}, {}, range(12, 12), 8);
    take(range(16, 16), {}, {}, 9);
    view.take_own_change(ModSeq{10});
    CHECK(ModSeq{7} == view.told());
    (void)arrivals(view);
    CHECK(ModSeq{7} == view.told());
    (void)expunges(view);
    CHECK(ModSeq{10} == view.told());
}

TEST(MailboxView, expunges_are_told_by_uid_to_who_wants_that) {
    take({}, {}, UidSet{Uid{12}, Uid{14}});
    std::string out;
    view.announce_expunges(out, true);
    STRCMP_EQUAL("* VANISHED 12,14\r\n", out.c_str());
    CHECK(3 == view.numbers().size());
}
