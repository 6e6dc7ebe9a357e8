#include "relay/waiting_view.h"
#include "sending_office.h"
#include "store/bodies.h"
#include "store/check.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP_BASE(WaitingView, SendingOffice) {
    std::unique_ptr<relay::WaitingView> view;

    void setup() override {
        SendingOffice::setup();
        view = std::make_unique<relay::WaitingView>(fixture.office, *dispatcher);
    }
    void look() {
        asio_run([&] { return view->look(); });
    }
    void look_later() {
        advance(relay::WaitingView::grace);
        look();
    }
    void show_one() {
        net.reachable = false;
        start();
        queue({});
        settle();
        look_later();
    }
    std::vector<store::Shown> shown() {
        auto const mailbox = fixture.store().read_here(
            [&](store::ReadTransaction const& t) -> store::Result<std::optional<store::WaitingMailbox>> {
                return store::waiting_mailbox(t, fixture.alice);
            });
        return *mailbox ? (*mailbox)->shown : std::vector<store::Shown>();
    }
    std::vector<std::string> keywords() {
        return fixture.store()
            .read_here([&](store::ReadTransaction const& t) -> store::Result<std::vector<std::string>> {
                auto const id = store::waiting_mailbox(t, fixture.alice)->id;
                auto const row = store::get_index(t, id, shown().at(0).uid).value();
                return store::keyword_names(*store::get_mailbox(t, id), row.keywords);
            })
            .value();
    }
    void set(store::SystemFlags flags) {
        write([&](store::WriteTransaction& t) {
            auto const mailbox = store::waiting_mailbox(t, fixture.alice).value();
            return store::store_flags(t, mailbox.id, {mailbox.shown.at(0).uid},
                                      {store::FlagMode::replace, flags, {}, {}});
        });
        settle();
    }
};

TEST(WaitingView, what_leaves_at_once_is_not_shown) {
    start();
    queue({});
    look();
    until_sent(1);
    look_later();
    CHECK(shown().empty());
    CHECK(!fixture.store()
               .read_here([&](store::ReadTransaction const& t) -> store::Result<bool> {
                   return store::waiting_mailbox(t, fixture.alice).has_value();
               })
               .value());
}

TEST(WaitingView, what_waits_for_the_internet_is_shown_and_gone_when_it_left) {
    show_one();
    auto const message = shown().at(0);
    STRCMP_CONTAINS("Postern-State: waiting for the internet", message.heading.c_str());
    STRCMP_CONTAINS("Postern-Recipient: carol@example.org\r\n", message.heading.c_str());
    STRCMP_EQUAL("$WaitingForInternet", keywords().at(0).c_str());
    look();
    CHECK(shown().at(0).uid == message.uid); // and not written again
    net.reachable = true;
    advance(1h);
    until_sent(1);
    look();
    CHECK(shown().empty());
    CHECK(store::check(fixture.store(), true)->problems.empty());
}

TEST(WaitingView, after_a_start_it_knows_what_is_shown) {
    show_one();
    auto const uid = shown().at(0).uid;
    view = std::make_unique<relay::WaitingView>(fixture.office, *dispatcher);
    look();
    CHECK(shown().at(0).uid == uid);
}

TEST(WaitingView, what_a_server_put_off_says_what_the_server_said_and_when_it_is_tried_again) {
    start();
    net.answer_with("content", "451 4.7.1 Greylisted");
    queue({});
    run_until([&] { return items().at(0).attempts == 1; });
    settle();
    look_later();
    STRCMP_CONTAINS("put off by the other side", shown().at(0).heading.c_str());
    STRCMP_CONTAINS("answer: 451 4.7.1 Greylisted", shown().at(0).heading.c_str());
    STRCMP_CONTAINS("next attempt: ", shown().at(0).heading.c_str());
    STRCMP_EQUAL("$PutOff", keywords().at(0).c_str());
}

TEST(WaitingView, what_the_administrator_holds_says_so) {
    net.reachable = false;
    start();
    queue({});
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->hold(items().at(0).id, true, "test"); }).has_value());
    look_later();
    STRCMP_CONTAINS("who holds this message", shown().at(0).heading.c_str());
    STRCMP_EQUAL("$Held", keywords().at(0).c_str());
}

TEST(WaitingView, what_its_sender_takes_out_is_never_sent) {
    net.reachable = false;
    start();
    queue({.to = {"carol@example.org"}});
    queue({.to = {"dave@example.org"}});
    settle();
    look_later();
    write([&](store::WriteTransaction& t) {
        auto const mailbox = store::waiting_mailbox(t, fixture.alice).value();
        return store::remove(t, mailbox.id, {mailbox.shown.at(0).uid});
    });
    settle();
    UNSIGNED_LONGS_EQUAL(1, status("provider")->waiting);
    net.reachable = true;
    advance(1h);
    until_sent(1);
    STRCMP_CONTAINS("dave", net.received[0].rcpt.at(0).c_str());
    look();
    CHECK(shown().empty());
}

TEST(WaitingView, what_its_sender_flagged_goes_first) {
    net.reachable = false;
    start();
    queue({.to = {"dave@example.org"}});
    settle();
    look_later();
    for (int i = 0; i < 3; ++i) queue({.to = {"carol@example.org"}, .urgency = core::Urgency::bulk});
    set(core::SystemFlag::flagged);
    queue({.to = {"erin@example.org"}});
    net.reachable = true;
    advance(1h);
    until_sent(5);
    STRCMP_CONTAINS("dave", net.received[0].rcpt.at(0).c_str());
}

TEST(WaitingView, what_its_sender_marked_as_deleted_waits_until_the_mark_goes) {
    show_one();
    auto const uid = shown().at(0).uid;
    set(core::SystemFlag::deleted);
    net.reachable = true;
    advance(1h);
    look();
    CHECK(net.received.empty());
    CHECK(shown().at(0).uid == uid); // whoever is about to expunge it knows it by that
    set({});
    until_sent(1);
}

TEST(WaitingView, a_mark_that_is_set_while_an_answer_is_awaited_is_kept) {
    show_one();
    net.reachable = true;
    net.answer_with("content", "silence");
    advance(1h);
    run_until([&] { return items().at(0).under_way; });
    set(core::SystemFlag::deleted);
    net.answer = nullptr;
    CHECK(dispatcher->relays_changed().has_value());
    fixture.clock.advance(1h);
    net.cut_all();
    run_until([&] { return !items().at(0).under_way; });
    settle();
    CHECK(items().at(0).withdrawn);
    CHECK(net.received.empty());
}

TEST(WaitingView, of_one_that_writes_very_much_the_oldest_are_shown) {
    net.reachable = false;
    start();
    for (std::size_t i = 0; i < relay::WaitingView::most_shown + 5; ++i) queue({});
    settle();
    look_later();
    UNSIGNED_LONGS_EQUAL(relay::WaitingView::most_shown, shown().size());
}

TEST(WaitingView, notices_of_the_office_itself_are_shown_to_nobody) {
    net.reachable = false;
    start();
    queue({.from = ""});
    auto item = items().at(0);
    item.owner = {};
    write([&](store::WriteTransaction& t) -> store::Result<int> {
        (void)store::save_queue_item(t, item);
        return 0;
    });
    look_later();
    CHECK(shown().empty());
}
