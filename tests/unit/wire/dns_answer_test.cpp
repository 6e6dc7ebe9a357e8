#include "wire/dns_answer.h"

#include <CppUTest/TestHarness.h>

#include <format>

namespace dns_answer_test {

using namespace postern::wire::dns;
using namespace std::chrono_literals;

namespace {

Name name(std::string_view written) { return Name::parse(written).value(); }

Data soa(std::uint32_t minimum) {
    Soa data;
    data.minimum = Seconds(minimum);
    return data;
}

} // namespace

TEST_GROUP(DnsAnswer) {
    Message message;
    Question question{name("www.example.net"), Type::a};

    void setup() override { message.recursion_available = true; }

    void answers(std::string_view owner, std::uint32_t ttl, Data data) {
        message.answers.push_back({name(owner), Seconds(ttl), std::move(data)});
    }
    void authority(std::string_view owner, std::uint32_t ttl, Data data) {
        message.authorities.push_back({name(owner), Seconds(ttl), std::move(data)});
    }
    Answer read() { return read_answer(message, question); }
};

TEST(DnsAnswer, is_the_records_that_were_asked_for) {
    answers("WWW.example.net", 300, A{{192, 0, 2, 1}});
    answers("www.example.net", 60, A{{192, 0, 2, 2}});
    answers("www.example.net", 10, Txt{{"something else"}});
    answers("other.example.net", 10, A{{192, 0, 2, 3}});
    message.answers.push_back({question.name, Seconds(10), Opaque{Type::a, "abcd"}, Class{3}});
    CHECK(read() == Answer(Finding::records, {A{{192, 0, 2, 1}}, A{{192, 0, 2, 2}}}, 60s));
}

TEST(DnsAnswer, follows_aliases_in_any_order) {
    answers("host.example.org", 300, A{{192, 0, 2, 1}});
    answers("cdn.example.net", 20, Cname{name("host.example.org")});
    answers("www.example.net", 60, Cname{name("CDN.example.net")});
    CHECK(read() == Answer(Finding::records, {A{{192, 0, 2, 1}}}, 20s));
    question.type = Type::cname;
    CHECK(read() == Answer(Finding::records, {Cname{name("CDN.example.net")}}, 60s));
}

TEST(DnsAnswer, does_not_go_round_in_circles) {
    answers("www.example.net", 60, Cname{name("b.example.net")});
    answers("b.example.net", 60, Cname{name("www.example.net")});
    CHECK(read() == Answer());
}

TEST(DnsAnswer, follows_so_many_aliases_and_no_more) {
    auto const alias = [](unsigned i) { return i == 0 ? std::string("www.example.net") : std::format("a{}", i); };
    for (unsigned i = 0; i < alias_limit; ++i) answers(alias(i), 60, Cname{name(alias(i + 1))});
    answers(alias(alias_limit), 60, A{{192, 0, 2, 1}});
    CHECK(read().finding == Finding::records);
    answers(alias(alias_limit + 1), 60, A{{192, 0, 2, 1}});
    message.answers[alias_limit].data = Cname{name(alias(alias_limit + 1))};
    CHECK(read().finding == Finding::nothing);
}

TEST(DnsAnswer, takes_no_more_records_than_anybody_needs) {
    for (std::size_t i = 0; i <= answer_limit; ++i) answers("www.example.net", 60, A{});
    LONGS_EQUAL(answer_limit, read().data.size());
}

// RFC 2308 §2, §5
TEST(DnsAnswer, tells_no_such_name_from_no_such_records) {
    authority("example.net", 600, soa(300));
    CHECK(read() == Answer(Finding::no_such_records, {}, 300s));
    message.code = ResponseCode::name_error;
    CHECK(read() == Answer(Finding::no_such_name, {}, 300s));
    message.authorities[0].ttl = Seconds(30);
    CHECK(read().lifetime == 30s);
}

// RFC 2308 §2.1, RFC 6604 §3
TEST(DnsAnswer, is_about_the_last_alias_where_there_is_nothing) {
    answers("www.example.net", 60, Cname{name("gone.example.org")});
    authority("example.org", 600, soa(300));
    message.code = ResponseCode::name_error;
    CHECK(read() == Answer(Finding::no_such_name, {}, 60s));
}

TEST(DnsAnswer, is_not_to_be_remembered_where_the_zone_does_not_say_that_there_is_nothing) {
    CHECK(read() == Answer(Finding::no_such_records, {}, std::nullopt));
    message.code = ResponseCode::name_error;
    CHECK(read() == Answer(Finding::no_such_name, {}, std::nullopt));
    authority("example.com", 600, soa(300)); // another's
    CHECK(read() == Answer(Finding::no_such_name, {}, std::nullopt));
}

TEST(DnsAnswer, is_none_from_who_fails_or_sends_us_elsewhere) {
    for (auto const code : {ResponseCode::server_failure, ResponseCode::refused, ResponseCode{9}}) {
        message.code = code;
        CHECK(read() == Answer());
    }
    message.code = ResponseCode::no_error;
    message.recursion_available = false;
    authority("net", 600, Ns{name("ns.example")});
    CHECK(read() == Answer());
}

} // namespace dns_answer_test
