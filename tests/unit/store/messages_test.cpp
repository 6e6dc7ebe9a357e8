#include "fixture.h"
#include "store/bodies.h"
#include "store/keywords.h"
#include "store/messages.h"
#include "store/queue.h"
#include "store/rows.h"

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;
using core::SystemFlag;

// clang-format off
TEST_GROUP(StoreMessages) {
    TestStore store;
    AccountId alice = store.account("alice");
    MailboxId inbox = store.find(alice, "INBOX").id;
    MailboxId trash = store.find(alice, "Trash").id;

    std::string body(MessageId message) {
        return store.write([&](WriteTransaction& t) {
            return read_body(t, static_cast<BodyId>(core::number(message)), 0, 1'000'000'000);
        });
    }
    IndexRow row(MailboxId mailbox, Uid uid) {
        auto const found = store.read([&](ReadTransaction const& t) { return get_index(t, mailbox, uid); });
        if (!found) FAIL("no such row");
        return *found;
    }
    std::uint32_t references(MessageId message) {
        return store.read([&](ReadTransaction const& t) {
            auto const view = view_message(t, message);
            return view ? count_references(t, *view) : 0U;
        });
    }
    FlagsStored flag(UidSet uids, FlagChange change) {
        return store.write([&](WriteTransaction& t) { return store_flags(t, inbox, uids, change); });
    }
    Result<Copied> copy_all(MailboxId from, MailboxId to, Quota quota = {}) {
        UidSet all;
        all.add_range(1, 0xffff'ffff);
        return store->write_here([&](WriteTransaction& t) { return copy(t, from, all, to, quota, start); });
    }
    Result<MessageId> delivery(Delivery delivery, std::string body = "hello") {
        return store->write_here([&](WriteTransaction& t) { return deliver(t, store.message(body), delivery, {}, start); });
    }
};
// clang-format on

TEST(StoreMessages, append_gives_what_came_back) {
    auto const appended = store.append(inbox, "hello", SystemFlag::seen, {"$Forwarded"});
    UNSIGNED_LONGS_EQUAL(1, core::number(appended.uid));
    auto const mailbox = store.get(inbox);
    UNSIGNED_LONGS_EQUAL(core::number(mailbox.uid_validity), core::number(appended.uid_validity));
    UNSIGNED_LONGS_EQUAL(2, core::number(mailbox.uid_next));
    UNSIGNED_LONGS_EQUAL(1, mailbox.messages);
    UNSIGNED_LONGS_EQUAL(0, mailbox.unseen);
    UNSIGNED_LONGS_EQUAL(5, mailbox.octets);
    CHECK(appended.modseq == mailbox.highest_modseq);

    auto const index = row(inbox, appended.uid);
    CHECK(index.message == appended.message && index.modseq == appended.modseq && index.saved == start);
    CHECK(index.flags == SystemFlags(SystemFlag::seen));
    CHECK(keyword_names(mailbox, index.keywords) == std::vector<std::string>{"$Forwarded"});
    auto const message = store.read([&](ReadTransaction const& t) { return get_message(t, appended.message); });
    CHECK(message && message->size == 5 && message->envelope == "envelope" && message->structure == "structure");
    STRCMP_EQUAL("hello", body(appended.message).c_str());
    store.check();
}

// RFC 3502
TEST(StoreMessages, several_are_appended_with_one_change) {
    std::vector<Addition> additions;
    for (std::string const octets : {"one", "three", "five!!"})
        additions.push_back({store.message(octets), SystemFlag::seen, {octets.substr(0, 1)}});
    store.append(inbox, "before");
    auto const before = store.get(inbox).highest_modseq;
    auto const done = store.write([&](WriteTransaction& t) { return append(t, inbox, additions, {}, start); });
    STRCMP_EQUAL("2:4", done.uids.to_string().c_str());
    CHECK(done.modseq == core::next(before) && store.get(inbox).highest_modseq == done.modseq);
    CHECK(row(inbox, Uid{4}).modseq == done.modseq);
    STRCMP_EQUAL("five!!", body(row(inbox, Uid{4}).message).c_str());
    store.check();
}

TEST(StoreMessages, of_several_none_is_appended_if_one_cannot_be) {
    std::vector<Addition> additions{{store.message("fits"), {}, {}}, {store.message("fits"), {}, {""}}};
    auto const result = [&](Quota quota) {
        return store->write_here([&](WriteTransaction& t) { return append(t, inbox, additions, quota, start); });
    };
    CHECK(result({}).error() == StoreError::name_invalid);
    additions.back().keywords.clear();
    additions.back().message.body = static_cast<BodyId>(12345);
    CHECK(result({}).error() == StoreError::no_such_message);
    additions.back().message = store.message("fits");
    CHECK(result({.octets = 7}).error() == StoreError::over_quota);
    auto const report = store.check();
    UNSIGNED_LONGS_EQUAL(0, report.messages);
    UNSIGNED_LONGS_EQUAL(1, core::number(store.get(inbox).uid_next));
}

// RFC 8508 §3.4
TEST(StoreMessages, replace_adds_one_and_removes_one) {
    auto const old = store.append(inbox, "old", SystemFlag::draft);
    Addition const addition{store.message("new one"), SystemFlag::seen, {}};
    auto const same =
        store.write([&](WriteTransaction& t) { return replace(t, inbox, old.uid, inbox, addition, {}, start); });
    STRCMP_EQUAL("2", same.uids.to_string().c_str());
    UNSIGNED_LONGS_EQUAL(1, store.get(inbox).messages);
    UNSIGNED_LONGS_EQUAL(7, store.get(inbox).octets);
    auto const gone =
        store->write_here([&](WriteTransaction& t) { return replace(t, inbox, old.uid, inbox, addition, {}, start); });
    CHECK(gone.error() == StoreError::no_such_message);
    auto const other = store.mailbox(alice, "other");
    auto const moved = store.write(
        [&](WriteTransaction& t) { return replace(t, inbox, Uid{2}, other, addition, {.octets = 7}, start); });
    STRCMP_EQUAL("1", moved.uids.to_string().c_str());
    UNSIGNED_LONGS_EQUAL(0, store.get(inbox).messages);
    Addition const larger{store.message("more than that"), {}, {}};
    auto const full = store->write_here(
        [&](WriteTransaction& t) { return replace(t, other, Uid{1}, other, larger, {.octets = 13}, start); });
    CHECK(full.error() == StoreError::over_quota);
    UNSIGNED_LONGS_EQUAL(1, store.get(other).messages);
    store.check();
}

TEST(StoreMessages, a_delivery_files_the_sender_s_copy) {
    auto const sent = store.find(alice, "Sent").id;
    auto const delivered = store.write([&](WriteTransaction& t) {
        return deliver(t, store.message("x"),
                       {.local = {alice},
                        .outside = {{"carol@example.com", {}}},
                        .owner = alice,
                        .reverse_path = "",
                        .envelope_id = "",
                        .return_content = "",
                        .sent = sent},
                       {}, start);
    });
    CHECK(row(sent, Uid{1}).message == delivered && row(sent, Uid{1}).filed);
    CHECK(row(sent, Uid{1}).flags == SystemFlags(SystemFlag::seen));
    CHECK(!row(inbox, Uid{1}).filed && row(inbox, Uid{1}).flags.empty());
    store.write([&](WriteTransaction& t) { return copy(t, sent, {Uid{1}}, inbox, {}, start); });
    CHECK(!row(inbox, Uid{2}).filed);
    store.check();
}

TEST(StoreMessages, append_survives_a_restart) {
    auto const appended = store.append(inbox, std::string(200'000, 'x'), SystemFlag::flagged);
    store.reopen();
    CHECK(row(inbox, appended.uid).flags == SystemFlags(SystemFlag::flagged));
    CHECK(body(appended.message) == std::string(200'000, 'x'));
    auto const later = store.append(inbox, "later");
    CHECK(later.message > appended.message);
    UNSIGNED_LONGS_EQUAL(2, core::number(later.uid));
    store.check();
}

TEST(StoreMessages, append_keeps_an_empty_message) {
    auto const appended = store.append(inbox, "");
    STRCMP_EQUAL("", body(appended.message).c_str());
    store.check();
}

TEST(StoreMessages, append_refuses_what_is_not_there) {
    auto const result = store->write_here([&](WriteTransaction& t) {
        return append(t, store.message("x"), Placement{static_cast<MailboxId>(999), {}, {}}, {}, start);
    });
    CHECK(result.error() == StoreError::no_such_mailbox);
    NewMessage spooled;
    spooled.body = static_cast<BodyId>(12345);
    auto const bodiless =
        store->write_here([&](WriteTransaction& t) { return append(t, spooled, Placement{inbox, {}, {}}, {}, start); });
    CHECK(bodiless.error() == StoreError::no_such_message);
    store.check();
}

TEST(StoreMessages, append_refuses_a_size_that_is_not_the_body_s) {
    auto message = store.message("five!");
    message.size = 6;
    auto const result =
        store->write_here([&](WriteTransaction& t) { return append(t, message, Placement{inbox, {}, {}}, {}, start); });
    CHECK(result.error() == StoreError::failed);
    UNSIGNED_LONGS_EQUAL(0, store.check().messages);
}

TEST(StoreMessages, quota_counts_every_mailbox_of_the_account) {
    store.append(inbox, std::string(60, 'x'));
    store.append(trash, std::string(30, 'x'));
    auto const append_ten = [&](Quota quota) {
        return store->write_here([&](WriteTransaction& t) {
            return append(t, store.message(std::string(10, 'x')), Placement{inbox, {}, {}}, quota, start);
        });
    };
    CHECK(append_ten({.octets = 99}).error() == StoreError::over_quota);
    CHECK(append_ten({.messages = 2}).error() == StoreError::over_quota);
    CHECK(append_ten({.octets = 100, .messages = 3}).has_value());
    CHECK(copy_all(inbox, trash, {.octets = 169}).error() == StoreError::over_quota);
    CHECK(copy_all(inbox, trash, {.messages = 4}).error() == StoreError::over_quota);
    CHECK(copy_all(inbox, trash, {.octets = 170, .messages = 5}).has_value());
    auto const account = store.read([&](ReadTransaction const& t) { return get_account(t, alice); });
    UNSIGNED_LONGS_EQUAL(170, account->usage.octets);
    UNSIGNED_LONGS_EQUAL(5, account->usage.messages);
}

TEST(StoreMessages, keywords_are_the_same_in_any_case_and_sixty_four) {
    store.append(inbox, "a", {}, {"Work"});
    store.append(inbox, "b", {}, {"WORK", "home"});
    CHECK(store.get(inbox).keywords == (std::vector<std::string>{"Work", "home"}));
    for (int i = 2; i < 64; ++i) store.append(inbox, "c", {}, {std::format("k{}", i)});
    auto const one_more = [&](std::string keyword) {
        return store->write_here([&](WriteTransaction& t) {
            return append(t, store.message("x"), Placement{inbox, {}, {keyword}}, {}, start);
        });
    };
    CHECK(one_more("k64").error() == StoreError::too_many_keywords);
    CHECK(one_more("K63").has_value());
    CHECK(one_more("").error() == StoreError::name_invalid);
    CHECK(one_more(std::string(256, 'k')).error() == StoreError::name_invalid);
    UNSIGNED_LONGS_EQUAL(64, store.get(inbox).keywords.size());
    store.check();
}

TEST(StoreMessages, deliver_keeps_one_message_for_all_recipients) {
    auto const bob = store.account("bob");
    Delivery to;
    to.local = {alice, bob, alice};
    to.outside = {{"carol@example.org", {"NEVER", "rfc822;carol@example.org"}}, {"dave@example.net", {}}};
    to.owner = alice;
    to.reverse_path = "alice@office.lan";
    to.envelope_id = "id42";
    to.return_content = "HDRS";
    to.body_8bit = true;
    auto const message = delivery(to);
    CHECK(message.has_value());
    UNSIGNED_LONGS_EQUAL(4, references(*message));
    UNSIGNED_LONGS_EQUAL(1, store.get(inbox).messages);
    UNSIGNED_LONGS_EQUAL(1, store.find(bob, "INBOX").messages);
    auto const report = store.check();
    UNSIGNED_LONGS_EQUAL(1, report.messages);
    UNSIGNED_LONGS_EQUAL(2, report.queue_items);

    auto const queue = store.read([](ReadTransaction const& t) { return list_queue(t, 10); });
    UNSIGNED_LONGS_EQUAL(2, queue.size());
    QueueItem const& item = queue.front();
    STRCMP_EQUAL("carol@example.org", item.recipient.c_str());
    STRCMP_EQUAL("alice@office.lan", item.reverse_path.c_str());
    STRCMP_EQUAL("id42", item.envelope_id.c_str());
    STRCMP_EQUAL("HDRS", item.return_content.c_str());
    STRCMP_EQUAL("NEVER", item.wishes.notify.c_str());
    CHECK(item.owner == alice && item.body_8bit && !item.smtputf8 && item.queued == start && item.message == *message);
    UNSIGNED_LONGS_EQUAL(1, store.read([](ReadTransaction const& t) { return list_queue(t, 1); }).size());
    UNSIGNED_LONGS_EQUAL(2, store.read([](ReadTransaction const& t) { return queue_length(t); }));

    for (QueueItem const& one : queue)
        CHECK(store->write_here([&](WriteTransaction& t) { return remove_queue_item(t, one.id); }).has_value());
    auto const again = store->write_here([&](WriteTransaction& t) { return remove_queue_item(t, queue.front().id); });
    CHECK(again.error() == StoreError::no_such_queue_item);
    UNSIGNED_LONGS_EQUAL(2, references(*message));
    store.check();
}

TEST(StoreMessages, deliver_puts_the_same_message_into_mailboxes_of_the_office) {
    auto const sales = store.mailbox(the_office, "Sales");
    Delivery to;
    to.local = {alice};
    to.mailboxes = {sales, sales};
    auto const message = delivery(to);
    CHECK(message.has_value());
    UNSIGNED_LONGS_EQUAL(2, references(*message));
    UNSIGNED_LONGS_EQUAL(1, store.get(inbox).messages);
    UNSIGNED_LONGS_EQUAL(1, store.get(sales).messages);
    UNSIGNED_LONGS_EQUAL(1, store.check().messages);
    to.local.clear();
    CHECK(delivery(to).has_value());
    store.write([&](WriteTransaction& t) { return delete_mailbox(t, the_office, "Sales"); });
    to.local = {alice};
    CHECK(delivery(to).error() == StoreError::no_such_mailbox);
    UNSIGNED_LONGS_EQUAL(1, store.get(inbox).messages);
    store.check();
}

TEST(StoreMessages, deliver_puts_nothing_when_one_account_is_gone) {
    Delivery to;
    to.local = {alice, static_cast<AccountId>(77)};
    CHECK(delivery(to).error() == StoreError::no_such_account);
    CHECK(delivery(Delivery{}).error() == StoreError::failed);
    UNSIGNED_LONGS_EQUAL(0, store.get(inbox).messages);
    UNSIGNED_LONGS_EQUAL(0, store.check().messages);
}

TEST(StoreMessages, flags_are_added_removed_and_replaced) {
    store.append(inbox, "a");
    auto stored = flag({Uid{1}}, {FlagMode::add, SystemFlags(SystemFlag::seen) | SystemFlag::deleted, {"k"}, {}});
    CHECK(stored.changed == UidSet{Uid{1}});
    UNSIGNED_LONGS_EQUAL(0, store.get(inbox).unseen);
    UNSIGNED_LONGS_EQUAL(1, store.get(inbox).deleted);
    UNSIGNED_LONGS_EQUAL(1, row(inbox, Uid{1}).keywords);
    flag({Uid{1}}, {FlagMode::remove, SystemFlag::seen, {"K", "unknown"}, {}});
    CHECK(row(inbox, Uid{1}).flags == SystemFlags(SystemFlag::deleted));
    UNSIGNED_LONGS_EQUAL(0, row(inbox, Uid{1}).keywords);
    UNSIGNED_LONGS_EQUAL(1, store.get(inbox).keywords.size());
    flag({Uid{1}}, {FlagMode::replace, SystemFlag::flagged, {"other"}, {}});
    CHECK(row(inbox, Uid{1}).flags == SystemFlags(SystemFlag::flagged));
    UNSIGNED_LONGS_EQUAL(2, row(inbox, Uid{1}).keywords);
    store.check();
}

TEST(StoreMessages, a_change_of_nothing_leaves_the_modseq_alone) {
    store.append(inbox, "a", SystemFlag::seen);
    auto const before = store.get(inbox).highest_modseq;
    auto const same = flag({Uid{1}}, {FlagMode::add, SystemFlag::seen, {}, {}});
    CHECK(same.changed.empty() && same.modified.empty() && same.modseq == before);
    auto const gone = flag({Uid{9}}, {FlagMode::add, SystemFlag::flagged, {"new"}, {}});
    CHECK(gone.changed.empty() && gone.modseq == before);
    CHECK(store.get(inbox).keywords.empty());
    CHECK(store.get(inbox).highest_modseq == before);
}

TEST(StoreMessages, one_command_gives_one_modseq_to_all_its_rows) {
    for (int i = 0; i < 5; ++i) store.append(inbox, "a");
    auto const before = store.get(inbox).highest_modseq;
    auto const stored = flag({Uid{1}, Uid{3}, Uid{5}}, {FlagMode::add, SystemFlag::seen, {}, {}});
    CHECK(stored.modseq == core::next(before));
    for (auto const uid : {Uid{1}, Uid{3}, Uid{5}}) CHECK(row(inbox, uid).modseq == stored.modseq);
    CHECK(row(inbox, Uid{2}).modseq < stored.modseq);
}

// RFC 7162 §3.1.3: a message that changed since is left alone and named; the others change.
TEST(StoreMessages, unchanged_since_leaves_what_changed) {
    for (int i = 0; i < 3; ++i) store.append(inbox, "a");
    auto const seen_by_client = store.get(inbox).highest_modseq;
    flag({Uid{2}}, {FlagMode::add, SystemFlag::answered, {}, {}});
    auto const stored = flag({Uid{1}, Uid{2}, Uid{3}}, {FlagMode::add, SystemFlag::flagged, {}, seen_by_client});
    CHECK(stored.changed == (UidSet{Uid{1}, Uid{3}}));
    CHECK(stored.modified == UidSet{Uid{2}});
    CHECK(row(inbox, Uid{2}).flags == SystemFlags(SystemFlag::answered));
}

TEST(StoreMessages, expunge_takes_only_what_is_deleted) {
    for (int i = 1; i <= 4; ++i) store.append(inbox, "a", i % 2 == 0 ? SystemFlags() : SystemFlag::deleted);
    UidSet const among{Uid{1}, Uid{2}};
    auto gone = store.write([&](WriteTransaction& t) { return expunge(t, inbox, &among); });
    CHECK(gone == UidSet{Uid{1}});
    gone = store.write([&](WriteTransaction& t) { return expunge(t, inbox, nullptr); });
    CHECK(gone == UidSet{Uid{3}});
    auto const before = store.get(inbox).highest_modseq;
    gone = store.write([&](WriteTransaction& t) { return expunge(t, inbox, nullptr); });
    CHECK(gone.empty() && store.get(inbox).highest_modseq == before);
    auto const left = store.read([&](ReadTransaction const& t) { return list_uids(t, inbox); });
    CHECK(left == (UidSet{Uid{2}, Uid{4}}));
    store.check();
}

TEST(StoreMessages, uids_are_listed_with_their_gaps) {
    auto const listed = [&](MailboxId mailbox) {
        return store.read([&](ReadTransaction const& t) { return list_uids(t, mailbox); }).to_string();
    };
    auto const drop = [&](UidSet const& uids) {
        store.write([&](WriteTransaction& t) {
            return store_flags(t, inbox, uids, {FlagMode::add, SystemFlag::deleted, {}, {}});
        });
        store.write([&](WriteTransaction& t) { return expunge(t, inbox, nullptr); });
    };
    STRCMP_EQUAL("", listed(inbox).c_str());
    for (int i = 0; i < 6; ++i) store.append(inbox, "a");
    store.append(trash, "the mailbox behind it in the table");
    STRCMP_EQUAL("1:6", listed(inbox).c_str());
    drop({Uid{1}, Uid{6}});
    STRCMP_EQUAL("2:5", listed(inbox).c_str());
    drop({Uid{4}});
    STRCMP_EQUAL("2:3,5", listed(inbox).c_str());
    STRCMP_EQUAL("1", listed(trash).c_str());
    STRCMP_EQUAL("", listed(MailboxId{999}).c_str());
}

TEST(StoreMessages, copy_gives_pairs_and_keeps_flags) {
    for (int i = 0; i < 4; ++i) store.append(inbox, "a", SystemFlag::seen, {std::format("k{}", i)});
    store.append(trash, "there");
    auto const copied =
        store.write([&](WriteTransaction& t) { return copy(t, inbox, {Uid{2}, Uid{4}, Uid{9}}, trash, {}, start); });
    CHECK(copied.source == (UidSet{Uid{2}, Uid{4}}));
    CHECK(copied.destination == (UidSet{Uid{2}, Uid{3}}));
    CHECK(copied.uid_validity == store.get(trash).uid_validity);
    auto const one = row(trash, Uid{3});
    CHECK(one.flags == SystemFlags(SystemFlag::seen));
    CHECK(keyword_names(store.get(trash), one.keywords) == std::vector<std::string>{"k3"});
    UNSIGNED_LONGS_EQUAL(2, references(one.message));
    CHECK(one.message == row(inbox, Uid{4}).message);
    CHECK(one.modseq == row(trash, Uid{2}).modseq && one.modseq == store.get(trash).highest_modseq);
    store.check();
}

TEST(StoreMessages, copy_of_nothing_changes_nothing) {
    auto const before = store.get(trash).highest_modseq;
    auto const copied = store.write([&](WriteTransaction& t) { return copy(t, inbox, {Uid{1}}, trash, {}, start); });
    CHECK(copied.source.empty() && copied.destination.empty() && store.get(trash).highest_modseq == before);
}

TEST(StoreMessages, copy_and_move_into_the_same_mailbox) {
    auto const first = store.append(inbox, "a");
    auto copied = store.write([&](WriteTransaction& t) { return copy(t, inbox, {Uid{1}}, inbox, {}, start); });
    CHECK(copied.destination == UidSet{Uid{2}});
    UNSIGNED_LONGS_EQUAL(2, references(first.message));
    copied =
        store.write([&](WriteTransaction& t) { return store::move(t, inbox, {Uid{1}, Uid{2}}, inbox, {}, start); });
    CHECK(copied.destination == (UidSet{Uid{3}, Uid{4}}));
    auto const left = store.read([&](ReadTransaction const& t) { return list_uids(t, inbox); });
    CHECK(left == (UidSet{Uid{3}, Uid{4}}));
    store.check();
}

TEST(StoreMessages, references_take_a_row_only_where_they_differ_from_what_the_record_says) {
    auto const rows = [&] {
        return store.read([](ReadTransaction const& t) { return count_rows(t, Table::reference); });
    };
    for (int i = 0; i < 3; ++i) store.append(inbox, "a");
    store.write([&](WriteTransaction& t) { return store::move(t, inbox, {Uid{1}}, trash, {}, start); });
    UNSIGNED_LONGS_EQUAL(0, rows());
    CHECK(copy_all(inbox, trash).has_value());
    UNSIGNED_LONGS_EQUAL(2, rows());
    store.check();
    store.write([&](WriteTransaction& t) { return remove(t, inbox, {Uid{2}, Uid{3}}); });
    UNSIGNED_LONGS_EQUAL(0, rows());
    store.write([&](WriteTransaction& t) { return remove(t, trash, {Uid{1}, Uid{2}, Uid{3}}); });
    UNSIGNED_LONGS_EQUAL(0, store.check().messages);
}

TEST(StoreMessages, move_leaves_nothing_behind) {
    auto const first = store.append(inbox, "a", SystemFlag::deleted);
    store.append(inbox, "b");
    auto const moved =
        store.write([&](WriteTransaction& t) { return store::move(t, inbox, {Uid{1}}, trash, {}, start); });
    CHECK(moved.source == UidSet{Uid{1}} && moved.destination == UidSet{Uid{1}});
    UNSIGNED_LONGS_EQUAL(1, references(first.message));
    CHECK(row(trash, Uid{1}).message == first.message);
    UNSIGNED_LONGS_EQUAL(1, store.get(inbox).messages);
    UNSIGNED_LONGS_EQUAL(0, store.get(inbox).deleted);
    store.check();
}

TEST(StoreMessages, too_many_keywords_copy_nothing) {
    for (int i = 0; i < 40; ++i) store.append(inbox, "a", {}, {std::format("i{}", i)});
    for (int i = 0; i < 40; ++i) store.append(trash, "a", {}, {std::format("t{}", i)});
    CHECK(copy_all(inbox, trash).error() == StoreError::too_many_keywords);
    UNSIGNED_LONGS_EQUAL(40, store.get(trash).messages);
    UNSIGNED_LONGS_EQUAL(40, store.get(trash).keywords.size());
    store.check();
}

TEST(StoreMessages, a_keyword_that_nothing_carries_makes_place_for_another) {
    for (int i = 0; i < 64; ++i) store.append(inbox, "a", {}, {std::format("k{}", i)});
    auto const change = [&](Uid uid, FlagMode mode, std::vector<std::string> keywords) {
        return store->write_here([&](WriteTransaction& t) {
            return store_flags(t, inbox, {uid},
                               {.mode = mode, .flags = {}, .keywords = keywords, .unchanged_since = {}});
        });
    };
    auto const takes_keyword = [&] {
        return store.read([&](ReadTransaction const& t) { return store::takes_keyword(t, *get_mailbox(t, inbox)); });
    };
    auto const keywords_of = [&](Uid uid) { return keyword_names(store.get(inbox), row(inbox, uid).keywords); };
    CHECK(change(Uid{1}, FlagMode::add, {"new"}).error() == StoreError::too_many_keywords);
    CHECK(!takes_keyword());

    CHECK(change(Uid{3}, FlagMode::remove, {"k2"}).has_value());
    CHECK(change(Uid{6}, FlagMode::replace, {"K4"}).has_value()); // and so without k5
    CHECK(takes_keyword());
    CHECK(change(Uid{1}, FlagMode::add, {"new", "k5"}).has_value());
    CHECK(keywords_of(Uid{1}) == (std::vector<std::string>{"k0", "new", "k5"}));
    CHECK(keywords_of(Uid{3}).empty());
    CHECK(keywords_of(Uid{6}) == std::vector<std::string>{"k4"});
    UNSIGNED_LONGS_EQUAL(64, store.get(inbox).keywords.size());
    CHECK(!takes_keyword());
    CHECK(change(Uid{1}, FlagMode::add, {"more"}).error() == StoreError::too_many_keywords);
    store.check();
}

TEST(StoreMessages, what_comes_together_shares_the_places_that_are_left_for_keywords) {
    for (int i = 0; i < 64; ++i) store.append(trash, "a", {}, {std::format("t{}", i)});
    store.write(
        [&](WriteTransaction& t) { return store_flags(t, trash, {Uid{1}, Uid{2}}, {FlagMode::replace, {}, {}, {}}); });
    store.append(inbox, "a", {}, {"x"});
    store.append(inbox, "b", {}, {"y", "t63"});
    CHECK(copy_all(inbox, trash).has_value());
    CHECK(keyword_names(store.get(trash), row(trash, Uid{65}).keywords) == std::vector<std::string>{"x"});
    CHECK(keyword_names(store.get(trash), row(trash, Uid{66}).keywords) == (std::vector<std::string>{"y", "t63"}));

    store.append(inbox, "c", {}, {"z"});
    CHECK(copy_all(inbox, trash).error() == StoreError::too_many_keywords);
    store.check();
}

TEST(StoreMessages, an_index_is_visited_in_order_and_as_far_as_asked) {
    for (int i = 1; i <= 10; ++i) store.append(inbox, "a");
    auto const visited = [&](UidSet const& uids, std::size_t most) {
        return store.read([&](ReadTransaction const& t) {
            std::vector<std::uint32_t> seen;
            for_each_index(t, inbox, uids, [&](IndexRow const& each) {
                seen.push_back(core::number(each.uid));
                return seen.size() < most;
            });
            return seen;
        });
    };
    CHECK((visited({Uid{2}, Uid{3}, Uid{7}, Uid{10}, Uid{11}, Uid{4000}}, 100) ==
           std::vector<std::uint32_t>{2, 3, 7, 10}));
    CHECK((visited({Uid{2}, Uid{3}, Uid{7}}, 2) == std::vector<std::uint32_t>{2, 3}));
    CHECK((visited({Uid{0}, Uid{1}}, 100) == std::vector<std::uint32_t>{1}));
    CHECK(visited({}, 100).empty());
    UidSet all;
    all.add_range(1, 0xffff'ffff);
    UNSIGNED_LONGS_EQUAL(10, visited(all, 100).size());
    // INBOX is followed by Drafts, whose first row must not be taken for one of INBOX.
    store.append(store.find(alice, "Drafts").id, "b");
    UNSIGNED_LONGS_EQUAL(10, visited(all, 100).size());
}

TEST(StoreMessages, what_no_session_was_shown_is_recent_once) {
    store.append(inbox, "a");
    store.append(inbox, "b");
    auto mailbox = store.get(inbox);
    CHECK(store->claim_recent(inbox, mailbox.first_recent, mailbox.uid_next) == Uid{1});
    CHECK(store->claim_recent(inbox, mailbox.first_recent, mailbox.uid_next) == Uid{3});
    store.append(inbox, "c");
    CHECK(store.get(inbox).first_recent == Uid{3});
    mailbox = store.get(inbox);
    CHECK(store->claim_recent(inbox, mailbox.first_recent, mailbox.uid_next) == Uid{3});
    store.reopen();
    CHECK(store.get(inbox).first_recent == Uid{4});
}
