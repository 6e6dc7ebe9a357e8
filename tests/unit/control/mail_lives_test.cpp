#include "control/mail_lives.h"
#include "core/log.h"
#include "store/delivery.h"
#include "support/office_fixture.h"

#include <CppUTest/TestHarness.h>

#include <chrono>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::control;
using core::Event;
using core::log;
using namespace std::chrono_literals;

TEST_GROUP(MailLives) {
    test::OfficeFixture fixture{1};
    office::Journal journal{fixture.directory() / "journal", fixture.clock, {.octets = 1 << 20, .age = 24h}};
    LivesQuery query{.words = "bob@office.lan",
                     .account = fixture.bob,
                     .login = "bob",
                     .also = {},
                     .since = fixture.clock.wall() - 24h,
                     .most = 10};

    void setup() override { core::set_log_level(core::Level::error); }

    static void accept(std::uint64_t message, std::string_view from = "alice@office.lan") {
        log(Event::message_accepted, {{"message", message},
                                      {"from", from},
                                      {"login", from.substr(0, from.find('@'))},
                                      {"message_id", std::to_string(message) + "@x"}});
    }
    void deliver(std::uint64_t message, std::string_view to, store::AccountId account) const {
        log(Event::message_delivered, {{"message", message}, {"to", to}, {"accounts", core::number(account)}});
    }
    Lives find(std::string_view words) {
        query.words = words;
        if (words != "bob@office.lan") {
            query.account.reset();
            query.login.clear();
        }
        return find_lives(journal.snapshot(), query);
    }
    // "4711: message_accepted message_delivered"
    std::vector<std::string> found(std::string_view words) {
        std::vector<std::string> lines;
        for (Life const& life : find(words).lives) {
            std::string line = life.message ? std::to_string(core::number(*life.message)) + ":" : "refused:";
            for (auto const& event : life.events)
                line.append(" ").append(core::event_table()[static_cast<std::size_t>(event.event)].name);
            lines.push_back(line);
        }
        return lines;
    }
};

TEST(MailLives, a_message_is_found_by_all_that_it_is_known_by) {
    accept(1);
    deliver(1, "sales@office.lan", fixture.bob);
    accept(2, "carol@example.org");
    std::vector<std::string> const expected{"1: message_accepted message_delivered"};
    for (auto const* words : {"bob@office.lan", "sales@office.lan", "alice@office.lan", "1@x"})
        CHECK(found(words) == expected);
    CHECK(found("eve@example.com").empty());
}

TEST(MailLives, who_is_one_of_many_is_not_told_of_the_others) {
    accept(1);
    deliver(1, "alice@office.lan", fixture.alice);
    deliver(1, "bob@office.lan", fixture.bob);
    log(Event::message_queued, {{"message", 1}, {"to", "carol@example.org"}});
    log(Event::message_deleted, {{"messages", "1,5"}});
    CHECK(
        (found("bob@office.lan") == std::vector<std::string>{"1: message_accepted message_delivered message_deleted"}));
    CHECK(
        (found("carol@example.org") == std::vector<std::string>{"1: message_accepted message_queued message_deleted"}));
    CHECK((found("1@x") ==
           std::vector<std::string>{
               "1: message_accepted message_delivered message_delivered message_queued message_deleted"}));
}

TEST(MailLives, a_notice_is_of_both_messages) {
    accept(1);
    log(Event::notice_made, {{"message", 2}, {"about", 1}, {"to", "alice@office.lan"}});
    CHECK((found("alice@office.lan") == std::vector<std::string>{"1: message_accepted notice_made", "2: notice_made"}));
    CHECK((found("1@x") == std::vector<std::string>{"1: message_accepted notice_made"}));
}

TEST(MailLives, what_was_refused_is_a_life_of_its_own) {
    accept(1, "bob@office.lan");
    log(Event::recipient_refused, {{"to", "bbo@office.lan"}, {"from", "alice@office.lan"}, {"code", 550}});
    log(Event::message_refused, {{"to", "bob@office.lan eve@office.lan"}, {"code", 552}});
    CHECK((found("bob@office.lan") == std::vector<std::string>{"1: message_accepted", "refused: message_refused"}));
    CHECK((found("eve@office.lan") == std::vector<std::string>{"refused: message_refused"}));
    CHECK((found("bbo@office.lan") == std::vector<std::string>{"refused: recipient_refused"}));
    CHECK((found("alice@office.lan") == std::vector<std::string>{"refused: recipient_refused"}));
}

TEST(MailLives, only_the_newest_and_those_of_late) {
    for (std::uint64_t message = 1; message <= 50; ++message) accept(message);
    auto const newest = found("alice@office.lan");
    LONGS_EQUAL(10, newest.size());
    STRCMP_EQUAL("41: message_accepted", newest.front().c_str());
    STRCMP_EQUAL("50: message_accepted", newest.back().c_str());

    fixture.clock.advance(2h);
    log(Event::message_sent, {{"message", 3}, {"to", "carol@example.org"}});
    query.since = fixture.clock.wall() - 1h;
    CHECK(found("alice@office.lan").empty());
    CHECK((found("carol@example.org") == std::vector<std::string>{"3: message_accepted message_sent"})); // whole
}

TEST(MailLives, a_life_of_too_many_events_is_cut) {
    accept(1);
    for (int recipient = 0; recipient < 300; ++recipient)
        log(Event::message_queued, {{"message", 1}, {"to", std::to_string(recipient) + "@example.org"}});
    auto const lives = find("1@x").lives;
    LONGS_EQUAL(1, lives.size());
    LONGS_EQUAL(100, lives.front().events.size());
    LONGS_EQUAL(201, lives.front().left_out);
}

TEST(MailLives, what_the_queue_knows_is_told_though_nothing_was_recorded) {
    query.also = {store::MessageId{7}};
    CHECK((found("eve@example.com") == std::vector<std::string>{"7:"}));
}

TEST(MailLives, a_start_without_a_stop_is_a_gap) {
    log(Event::daemon_started);
    fixture.clock.advance(1min);
    log(Event::daemon_stopped);
    log(Event::daemon_started);
    CHECK(find("nobody").gaps.empty());
    accept(1);
    auto const before = fixture.clock.wall();
    fixture.clock.advance(1h);
    log(Event::daemon_started);
    auto const lives = find("nobody");
    LONGS_EQUAL(1, lives.gaps.size());
    CHECK(lives.gaps.front().from == before);
    CHECK(lives.gaps.front().to == before + 1h);
    CHECK(lives.recorded_since == before - 1min);
}
