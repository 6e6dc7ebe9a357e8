#include "wire/dns_query.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <utility>
#include <vector>

namespace dns_query_test {

using namespace postern::wire::dns;
using namespace std::string_literals;

namespace {

std::string const question = "\4MaiL\6office\3lan\0\0\1\0\1"s;
std::string header(std::string const& flags, char questions, char additionals = 0, char answers = 0,
                   char authorities = 0) {
    return "\x12\x34"s + flags + "\0"s + questions + "\0"s + answers + "\0"s + authorities + "\0"s + additionals;
}
std::string const plain = header("\1\0"s, 1) + question;

std::string opt(std::string const& options = "", std::string const& ttl = "\0\0\0\0"s) {
    return "\0\0\x29\x10\0"s + ttl + '\0' + static_cast<char>(options.size()) + options;
}
std::string option(char code, std::string const& data) {
    return "\0"s + code + '\0' + static_cast<char>(data.size()) + data;
}
std::string with(std::string const& additional, char count = 1) {
    return header("\1\0"s, 1, count) + question + additional;
}

Query read(std::string const& octets, QueryReading expected = QueryReading::query) {
    static std::string kept; // what a query points into
    kept = octets;
    Query query;
    query.cookie = "of another one";
    query.edns = query.keepalive = true;
    CHECK(read_query(kept, query) == expected);
    return query;
}

} // namespace

TEST_GROUP(DnsQuery){};

TEST(DnsQuery, is_a_question_and_flags) {
    Query const query = read(plain);
    CHECK_EQUAL(0x1234, query.id);
    CHECK(query.recursion_desired && !query.checking_disabled && !query.authentic_data);
    CHECK(query.opcode == Opcode::query && query.type == Type::a && query.of_class == Class::internet);
    CHECK(query.name.wire() == "\4mail\6office\3lan"s);
    CHECK(query.question == question);
    CHECK(!query.edns && query.payload_size == udp_limit && query.cookie.empty());
    CHECK(read(header("\0\x30"s, 1) + question).checking_disabled);
    CHECK(read(header("\0\x30"s, 1) + question).authentic_data);
    CHECK(read(header("\1\0"s, 1) + "\0\0\2\0\1"s).name.wire().empty());
    CHECK(read(plain + "and more").question == question);
}

TEST(DnsQuery, says_by_edns_what_its_sender_can_take) {
    Query const query = read(with(opt("", "\0\0\x80\0"s)));
    CHECK(query.edns && query.dnssec_ok);
    CHECK_EQUAL(4096, query.payload_size);
    CHECK_EQUAL(0, query.version);
    CHECK_EQUAL(udp_limit, read(with("\0\0\x29\0\x01\0\0\0\0\0\0"s)).payload_size);
    CHECK_EQUAL(3, read(with(opt("", "\0\3\0\0"s))).version);
    // What another version's options are is not known.
    CHECK_EQUAL(1, read(with(opt("?", "\0\1\0\0"s))).version);
    // Beside a record that is not looked at.
    CHECK(read(with("\xc0\x0c\0\1\0\1\0\0\0\0\0\4\0\0\0\0"s + opt(), 2)).edns);
    CHECK(read(with(opt() + "\1a\0\0\1\0\1\0\0\0\0\0\0"s, 2)).edns);
}

TEST(DnsQuery, may_carry_a_cookie) {
    std::string const client(8, 'c'), server(16, 's');
    CHECK(read(with(opt(option(10, client)))).cookie == client);
    CHECK(read(with(opt(option(3, "") + option(10, client + server)))).cookie == client + server);
    CHECK(read(with(opt(option(10, client) + option(10, client + server)))).cookie == client);
    CHECK(read(with(opt())).cookie.empty());
    for (std::size_t const wrong : {0U, 7U, 9U, 15U, 41U})
        read(with(opt(option(10, std::string(wrong, 'x')))), QueryReading::malformed);
    // RFC 7873 §5.4
    CHECK(read(header("\0\0"s, 0, 1) + opt(option(10, client))).question.empty());
}

TEST(DnsQuery, may_ask_how_long_a_connection_is_kept) {
    std::string const cookie = option(10, "12345678");
    CHECK(read(with(opt(option(11, "") + cookie))).keepalive);
    CHECK(read(with(opt(cookie + option(11, "\1\2")))).keepalive);
    CHECK(!read(with(opt(cookie))).keepalive);
}

TEST(DnsQuery, of_another_opcode_is_not_read) {
    Query const query = read(header("\x28\0"s, 1) + "?");
    CHECK_EQUAL(5, static_cast<int>(query.opcode));
    CHECK(query.question.empty());
}

TEST(DnsQuery, is_nothing_without_a_header_or_if_it_is_an_answer) {
    read("", QueryReading::nothing);
    read(plain.substr(0, 11), QueryReading::nothing);
    read(header("\x81\0"s, 1) + question, QueryReading::nothing);
}

TEST(DnsQuery, is_malformed_where_its_parts_do_not_fit) {
    for (std::size_t size = 12; size < plain.size(); ++size)
        CHECK(read(plain.substr(0, size), QueryReading::malformed).question.empty());
    std::string const whole = with(opt(option(10, "12345678")));
    for (std::size_t size = plain.size(); size < whole.size(); ++size) {
        Query const query = read(whole.substr(0, size), QueryReading::malformed);
        CHECK(query.question == question && query.id == 0x1234);
    }
    std::string name;
    for (int i = 0; i < 3; ++i) name += '\x3f' + std::string(63, 'x');
    std::string const rest = "\0\0\1\0\1"s;
    read(header("\0\0"s, 1) + name + '\x3d' + std::string(61, 'x') + rest);
    std::vector<std::string> const wrong = {
        header("\0\0"s, 1) + name + '\x3e' + std::string(62, 'x') + rest, // 256 octets
        header("\0\0"s, 1) + "\x40x"s + rest,                             // no kind of label
        header("\0\0"s, 1) + "\1a\xc0\x0c\0\1\0\1"s,                      // a pointer
        header("\0\0"s, 2) + question + question,
        header("\0\0"s, 0),
        header("\0\0"s, 0, 1) + opt(),
        header("\0\0"s, 1, 0, 1) + question,
        header("\0\0"s, 1, 0, 0, 1) + question,
        with(opt() + opt(), 2),
        with("\1a\0"s + opt().substr(1)), // an owner
        with(opt(), 100),
        with("\x80"s),
    };
    for (std::string const& octets : wrong) read(octets, QueryReading::malformed);
}

} // namespace dns_query_test
