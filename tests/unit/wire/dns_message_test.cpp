#include "wire/dns_message.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <utility>

namespace dns_message_test {

using namespace postern::wire::dns;
using namespace std::string_literals;

namespace {

Name name(std::string_view written) { return Name::parse(written).value(); }

// The header of an answer with so many entries in its sections.
std::string header(unsigned char questions, unsigned char answers, unsigned char authorities = 0,
                   unsigned char additionals = 0) {
    std::string octets = "\x12\x34\x81\x80"s;
    for (unsigned char const count : {questions, answers, authorities, additionals})
        octets += {'\0', static_cast<char>(count)};
    return octets;
}

constexpr std::size_t header_size = 12;
// What a name that was written there is referred to by.
std::string pointer(std::size_t to) { return {static_cast<char>(0xC0 | to >> 8), static_cast<char>(to)}; }

// A record without data, of a type that nobody knows.
std::string record_of(std::string const& owner) { return owner + "\xff\x12\0\1\0\0\0\0\0\0"s; }
constexpr std::size_t record_size = 10; // and its owner

std::string record(Type type, std::string const& data, std::string const& owner = "\0"s) {
    return owner + '\0' + static_cast<char>(type) + "\0\1\0\0\0\0"s + '\0' + static_cast<char>(data.size()) + data;
}

Message parsed(std::string const& octets) {
    auto read = parse_message(octets);
    CHECK(read.outcome == Reading::message);
    return std::move(read.message);
}

void malformed(std::string const& octets) { CHECK(parse_message(octets).outcome == Reading::malformed); }

void survives(Data data) {
    Message message;
    message.answers = {{name("a.example"), Seconds(60), std::move(data)}};
    CHECK(parsed(format(message)) == message);
}

Soa soa() {
    return {name("ns.example"), name("postmaster.example"), 2026112901,  Seconds(7200),
            Seconds(3600),      Seconds(1209600),           Seconds(300)};
}

} // namespace

TEST_GROUP(DnsMessage){};

// RFC 1034 §6.2.1: who is SRI-NIC.ARPA?
TEST(DnsMessage, carries_a_question_and_its_answer) {
    Message question;
    question.id = 0x1234;
    question.recursion_desired = true;
    question.questions = {{name("SRI-NIC.ARPA"), Type::a}};
    CHECK(format(question) == "\x12\x34\x01\x00\0\1\0\0\0\0\0\0\7SRI-NIC\4ARPA\0\0\1\0\1"s);
    CHECK(parsed(format(question)) == question);

    Message answer = question;
    answer.response = answer.authoritative = true;
    answer.answers = {{name("SRI-NIC.ARPA"), Seconds(86400), A{{26, 0, 0, 73}}},
                      {name("SRI-NIC.ARPA"), Seconds(86400), A{{10, 0, 0, 51}}}};
    std::string const octets = format(answer);
    CHECK(octets == "\x12\x34\x85\x00\0\1\0\2\0\0\0\0\7SRI-NIC\4ARPA\0\0\1\0\1"
                    "\xc0\x0c\0\1\0\1\0\1\x51\x80\0\4\x1a\0\0\x49"
                    "\xc0\x0c\0\1\0\1\0\1\x51\x80\0\4\x0a\0\0\x33"s);
    CHECK(parsed(octets) == answer);
}

// RFC 1035 §4.1.4: its four names.
TEST(DnsMessage, reads_and_writes_names_by_pointers) {
    std::string const octets = header(0, 4) + record_of("\1F\3ISI\4ARPA\0"s) +
                               record_of("\3FOO"s + pointer(header_size)) + record_of(pointer(header_size + 6)) +
                               record_of("\0"s);
    auto const message = parsed(octets);
    STRCMP_EQUAL("F.ISI.ARPA", message.answers[0].name.text().c_str());
    STRCMP_EQUAL("FOO.F.ISI.ARPA", message.answers[1].name.text().c_str());
    STRCMP_EQUAL("ARPA", message.answers[2].name.text().c_str());
    STRCMP_EQUAL(".", message.answers[3].name.text().c_str());
    CHECK(format(message) == octets);
}

// RFC 4343 §4
TEST(DnsMessage, keeps_the_case_of_names) {
    Message message;
    for (std::string_view const written : {"example.LAN", "Example.LAN", "nas.example.LAN"})
        message.answers.push_back({name(written), Seconds(1), A{}});
    auto const read = parsed(format(message));
    STRCMP_EQUAL("example.LAN", read.answers[0].name.text().c_str());
    STRCMP_EQUAL("Example.LAN", read.answers[1].name.text().c_str());
    STRCMP_EQUAL("nas.example.LAN", read.answers[2].name.text().c_str());
}

TEST(DnsMessage, carries_data_of_every_type_that_it_knows) {
    survives(A{{192, 0, 2, 1}});
    survives(Aaaa{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}});
    survives(Ns{name("ns.a.example")});
    survives(Cname{name("b.example")});
    survives(Ptr{name("a.example")});
    survives(Mx{10, name("mail.a.example")});
    survives(Mx{0, Name()}); // RFC 7505
    survives(Txt{{"v=spf1 -all", "", std::string(255, 'x')}});
    survives(Srv{0, 5, 993, name("imap.a.example")});
    survives(soa());
    survives(Opaque{Type{64000}, "\0\1\2"s});
}

// RFC 3597 §4
TEST(DnsMessage, compresses_names_only_in_data_where_everybody_expects_it) {
    Message message;
    message.answers = {{name("a.example"), {}, Mx{1, name("a.example")}},
                       {name("a.example"), {}, Srv{1, 2, 3, name("a.example")}}};
    std::string const octets = format(message);
    CHECK(octets.contains("\0\4\0\1\xc0\x0c"s));
    CHECK(octets.ends_with("\0\x11\0\1\0\2\0\3\1a\7example\0"s));
    std::string const srv = header(0, 1) + record(Type::srv, "\0\1\0\2\0\3"s + pointer(header_size), "\1a\0"s);
    CHECK(parsed(srv).answers[0].data == Data(Srv{1, 2, 3, name("a")}));
}

// RFC 3597 §3; what a type means in another class nobody knows.
TEST(DnsMessage, keeps_what_it_does_not_know_as_octets) {
    auto const other = parsed(header(0, 1) + record_of("\0"s).substr(0, 1) + "\0\1\0\3\0\0\0\0\0\2xy"s);
    CHECK(other.answers[0].data == Data(Opaque{Type::a, "xy"}));
    CHECK(other.answers[0].of_class == Class{3});
    CHECK(other.answers[0].type() == Type::a);
}

// RFC 2181 §8
TEST(DnsMessage, takes_a_time_to_live_beyond_all_bounds_for_none) {
    CHECK(parsed(header(0, 1) + "\0\xff\x12\0\1\x7f\xff\xff\xff\0\0"s).answers[0].ttl == Seconds(0x7fffffff));
    CHECK(parsed(header(0, 1) + "\0\xff\x12\0\1\x80\0\0\0\0\0"s).answers[0].ttl == Seconds(0));
}

TEST(DnsMessage, refuses_names_that_lead_in_circles_or_on_and_on) {
    malformed(header(0, 1) + record_of(pointer(header_size)));              // to itself
    malformed(header(0, 1) + record_of("\1a"s + pointer(header_size)));     // to its own beginning
    malformed(header(0, 1) + record_of("\1a"s + pointer(header_size + 4))); // ahead
    malformed(header(0, 1) + record_of("\x40"s));                           // RFC 6891 §5
    malformed(header(0, 1) + record_of("\x80"s));
    malformed(header(0, 1) + record_of("\1"s));
    malformed(header(0, 1) + "\3ab"s);

    // Each name a pointer to the one before.
    auto const chain = [](unsigned char links) {
        std::string octets = header(0, links + 1) + record_of("\0"s);
        for (std::size_t at = header_size; links > 0; --links) {
            octets += record_of(pointer(at));
            at = octets.size() - record_size - 2;
        }
        return octets;
    };
    LONGS_EQUAL(128, parsed(chain(127)).answers.size());
    malformed(chain(128));

    // RFC 1035 §2.3.4
    std::string const label = '\x3f' + std::string(63, 'x');
    std::string const long_name = label + label + label + '\x3d' + std::string(61, 'x') + '\0';
    LONGS_EQUAL(Name::longest - 1, parsed(header(0, 1) + record_of(long_name)).answers[0].name.wire().size());
    malformed(header(0, 2) + record_of(long_name) + record_of("\1x"s + pointer(header_size)));
}

TEST(DnsMessage, refuses_data_that_does_not_fill_its_length) {
    malformed(header(0, 1) + record(Type::a, "\1\2\3"));
    malformed(header(0, 1) + record(Type::a, "\1\2\3\4\5"));
    malformed(header(0, 1) + record(Type::aaaa, "\1\2\3\4"));
    malformed(header(0, 1) + record(Type::mx, "\0"s));
    malformed(header(0, 1) + record(Type::mx, "\0\1\1a"s));
    malformed(header(0, 1) + record(Type::mx, "\0\1\0x"s));
    malformed(header(0, 1) + record(Type::txt, ""));
    malformed(header(0, 1) + record(Type::txt, "\2a"));
    malformed(header(0, 1) + record(Type::soa, "\0\0\1\2\3\4"s));
    malformed(header(0, 1) + record(Type::a, "\1\2\3\4").substr(0, 13)); // cut
}

TEST(DnsMessage, gives_what_came_before_a_fault) {
    std::string const question = "\1a\0\0\1\0\1"s;
    auto const read = parse_message(header(1, 2) + question + record(Type::a, "\1\2\3\4") + "\x80"s);
    CHECK(read.outcome == Reading::malformed);
    LONGS_EQUAL(0x1234, read.message.id);
    LONGS_EQUAL(1, read.message.questions.size());
    LONGS_EQUAL(1, read.message.answers.size());
    CHECK(parse_message(header(0, 0).substr(0, 11)).outcome == Reading::nothing);
    CHECK(parse_message("").outcome == Reading::nothing);
}

TEST(DnsMessage, leaves_octets_behind_it_alone) { CHECK(parsed(header(0, 0) + "padding").answers.empty()); }

// RFC 6891 §6.1, RFC 8914 §2
TEST(DnsMessage, carries_EDNS_and_its_errors) {
    Message message;
    message.response = true;
    message.code = ResponseCode::bad_version;
    message.edns = Edns{1232, 1, true, {{22, "no route to the internet"}, {3, ""}}};
    CHECK(parsed(format(message)) == message);

    std::string const options = "\0\x0a\0\2xy"s       // a cookie (RFC 7873), which is nothing to us
                                "\0\x0f\0\4\0\x17ok"s // network error
                                "\0\x0f\0\1\0"s;      // cut
    auto const read =
        parsed(header(0, 0, 0, 1) + "\0\0\x29\x04\xd0\0\0\0\0\0"s + static_cast<char>(options.size()) + options);
    CHECK(read.edns == Edns(1232, 0, false, {{23, "ok"}}));
    CHECK(read.additionals.empty());
}

TEST(DnsMessage, refuses_EDNS_where_it_does_not_belong) {
    std::string const edns = "\0\0\x29\x04\xd0\0\0\0\0\0\0"s;
    malformed(header(0, 0, 0, 2) + edns + edns);
    malformed(header(0, 1) + edns);
    malformed(header(0, 0, 0, 1) + "\1a"s + edns);
    malformed(header(0, 0, 0, 1) + edns.substr(0, edns.size() - 1) + "\3\0\x0f\0"s);
}

TEST(DnsMessage, says_what_administrators_know_codes_by) {
    STRCMP_EQUAL("NXDOMAIN", describe(ResponseCode::name_error).c_str());
    STRCMP_EQUAL("RCODE 9", describe(ResponseCode{9}).c_str());
}

// RFC 8914 §4
TEST(DnsMessage, says_an_extended_error_without_what_could_do_harm) {
    STRCMP_EQUAL("Blocked", describe(ExtendedError(15, "")).c_str());
    STRCMP_EQUAL("No Reachable Authority: at \xef\xbf\xbd [31mns1",
                 describe(ExtendedError(22, "at \xfc\x1b[31mns1\0"s)).c_str());
    STRCMP_EQUAL("extended error 25", describe(ExtendedError(25, "")).c_str());
}

// RFC 2181 §9
TEST(DnsMessage, is_cut_to_a_limit_and_says_so) {
    Message message;
    message.response = true;
    message.questions = {{name("a.example"), Type::txt}};
    for (char octet = 'a'; octet < 'f'; ++octet)
        message.answers.push_back({name("a.example"), Seconds(60), Txt{{std::string(100, octet)}}});
    message.authorities = {{name("example"), Seconds(60), soa()}};
    message.edns = Edns{1232, 0, false, {{22, std::string(300, 'x')}}};
    std::string const octets = format(message, udp_limit);
    CHECK(octets.size() <= udp_limit);
    auto const cut = parsed(octets);
    CHECK(cut.truncated);
    CHECK(cut.questions == message.questions);
    CHECK(cut.answers == std::vector(message.answers.begin(), message.answers.begin() + 4));
    CHECK(cut.authorities.empty());
    CHECK(cut.edns == Edns(1232, 0, false, {}));
    CHECK(parsed(format(message)) == message);

    // A pointer never leads to what was taken back.
    message.answers.insert(message.answers.begin() + 4, {name("b.long.example"), {}, Txt{{std::string(100, 'x')}}});
    message.answers.resize(5);
    CHECK(parsed(format(message, udp_limit)).answers == cut.answers);
}

TEST(DnsMessage, leaves_additional_records_out_without_a_word) {
    Message message;
    message.answers = {{name("a.example"), {}, Mx{1, name("b.example")}}};
    message.additionals.assign(30, {name("b.example"), {}, Aaaa{}});
    auto const cut = parsed(format(message, udp_limit));
    CHECK_FALSE(cut.truncated);
    CHECK(cut.answers == message.answers);
    CHECK(!cut.additionals.empty() && cut.additionals.size() < 30);
}

} // namespace dns_message_test
