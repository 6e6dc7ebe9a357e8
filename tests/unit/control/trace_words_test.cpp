#include "control/trace_words.h"

#include <boost/json/parse.hpp>

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern::control;

namespace {

std::string traced(std::string_view json) { return print_trace(boost::json::parse(json)); }

} // namespace

TEST_GROUP(TraceWords){};

TEST(TraceWords, an_event_is_a_line_and_the_last_says_where_it_is_now) {
    STRCMP_EQUAL("message 12 <a@b>\n"
                 "  2026-01-05 11:00:00  accepted from 192.0.2.1 (login alice), 2048 octets, sender alice@office.lan\n"
                 "  2026-01-05 11:00:00  for partner@office.lan, which leads elsewhere\n"
                 "  2026-01-05 11:00:00  queued for carol@example.org\n"
                 "  2026-01-05 11:00:03  put off for carol@example.org by provider: 451 later\n"
                 "  now                  waits to leave for carol@example.org (item 13): 451 later\n"
                 "\n"
                 "message 14 <c@d>\n"
                 "                       how it came here is not recorded\n"
                 "  now                  it is not here any more\n",
                 traced(R"({"of":"alice","recorded_since":"","looked_everywhere":true,"gaps":[],"messages":[
            {"message":12,"message_id":"<a@b>","octets":2048,"events":[
              {"time":"2026-01-05T11:00:00+01:00","event":"message_accepted","peer":"192.0.2.1","login":"alice",
               "from":"alice@office.lan","octets":2048},
              {"time":"2026-01-05T11:00:00+01:00","event":"message_delivered","to":"partner@office.lan"},
              {"time":"2026-01-05T11:00:00+01:00","event":"message_queued","to":"carol@example.org"},
              {"time":"2026-01-05T11:00:03+01:00","event":"message_deferred","to":"carol@example.org",
               "relay":"provider","reply":"451 later"}],
             "now":[{"waits_for":"carol@example.org","item":13,"attempts":1,"being_sent":false,"because":"451 later"}]},
            {"message":14,"message_id":"<c@d>","events":[],"now":[]}]})")
                     .c_str());
}

TEST(TraceWords, says_how_far_back_it_is_known_that_there_was_nothing) {
    STRCMP_EQUAL("Nothing is known of mail of eve; what happened is recorded since 2026-01-01 08:00:00.\n",
                 traced(R"({"of":"eve","recorded_since":"2026-01-01T08:00:00+01:00","messages":[],
                           "looked_everywhere":true,"gaps":[]})")
                     .c_str());
}

TEST(TraceWords, says_when_something_may_be_missing) {
    STRCMP_EQUAL(
        "Nothing is known of mail of eve; nothing is recorded yet.\n"
        "The power was cut, or the box stopped hard, between 2026-01-01 08:00:00 and 2026-01-01 09:00:00: what "
        "happened shortly before may not be recorded.\n",
        traced(R"({"of":"eve","recorded_since":"","messages":[],"looked_everywhere":true,"gaps":[
                           {"from":"2026-01-01T08:00:00+01:00","to":"2026-01-01T09:00:00+01:00"}]})")
            .c_str());
}

TEST(TraceWords, nothing_speaks_to_the_terminal) {
    auto const said = traced(R"({"of":"\u001b[2J","messages":[{"events":[{"time":"\u001b","event":"recipient_refused",
        "to":"a\nb","reason":"\u0007"}]}]})");
    for (char const octet : said) CHECK(octet == '\n' || static_cast<unsigned char>(octet) >= ' ');
    CHECK(said.contains("a?b"));
}

TEST(TraceWords, whatever_comes_is_borne) {
    for (auto const* odd : {"null", "[]", "{}", R"({"messages":[1,{"events":3,"now":{}}]})",
                            R"({"messages":[{"events":[null,{"event":7}],"now":["x"]}],"gaps":[0]})"})
        (void)traced(odd);
}
