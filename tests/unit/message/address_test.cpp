#include "message/address.h"

#include <CppUTest/TestHarness.h>

namespace address_test {

using namespace postern::message;
using namespace std::string_view_literals;

namespace {

std::string shown(Mailbox const& m) {
    return "[" + m.display_name + "|" + m.route + "|" + m.local_part + "|" + m.domain + "]";
}

// Every address on one line: "[display name|route|local part|domain]", a group as "name:[...][...];".
std::string parsed(std::string_view list) {
    std::string out;
    for (Address const& address : parse_address_list(list)) {
        if (auto const* group = std::get_if<Group>(&address)) {
            out += group->name + ":";
            for (Mailbox const& m : group->members) out += shown(m);
            out += ";";
        } else {
            out += shown(std::get<Mailbox>(address));
        }
    }
    return out;
}

void check(char const* expected, std::string_view list) { STRCMP_EQUAL(expected, parsed(list).c_str()); }

} // namespace

TEST_GROUP(AddressList){};

TEST(AddressList, reads_the_examples_of_rfc_5322_appendix_a) {
    check("[John Doe||jdoe|machine.example]", " John Doe <jdoe@machine.example>");
    check("[Joe Q. Public||john.q.public|example.com]", "\"Joe Q. Public\" <john.q.public@example.com>");
    check("[Mary Smith||mary|x.test][||jdoe|example.org][Who?||one|y.test]",
          "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>");
    check("[||boss|nil.test][Giant; \"Big\" Box||sysservices|example.net]",
          "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>");
    check("A Group:[Ed Jones||c|a.test][||joe|where.test][John||jdoe|one.test];",
          "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;");
    check("Undisclosed recipients:;", "Undisclosed recipients:;");
}

TEST(AddressList, reads_the_obsolete_forms_of_rfc_5322_appendix_a) {
    // A.5: white space, comments and folds at odd places
    check("[Pete||pete|silly.test]", "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>");
    check("A Group:[Chris Jones||c|public.example][||joe|example.org][John||jdoe|one.test];",
          "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
          "     joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)");
    check("Hidden recipients:;", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;");
    // A.6.1
    check("[Joe Q. Public||john.q.public|example.com]", "Joe Q. Public <john.q.public@example.com>");
    check("[Mary Smith|@node.test|mary|example.net][||jdoe|test.example]",
          "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example");
    // A.6.3
    check("[John Doe||jdoe|machine.example]", "John Doe <jdoe@machine(comment).  example>");
}

TEST(AddressList, reads_routes_of_several_hosts) {
    check("[|@a.test,@b.test|joe|c.test]", "<@a.test,@b.test:joe@c.test>");
    check("[|@a.test|joe|c.test]", "<,,@a.test:joe@c.test>");
}

TEST(AddressList, takes_a_comment_for_a_name_that_is_missing) {
    check("[Pete Smith||pete|silly.test]", "pete@silly.test (Pete Smith)");
    check("[Given||pete|silly.test]", "Given <pete@silly.test> (Comment)");
    check("[nested (deep) one||pete|silly.test]", "pete@silly.test (nested (deep) one)");
    check("[A||a|x][||b|y]", "a@x (A), b@y");
    check("[AB||a|x]", "a@x (A\\\r\n\\\nB)"); // no line end gets through
}

TEST(AddressList, unquotes_local_parts) {
    check("[||john doe|example.org]", "\"john doe\"@example.org");
    check("[||a\"b|example.org]", "<\"a\\\"b\"@example.org>");
    check("[||john.doe|example.org]", "john . doe @ example.org");
    check("[||a.|example.org]", "\"a.\"@example.org");
}

TEST(AddressList, keeps_address_literals) {
    check("[||joe|[192.0.2.1]]", "joe@[192.0.2.1]");
    check("[||joe|[IPv6:2001:db8::1]]", "<joe@[ IPv6:2001:db8::1 ]>");
    check("[||joe|[192.0.2.1][||b|x]", "joe@[192.0.2.1, b@x");
}

TEST(AddressList, keeps_encoded_words_and_8_bit_octets_as_they_are) {
    check("[=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=||keld|dkuug.dk]",
          "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>");
    check("[J\xf8rgen||j\xc3\xb8|\xc3\xb8.dk]", "J\xf8rgen <j\xc3\xb8@\xc3\xb8.dk>");
}

TEST(AddressList, makes_sense_of_what_people_send) {
    check("[||user|]", "user");
    check("[||a|x][||b|y]", "a@x; b@y;");
    check("[||a|x][||b|y]", ",, a@x,,b@y,");
    check("[Joe||joe|x.org]", "Joe joe@x.org");
    check("[joe@x.org||joe|x.org]", "joe@x.org <joe@x.org>");
    check("[Joe (Home)||joe|x.org]", "\"Joe (Home)\" <joe@x.org>");
    check("[||a|x][||b|y]", "<a@x> <b@y>");
    check("[||a|x][||b|y]", "<a@x, b@y");
    check("[Nobody|||]", "Nobody <>");
    check("[[list] Joe||joe|x.org]", "[list] Joe <joe@x.org>");
    check("[||a|x]", "a@x>");
    check("[||a|x]", "a@x junk more junk");
    check("[||a|b]", "a@b@c");
    check("[|||]", "@");
    check("[\"Joe||joe|x.org][||b|y]", "\"Joe <joe@x.org>, b@y");
    check("g:[||a|x][||b|y];", "g: a@x, b@y");
    check("g:[||b|y];[||c|z]", "g: h: b@y; c@z");
    check("[||a|x]", ": a@x");
    check("", "(only a comment)");
    check("", "");
    check("", " \r\n ,;, >");
}

TEST(AddressList, survives_nesting_and_what_never_closes) {
    CHECK_TRUE(parsed(std::string(200'000, '(')).empty());
    CHECK_TRUE(parsed(std::string(100'000, '(') + std::string(100'000, ')') + "a@b").ends_with("|a|b]"));
    parsed(std::string(200'000, '<'));
    parsed(std::string(200'000, '"') + "x");
    parsed(std::string(200'000, '@'));
    parsed(std::string(200'000, '\\'));
    parsed(std::string(200'000, '['));
    parsed(std::string(200'000, ':'));
    check("[(||a|b]", "a@b (\\(");
}

TEST(AddressList, reads_no_more_mailboxes_than_the_limit) {
    std::string list;
    for (std::size_t i = 0; i < mailbox_limit + 5; ++i) list += "a@b,";
    CHECK_EQUAL(mailbox_limit, parse_address_list(list).size());
    auto const group = parse_address_list("g:" + list);
    CHECK_EQUAL(1, group.size());
    CHECK_EQUAL(mailbox_limit, mailboxes(group).size());
}

TEST(AddressList, collects_the_mailboxes_of_groups_too) {
    auto const all = mailboxes(parse_address_list("a@x, g: b@y, c@z;, d@w"));
    CHECK_EQUAL(4, all.size());
    STRCMP_EQUAL("c", all[2].local_part.c_str());
}

TEST(AddressList, is_written_as_it_is_read) {
    for (char const* spelled :
         {"a@x", "Joe Public <joe@x.org>", "\"Joe Q. Public\" <joe@x.org>", "\"a b\"@x.org", "\"say \\\"hi\\\"\" <a@x>",
          "<@a.test,@b.test:joe@c.test>", "=?utf-8?q?J=C3=B8?= <a@x>"}) {
        auto const list = parse_address_list(spelled);
        CHECK_EQUAL(1, list.size());
        STRCMP_EQUAL(spelled, to_string(std::get<Mailbox>(list[0])).c_str());
    }
}

TEST_GROUP(SmtpMailbox){static void accepts(std::string_view text, char const* local_part, char const* domain,
                                            bool utf8 = false){auto const mailbox = parse_smtp_mailbox(text, utf8);
CHECK_TRUE_TEXT(mailbox.has_value(), std::string(text).c_str());
STRCMP_EQUAL(local_part, mailbox->local_part.c_str());
STRCMP_EQUAL(domain, mailbox->domain.c_str());
} // namespace address_test
static void refuses(std::string_view text, bool utf8 = false) {
    CHECK_FALSE_TEXT(parse_smtp_mailbox(text, utf8).has_value(), std::string(text).c_str());
}
}
;

TEST(SmtpMailbox, takes_dot_strings_and_quoted_strings) {
    accepts("Smith@bar.com", "Smith", "bar.com");
    accepts("a.b+c!#$%&'*/=?^_`{|}~-@x", "a.b+c!#$%&'*/=?^_`{|}~-", "x");
    accepts("\"Joe.\\\\Blow\"@bar.com", "Joe.\\Blow", "bar.com"); // RFC 5321 §4.1.2
    accepts("\"a b@c\\\"\"@bar.com", "a b@c\"", "bar.com");
    accepts("\"\"@bar.com", "", "bar.com");
}

TEST(SmtpMailbox, refuses_what_the_grammar_has_not) {
    for (std::string_view bad :
         {"",       "@",        "a@",       "@b",         "a",           "a b@c",  ".a@b",  "a.@b",
          "a..b@c", "a@b.",     "a@.b",     "a@b..c",     "a@-b",        "a@b-",   "a@b c", "a@b@c",
          "\"a@b",  "\"a\"b@c", "a\"b\"@c", "\"a\tb\"@c", "\"a\\\t\"@c", "<a@b>",  "a@b>",  "a@(c)b",
          "a(c)@b", "a@b/c",    "a,b@c",    "\"\\",       "a@b\r\n",     "a\x7f@b"})
        refuses(bad);
    refuses("a\0@b"sv);
    refuses("a@b\0"sv);
    refuses("\"a\0\"@b"sv);
}

TEST(SmtpMailbox, validates_address_literals) {
    accepts("a@[192.0.2.1]", "a", "[192.0.2.1]");
    accepts("a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]");
    accepts("a@[ipv6:::ffff:192.0.2.1]", "a", "[ipv6:::ffff:192.0.2.1]");
    for (std::string_view bad :
         {"a@[]", "a@[192.0.2]", "a@[192.0.2.256]", "a@[2001:db8::1]", "a@[IPv6:]", "a@[IPv6:1::2::3]",
          "a@[IPv6:192.0.2.1]", "a@[192.0.2.1", "a@192.0.2.1]", "a@[192.0.2.1]x", "a@[x-tag:stuff]", "a@[ 192.0.2.1]"})
        refuses(bad);
    refuses("a@[192.0.2.1\0]"sv);
}

TEST(SmtpMailbox, holds_to_the_sizes_of_rfc_5321) {
    accepts(std::string(64, 'a') + "@b", std::string(64, 'a').c_str(), "b");
    refuses(std::string(65, 'a') + "@b");
    refuses('"' + std::string(63, 'a') + "\"@b");
    refuses("a@" + std::string(64, 'b'));
    std::string long_domain = "b";
    while (long_domain.size() <= 255) long_domain += ".b";
    refuses("a@" + long_domain);
}

TEST(SmtpMailbox, takes_utf8_only_where_it_was_asked_for) {
    accepts("\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a", "\u7528\u6237", "\u4f8b\u5b50.\u5e7f\u544a", true);
    accepts("\"\u7528 \u6237\"@x", "\u7528 \u6237", "x", true);
    refuses("\u7528@x");
    refuses("a@\u4f8b.x");
    refuses("\xff@x", true);
    refuses("a@\u2028.x", true);
    accepts("plain@x", "plain", "x", true);
}

TEST(SmtpMailbox, says_why) {
    CHECK_TRUE(parse_smtp_mailbox("\u00e9@x", false).error().contains("SMTPUTF8"));
    CHECK_TRUE(parse_smtp_mailbox("a", false).error().contains("domain is missing"));
    CHECK_TRUE(parse_smtp_mailbox("a@b..c", false).error().contains("domain"));
}

TEST(SmtpMailbox, is_quoted_where_it_needs_to_be) {
    STRCMP_EQUAL("a.b@c", smtp_mailbox("a.b", "c").c_str());
    STRCMP_EQUAL("\"a b\"@c", smtp_mailbox("a b", "c").c_str());
    STRCMP_EQUAL("\"a\\\"\\\\\"@c", smtp_mailbox("a\"\\", "c").c_str());
    STRCMP_EQUAL("\".a\"@c", smtp_mailbox(".a", "c").c_str());
    STRCMP_EQUAL("\"\"@c", smtp_mailbox("", "c").c_str());
    STRCMP_EQUAL("postmaster", smtp_mailbox("postmaster", "").c_str());
}

TEST(SmtpMailbox, knows_the_domains_of_ehlo) {
    CHECK_TRUE(is_smtp_domain("client.example", false));
    CHECK_TRUE(is_smtp_domain("[192.0.2.1]", false));
    CHECK_TRUE(is_smtp_domain("PC_7", false));
    CHECK_FALSE(is_smtp_domain("", false));
    CHECK_FALSE(is_smtp_domain("[]", false));
    CHECK_FALSE(is_smtp_domain("b\u00fccher.example", false));
    CHECK_TRUE(is_smtp_domain("b\u00fccher.example", true));
}

} // namespace address_test
