#include "wire/sasl_plain.h"

#include <CppUTest/TestHarness.h>

namespace sasl_plain_test {

using namespace postern::wire;
using namespace std::string_literals;

TEST_GROUP(SaslPlain){};

// RFC 4616 §4
TEST(SaslPlain, reads_the_examples_of_the_rfc) {
    auto const own = parse_plain_message("\0tim\0tanstaaftanstaaf"s);
    CHECK(own.has_value());
    CHECK(own->authorization_identity.empty());
    CHECK(own->authentication_identity == "tim");
    CHECK(own->password.reveal() == "tanstaaftanstaaf");

    auto const other = parse_plain_message("Ursel\0Kurt\0xipj3plmq"s);
    CHECK(other.has_value());
    CHECK(other->authorization_identity == "Ursel");
    CHECK(other->authentication_identity == "Kurt");
    CHECK(other->password.reveal() == "xipj3plmq");
}

TEST(SaslPlain, refuses_what_is_no_message) {
    for (std::string const& message :
         {""s, "tim"s, "\0tim"s, "\0\0secret"s, "\0tim\0"s, "\0tim\0sec\0ret"s, "\0\0"s, "\0tim\0\xff\xfe"s})
        CHECK_FALSE(parse_plain_message(message).has_value());
}

TEST(SaslPlain, prepares_passwords_as_RFC_4013_does) {
    CHECK(prepare_password("I\xC2\xADX")->reveal() == "IX");   // a soft hyphen is mapped to nothing
    CHECK(prepare_password("\xE2\x85\xA8")->reveal() == "IX"); // Roman numeral nine by NFKC
    CHECK(prepare_password("pass word")->reveal() == "pass word");
    CHECK_FALSE(prepare_password("bell\x07").has_value());
    CHECK_FALSE(prepare_password("\xff").has_value());
    CHECK_FALSE(prepare_password("").has_value());
    CHECK_FALSE(prepare_password("\xC2\xAD").has_value()); // nothing is left of it
}

} // namespace sasl_plain_test
