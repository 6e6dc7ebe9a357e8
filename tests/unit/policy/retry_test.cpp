#include "policy/retry.h"

#include <CppUTest/TestHarness.h>

using namespace postern::policy;
using namespace std::chrono_literals;
using postern::core::LinkTime;

TEST_GROUP(Retry){};

TEST(Retry, each_wait_is_twice_as_long_up_to_the_longest) {
    RetryRules const rules;
    CHECK(backoff(1, "450 4.2.1 busy", rules, 0) == 2min);
    CHECK(backoff(2, "450 4.2.1 busy", rules, 0) == 4min);
    CHECK(backoff(7, "450 4.2.1 busy", rules, 0) == 128min);
    CHECK(backoff(8, "450 4.2.1 busy", rules, 0) == 4h);
    CHECK(backoff(4'000'000'000U, "450 4.2.1 busy", rules, 0) == 4h);
}

TEST(Retry, chance_spreads_what_was_refused_together) {
    RetryRules const rules;
    CHECK(backoff(1, "", rules, 0.5) > 2min);
    CHECK(backoff(1, "", rules, 0.999) <= 2min + 15s);
}

TEST(Retry, a_server_that_says_when_is_asked_then) {
    struct Row {
        char const* text;
        std::chrono::seconds delay;
    };
    for (Row const& row : {Row{"450 4.2.0 Greylisted, please try again in 300 seconds", 300s},
                           Row{"451 4.7.1 Greylisting in action, please come back in 5 minutes", 5min},
                           Row{"450 4.7.1 try again in 1 hour", 1h}, Row{"451 4.7.1 Retry after 90 sec", 90s},
                           Row{"450 greylisted for 1-minute", 1min}, Row{"450 try again in 1 second", 10s},
                           Row{"450 try again in 4000 hours", 24h}})
        CHECK(asked_delay(row.text) == row.delay);
    CHECK(backoff(9, "450 4.2.0 Greylisted, please try again in 300 seconds", {}, 0) == 300s);
}

TEST(Retry, other_numbers_say_nothing_of_when) {
    for (char const* text : {"450 4.2.1 mailbox busy", "452 4.3.1 try again later", "450 limit of 30 messages a minute",
                             "450 4.7.1 try again, error 99999999999999999999 seconds", "", "450 retry 7 times"})
        CHECK(!asked_delay(text));
}

TEST(Retry, its_sender_is_told_once_and_it_is_given_up_in_the_end) {
    RetryRules const rules;
    LinkTime const since{1000s};
    CHECK(patience({since, false}, since + 1h, rules) == Patience::wait);
    CHECK(patience({since, false}, since + 4h, rules) == Patience::tell_delay);
    CHECK(patience({since, true}, since + 4h, rules) == Patience::wait);
    CHECK(patience({since, true}, since + 120h, rules) == Patience::give_up);
    CHECK(patience({since, false}, since + 120h, rules) == Patience::give_up);
}
