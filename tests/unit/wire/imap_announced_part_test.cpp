#include "wire/imap_reply_reader.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <vector>

namespace imap_announced_part_test {

using namespace postern::wire::imap;

namespace {

FetchReply fetch(std::string const& structure) {
    ReplyReader reader;
    auto const stream = "* 1 FETCH (BODYSTRUCTURE " + structure + " UID 7)\r\n";
    auto const read = reader.next(stream);
    auto const* reply = std::get_if<FetchReply>(&read.reply);
    CHECK_TEXT(reply != nullptr && reply->uid.has_value(), structure.c_str());
    return *reply;
}

// "1.2 text/plain name charset encoding octets", one a line.
std::string parts(std::string const& structure) {
    std::string all;
    for (auto const& part : fetch(structure).parts)
        all += std::format("{} {}/{} '{}' {} {} {}{}\n", part.section, part.type, part.subtype, part.name,
                           part.charset.empty() ? "-" : part.charset, part.encoding, part.octets,
                           part.attachment ? " attached" : "");
    return all;
}

constexpr char plain[] = R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 2279 48))";

} // namespace

TEST_GROUP(ImapAnnouncedPart){};

// RFC 3501 §7.4.2, its first example
TEST(ImapAnnouncedPart, a_message_of_one_text_is_part_1) {
    STRCMP_EQUAL("1 text/plain '' US-ASCII 7bit 2279\n", parts(plain).c_str());
}

// RFC 3501 §7.4.2, its second one
TEST(ImapAnnouncedPart, parts_are_named_and_numbered) {
    STRCMP_EQUAL("1 text/plain '' US-ASCII 7bit 1152\n2 text/plain 'cc.diff' US-ASCII base64 4554\n",
                 parts(R"((("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23))"
                       R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") )"
                       R"("<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED"))")
                     .c_str());
}

TEST(ImapAnnouncedPart, a_multipart_within_counts_on_and_a_disposition_has_the_name) {
    STRCMP_EQUAL("1.1 text/plain '' utf-8 quoted-printable 40\n1.2 text/html '' utf-8 7bit 90\n"
                 "2 application/pdf 'Plan.pdf' - base64 20000000 attached\n3 message/rfc822 '' - 7bit 342\n",
                 parts(R"(((("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 40 2 NIL NIL NIL NIL))"
                       R"(("text" "html" ("charset" "utf-8") NIL NIL "7bit" 90 3 NIL NIL NIL NIL) "alternative" )"
                       R"(("boundary" "b") NIL NIL NIL))"
                       R"(("application" "pdf" ("name" "other.pdf") NIL NIL "base64" 20000000 NIL )"
                       R"(("attachment" ("filename" "Plan.pdf")) NIL NIL))"
                       R"(("message" "rfc822" NIL NIL NIL "7bit" 342 ("d" "s" NIL NIL NIL NIL NIL NIL NIL "<i>") )"
                       R"(("text" "plain" NIL NIL NIL "7bit" 9 1) 12 NIL NIL NIL NIL) "mixed" ("boundary" "a")))")
                     .c_str());
}

TEST(ImapAnnouncedPart, a_name_may_be_a_literal) {
    STRCMP_EQUAL("1 image/png 'a\"b.png' - base64 12\n",
                 parts("(\"image\" \"png\" (\"name\" {7}\r\na\"b.png) NIL NIL \"base64\" 12)").c_str());
}

// RFC 2231 §4, §4.1
TEST(ImapAnnouncedPart, a_name_may_be_extended_and_continued) {
    auto const with = [](std::string const& parameters) {
        return fetch(R"(("image" "png" ("name" "short") NIL NIL "base64" 12 NIL ("inline" ()" + parameters + ")))")
            .parts.at(0)
            .name;
    };
    STRCMP_EQUAL("Gr\xc3\xbc\xc3\x9f"
                 "e 1.png",
                 with(R"("filename*" "iso-8859-1''Gr%FC%DFe%201.png")").c_str());
    STRCMP_EQUAL("long name%.png", with(R"("filename*0*" "us-ascii'en'long%20na" "filename*1" "me%.png")").c_str());
    STRCMP_EQUAL("long.png", with(R"("filename*0" "long" "filename*1" ".png")").c_str());
}

TEST(ImapAnnouncedPart, what_makes_no_sense_has_no_parts_and_costs_nothing_else) {
    for (char const* structure : {"NIL", "()", "(\"text\")", "(\"text\" \"plain\" (\"a\") NIL NIL NIL 1 1)", "(((())))",
                                  "(\"text\" \"plain\" NIL NIL NIL \"7bit\" many 1)"})
        STRCMP_EQUAL_TEXT("", parts(structure).c_str(), structure);
}

TEST(ImapAnnouncedPart, depth_and_number_are_bounded) {
    std::string const deep = std::string(5'000, '(') + plain + [] {
        std::string ends;
        for (int i = 0; i < 5'000; ++i) ends += " \"mixed\")";
        return ends;
    }();
    CHECK(fetch(deep).parts.empty());
    std::string wide = "(";
    for (int i = 0; i < 1'000; ++i) wide += plain;
    UNSIGNED_LONGS_EQUAL(announced_parts_limit, fetch(wide + " \"mixed\")").parts.size());
    auto const named = fetch(R"(("a" "b" ("name" ")" + std::string(5'000, 'x') + R"(") NIL NIL "7bit" 1))");
    UNSIGNED_LONGS_EQUAL(announced_text_limit, named.parts.at(0).name.size());
}

} // namespace imap_announced_part_test
