#include "imap_parsed.h"
#include "wire/imap_parser.h"

#include <CppUTest/TestHarness.h>

#include <chrono>
#include <string>

namespace imap_parser_test {

using namespace postern;
using namespace postern::wire::imap;

namespace {

std::string join(std::vector<std::string> const& words) {
    std::string out;
    for (std::string const& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

void mailbox_is(char const* expected, std::string_view wire, bool utf8 = false) {
    STRCMP_EQUAL(expected, parsed<Select>(std::string("a SELECT ").append(wire), utf8).mailbox.c_str());
}

// A word a step, "begin" with its flags and keywords, "@" for a date; then the literal.
std::string spell(AppendPiece const& piece) {
    std::string out;
    for (AppendStep const& step : piece.steps) {
        if (!out.empty()) out += ' ';
        if (auto const* begins = std::get_if<MessageBegins>(&step))
            out += "begin" + std::to_string(begins->flags.system.bits()) + join(begins->flags.keywords) +
                   (begins->internal_date ? "@" : "");
        else if (auto const* url = std::get_if<UrlPart>(&step))
            out += url->url;
        else
            out += "end";
    }
    if (!piece.literal) return out;
    return out + " {" + std::to_string(piece.literal->size) + (piece.literal->literal8 ? "~" : "") +
           (piece.literal->utf8 ? "u" : "") + (piece.literal->catenated ? "c" : "") + "}";
}

std::string rest(std::string_view text, LiteralPart const& literal, bool several = true) {
    Framed framed;
    framed.texts.front() = text;
    if (text.ends_with('}')) { // one digit
        framed.message = static_cast<std::uint64_t>(text[text.size() - 2] - '0');
        framed.literal8 = text.contains('~');
        framed.texts.front().resize(text.size() - (framed.literal8 ? 4 : 3));
    }
    auto const piece = parse_append_piece(framed, literal, several);
    return piece ? spell(*piece) : piece.error().text;
}

} // namespace

TEST_GROUP(ImapParser){};

TEST(ImapParser, commands_without_arguments) {
    parsed<Capability>("a1 CAPABILITY");
    parsed<Noop>("a1 NOOP");
    parsed<Logout>("a1 LOGOUT");
    parsed<StartTls>("a1 STARTTLS");
    parsed<Namespace>("a1 NAMESPACE");
    parsed<Idle>("a1 IDLE");
    parsed<Check>("a1 CHECK");
    parsed<Close>("a1 CLOSE");
    parsed<Unselect>("a1 UNSELECT");
    CHECK_FALSE(parsed<Expunge>("a1 EXPUNGE").uids.has_value());
}

TEST(ImapParser, verbs_have_no_case) {
    parsed<Noop>("a1 noop");
    CHECK_TRUE(parsed<Fetch>("a1 uid Fetch 1 flags").uid);
}

TEST(ImapParser, the_tag_is_kept) {
    STRCMP_EQUAL("A.1-x]~", parse_command(framed("A.1-x]~ NOOP")).value().tag.c_str());
}

TEST(ImapParser, what_is_no_command_is_bad) {
    refused("", "* BAD The command must begin with a tag");
    refused(" NOOP", "* BAD The command must begin with a tag");
    refused("+ NOOP", "* BAD The command must begin with a tag");
    refused("* NOOP", "* BAD The command must begin with a tag");
    refused(std::string(101, 'a') + " NOOP", "* BAD The command must begin with a tag");
    refused("a", "a BAD Arguments are missing");
    refused("a ", "a BAD Expected a command");
    refused("a  NOOP", "a BAD Expected a command");
    refused("a+b NOOP", "a BAD A space is missing");
    refused("a \"NOOP\"", "a BAD Expected a command");
    refused("a FROBNICATE x", "a BAD Unknown command FROBNICATE");
    refused("a " + std::string(50, 'x'), "a BAD Unknown command");
    refused("a UID", "a BAD Arguments are missing");
    refused("a UID NOOP", "a BAD Unknown command");
    refused("a NOOP x", "a BAD NOOP: Unexpected text at the end of the command");
    refused("a NOOP ", "a BAD NOOP: Unexpected text at the end of the command");
    refused("a {4}\r\nNOOP", "a BAD Expected a command");
    refused("a NOOP{1}\r\nx", "a BAD NOOP: Unexpected text at the end of the command");
}

// RFC 3501 §6.2.3
TEST(ImapParser, login_takes_atoms_quoted_strings_and_literals) {
    for (char const* wire : {"a001 LOGIN SMITH SESAME", "a001 LOGIN \"SMITH\" {6}\r\nSESAME",
                             "a001 login {5+}\r\nSMITH \"SESAME\"", "a001 LOGIN {5}\r\nSMITH {6+}\r\nSESAME"}) {
        auto const login = parsed<Login>(wire);
        STRCMP_EQUAL("SMITH", login.user.c_str());
        CHECK_TRUE(login.password.reveal() == "SESAME");
    }
}

TEST(ImapParser, strings_keep_every_octet) {
    CHECK_TRUE(parsed<Login>("a LOGIN x \"a\\\"b\\\\c]{(%*\"").password.reveal() == "a\"b\\c]{(%*");
    CHECK_TRUE(parsed<Login>("a LOGIN x {6}\r\n\xff\r\n\"\\x").password.reveal() == "\xff\r\n\"\\x");
    CHECK_TRUE(parsed<Login>("a LOGIN x \"p\xc3\xa4ss\"").password.reveal() == "p\xc3\xa4ss");
    CHECK_TRUE(parsed<Login>("a LOGIN \"\" \"\"").password.empty());
    CHECK_TRUE(parsed<Login>("a LOGIN x a]b").password.reveal() == "a]b");
}

TEST(ImapParser, broken_strings_are_bad) {
    refused("a LOGIN", "a BAD LOGIN: Arguments are missing");
    refused("a LOGIN ", "a BAD LOGIN: Arguments are missing");
    refused("a LOGIN x", "a BAD LOGIN: Arguments are missing");
    refused("a LOGIN x y z", "a BAD LOGIN: Unexpected text at the end of the command");
    refused("a LOGIN x \"y", "a BAD LOGIN: A quoted string does not end");
    refused("a LOGIN x \"y\\", "a BAD LOGIN: Only \" and \\ may follow a \\ in a quoted string");
    refused("a LOGIN x \"y\\z\"", "a BAD LOGIN: Only \" and \\ may follow a \\ in a quoted string");
    refused("a LOGIN x \"y{1}\r\nz", "a BAD LOGIN: A quoted string does not end");
    refused("a LOGIN x \"\xff\"", "a BAD LOGIN: 8-bit text that is not UTF-8 needs a literal");
    refused("a LOGIN x (y)", "a BAD LOGIN: Expected an atom or a string");
    refused("a LOGIN x y\"z\"", "a BAD LOGIN: Unexpected text at the end of the command");
    refused("a LOGIN x\xc3\xa4 y", "a BAD LOGIN: A space is missing");
    refused("a LOGIN x{1}\r\ny z", "a BAD LOGIN: A space is missing");
}

// RFC 4959
TEST(ImapParser, authenticate) {
    auto const plain = parsed<Authenticate>("C01 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=");
    STRCMP_EQUAL("PLAIN", plain.mechanism.c_str());
    CHECK_TRUE(plain.initial_response->reveal() == std::string_view("test\0test\0test", 14));
    auto const external = parsed<Authenticate>("a authenticate external =");
    STRCMP_EQUAL("EXTERNAL", external.mechanism.c_str());
    CHECK_TRUE(external.initial_response->empty());
    CHECK_FALSE(parsed<Authenticate>("a AUTHENTICATE SCRAM-SHA-256").initial_response.has_value());
    refused("a AUTHENTICATE PLAIN dGVzd", "a BAD AUTHENTICATE: The initial response is not base64");
    refused("a AUTHENTICATE PLAIN ", "a BAD AUTHENTICATE: The initial response is not base64");
    refused("a AUTHENTICATE PLAIN ==", "a BAD AUTHENTICATE: The initial response is not base64");
    refused("a AUTHENTICATE", "a BAD AUTHENTICATE: Arguments are missing");
}

// RFC 2971 §3.1
TEST(ImapParser, id) {
    auto const id = parsed<Id>("a023 ID (\"name\" \"sodr\" \"version\" NIL)");
    LONGS_EQUAL(2, id.parameters.size());
    STRCMP_EQUAL("sodr", id.parameters[0].second.value().c_str());
    CHECK_FALSE(id.parameters[1].second.has_value());
    CHECK_TRUE(parsed<Id>("a042 ID NIL").parameters.empty());
    CHECK_TRUE(parsed<Id>("a042 ID ()").parameters.empty());
    CHECK_TRUE(parsed<Id>("a ID ({4}\r\nname {4+}\r\nmutt)").parameters[0].second == "mutt");
    refused("a ID", "a BAD ID: Arguments are missing");
    refused("a ID (name \"x\")", "a BAD ID: Expected a quoted string or a literal");
    refused("a ID (\"name\")", "a BAD ID: A space is missing");
    refused("a ID (\"" + std::string(31, 'n') + "\" NIL)", "a BAD ID: Too long a parameter");
    refused("a ID (\"n\" \"" + std::string(1025, 'n') + "\")", "a BAD ID: Too long a parameter");
    std::string many = "a ID (\"n\" NIL";
    for (int i = 0; i < 30; ++i) many += " \"n\" NIL";
    refused(many + ")", "a BAD ID: Too many parameters");
}

// RFC 5161 §3.1
TEST(ImapParser, enable) {
    STRCMP_EQUAL("CONDSTORE X-GOOD-IDEA", join(parsed<Enable>("t1 ENABLE CondStore X-GOOD-IDEA").capabilities).c_str());
    refused("a ENABLE", "a BAD ENABLE: Arguments are missing");
    refused("a ENABLE X ", "a BAD ENABLE: Expected a capability");
}

TEST(ImapParser, select_and_examine) {
    auto const select = parsed<Select>("A142 SELECT INBOX");
    STRCMP_EQUAL("INBOX", select.mailbox.c_str());
    CHECK_FALSE(select.read_only);
    CHECK_FALSE(select.condstore);
    CHECK_TRUE(parsed<Select>("A932 EXAMINE blurdybloop").read_only);
    CHECK_TRUE(parsed<Select>("A142 SELECT INBOX (CONDSTORE)").condstore); // RFC 7162 §3.1.8
    CHECK_TRUE(parsed<Select>("A142 EXAMINE {5}\r\nINBOX (condstore)").condstore);
    refused("a SELECT", "a BAD SELECT: Arguments are missing");
    refused("a SELECT INBOX (FOO)", "a BAD SELECT: Unknown or repeated parameter FOO");
    refused("a SELECT INBOX ()", "a BAD SELECT: Expected a parameter");
    refused("a SELECT INBOX (CONDSTORE", "a BAD SELECT: The command ends too early, missing )");
    refused("a SELECT INBOX INBOX", "a BAD SELECT: Missing (");
}

// RFC 3501 §5.1
// RFC 7162 §3.2.5
TEST(ImapParser, select_takes_what_a_client_knows_of_the_mailbox) {
    auto const known = *parsed<Select>("A03 SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))").resync;
    LONGS_EQUAL(67890007, postern::core::number(known.uid_validity));
    UNSIGNED_LONGS_EQUAL(90060115194045000, postern::core::number(known.modseq));
    STRCMP_EQUAL("41:211,214:541", known.known->to_string().c_str());
    CHECK_TRUE(known.numbers.empty() && known.uids.empty());

    auto const matched = *parsed<Select>("B04 SELECT INBOX (QRESYNC (67890007 90060115194045000 1:29997 "
                                         "(5000,7500,9000,9990:9992 15000,22500,27000,29970,29973,29976)))")
                              .resync;
    STRCMP_EQUAL("5000,7500,9000,9990:9992", matched.numbers.to_string().c_str());
    STRCMP_EQUAL("15000,22500,27000,29970,29973,29976", matched.uids.to_string().c_str());
    CHECK_FALSE(parsed<Select>("a SELECT INBOX (QRESYNC (1 2 (1 1)) CONDSTORE)").resync->known.has_value());
    refused("a SELECT INBOX (QRESYNC (1 2 4,3))", "a BAD SELECT: Expected numbers in ascending order, without *");
    refused("a SELECT INBOX (QRESYNC (1 2 1:*))", "a BAD SELECT: Expected numbers in ascending order, without *");
    refused("a SELECT INBOX (QRESYNC (1 2 1:2 (1:2 3)))", "a BAD SELECT: There must be a UID for each sequence number");
    refused("a SELECT INBOX (QRESYNC (1 2) QRESYNC (1 2))", "a BAD SELECT: Unknown or repeated parameter QRESYNC");
}

TEST(ImapParser, inbox_has_no_case) {
    mailbox_is("INBOX", "inbox");
    mailbox_is("INBOX", "\"InBox\"");
    mailbox_is("INBOX", "{5}\r\niNBOX");
    mailbox_is("inbox/x", "inbox/x");
}

// RFC 3501 §5.1.3
TEST(ImapParser, mailbox_names_are_modified_utf7) {
    mailbox_is("~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
               "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
    mailbox_is("Lost & Found", "\"Lost &- Found\"");
    refused("a SELECT &Jjo!", "a NO [CANNOT] The mailbox name is not valid modified UTF-7");
    refused("a SELECT \"a&b\"", "a NO [CANNOT] The mailbox name is not valid modified UTF-7");
    refused("a SELECT {1}\r\n\xe4", "a NO [CANNOT] The mailbox name is not UTF-8");
    refused("a CREATE {3}\r\na\r\n", "a NO [CANNOT] The mailbox name is not valid modified UTF-7");
    refused("a CREATE &AAo-", "a NO [CANNOT] The mailbox name has control characters");
}

// RFC 6855 §3
TEST(ImapParser, with_utf8_accepted_mailbox_names_stand_as_they_are) {
    mailbox_is("\xc3\xa4", "\"\xc3\xa4\"", true);
    mailbox_is("&U,BTFw-", "&U,BTFw-", true);
    refused("a SELECT {1}\r\n\xc3", "a NO [CANNOT] The mailbox name is not UTF-8", true);
    refused("a SELECT {3}\r\na\tb", "a NO [CANNOT] The mailbox name has control characters", true);
}

// RFC 6855 §3: modified UTF-7 is ASCII, so that what is not cannot be meant as that.
TEST(ImapParser, a_name_in_utf8_is_understood_by_itself) {
    STRCMP_EQUAL("\xc3\xa4&-", parsed<Select>("a SELECT \"\xc3\xa4&-\"").mailbox.c_str());
    STRCMP_EQUAL("\xc3\xa4", parsed<Select>("a SELECT {2}\r\n\xc3\xa4").mailbox.c_str());
}

// RFC 6855 §4, RFC 3516 §4.3
TEST(ImapParser, append_takes_a_literal8_and_utf8) {
    STRCMP_EQUAL("begin1 {3~}", spell(parsed<Append>("a APPEND INBOX (\\Seen) ~{3}").piece).c_str());
    STRCMP_EQUAL("begin0 {3~u}", spell(parsed<Append>("a APPEND INBOX UTF8 (~{3+}").piece).c_str());
    refused("a APPEND INBOX UTF8 ({3}", "a BAD APPEND: After UTF8 the message must be a literal8");
    refused("a APPEND INBOX UTF8 ~{3}", "a BAD APPEND: The command ends too early, missing (");
    refused("a APPEND INBOX (~{3}", "a BAD APPEND: Expected a flag");
}

TEST(ImapParser, commands_on_a_mailbox) {
    STRCMP_EQUAL("owatagusiam/", parsed<Create>("A003 CREATE owatagusiam/").mailbox.c_str());
    STRCMP_EQUAL("blurdybloop", parsed<Delete>("A683 DELETE blurdybloop").mailbox.c_str());
    STRCMP_EQUAL("#news.comp.mail.mime", parsed<Subscribe>("A002 SUBSCRIBE #news.comp.mail.mime").mailbox.c_str());
    STRCMP_EQUAL("#news.comp.mail.mime", parsed<Unsubscribe>("A002 UNSUBSCRIBE #news.comp.mail.mime").mailbox.c_str());
    auto const rename = parsed<Rename>("Z433 RENAME INBOX \"old mail\"");
    STRCMP_EQUAL("INBOX", rename.from.c_str());
    STRCMP_EQUAL("old mail", rename.to.c_str());
    // RFC 6154 §5.1
    auto const special = parsed<Create>("t1 CREATE MySpecial (USE (\\Drafts \\Sent))");
    CHECK_TRUE(special.uses == (std::vector<std::string>{"\\Drafts", "\\Sent"}));
    refused("a CREATE foo (USE \\Sent)", "a BAD CREATE: Missing (");
    refused("a CREATE foo (FOR (\\Sent))", "a BAD CREATE: Unknown parameter FOR");
    refused("a RENAME x", "a BAD RENAME: Arguments are missing");
}

// RFC 3501 §6.3.11
TEST(ImapParser, append) {
    auto const append = parsed<Append>("A003 APPEND saved-messages (\\Seen) {310}");
    STRCMP_EQUAL("saved-messages", append.mailbox.c_str());
    STRCMP_EQUAL("begin1 {310}", spell(append.piece).c_str());
    auto const bare = parsed<Append>("a APPEND {5+}\r\ninbox {0+}");
    STRCMP_EQUAL("INBOX", bare.mailbox.c_str());
    STRCMP_EQUAL("begin0 {0}", spell(bare.piece).c_str());
    auto const full = parsed<Append>("a APPEND x (\\Draft $Label1 $label1 x) \"17-Jul-1996 02:44:25 -0700\" {1}");
    STRCMP_EQUAL("begin16$Label1 x@ {1}", spell(full.piece).c_str());
    STRCMP_EQUAL("begin0 {1}", spell(parsed<Append>("a APPEND x () {1}").piece).c_str());
    STRCMP_EQUAL("begin0 {1~}", spell(parsed<Append>("a APPEND x ~{1}").piece).c_str());
    STRCMP_EQUAL("begin0 {1~u}", spell(parsed<Append>("a APPEND x UTF8 (~{1}").piece).c_str());
}

// RFC 3502 §6
TEST(ImapParser, append_of_several) {
    LiteralPart const plain{.size = 1}, utf8{.size = 1, .literal8 = true, .utf8 = true};
    STRCMP_EQUAL("end", rest("", plain).c_str());
    STRCMP_EQUAL("end begin1 {5}", rest(" (\\Seen) {5}", plain).c_str());
    STRCMP_EQUAL("end begin0@ {5~u}", rest(" \" 7-Feb-1994 22:43:04 -0800\" UTF8 (~{5}", plain).c_str());
    STRCMP_EQUAL("end begin0 {5}", rest(") {5}", utf8).c_str());
    STRCMP_EQUAL("Missing )", rest(" {5}", utf8).c_str());
    STRCMP_EQUAL("The command ends too early, missing )", rest("", utf8).c_str());
    STRCMP_EQUAL("Unexpected text at the end of the command", rest("x", plain).c_str());
    STRCMP_EQUAL("Unexpected text at the end of the command", rest(")", plain).c_str());
    STRCMP_EQUAL("The message must be a literal", rest(" (\\Seen) x", plain).c_str());
    STRCMP_EQUAL("Arguments are missing", rest(" (\\Seen){5}", plain).c_str());
    STRCMP_EQUAL("The literal stands where none may", rest(" {5}", plain, false).c_str());
}

// RFC 4469 §5, RFC 6855 §4
TEST(ImapParser, append_of_what_is_catenated) {
    auto const urls =
        parsed<Append>("a APPEND x (\\Draft) CATENATE (URL /b/;UID=1 url \"/c/;UID=2\") CATENATE (URL /d)");
    STRCMP_EQUAL("begin16 /b/;UID=1 /c/;UID=2 end begin0 /d end", spell(urls.piece).c_str());
    STRCMP_EQUAL("begin0 /b {7c}", spell(parsed<Append>("a APPEND x CATENATE (URL /b TEXT {7}").piece).c_str());
    STRCMP_EQUAL("begin0 {7~uc}", spell(parsed<Append>("a APPEND x CATENATE (UTF8 (~{7}").piece).c_str());
    LiteralPart const text{.size = 1, .catenated = true};
    LiteralPart const utf8{.size = 1, .literal8 = true, .utf8 = true, .catenated = true};
    STRCMP_EQUAL("end", rest(")", text).c_str());
    STRCMP_EQUAL(" {3c}", rest(" TEXT {3}", text).c_str());
    STRCMP_EQUAL("/b end begin0 {3}", rest(" URL /b) {3}", text).c_str());
    STRCMP_EQUAL("/b end", rest(") URL /b)", utf8).c_str());
    STRCMP_EQUAL("The command ends too early, missing )", rest("", text).c_str());
    STRCMP_EQUAL("Expected TEXT, URL or UTF8", rest(" {3}", text).c_str());
    STRCMP_EQUAL("The literal stands where none may", rest("){3}", text).c_str());
    STRCMP_EQUAL("The literal stands where none may", rest(" URL /b){3}", text).c_str());
    refused("a APPEND x CATENATE (URL /b){3}", "a BAD APPEND: The literal stands where none may");
    refused("a APPEND x CATENATE ()", "a BAD APPEND: Expected TEXT, URL or UTF8");
    refused("a APPEND x CATENATE (TEXT x)", "a BAD APPEND: The message must be a literal");
    refused("a APPEND x CATENATE (UTF8 (y))", "a BAD APPEND: The message must be a literal");
    refused("a APPEND x CATENATE (URL /b", "a BAD APPEND: The command ends too early, missing )");
    refused("a APPEND x CATENATE (URL /b) x", "a BAD APPEND: The message must be a literal");
}

// RFC 8508 §5
TEST(ImapParser, replace) {
    auto const replace = parsed<Replace>("A003 REPLACE 4 Drafts (\\Seen \\Draft MyKeyword) {312}");
    STRCMP_EQUAL("4", replace.message.to_string().c_str());
    STRCMP_EQUAL("Drafts", replace.mailbox.c_str());
    STRCMP_EQUAL("begin17MyKeyword {312}", spell(replace.piece).c_str());
    CHECK_FALSE(replace.uid);
    CHECK_TRUE(parsed<Replace>("a UID REPLACE * x CATENATE (URL /b)").uid);
    refused("a REPLACE 4:5 x {1}", "a BAD REPLACE: One message can be replaced");
    refused("a REPLACE 4,5 x {1}", "a BAD REPLACE: One message can be replaced");
    refused("a REPLACE $ x {1}", "a BAD REPLACE: One message can be replaced");
    refused("a REPLACE x y {1}", "a BAD REPLACE: Not a sequence set:");
    refused("a UID REPLACE 4 x CATENATE (URL /b) CATENATE (URL /c)",
            "a BAD UID REPLACE: Unexpected text at the end of the command");
}

TEST(ImapParser, malformed_append_is_bad) {
    refused("a APPEND x", "a BAD APPEND: Arguments are missing");
    refused("a APPEND x ", "a BAD APPEND: The message must be a literal");
    refused("a APPEND x \"y\"", "a BAD APPEND: Expected a day");
    refused("a APPEND x (\\Recent) {1}", "a BAD APPEND: \\Recent cannot be changed");
    refused("a APPEND x (\\Foo) {1}", "a BAD APPEND: Unknown system flag Foo");
    refused("a APPEND x (a]) {1}", "a BAD APPEND: Missing )");
    refused("a APPEND x \"1-Jan-2026 00:00:00 +0000\" (\\Seen) {1}", "a BAD APPEND: The message must be a literal");
    refused("a APPEND x {1", "a BAD APPEND: The message must be a literal");
    refused("a APPEND x UTF8 ({1}", "a BAD APPEND: After UTF8 the message must be a literal8");
    refused("a APPEND &x {1}", "a NO [CANNOT] The mailbox name is not valid modified UTF-7");
    std::string many = "a APPEND x (k";
    for (int i = 0; i < 200; ++i) many += " k" + std::to_string(i);
    refused(many + ") {1}", "a NO [LIMIT] Too many keywords");
}

TEST(ImapParser, internal_dates) {
    using namespace std::chrono;
    auto const date_of = [](std::string const& wire) {
        auto const append = parsed<Append>("a APPEND x \"" + wire + "\" {1}");
        return std::get<MessageBegins>(append.piece.steps.front()).internal_date.value();
    };
    sys_seconds const noon = sys_days{2026y / January / 5} + 12h;
    CHECK_TRUE(date_of(" 5-Jan-2026 12:00:00 +0000") == noon);
    CHECK_TRUE(date_of("05-jan-2026 12:00:00 -0000") == noon);
    CHECK_TRUE(date_of("5-Jan-2026 12:00:00 +0000") == noon);
    CHECK_TRUE(date_of(" 5-Jan-2026 13:30:00 +0130") == noon);
    CHECK_TRUE(date_of(" 5-Jan-2026 05:00:00 -0700") == noon);
    CHECK_TRUE(date_of("29-Feb-2024 23:59:60 +0000") == sys_days{2024y / March / 1});
    auto const no_date = [](std::string const& wire, std::string const& why) {
        refused("a APPEND x \"" + wire + "\" {1}", "a BAD APPEND: " + why);
    };
    no_date("29-Feb-2026 00:00:00 +0000", "There is no such day");
    no_date("00-Jan-2026 00:00:00 +0000", "There is no such day");
    no_date(" 5-Foo-2026 00:00:00 +0000", "There is no such day");
    no_date(" 5-Jan-26 00:00:00 +0000", "The year must have four digits");
    no_date(" 5-Jan-20266 00:00:00 +0000", "The year must have four digits");
    no_date("32-Jan-2026 00:00:00 +0000", "Too large a number: 32");
    no_date(" 5-Jan-2026 24:00:00 +0000", "The date-time is malformed");
    no_date(" 5-Jan-2026 00:60:00 +0000", "The date-time is malformed");
    no_date(" 5-Jan-2026 00:00:61 +0000", "The date-time is malformed");
    no_date(" 5-Jan-2026 0:00:00 +0000", "The date-time is malformed");
    no_date(" 5-Jan-2026 00:00:00 0000", "Missing -");
    no_date(" 5-Jan-2026 00:00:00 +0060", "The date-time is malformed");
    no_date(" 5-Jan-2026 00:00:00 GMT", "Missing -");
    no_date(" 5-Jan-2026 00:00:00 +000", "The date-time is malformed");
    no_date(" 5-Jan-2026", "A space is missing");
}

// RFC 3501 §6.3.10, RFC 7162 §3.1.7, RFC 8438
TEST(ImapParser, status) {
    auto const status = parsed<Status>("A042 STATUS blurdybloop (UIDNEXT MESSAGES uidnext)");
    STRCMP_EQUAL("blurdybloop", status.mailbox.c_str());
    CHECK_TRUE(status.items == (std::vector{StatusItem::uid_next, StatusItem::messages}));
    LONGS_EQUAL(
        7, parsed<Status>("a STATUS x (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE)").items.size());
    refused("a STATUS x ()", "a BAD STATUS: Expected a status item");
    refused("a STATUS x (FOO)", "a BAD STATUS: Unknown status item FOO");
    refused("a STATUS x MESSAGES", "a BAD STATUS: Missing (");
    refused("a STATUS x", "a BAD STATUS: Arguments are missing");
}

// RFC 3501 §6.4.6, RFC 7162 §3.1.3
TEST(ImapParser, store) {
    auto const add = parsed<Store>("A003 STORE 2:4 +FLAGS (\\Deleted)");
    CHECK_TRUE(add.action == Store::Action::add);
    CHECK_FALSE(add.silent || add.uid || add.unchanged_since);
    STRCMP_EQUAL("2:4", add.messages.to_string().c_str());
    CHECK_TRUE(add.flags.system == core::SystemFlag::deleted);
    auto const remove = parsed<Store>("a UID STORE 1,* -flags.silent \\Seen \\ANSWERED $Junk");
    CHECK_TRUE(remove.action == Store::Action::remove && remove.silent && remove.uid);
    CHECK_TRUE(remove.flags.system == (core::SystemFlags(core::SystemFlag::seen) | core::SystemFlag::answered));
    STRCMP_EQUAL("$Junk", join(remove.flags.keywords).c_str());
    auto const replace = parsed<Store>("d105 STORE 7,5,9 (UNCHANGEDSINCE 320162338) FLAGS.SILENT ()");
    CHECK_TRUE(replace.action == Store::Action::replace && replace.silent);
    CHECK_TRUE(replace.unchanged_since == core::ModSeq{320162338});
    CHECK_TRUE(parsed<Store>("a STORE 1 (UNCHANGEDSINCE 0) FLAGS \\Seen").unchanged_since == core::ModSeq{0});
}

TEST(ImapParser, malformed_store_is_bad) {
    refused("a STORE 1 FLAGS (\\Recent)", "a BAD STORE: \\Recent cannot be changed");
    refused("a STORE 1 FLAGS (\\Foo)", "a BAD STORE: Unknown system flag Foo");
    refused("a STORE 1 FLAGS (\\*)", "a BAD STORE: Expected a flag");
    refused("a STORE 1 FLAGS", "a BAD STORE: Arguments are missing");
    refused("a STORE 1 FLAGS ", "a BAD STORE: Expected a flag");
    refused("a STORE 1 FLAGS (\\Seen", "a BAD STORE: The command ends too early, missing )");
    refused("a STORE 1 FLAGS (\\Seen \"x\")", "a BAD STORE: Expected a flag");
    refused("a STORE 1 *FLAGS (\\Seen)", "a BAD STORE: Expected FLAGS, +FLAGS or -FLAGS");
    refused("a STORE 1 FLAGSX (\\Seen)", "a BAD STORE: Expected FLAGS, +FLAGS or -FLAGS");
    refused("a STORE 0 FLAGS (\\Seen)", "a BAD STORE: Not a sequence set: 0");
    refused("a STORE 1 (CHANGEDSINCE 1) FLAGS (\\Seen)", "a BAD STORE: Unknown store modifier CHANGEDSINCE");
    refused("a STORE 1 (UNCHANGEDSINCE x) FLAGS (\\Seen)", "a BAD STORE: Expected a mod-sequence");
    refused("a STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()",
            "a BAD STORE: Too large a number: 9223372036854775808");
}

// RFC 3501 §6.4.7, RFC 6851 §3
TEST(ImapParser, copy_and_move) {
    auto const copy = parsed<Copy>("A003 COPY 2:4 MEETING");
    STRCMP_EQUAL("2:4", copy.messages.to_string().c_str());
    STRCMP_EQUAL("MEETING", copy.mailbox.c_str());
    CHECK_FALSE(copy.uid);
    CHECK_TRUE(parsed<Copy>("a UID COPY 1:* x").uid);
    auto const move = parsed<Move>("a UID MOVE 42:69 foo");
    CHECK_TRUE(move.uid);
    STRCMP_EQUAL("42:69", move.messages.to_string().c_str());
    CHECK_FALSE(parsed<Move>("a MOVE 1 foo").uid);
    refused("a COPY 1", "a BAD COPY: Arguments are missing");
    refused("a UID COPY x y", "a BAD UID COPY: Not a sequence set:");
}

// RFC 4315 §2.1
TEST(ImapParser, uid_expunge) {
    STRCMP_EQUAL("3000:3002", parsed<Expunge>("A101 UID EXPUNGE 3000:3002").uids.value().to_string().c_str());
    refused("a UID EXPUNGE", "a BAD UID EXPUNGE: Arguments are missing");
    refused("a EXPUNGE 1", "a BAD EXPUNGE: Unexpected text at the end of the command");
}

} // namespace imap_parser_test
