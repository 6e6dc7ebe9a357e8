#include "dns/prepared_answer.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <utility>
#include <vector>

namespace prepared_answer_test {

using namespace postern;
using namespace postern::dns;
using namespace postern::wire::dns;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

Name name(std::string_view written) { return Name::parse(written).value(); }

// A query and the octets that it points into.
struct Asking {
    explicit Asking(Message const& message) : octets(format(message)) {
        CHECK(read_query(octets, query) == QueryReading::query);
    }
    std::string octets;
    Query query;
};

Message question(std::string_view of = "wWw.office.lan", bool edns = false) {
    Message message;
    message.id = 0x4711;
    message.recursion_desired = true;
    message.questions = {{name(of), Type::a}};
    if (edns) message.edns = Edns{.payload_size = 4096, .version = 0, .dnssec_ok = true, .errors = {}};
    return message;
}

Message answer() {
    Message message = question("www.office.lan");
    message.response = message.authoritative = true;
    message.answers = {{name("WWW.office.lan"), Seconds(300), Cname{name("box.office.lan")}},
                       {name("box.office.lan"), Seconds(60), A{{192, 168, 1, 2}}}};
    message.authorities = {{name("office.lan"), Seconds(100), Ns{name("mail.office.lan")}}};
    message.additionals = {{name("mail.office.lan"), Seconds(50), A{{192, 168, 1, 1}}}};
    return message;
}

Reply const over_tcp{.limit = tcp_limit, .cookie = {}, .now = {}};

std::string written(Query const& query, PreparedAnswer const& prepared, Reply const& reply = over_tcp) {
    std::string out(reply.limit, '?');
    out.resize(write_answer(query, prepared, reply, out));
    return out;
}

Message sent(Query const& query, PreparedAnswer const& prepared, Reply const& reply = over_tcp) {
    auto read = parse_message(written(query, prepared, reply));
    CHECK(read.outcome == Reading::message);
    return std::move(read.message);
}

} // namespace

TEST_GROUP(PreparedAnswer){};

TEST(PreparedAnswer, is_the_message_it_was_made_of_with_what_is_the_askers_own) {
    Asking const asking(question());
    Message expected = answer();
    expected.recursion_available = true;
    Message const is = sent(asking.query, prepare(answer(), std::nullopt));
    CHECK(is == expected);
    CHECK(is.answers.front().name.wire() == name("wWw.office.lan").wire());
    CHECK(is.questions.front().name.wire() == name("wWw.office.lan").wire());
}

TEST(PreparedAnswer, has_edns_for_who_speaks_it_and_for_nobody_else) {
    PreparedAnswer prepared = prepare(answer(), std::nullopt);
    prepared.error = ExtendedError{3, "stale"};
    Reply const reply{.limit = tcp_limit, .cookie = "12345678abcdefghABCDEFGH", .now = {}};
    CHECK(!sent(Asking(question()).query, prepared, reply).edns);
    Asking const asking(question("www.office.lan", true));
    Message const is = sent(asking.query, prepared, reply);
    CHECK(is.edns == (Edns{udp_payload, 0, true, {{3, "stale"}}}));
    CHECK(written(asking.query, prepared, reply).contains("\0\x0a\0\x18"s + std::string(reply.cookie)));
    prepared.code = ResponseCode::bad_version;
    CHECK(sent(asking.query, prepared, reply).code == ResponseCode::bad_version);
}

TEST(PreparedAnswer, tells_for_how_long_a_connection_may_be_idle) {
    std::string asking = format(question("www.office.lan", true));
    asking[asking.size() - 1] = 4;
    asking += "\0\x0b\0\0"s;
    Query query;
    CHECK(read_query(asking, query) == QueryReading::query);
    PreparedAnswer const prepared = prepare(answer(), std::nullopt);
    Reply reply = over_tcp;
    auto const told = "\0\x06\0\x0b\0\2\0\xc8"s; // RFC 7828 §3.1, behind the length of all options
    CHECK(!written(query, prepared, reply).contains("\0\x0b"s));
    reply.idle_limit = 20s;
    CHECK(written(query, prepared, reply).ends_with(told));
    CHECK(sent(query, prepared, reply).edns.has_value());
    CHECK(!written(Asking(question("www.office.lan", true)).query, prepared, reply).contains(told));
    CHECK(!written(Asking(question()).query, prepared, reply).contains(told));
}

TEST(PreparedAnswer, counts_down_from_when_it_was_made) {
    core::SteadyTime const made{1000s};
    Asking const asking(question());
    PreparedAnswer prepared = prepare(answer(), made);
    auto const at = [&](core::SteadyTime now) {
        Message const message = sent(asking.query, prepared, {.limit = tcp_limit, .cookie = {}, .now = now});
        return std::vector<unsigned>{message.answers.at(0).ttl.count(), message.answers.at(1).ttl.count(),
                                     message.authorities.at(0).ttl.count(), message.additionals.at(0).ttl.count()};
    };
    CHECK(at(made) == (std::vector<unsigned>{300, 60, 100, 50}));
    CHECK(at(made + 1999ms) == (std::vector<unsigned>{299, 59, 99, 49}));
    CHECK(at(made + 80s) == (std::vector<unsigned>{220, 0, 20, 0}));
    prepared.least_ttl = Seconds(30);
    CHECK(at(made + 1h) == (std::vector<unsigned>{30, 30, 30, 30}));
    prepared.made.reset();
    CHECK(at(made + 1h) == (std::vector<unsigned>{300, 60, 100, 50}));
}

TEST(PreparedAnswer, leaves_out_what_is_additional_before_it_is_truncated) {
    Asking const asking(question());
    Message message = answer();
    message.answers.push_back({name("box.office.lan"), Seconds(60), Txt{{std::string(250, 'x')}}});
    message.additionals.push_back({name("mail.office.lan"), Seconds(60), Txt{{std::string(250, 'x')}}});
    PreparedAnswer const prepared = prepare(message, std::nullopt);
    Message const some = sent(asking.query, prepared, {});
    CHECK(!some.truncated && some.answers == message.answers && some.authorities == message.authorities);
    CHECK(some.additionals.empty());
    message.answers.push_back({name("box.office.lan"), Seconds(60), Txt{{std::string(250, 'x')}}});
    Message const none = sent(asking.query, prepare(message, core::SteadyTime()), {});
    CHECK(none.truncated && none.answers.empty() && none.authorities.empty() && none.additionals.empty());
}

TEST(PreparedAnswer, keeps_to_its_limit_whatever_there_is_to_say) {
    Asking const asking(question("www.office.lan", true));
    std::string const cookie(24, 'c');
    for (std::size_t octets = 0; octets < 700; octets += 3) {
        Message message = answer();
        message.answers.push_back({name("box.office.lan"), Seconds(60), Opaque{Type{999}, std::string(octets, 'x')}});
        PreparedAnswer prepared = prepare(message, core::SteadyTime());
        for (std::size_t const words : {0U, 20U, 600U}) {
            prepared.error = ExtendedError{22, std::string(words, 'w')};
            Message const is = sent(asking.query, prepared, {.limit = udp_limit, .cookie = cookie, .now = {}});
            CHECK(is.truncated ? is.answers.empty() : is.answers == message.answers);
            CHECK(is.edns && (is.edns->errors.empty() || is.edns->errors.front().code == 22));
        }
    }
}

TEST(PreparedAnswer, tells_of_authentic_data_who_wants_to_know) {
    PreparedAnswer prepared = prepare(answer(), std::nullopt);
    prepared.authentic_data = true;
    Message asked = question();
    CHECK(!sent(Asking(asked).query, prepared).authentic_data);
    asked.authentic_data = true;
    CHECK(sent(Asking(asked).query, prepared).authentic_data);
    CHECK(sent(Asking(question("www.office.lan", true)).query, prepared).authentic_data);
}

} // namespace prepared_answer_test
