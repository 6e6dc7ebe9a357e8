#include "wire/pop3_reply.h"
#include "wire/pop3_request.h"
#include "wire/pop3_text.h"

#include <CppUTest/TestHarness.h>

#include <stdexcept>
#include <string>

namespace pop3_reply_test {

using namespace postern;
using namespace postern::wire::pop3;
using namespace std::string_literals;
using Status = ServerReply::Status;

namespace {

// What `stream` says, `step` octets at a time; and what is left of it.
std::pair<std::string, std::string> decode(std::string_view stream, std::size_t step) {
    TextDecoder decoder;
    std::string out;
    while (!decoder.done() && !stream.empty()) {
        auto const piece = stream.substr(0, step);
        auto const read = decoder.feed(piece, out);
        if (!decoder.done()) LONGS_EQUAL(piece.size(), read);
        stream.remove_prefix(read);
    }
    CHECK(decoder.done());
    return {out, std::string(stream)};
}

void decodes(std::string_view stream, std::string_view text, std::string_view rest = "+OK\r\n") {
    for (std::size_t const step : {1UZ, 2UZ, 3UZ, 7UZ, 1000UZ}) {
        auto const [out, left] = decode(std::string(stream) + std::string(rest), step);
        CHECK(out == text);
        CHECK(left == rest);
    }
}

} // namespace

TEST_GROUP(Pop3Reply){};

TEST(Pop3Reply, reads_a_status) {
    CHECK(
        (parse_server_reply("+OK 2 messages (320 octets)") == ServerReply{Status::ok, "", "2 messages (320 octets)"}));
    CHECK((parse_server_reply("+OK") == ServerReply{Status::ok, "", ""}));
    CHECK((parse_server_reply("-ERR no such message") == ServerReply{Status::error, "", "no such message"}));
    // RFC 2449 §8.1.2
    CHECK((parse_server_reply("-ERR [IN-USE] Do you have another POP session running?") ==
           ServerReply{Status::error, "IN-USE", "Do you have another POP session running?"}));
    CHECK((parse_server_reply("-ERR [sys/temp] later \x1b") == ServerReply{Status::error, "SYS/TEMP", "later  "}));
    CHECK((parse_server_reply("+ dGVzdA==") == ServerReply{Status::challenge, "", "dGVzdA=="}));
    CHECK_FALSE(parse_server_reply("220 mail.example.net ESMTP").has_value());
    CHECK_FALSE(parse_server_reply("").has_value());
}

// RFC 1939 §3
TEST(Pop3Reply, takes_the_dots_out_of_a_text_and_finds_its_end) {
    decodes("Subject: x\r\n\r\n..\r\n...\r\n.a\r\n.\r\n", "Subject: x\r\n\r\n.\r\n..\r\na\r\n");
    decodes(".\r\n", "");
}

TEST(Pop3Reply, no_message_can_end_its_text_and_speak_for_the_server) {
    decodes("a\n.\n+OK forged\r\n.\r\n", "a\n.\n+OK forged\r\n");
    decodes("a\r.\r+OK\r\n.\r\n", "a\r.\r+OK\r\n");
    decodes("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n");
    decodes("a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n");
    decodes("a\r\n.\r\rb\r\n.\r\n", "a\r\n\r\rb\r\n");
    decodes("a\r\r\n.\r\n", "a\r\r\n");
}

TEST(Pop3Reply, what_our_own_server_sends_is_read_back) {
    std::string const message = "Subject: x\r\n\r\n.\r\n..\r\n\r\n.x.\r\n"s;
    std::string sent;
    TextEncoder encoder;
    encoder.feed(message, sent);
    encoder.finish(sent);
    decodes(sent, message);
}

// RFC 1939 §5, §7
TEST(Pop3Reply, reads_a_scan_listing) {
    auto const scan = parse_scan_line("1 whqtswO00WBw418f9t5JxYwZ");
    LONGS_EQUAL(1, scan->number);
    CHECK(scan->value == "whqtswO00WBw418f9t5JxYwZ");
    CHECK(parse_scan_line("12  120 and more")->value == "120 and more");
    for (auto const* const wrong : {"", "1", "1 ", "x 1", "0 1", "-1 1", "99999999999 1", "1x 2"})
        CHECK_FALSE(parse_scan_line(wrong).has_value());
}

TEST(Pop3Reply, nothing_puts_a_second_command_on_the_line) {
    CHECK(request::pass(core::Secret("two words"s)).reveal() == "PASS two words\r\n");
    for (std::string const& evil : {"a\r\nQUIT"s, "a\nQUIT"s, "a\0b"s}) {
        CHECK_THROWS(std::invalid_argument, (void)request::user(evil));
        CHECK_THROWS(std::invalid_argument, (void)request::pass(core::Secret(evil)));
    }
}

} // namespace pop3_reply_test
