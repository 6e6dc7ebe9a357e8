#include "http/browser_sessions.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>

using namespace postern;
using namespace postern::http;
using namespace std::chrono_literals;

TEST_GROUP(BrowserSessions) {
    core::SystemRandom random;
    BrowserSessions sessions{random};
    core::SteadyTime now{};
};

TEST(BrowserSessions, are_found_by_their_token_alone) {
    auto const token = sessions.begin("alice", "mark", now);
    auto const other = sessions.begin("bob", "", now);
    LONGS_EQUAL(64, token.size());
    auto const* session = sessions.find(token, now);
    CHECK(session != nullptr);
    STRCMP_EQUAL("alice", session->user.c_str());
    STRCMP_EQUAL("mark", session->mark.c_str());
    LONGS_EQUAL(64, session->form_token.size());
    CHECK_FALSE(session->form_token == token);
    CHECK(sessions.find("", now) == nullptr);
    CHECK(sessions.find(session->form_token, now) == nullptr);
    sessions.end(token);
    CHECK(sessions.find(token, now) == nullptr);
    CHECK(sessions.find(other, now) != nullptr);
}

TEST(BrowserSessions, end_when_they_are_not_used_or_were_long_enough) {
    auto const idle = sessions.begin("alice", "", now);
    auto const busy = sessions.begin("alice", "", now);
    for (int i = 0; i < 30; ++i) {
        now += 24min;
        CHECK(sessions.find(busy, now) != nullptr);
    }
    CHECK(sessions.find(idle, now) == nullptr);
    now += 1min;
    CHECK(sessions.find(busy, now) == nullptr); // of twelve hours
    LONGS_EQUAL(0, sessions.size());
}

TEST(BrowserSessions, one_who_begins_many_ends_his_own) {
    auto const of_bob = sessions.begin("bob", "", now);
    now += 1s;
    auto const first = sessions.begin("alice", "", now);
    std::string last;
    for (std::size_t i = 0; i < BrowserSessions::most_of_user; ++i) {
        now += 1s;
        last = sessions.begin("alice", "", now);
    }
    LONGS_EQUAL(BrowserSessions::most_of_user + 1, sessions.size());
    CHECK(sessions.find(first, now) == nullptr);
    CHECK(sessions.find(last, now) != nullptr);
    CHECK(sessions.find(of_bob, now) != nullptr);
}

TEST(BrowserSessions, are_bounded_in_all) {
    auto const first = sessions.begin("0", "", now);
    for (std::size_t i = 1; i <= BrowserSessions::most; ++i) {
        now += 1ms;
        sessions.begin(std::format("{}", i), "", now);
    }
    LONGS_EQUAL(BrowserSessions::most, sessions.size());
    CHECK(sessions.find(first, now) == nullptr);
}
