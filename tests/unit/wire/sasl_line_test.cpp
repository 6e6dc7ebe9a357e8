#include "wire/sasl_line.h"
#include "wire/smtp_command.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace sasl_line_test {

using namespace postern;
using namespace std::string_literals;

TEST_GROUP(SaslLine){};

TEST(SaslLine, our_own_server_reads_it_back) {
    std::string const message = "test\0test\0001234"s; // RFC 4954 §4.1
    auto const line = wire::sasl_begin("AUTH", "PLAIN", core::Secret(message));
    CHECK(line.reveal() == "AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n");
    auto const command = wire::smtp::parse_command("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=");
    CHECK(std::get<wire::smtp::Auth>(*command).initial_response == message);
}

// RFC 4954 §4
TEST(SaslLine, tells_an_empty_response_from_none) {
    CHECK(wire::sasl_begin("A1 AUTHENTICATE", "EXTERNAL", core::Secret()).reveal() == "A1 AUTHENTICATE EXTERNAL =\r\n");
    CHECK(wire::sasl_begin("AUTH", "LOGIN", std::nullopt).reveal() == "AUTH LOGIN\r\n");
    CHECK(wire::sasl_response(core::Secret()).reveal() == "\r\n");
    CHECK(wire::sasl_response(core::Secret("alice"s)).reveal() == "YWxpY2U=\r\n");
    STRCMP_EQUAL("*\r\n", wire::sasl_cancel().c_str());
}

} // namespace sasl_line_test
