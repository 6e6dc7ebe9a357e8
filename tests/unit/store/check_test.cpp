#include "fixture.h"
#include "store/audit.h"
#include "store/bodies.h"
#include "store/check.h"
#include "store/rows.h"

#include <functional>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

namespace {

void expect(bool there, std::string_view piece, CheckReport const& report) {
    std::string all;
    bool found = false;
    for (Problem const& problem : report.problems) {
        all += problem.what + "\n";
        found = found || problem.what.contains(piece);
    }
    if (found != there) FAIL(std::format("{} among:\n{}", piece, all).c_str());
}

} // namespace

// Each test plants one kind of damage in a store that was whole, and looks for the sentence about it.
// clang-format off
TEST_GROUP(StoreCheck) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;
    Appended first = store.append(inbox, std::string(100'000, 'x'), core::SystemFlag::seen, {"k"});
    Appended second = store.append(inbox, "small", core::SystemFlag::deleted);

    void damage(std::function<void(WriteTransaction&)> const& how) {
        store.check();
        auto const done = store->write_here([&](WriteTransaction& t) -> Result<void> {
            how(t);
            return {};
        });
        CHECK(done.has_value());
    }
    void finds(std::string_view piece) {
        auto const report = check(*store, true);
        CHECK(report.has_value());
        expect(true, piece, *report);
    }
    // The mailbox's record, changed.
    void record(std::function<void(MailboxRecord&)> const& how) {
        damage([&](WriteTransaction& t) {
            auto changed = load_mailbox(t, inbox);
            how(*changed);
            save_mailbox(t, *changed);
        });
    }
};
// clang-format on

TEST(StoreCheck, a_whole_store_has_no_problems) {
    auto const report = store.check();
    UNSIGNED_LONGS_EQUAL(1, report.accounts);
    UNSIGNED_LONGS_EQUAL(6, report.mailboxes);
    UNSIGNED_LONGS_EQUAL(2, report.index_rows);
    UNSIGNED_LONGS_EQUAL(2, report.messages);
    UNSIGNED_LONGS_EQUAL(100'005, report.body_octets);
    UNSIGNED_LONGS_EQUAL(0, check(*store, false)->body_octets);
}

TEST(StoreCheck, finds_a_row_without_its_message) {
    damage([&](WriteTransaction& t) { erase_body(t, second.message); });
    finds("UID 2: its message");
}

TEST(StoreCheck, finds_wrong_counts) {
    record([](MailboxRecord& r) { r.mailbox.messages = 3; });
    finds("says 3 messages and has 2");
}

TEST(StoreCheck, finds_wrong_unseen) {
    record([](MailboxRecord& r) { r.mailbox.unseen = 0; });
    finds("says 0 unseen and has 1");
}

TEST(StoreCheck, finds_wrong_deleted) {
    record([](MailboxRecord& r) { r.mailbox.deleted = 0; });
    finds("says 0 deleted and has 1");
}

TEST(StoreCheck, finds_wrong_octets) {
    record([](MailboxRecord& r) { r.mailbox.octets += 1; });
    finds("octets");
}

TEST(StoreCheck, finds_a_uid_that_is_not_below_uidnext) {
    record([](MailboxRecord& r) { r.mailbox.uid_next = Uid{2}; });
    finds("UIDNEXT");
}

TEST(StoreCheck, finds_a_modseq_above_the_highest) {
    record([](MailboxRecord& r) { r.mailbox.highest_modseq = ModSeq{2}; });
    finds("HIGHESTMODSEQ");
}

TEST(StoreCheck, finds_a_keyword_without_a_name) {
    record([](MailboxRecord& r) { r.mailbox.keywords.clear(); });
    finds("keyword");
}

TEST(StoreCheck, finds_messages_in_a_noselect_name) {
    record([](MailboxRecord& r) { r.mailbox.selectable = false; });
    finds("Noselect");
}

TEST(StoreCheck, finds_a_wrong_number_of_change_rows) {
    record([](MailboxRecord& r) { r.change_rows = 0; });
    finds("change rows");
}

TEST(StoreCheck, finds_a_name_that_is_not_the_mailbox_s) {
    record([](MailboxRecord& r) { r.mailbox.name = "Other"; });
    finds("Other: no name leads to it");
}

TEST(StoreCheck, finds_a_uid_validity_and_numbers_that_were_never_given_out) {
    damage([&](WriteTransaction& t) {
        put_number(t, meta_last_uid_validity, 5);
        put_number(t, meta_last_mailbox, 0);
        put_number(t, meta_last_account, 0);
        put_number(t, meta_number_limit, 1);
    });
    finds("its UIDVALIDITY was never given out");
    finds("INBOX: its number was never given out");
    finds("account 1: its number was never given out");
    finds("message 1: its number was never given out");
}

TEST(StoreCheck, finds_a_mailbox_that_is_not_there) {
    damage([&](WriteTransaction& t) { put_name(t, alice, "Ghost", 99); });
    finds("mailbox Ghost");
}

TEST(StoreCheck, finds_a_login_that_leads_nowhere) {
    damage([&](WriteTransaction& t) {
        put_name(t, logins, "ghost", 99);
        erase(t, Table::name, name_key(logins, "alice"));
    });
    finds("login ghost");
    finds("account alice: its login");
}

TEST(StoreCheck, finds_records_that_cannot_be_read) {
    damage([&](WriteTransaction& t) {
        put(t, Table::mailbox, mailbox_key(inbox), "\2nonsense");
        put(t, Table::mailbox, index_key(inbox, Uid{1}), "");
        put(t, Table::mailbox, change_key(inbox, ModSeq{2}), "\1");
        put(t, Table::mailbox, u32_key(core::number(inbox)) + "\7", "\1");
        put(t, Table::message, message_key(second.message, 0), "\1");
        put(t, Table::queue, u64_key(9), "\1");
        put(t, Table::garbage, u64_key(9), "\1");
        put(t, Table::account, u32_key(1), "\1");
        put(t, Table::audit, u64_key(1), "\1");
    });
    for (auto const* piece : {"record cannot be read", "UID 1: its row", "its change 2", "a row of no kind",
                              "queue item 9: it cannot", "garbage 9", "account 1: its record", "audit row 1"})
        finds(piece);
}

TEST(StoreCheck, finds_a_wrong_reference_count) {
    damage([&](WriteTransaction& t) { refer(t, first.message); });
    finds("says 2 references and has 1");
}

TEST(StoreCheck, finds_an_orphan_message) {
    damage([&](WriteTransaction& t) { erase(t, Table::mailbox, index_key(inbox, Uid{2})); });
    finds("no mailbox and no queue row");
    finds("UIDs 2 were added and are not there");
}

TEST(StoreCheck, finds_an_orphan_body) {
    damage([&](WriteTransaction& t) { erase(t, Table::message, message_key(first.message, 0)); });
    finds("belongs to no message");
}

TEST(StoreCheck, finds_a_missing_chunk) {
    damage([&](WriteTransaction& t) { erase(t, Table::message, message_key(first.message, 2)); });
    finds("chunk 2 of its body is not there");
}

TEST(StoreCheck, finds_a_body_that_is_too_short) {
    damage([&](WriteTransaction& t) { erase(t, Table::message, message_key(first.message, 4)); });
    finds("octets, not 100000");
}

TEST(StoreCheck, finds_a_living_body_on_the_list_of_garbage) {
    damage([&](WriteTransaction& t) {
        put(t, Table::garbage, u64_key(core::number(first.message)), encode(Garbage{GarbageState::spooling, 5}));
    });
    finds("still being spooled");
    finds("on the list of garbage");
}

TEST(StoreCheck, finds_references_that_are_counted_where_there_are_none) {
    damage([&](WriteTransaction& t) { put(t, Table::reference, u64_key(999), encode(Reference{2})); });
    finds("message 999: references to it are counted");
}

TEST(StoreCheck, finds_an_alias_that_leads_to_no_mailbox) {
    damage([&](WriteTransaction& t) {
        put(t, Table::alias, "sales@office.lan", encode(Alias{"sales@office.lan", {}, {static_cast<MailboxId>(99)}}));
    });
    finds("alias sales@office.lan: it leads to mailbox 99");
}

TEST(StoreCheck, finds_a_queue_row_without_its_message) {
    damage([&](WriteTransaction& t) {
        QueueItem item;
        item.message = static_cast<MessageId>(12345);
        put(t, Table::queue, u64_key(1), encode(item));
    });
    finds("queue item 1: its message 12345 is not there");
}

TEST(StoreCheck, finds_a_change_that_tells_of_an_expunge_that_was_none) {
    record([](MailboxRecord& r) { ++r.change_rows; });
    auto const done = store->write_here([&](WriteTransaction& t) -> Result<void> {
        put(t, Table::mailbox, change_key(inbox, static_cast<ModSeq>(1000)), encode(Change{{}, {}, {}, {Uid{2}}}));
        return {};
    });
    CHECK(done.has_value());
    finds("UIDs 2 are said to be expunged");
    finds("change 1000 is out of range");
}

TEST(StoreCheck, finds_an_audit_row_that_was_altered_or_taken_out) {
    for (int i = 0; i < 5; ++i)
        store->write_here([&](WriteTransaction& t) { return audit(t, "event", std::format("{}", i), start); });
    damage([&](WriteTransaction& t) {
        std::string value(*get(t, Table::audit, u64_key(2)));
        value[8] = static_cast<char>(value[8] ^ 1);
        put(t, Table::audit, u64_key(2), value);
        erase(t, Table::audit, u64_key(4));
    });
    finds("audit row 3");
    finds("audit row 5");
}

TEST(StoreCheck, tells_of_a_hundred_problems_and_that_there_are_more) {
    damage([&](WriteTransaction& t) {
        for (std::uint32_t i = 0; i < 150; ++i) put_name(t, alice, std::format("ghost{}", i), 1000 + i);
    });
    auto const report = check(*store, false);
    UNSIGNED_LONGS_EQUAL(CheckReport::max_problems, report->problems.size());
    CHECK(report->truncated);
}
