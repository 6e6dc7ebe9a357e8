#include "message/content_field.h"
#include "message/extended_parameters.h"

#include <CppUTest/TestHarness.h>

namespace content_field_test {

using namespace postern::message;

namespace {

// "type/subtype;name=value;..."
std::string shown(std::string_view body) {
    auto const content_type = parse_content_type(body);
    if (!content_type) return "none";
    std::string out = content_type->type + "/" + content_type->subtype;
    for (Parameter const& parameter : content_type->parameters) out += ";" + parameter.name + "=" + parameter.value;
    return out;
}

} // namespace

TEST_GROUP(ContentField){};

TEST(ContentField, reads_the_examples_of_rfc_2045_and_2231) {
    STRCMP_EQUAL("text/plain;charset=us-ascii", shown(" text/plain; charset=us-ascii (Plain text)").c_str());
    STRCMP_EQUAL("text/plain;charset=us-ascii", shown("text/plain; charset=\"us-ascii\"").c_str());
    STRCMP_EQUAL("message/external-body;access-type=URL;URL=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar",
                 shown("message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n"
                       " URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"")
                     .c_str());
    STRCMP_EQUAL("application/x-stuff;title=This is ***fun***",
                 shown("application/x-stuff;\r\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A").c_str());
}

TEST(ContentField, joins_pieces_in_the_order_of_their_numbers) {
    STRCMP_EQUAL("a/b;x=1;NAME=long name.pdf;y=2",
                 shown("a/b; x=1; name*1=\"name\"; NAME*0=\"long \"; y=2; name*2=.pdf").c_str());
    STRCMP_EQUAL("a/b;title=This is even more ***fun*** isn't it!",
                 shown("a/b; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20;"
                       " title*2=\"isn't it!\"")
                     .c_str());
}

TEST(ContentField, tells_other_charsets_in_utf_8) {
    STRCMP_EQUAL("a/b;name*=utf-8''%D0%B0.pdf", shown("a/b; name*=koi8-r''%C1.pdf").c_str());
    STRCMP_EQUAL("a/b;name*=utf-8'de'%C3%A4%25.pdf", shown("a/b; name*0*=iso-8859-1'de'%E4; name*1=%.pdf").c_str());
    // a character in two pieces
    STRCMP_EQUAL("a/b;name*=utf-8''%C3%A4", shown("a/b; name*0*=utf-8''%C3; name*1*=%A4").c_str());
    // what would break a line or a string stays encoded
    STRCMP_EQUAL("a/b;name*=utf-8''a%0D%0A%00", shown("a/b; name*=us-ascii''a%0d%0A%00").c_str());
    STRCMP_EQUAL("a/b;name=x.pdf;name*=utf-8''y.pdf", shown("a/b; name=x.pdf; name*=utf-8''y.pdf").c_str());
}

TEST(ContentField, reads_joined_values_for_people) {
    STRCMP_EQUAL("\xc3\xa4%.pdf", as_read({"name*", "utf-8'de'%C3%A4%25.pdf"}).c_str());
    for (Parameter const& parameter :
         {Parameter{"name", "utf-8''%C3%A4"}, {"name*", "koi8-r''%C1"}, {"name*", "utf-8''%"}, {"name*", "x"}})
        STRCMP_EQUAL(parameter.value.c_str(), as_read(parameter).c_str());
}

TEST(ContentField, leaves_what_is_not_as_rfc_2231_has_it) {
    for (std::string const body :
         {"a/b;x*0=1;x*2=3", "a/b;x*1=2", "a/b;x*0=1;x*0=2", "a/b;x*=y", "a/b;x*=y'z", "a/b;x*0*=y;x*1*=z", "a/b;x*y=1",
          "a/b;x**=1", "a/b;x=1;x*0=2;x*1=3", "a/b;x*99999999999999999999=1"})
        STRCMP_EQUAL(body.c_str(), shown(body).c_str());
    std::string const huge = "a/b;x*=us-ascii''" + std::string(5'000, 'y');
    STRCMP_EQUAL(huge.c_str(), shown(huge).c_str());
}

TEST(ContentField, makes_sense_of_what_people_send) {
    STRCMP_EQUAL("a/b;name=my file.txt", shown("a/b; name=my file.txt").c_str());
    STRCMP_EQUAL("a/b;name=a\"b\\c", shown("a/b; name=\"a\\\"b\\\\c\"").c_str());
    STRCMP_EQUAL("a/b;name=never closed; x=y", shown("a/b; name=\"never closed; x=y").c_str());
    STRCMP_EQUAL("a/b;x=1;y=2", shown("a/b;; x = 1 ;junk; =nameless; y=2 ;").c_str());
    STRCMP_EQUAL("a/b;x=1;y=2", shown("a/b x=1; y=\"2\" trailing junk").c_str());
    STRCMP_EQUAL("a/b;x=", shown("a/b; x=").c_str());
    STRCMP_EQUAL("a/b;x=one two", shown("a/b; x=\"one\r\n two\"").c_str());
    STRCMP_EQUAL("none", shown("a").c_str());
    STRCMP_EQUAL("none", shown("a/").c_str());
    STRCMP_EQUAL("none", shown("").c_str());
    STRCMP_EQUAL("none", shown("\"a/b\"").c_str());
    STRCMP_EQUAL("none", shown("(a/b").c_str());
}

TEST(ContentField, reads_no_more_parameters_than_the_limit) {
    std::string body = "a/b";
    for (int i = 0; i < 1'000; ++i) body += ";x=y";
    CHECK_EQUAL(parameter_limit, parse_content_type(body)->parameters.size());
}

TEST(ContentField, reads_the_examples_of_rfc_2183) {
    auto const disposition = parse_disposition(
        " attachment; filename=genome.jpeg;\r\n modification-date=\"Wed, 12 Feb 1997 16:29:51 -0500\";");
    STRCMP_EQUAL("attachment", disposition->type.c_str());
    CHECK_TRUE(find(disposition->parameters, "FileName") == "genome.jpeg");
    CHECK_TRUE(find(disposition->parameters, "modification-date") == "Wed, 12 Feb 1997 16:29:51 -0500");
    CHECK_FALSE(find(disposition->parameters, "size").has_value());
    CHECK_FALSE(parse_disposition("; filename=x").has_value());
    CHECK_FALSE(parse_disposition("").has_value());
}

TEST(ContentField, reads_encodings_and_languages) {
    STRCMP_EQUAL("base64", parse_transfer_encoding(" (c) base64 (c)").c_str());
    STRCMP_EQUAL("", parse_transfer_encoding(" ").c_str());
    CHECK_TRUE(parse_languages("mi, , en (English),") == std::vector<std::string>({"mi", "en"}));
    CHECK_TRUE(parse_languages("").empty());
}

} // namespace content_field_test
