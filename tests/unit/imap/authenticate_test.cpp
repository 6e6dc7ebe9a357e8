#include "imap_client.h"
#include "text/base64.h"
#include "wire/sasl_scram.h"

using namespace postern::test;
using postern::text::base64_decode;
using postern::text::base64_encode;
using namespace std::string_literals;

TEST_GROUP(ImapAuthenticate) { ImapOffice office; };

TEST(ImapAuthenticate, takes_a_quoted_password_and_one_in_a_literal) {
    ImapClient client(office);
    CHECK_HAS("OK ", client.say("LOGIN \"alice\" \"secret-alice\""));
    ImapClient other(office);
    other.feed("a LOGIN {5}\r\n");
    CHECK_HAS("+ ", other.read_until("\r\n"));
    other.feed("alice {12+}\r\nsecret-alice\r\n");
    CHECK_HAS("OK [CAPABILITY ", other.answer_of("a"));
}

TEST(ImapAuthenticate, refuses_a_wrong_password_and_goes_on) {
    ImapClient client(office);
    CHECK_ANSWER("NO [AUTHENTICATIONFAILED] Login or password is wrong\r\n", client.say("LOGIN alice secret-bob"));
    CHECK_ANSWER("NO [AUTHENTICATIONFAILED] Login or password is wrong\r\n", client.say("LOGIN carol secret-carol"));
    CHECK_HAS("OK ", client.say("LOGIN alice secret-alice"));
}

TEST(ImapAuthenticate, authenticates_with_plain_and_an_initial_response) {
    ImapClient client(office);
    CHECK_HAS("OK [CAPABILITY ", client.say("AUTHENTICATE PLAIN " + base64_encode("\0alice\0secret-alice"s)));
}

TEST(ImapAuthenticate, authenticates_with_plain_and_a_response) {
    ImapClient client(office);
    client.feed("a AUTHENTICATE plain\r\n");
    CHECK_ANSWER("+ \r\n", client.read_until("\r\n"));
    client.feed(base64_encode("\0alice\0secret-alice"s) + "\r\n");
    CHECK_HAS("OK [CAPABILITY ", client.answer_of("a"));
}

TEST(ImapAuthenticate, authenticates_with_scram) {
    ImapClient client(office);
    std::string const first_bare = "n=alice,r=fyko+d2lbbFgONRv9qkxdawL";
    client.feed("a AUTHENTICATE SCRAM-SHA-256 " + base64_encode("n,," + first_bare) + "\r\n");
    std::string line = client.read_until("\r\n");
    CHECK_HAS("+ ", line);
    CHECK_HAS("r=fyko+d2lbbFgONRv9qkxdawL", *base64_decode(line.substr(2, line.size() - 4)));
    // The proof is wrong: that it fails is shown here, that right ones succeed in the tests of SASL.
    client.feed(base64_encode("c=biws,r=x,p=AAAA") + "\r\n");
    CHECK_HAS("a ", client.read_until("\r\n"));
}

TEST(ImapAuthenticate, is_cancelled_by_a_star) {
    ImapClient client(office);
    client.feed("a AUTHENTICATE PLAIN\r\n");
    CHECK_ANSWER("+ \r\n", client.read_until("\r\n"));
    client.feed("*\r\n");
    CHECK_ANSWER("BAD Cancelled\r\n", client.answer_of("a"));
    CHECK_HAS("OK ", client.say("NOOP"));
}

TEST(ImapAuthenticate, refuses_what_is_no_base64_and_mechanisms_it_does_not_have) {
    ImapClient client(office);
    client.feed("a AUTHENTICATE PLAIN\r\n");
    CHECK_ANSWER("+ \r\n", client.read_until("\r\n"));
    client.feed("!!!\r\n");
    CHECK_HAS("BAD ", client.answer_of("a"));
    CHECK_ANSWER("NO [CANNOT] No such mechanism here\r\n", client.say("AUTHENTICATE CRAM-MD5"));
}

TEST(ImapAuthenticate, lets_no_password_cross_in_the_clear) {
    CHECK(office.set("login.allow_plaintext", "no").has_value());
    ImapClient client(office);
    CHECK_HAS("LOGINDISABLED AUTH=SCRAM-SHA-256]", client.greeting);
    CHECK_ANSWER("NO [PRIVACYREQUIRED] Not without TLS\r\n", client.say("LOGIN alice secret-alice"));
    CHECK_ANSWER("NO [PRIVACYREQUIRED] Not without TLS\r\n", client.say("AUTHENTICATE PLAIN"));
}

TEST(ImapAuthenticate, says_when_there_is_no_tls) {
    ImapClient client(office);
    CHECK_HAS("NO [UNAVAILABLE] ", client.say("STARTTLS"));
}

TEST(ImapAuthenticate, ends_the_session_after_five_failures) {
    ImapClient client(office);
    for (int i = 0; i < 4; ++i) CHECK_HAS("NO ", client.say("LOGIN alice wrong"));
    CHECK_HAS("NO ", client.say("LOGIN alice wrong"));
    CHECK_ANSWER("* BYE Too many failed logins\r\n", client.read_to_end());
}
