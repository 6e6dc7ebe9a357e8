#include "message/downgrade.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace downgrade_test {

using namespace postern::message;

namespace {

void gives(std::string_view header, std::string_view expected) {
    std::string const message = std::string(header) + "\r\nbödy\r\n";
    auto const downgraded = downgrade_header(message, true);
    CHECK(downgraded.has_value());
    LONGS_EQUAL(header.size() + 2, downgraded->replaced);
    STRCMP_EQUAL((std::string(expected) + "\r\n").c_str(), downgraded->header.c_str());
}

} // namespace

TEST_GROUP(Downgrade){};

TEST(Downgrade, what_is_ascii_stays) {
    CHECK_FALSE(downgrade_header("Subject: a\r\n\r\nbödy", true).has_value());
    CHECK_FALSE(downgrade_header("", true).has_value());
}

TEST(Downgrade, a_header_that_does_not_end_here_is_not_looked_at) {
    CHECK_FALSE(downgrade_header("Subject: ä\r\n", false).has_value());
    STRCMP_EQUAL("Subject: =?UTF-8?B?w6Q=?=\r\n", downgrade_header("Subject: ä\r\n", true).value().header.c_str());
}

// RFC 6858 §2.1
TEST(Downgrade, an_address_that_is_not_ascii_leads_nowhere_and_is_shown) {
    gives("From: jürgen@example.com\r\n",
          "From: =?UTF-8?Q?j=C3=BCrgen=40example=2Ecom?=\r\n <invalid@internationalized-address.invalid>\r\n");
    gives("To: a@b, Zoë <zoe@example.com>\r\n", "To: a@b, =?UTF-8?Q?Zo=C3=AB?= <zoe@example.com>\r\n");
}

TEST(Downgrade, text_becomes_encoded_words_and_other_fields_go) {
    gives("Subject: Grüße\r\nX-Note: ä\r\nReceived: by ä; x\r\nDate: x\r\n",
          "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\nDate: x\r\n");
    gives("Subject: caf\xE9\r\n", "Subject: =?UTF-8?B?Y2Fmw6k=?=\r\n");
}

TEST(Downgrade, names_of_files_stay_readable) {
    gives("Content-Type: application/pdf; name=\"Größe 1.pdf\"; x=\"a b\"\r\n",
          "Content-Type: application/pdf; name*=utf-8''Gr%C3%B6%C3%9Fe%201.pdf; x=\"a b\"\r\n");
    gives("Content-Disposition: attachment; filename=ä\r\n",
          "Content-Disposition: attachment; filename*=utf-8''%C3%A4\r\n");
    gives("Content-Disposition: attachment; filename*0*=utf-8''%C3%A4; filename*1=\"ö.txt\"\r\n",
          "Content-Disposition: attachment; filename*=utf-8''%C3%A4%C3%B6.txt\r\n");
}

} // namespace downgrade_test
