#include "fixture.h"
#include "store/bodies.h"
#include "store/message_reader.h"
#include "store/queue.h"
#include "store/quota.h"
#include "store/repair.h"
#include "store/rows.h"
#include "store/waiting.h"

#include <algorithm>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

// clang-format off
TEST_GROUP(StoreWaiting) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId drafts = store.find(alice, "Drafts").id;

    MessageId queue(std::string body, std::vector<OutsideRecipient> to = {{"carol@example.org", {}}}) {
        Delivery delivery;
        delivery.outside = std::move(to);
        delivery.owner = alice;
        return store.write([&](WriteTransaction& t) { return deliver(t, store.message(body), delivery, {}, start); });
    }
    Result<void> show(MessageId message, std::string heading = "State: waiting\r\n") {
        Showing const showing{message, heading, "structure", {"$Waiting"}};
        return store->write_here([&](WriteTransaction& t) { return store::show(t, alice, {&showing, 1}, start); });
    }
    WaitingMailbox waiting() { return store.read([&](ReadTransaction const& t) { return waiting_mailbox(t, alice); }).value(); }
    MailboxId mailbox() { return waiting().id; }
    std::vector<QueueItem> queued() { return store.read([](ReadTransaction const& t) { return list_queue(t, 100); }); }
    std::string body(MailboxId in, Uid uid) {
        return store.write([&](WriteTransaction& t) {
            auto const row = get_index(t, in, uid).value();
            return read_body(t, static_cast<BodyId>(core::number(row.message)), 0, 1'000'000'000);
        });
    }
    Result<FlagsStored> flag(Uid uid, FlagMode mode, SystemFlags flags) {
        return store->write_here([&](WriteTransaction& t) {
            return store_flags(t, mailbox(), UidSet{uid}, {mode, flags, {}, {}});
        });
    }
    Result<UidSet> take_away(Uid uid) {
        return store->write_here([&](WriteTransaction& t) { return remove(t, mailbox(), UidSet{uid}); });
    }
    Result<Copied> move_to(MailboxId to, Uid uid) {
        return store->write_here([&](WriteTransaction& t) { return move(t, mailbox(), UidSet{uid}, to, {}, start); });
    }
    void teardown() override { store.check(); }
};
// clang-format on

TEST(StoreWaiting, a_message_is_shown_with_a_heading_and_shares_its_body) {
    std::string const large(3 * body_chunk_size + 17, 'x');
    auto const message = queue(large);
    CHECK(show(message, "State: waiting\r\n").has_value());
    auto const shown = waiting().shown.at(0);
    CHECK(shown.message == message);
    STRCMP_EQUAL("State: waiting\r\n", shown.heading.c_str());
    CHECK(body(mailbox(), shown.uid) == "State: waiting\r\n" + large);
    auto const box = store.get(mailbox());
    STRCMP_EQUAL("Waiting for internet", box.name.c_str());
    UNSIGNED_LONGS_EQUAL(large.size() + 16, box.octets);
    // Read from any place, by whatever reads.
    store.read([&](ReadTransaction const& t) {
        MessageReader reader(t);
        auto const view = reader.find(get_index(t, box.id, shown.uid)->message).value();
        std::string octets;
        CHECK(reader.read_body(view, 10, 20, octets).has_value());
        STRCMP_EQUAL("ting\r\nxxxxxxxxxxxxxx", octets.c_str());
        octets.clear();
        CHECK(reader.read_body(view, view.size - 3, 20, octets).has_value());
        STRCMP_EQUAL("xxx", octets.c_str());
        return 0;
    });
}

TEST(StoreWaiting, what_is_shown_anew_takes_the_place_of_what_was_and_keeps_its_flags) {
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    CHECK(flag(waiting().shown.at(0).uid, FlagMode::add, SystemFlag::seen).has_value());
    CHECK(show(message, "State: put off\r\n").has_value());
    UNSIGNED_LONGS_EQUAL(1, waiting().shown.size());
    auto const shown = waiting().shown.at(0);
    STRCMP_EQUAL("State: put off\r\n", shown.heading.c_str());
    CHECK(shown.uid == Uid{2});
    CHECK(store.read([&](ReadTransaction const& t) { return get_index(t, mailbox(), shown.uid); })
              ->flags.has(SystemFlag::seen));
}

TEST(StoreWaiting, who_takes_it_out_recalls_it) {
    auto const message = queue("hello", {{"carol@example.org", {}}, {"dave@example.org", {}}});
    queue("other");
    CHECK(show(message).has_value());
    CHECK(take_away(waiting().shown.at(0).uid).has_value());
    UNSIGNED_LONGS_EQUAL(1, queued().size());
    CHECK(queued()[0].message != message);
    CHECK(waiting().shown.empty());
}

TEST(StoreWaiting, what_is_under_way_or_has_left_cannot_be_recalled) {
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    auto const uid = waiting().shown.at(0).uid;
    auto item = queued().at(0);
    item.under_way = true;
    store.write([&](WriteTransaction& t) { return save_queue_item(t, item); });
    CHECK(take_away(uid).error() == StoreError::being_sent);
    CHECK(move_to(drafts, uid).error() == StoreError::being_sent);
    UNSIGNED_LONGS_EQUAL(0, store.get(drafts).messages);
    UNSIGNED_LONGS_EQUAL(1, queued().size());
    store.write([&](WriteTransaction& t) { return remove_queue_item(t, item.id); });
    CHECK(take_away(uid).error() == StoreError::being_sent);
    STRCMP_EQUAL("State: waiting\r\nhello", body(mailbox(), uid).c_str()); // it can be read until it is hidden
    store.write([&](WriteTransaction& t) { return hide(t, mailbox(), UidSet{uid}); });
    CHECK(waiting().shown.empty());
}

TEST(StoreWaiting, what_waits_is_not_hidden) {
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    store.write([&](WriteTransaction& t) { return hide(t, mailbox(), UidSet{waiting().shown.at(0).uid}); });
    UNSIGNED_LONGS_EQUAL(1, waiting().shown.size());
}

TEST(StoreWaiting, moved_to_drafts_it_is_the_message_itself_and_is_not_sent) {
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    auto const moved = move_to(drafts, waiting().shown.at(0).uid);
    CHECK(moved.has_value());
    STRCMP_EQUAL("hello", body(drafts, Uid{1}).c_str());
    CHECK(queued().empty());
    CHECK(waiting().shown.empty());
    auto const row = store.read([&](ReadTransaction const& t) { return get_index(t, drafts, Uid{1}); });
    CHECK(row->message == message && row->keywords == 0);
}

TEST(StoreWaiting, a_copy_is_the_message_itself_which_is_sent_all_the_same) {
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    auto const copied = store->write_here(
        [&](WriteTransaction& t) { return copy(t, mailbox(), UidSet{waiting().shown.at(0).uid}, drafts, {}, start); });
    CHECK(copied.has_value());
    STRCMP_EQUAL("hello", body(drafts, Uid{1}).c_str());
    UNSIGNED_LONGS_EQUAL(1, queued().size());
    UNSIGNED_LONGS_EQUAL(1, waiting().shown.size());
}

TEST(StoreWaiting, a_flag_has_it_sent_first_and_a_mark_as_deleted_holds_it_back) {
    auto const message = queue("hello");
    queue("other");
    CHECK(show(message).has_value());
    auto const uid = waiting().shown.at(0).uid;
    CHECK(flag(uid, FlagMode::add, SystemFlag::flagged).has_value());
    CHECK(queued()[0].flagged && !queued()[0].withdrawn && !queued()[1].flagged);
    CHECK(flag(uid, FlagMode::replace, SystemFlag::deleted).has_value());
    CHECK(!queued()[0].flagged && queued()[0].withdrawn);
    CHECK(flag(uid, FlagMode::remove, SystemFlag::deleted).has_value());
    CHECK(!queued()[0].withdrawn);
}

TEST(StoreWaiting, a_sender_who_changed_something_is_heard_of_and_others_are_not) {
    std::vector<QueueMark> marks;
    auto const watch = store->watch_queue([&](QueueMark mark) { marks.push_back(mark); });
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    CHECK(flag(waiting().shown.at(0).uid, FlagMode::add, SystemFlag::seen).has_value() && marks.size() >= 1);
    CHECK(std::ranges::all_of(marks, [](QueueMark mark) { return mark.added || mark.changed; }));
    marks.clear();
    CHECK(take_away(waiting().shown.at(0).uid).has_value());
    CHECK(marks.size() == 1 && marks[0].changed && !marks[0].added);
}

TEST(StoreWaiting, nothing_else_comes_into_the_mailbox_and_its_name_stays) {
    CHECK(show(queue("hello")).has_value());
    auto const into = [&](auto act) { return store->write_here(act).error() == StoreError::mailbox_protected; };
    auto const here = mailbox();
    store.append(drafts, "draft");
    UidSet const one{Uid{1}};
    CHECK(into([&](WriteTransaction& t) { return append(t, store.message("x"), Placement{here, {}, {}}, {}, start); }));
    CHECK(into([&](WriteTransaction& t) { return copy(t, drafts, one, here, {}, start); }));
    CHECK(into([&](WriteTransaction& t) { return move(t, drafts, one, here, {}, start); }));
    CHECK(into([&](WriteTransaction& t) { return move(t, here, one, here, {}, start); }));
    CHECK(into([&](WriteTransaction& t) { return delete_mailbox(t, alice, waiting_name); }));
    CHECK(into([&](WriteTransaction& t) { return rename_mailbox(t, alice, waiting_name, "Mine", start); }));
    CHECK(into([&](WriteTransaction& t) { return set_special_use(t, here, "\\Trash"); }));
}

TEST(StoreWaiting, a_mailbox_that_had_the_name_before_is_left_alone) {
    auto const mine = store.mailbox(alice, waiting_name);
    CHECK(show(queue("hello")).has_value());
    UNSIGNED_LONGS_EQUAL(0, store.get(mine).messages);
    STRCMP_EQUAL("Waiting for internet 2", store.get(mailbox()).name.c_str());
}

TEST(StoreWaiting, it_counts_for_no_quota) {
    auto const usage = [&] { return store.read([&](ReadTransaction const& t) { return usage_of(t, alice); }); };
    CHECK(usage() == Usage{});
    CHECK(show(queue("hello")).has_value());
    CHECK(usage() == Usage{});
    store.reopen();
    CHECK(usage() == Usage{});
    CHECK(move_to(drafts, waiting().shown.at(0).uid).has_value());
    CHECK((usage() == Usage{5, 1}));
}

TEST(StoreWaiting, a_heading_that_was_let_go_keeps_the_message_until_it_is_erased) {
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    auto const pin = store->pin(static_cast<BodyId>(
        core::number(store.read([&](ReadTransaction const& t) { return get_index(t, mailbox(), Uid{1}); })->message)));
    CHECK(take_away(Uid{1}).has_value());
    store.check(); // while somebody reads it
    STRCMP_EQUAL("hello", store
                              .write([&](WriteTransaction& t) {
                                  return read_body(t, static_cast<BodyId>(core::number(message)), 0, 100);
                              })
                              .c_str());
}

TEST(StoreWaiting, all_is_erased_in_the_end) {
    CHECK(show(queue("hello")).has_value());
    CHECK(take_away(Uid{1}).has_value());
    store.reopen(); // which erases what is garbage
    UNSIGNED_LONGS_EQUAL(0, store.read([](ReadTransaction const& t) { return count_rows(t, Table::message); }));
}

TEST(StoreWaiting, a_repaired_store_has_what_waits_and_shows_it_anew) {
    auto const message = queue("hello");
    CHECK(show(message).has_value());
    store.close();
    auto const report = repair(store.directory(), start);
    CHECK(report.has_value());
    CHECK(report->damages.empty());
    store.open();
    UNSIGNED_LONGS_EQUAL(1, queued().size());
    CHECK(waiting().shown.empty());
    CHECK(show(message).has_value());
    STRCMP_EQUAL("State: waiting\r\nhello", body(mailbox(), waiting().shown.at(0).uid).c_str());
}
