#include "message/body_text.h"

#include <CppUTest/TestHarness.h>

namespace body_text_test {

using namespace postern::message;

namespace {

std::string extracted(std::string_view encoding, std::string_view charset, bool html, std::string_view body,
                      std::size_t piece) {
    std::string out;
    TextExtractor extractor(encoding, charset, html, [&](std::string_view utf8) { out += utf8; });
    for (std::size_t i = 0; i < body.size(); i += piece) extractor.feed(body.substr(i, piece));
    extractor.finish();
    return out;
}

void check(char const* expected, std::string_view encoding, std::string_view charset, bool html,
           std::string_view body) {
    for (std::size_t piece : {1, 2, 3, 7, 100'000})
        STRCMP_EQUAL(expected, extracted(encoding, charset, html, body, piece).c_str());
}

void check_html(char const* expected, std::string_view body) { check(expected, "8bit", "utf-8", true, body); }

} // namespace

TEST_GROUP(BodyText){};

TEST(BodyText, undoes_encoding_and_charset) {
    check("caf\u00e9\r\n", "quoted-printable", "iso-8859-1", false, "caf=\r\n=E9\r\n");
    check("caf\u00e9", "BASE64", "utf-8", false, "Y2Fm\r\nw6k=\r\n");
    check("caf\u00e9", "8bit", "utf-8", false, "caf\xc3\xa9");
    check("caf\u00e9", "x-unknown", "", false, "caf\xe9");
    check("\u65e5\u672c", "7bit", "iso-2022-jp", false, "\x1b$BF|K\\\x1b(B");
    check("\ufffd", "base64", "utf-8", false, "w6");
    check("", "base64", "utf-8", true, "");
}

TEST(BodyText, passes_long_bodies_on_in_pieces) {
    std::string body;
    for (int i = 0; i < 100'000; ++i) body += "caf\xc3\xa9 ";
    std::size_t longest = 0;
    std::string out;
    TextExtractor extractor("8bit", "utf-8", false, [&](std::string_view utf8) {
        longest = std::max(longest, utf8.size());
        out += utf8;
    });
    extractor.feed(body);
    extractor.finish();
    CHECK_TRUE(out == body);
    CHECK_TRUE(longest < 64 * 1024);
}

TEST(BodyText, takes_tags_out_of_html) {
    check_html("Hello World again", "<html><body class=\"a>b\"><p>Hello</p>\r\n\r\n<p>World<br/>again</body></html>");
    check_html("one word", "o<b>n</b>e <span style='x'>wo</span>rd");
    check_html("a b", "<td>a</td><td>b</td>");
    check_html("link", "<A HREF=x>link</A>");
    check_html("x", "<!DOCTYPE html><?xml version='1.0'?>x");
}

TEST(BodyText, skips_scripts_styles_and_comments) {
    check_html("a b", "a<style type=\"text/css\"> p > b { } </style>b");
    check_html("a b", "a<script>if (a</b) '</scrip>' <</SCRIPT >b");
    check_html("ab", "a<!-- <p> -- > - --->b");
    check_html("", "<script>never closed");
    check_html("", "<!-- never closed");
    check_html("", "<p title=\"never closed");
}

TEST(BodyText, replaces_character_references) {
    check_html("<b> & \"x\" '", "&lt;b&gt; &amp; &quot;x&quot; &apos;");
    check_html("\u00e4\u00d6\u00df\u20ac\u2014", "&auml;&Ouml;&szlig;&euro;&mdash;");
    check_html("a b", "a&nbsp;&#160;&#10;b");
    check_html("\u263a\U0001f600", "&#9786;&#x1F600;");
    check_html("\u20ac", "&#128;");
    check_html("&amp", "&amp;amp");
    check_html("AT&T & & &nosuch; &#; &#x; &#0;", "AT&T & &amp &nosuch; &#; &#x; &#0;");
    check_html("\ufffd &#9999999999;", "&#xD800; &#9999999999;");
    check_html("a&", "a&amp");
    check_html("a&x", "a&x");
}

TEST(BodyText, keeps_less_than_signs_of_running_text) { check_html("1 < 2 <3 <", "1 < 2 <3 <"); }

TEST(BodyText, folds_white_space_of_html) { check_html("a b c", "  a \r\n\t b<p>&nbsp;</p><div>\n c \n"); }

} // namespace body_text_test
