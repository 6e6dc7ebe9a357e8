#include "wire/imap_command.h"
#include "wire/imap_framing.h"
#include "wire/imap_parser.h"
#include "wire/imap_request.h"

#include <CppUTest/TestHarness.h>

#include <stdexcept>
#include <string>

namespace imap_request_test {

using namespace postern;
using namespace postern::wire::imap;
using namespace std::string_literals;

TEST_GROUP(ImapRequest){};

TEST(ImapRequest, spells_commands) {
    STRCMP_EQUAL("A1 EXAMINE \"Gel&APY-scht \\\"x\\\"\"\r\n",
                 request::select("A1", "Gelöscht \"x\"", true, false).c_str());
    STRCMP_EQUAL("A2 UID FETCH 7:* (UID RFC822.SIZE FLAGS INTERNALDATE)\r\n",
                 request::survey("A2", core::Uid{7}, {}).c_str());
    STRCMP_EQUAL("A2 SELECT \"INBOX\" (CONDSTORE)\r\n", request::select("A2", "INBOX", false, true).c_str());
    STRCMP_EQUAL("A2 ENABLE QRESYNC\r\n", request::enable("A2", "QRESYNC").c_str());
    STRCMP_EQUAL("A2 UID FETCH 7:* (UID RFC822.SIZE FLAGS INTERNALDATE) (CHANGEDSINCE 90060115194045000)\r\n",
                 request::survey("A2", core::Uid{7}, {90060115194045000}).c_str());
    STRCMP_EQUAL("A2 UID FETCH 7:* (UID RFC822.SIZE FLAGS INTERNALDATE) (CHANGEDSINCE 12345 VANISHED)\r\n",
                 request::survey("A2", core::Uid{7}, {12345, true}).c_str());
    STRCMP_EQUAL("A3 UID FETCH 7 (UID BODY.PEEK[]<65536.32768>)\r\n",
                 request::piece("A3", core::Uid{7}, 65536, 32768).c_str());
    core::UidSet const uids{core::Uid{3}, core::Uid{4}, core::Uid{9}};
    STRCMP_EQUAL("A4 UID FETCH 3:4,9 (UID BODYSTRUCTURE BODY.PEEK[HEADER]<0.65536>)\r\n",
                 request::outlines("A4", uids, 65536).c_str());
    STRCMP_EQUAL("A4 UID FETCH 7 (UID BODY.PEEK[1.2]<0.8192>)\r\n",
                 request::beginning("A4", core::Uid{7}, "1.2", 8192).c_str());
    STRCMP_EQUAL("A5 UID STORE 3:4,9 +FLAGS.SILENT (\\Deleted)\r\n",
                 request::add_flag("A5", uids, "\\Deleted").c_str());
    STRCMP_EQUAL("A6 UID EXPUNGE 3:4,9\r\n", request::expunge("A6", &uids).c_str());
    STRCMP_EQUAL("A6 EXPUNGE\r\n", request::expunge("A6", nullptr).c_str());
}

TEST(ImapRequest, a_login_is_quoted_or_a_literal) {
    auto const quoted = request::login("A1", "alice@example.net", core::Secret("a\"b\\c"s), false);
    LONGS_EQUAL(1, quoted.size());
    CHECK(quoted.front().reveal() == "A1 LOGIN \"alice@example.net\" \"a\\\"b\\\\c\"\r\n");
    auto const waiting = request::login("A1", "jürgen", core::Secret("gehäm"s), false);
    LONGS_EQUAL(3, waiting.size());
    CHECK(waiting[0].reveal() == "A1 LOGIN {7}\r\n");
    CHECK(waiting[1].reveal() == "jürgen {6}\r\n");
    CHECK(waiting[2].reveal() == "gehäm\r\n");
    auto const at_once = request::login("A1", "alice", core::Secret("a\r\nb"s), true);
    LONGS_EQUAL(1, at_once.size());
    CHECK(at_once.front().reveal() == "A1 LOGIN \"alice\" {4+}\r\na\r\nb\r\n");
}

TEST(ImapRequest, nothing_puts_a_second_command_on_the_line) {
    CHECK_THROWS(std::invalid_argument, (void)request::login("A1", "a\0b"s, core::Secret("x"s), true));
    // What modified UTF-7 makes of controls is base64.
    CHECK_FALSE(std::string_view(request::select("A1", "a\r\nA2 LOGOUT", false, false)).substr(0, 12).contains('\r'));
}

} // namespace imap_request_test
