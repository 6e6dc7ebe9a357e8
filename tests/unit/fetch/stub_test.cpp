#include "fetch/stub.h"
#include "message/header.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>

namespace stub_test {

using namespace postern::fetch;

TEST_GROUP(FetchedStub){};

TEST(FetchedStub, it_has_the_header_of_its_original_and_says_what_is_missing) {
    Outline outline;
    outline.header = "From: carol@example.org\r\nSubject: =?utf-8?q?Pl=C3=A4ne?=\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: multipart/mixed;\r\n boundary=b\r\nPostern-State: forged\r\n"
                     "List-Id: <plans.example.org>\r\nX-Last: y\n\r\n";
    outline.octets = 20'400'000;
    outline.parts = {{"text/plain", "", 30}, {"application/pdf", "=?utf-8?q?Pl=C3=A4ne.pdf?=", 20'000'000}};
    outline.text = "Hello,\nhere they are";
    STRCMP_EQUAL("Postern-State: only the beginning is here; the whole message waits at its provider\r\n"
                 "Postern-Size: 20400000 octets\r\n"
                 "Postern-Part: text/plain, 1 kB\r\n"
                 "Postern-Part: =?UTF-8?B?YXBwbGljYXRpb24vcGRmLCAiUGzDpG5lLnBkZiIsIDIwLjAgTUI=?=\r\n"
                 "Postern-Hint: Marked with a flag or star, or with the keyword $FetchNow, the whole\r\n"
                 " message comes and takes the place of this one.\r\n"
                 "From: carol@example.org\r\nSubject: =?utf-8?q?Pl=C3=A4ne?=\r\n"
                 "List-Id: <plans.example.org>\r\nX-Last: y\n"
                 "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                 "This is the beginning of a message of 20.4 MB. The rest is still at its\r\n"
                 "provider. To get the whole message, mark this one with a flag or a\r\n"
                 "star (or give it the keyword $FetchNow): it comes as soon as the\r\n"
                 "connection allows, and takes the place of this one. If you delete\r\n"
                 "this one, it does not come.\r\n\r\n"
                 "The message consists of:\r\n"
                 "  text/plain, 1 kB\r\n"
                 "  application/pdf, \"Pl=C3=A4ne.pdf\", 20.0 MB\r\n\r\n"
                 "It begins so:\r\n"
                 "=2D---------------------------------------------------------------------\r\n"
                 "Hello,\r\nhere they are [...]\r\n",
                 make_stub(outline).c_str());
}

TEST(FetchedStub, what_others_wrote_stays_on_its_line_and_within_bounds) {
    Outline outline;
    outline.header = "Subject: x\r\n\r\n";
    outline.octets = 5'000;
    for (int i = 0; i < 100; ++i)
        outline.parts.push_back(
            {"a/b\r\nSubject: forged", "n\r\nPostern-State: forged\x1b[0m" + std::string(9'000, 'n')});
    outline.text = "a\x1b[31m\rb";
    auto const stub = make_stub(outline);
    CHECK(!stub.contains("\nSubject: forged") && !stub.contains("\nPostern-State: forged") && !stub.contains('\x1b'));
    STRCMP_CONTAINS("and more", stub.c_str());
    CHECK(stub.size() < 40'000);
}

// RFC 2231
TEST(FetchedStub, it_names_files_as_they_are_read) {
    auto const outline = outline_of("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                                    "--b\r\nContent-Type: application/pdf\r\n"
                                    "Content-Disposition: attachment; filename*=iso-8859-1''Pl%E4ne.pdf\r\n\r\nx\r\n"
                                    "--b\r\nContent-Type: image/png; name*0=\"a \"; name*1=plan.png\r\n\r\nx\r\n",
                                    20'000);
    LONGS_EQUAL(2, outline.parts.size());
    STRCMP_EQUAL("Pl\xc3\xa4ne.pdf", outline.parts[0].name.c_str());
    STRCMP_EQUAL("a plan.png", outline.parts[1].name.c_str());
}

TEST(FetchedStub, a_beginning_is_decoded_and_ends_with_a_whole_character) {
    STRCMP_EQUAL("Gr\xc3\xbc\xc3\x9f"
                 "e",
                 beginning_of("Gr=FC=DFe=20\r\n", "quoted-printable", "iso-8859-1", false, false).c_str());
    STRCMP_EQUAL("Gr\xc3\xbc", beginning_of("Gr\xc3\xbc\xc3", "8bit", "utf-8", false, true).c_str());
    STRCMP_EQUAL("One\nTwo",
                 beginning_of("<style>x</style><p>One</p><p>Two</p>", "7bit", "utf-8", true, false).c_str());
    STRCMP_EQUAL("Hello", beginning_of("SGVsbG8sIGxv", "base64", "", false, true).substr(0, 5).c_str());
}

TEST(FetchedStub, of_a_message_that_is_cut_off_what_is_there_is_told) {
    std::string const beginning = "Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
                                  "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
                                  "--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n"
                                  "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nf\xfcr\r\n--b--\r\n"
                                  "--a\r\nContent-Type: image/png; name=a.png\r\n\r\nAAAA\r\n";
    auto const outline = outline_of(beginning, 90'000);
    STRCMP_EQUAL("f\xc3\xbcr", outline.text.c_str());
    CHECK(!outline.goes_on);
    UNSIGNED_LONGS_EQUAL(3, outline.parts.size());
    STRCMP_EQUAL("image/png", outline.parts[2].type.c_str());
    STRCMP_EQUAL("a.png", outline.parts[2].name.c_str());
    CHECK(outline.parts[0].octets == 11 && outline.parts[2].octets == 0);
    CHECK(outline_of("Subject: x\r\n\r\nbegin", 90'000).goes_on);
}

TEST(FetchedStub, one_without_its_original_says_so_and_keeps_the_rest) {
    Outline outline;
    outline.header = "Subject: x\r\n\r\n";
    outline.octets = 5'000;
    outline.text = "for \xe2\x82\xac 5";
    auto const stub = "Return-Path: <>\r\n" + make_stub(outline);
    auto const lost = make_lost(stub, "it is gone");
    CHECK(lost.starts_with("Return-Path: <>\r\nPostern-State: only the beginning is here; it is gone\r\n"));
    STRCMP_CONTAINS(
        "\r\n\r\nThis is the beginning of a message. The rest cannot be fetched any\r\nmore: it is gone.\r\n\r\n"
        "It begins so:\r\n",
        lost.c_str());
    CHECK(lost.ends_with("for =E2=82=AC 5 [...]\r\n") && !lost.contains("Hint"));
    CHECK(make_lost("no header at all", "it is gone").contains("it is gone."));
}

} // namespace stub_test
