#include "message/preview.h"
#include "text/utf8.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <string_view>

namespace preview_test {

using namespace postern;
using namespace postern::message;

namespace {

// Fed a piece at a time, until it wants no more; how many octets that were is counted.
std::string preview_of(std::string_view message, std::size_t piece, std::size_t* fed = nullptr) {
    StructureParser parser;
    parser.feed(message);
    std::string const structure = encode(parser.finish());
    Preview preview(decode_structure(structure).value());
    while (auto const wanted = preview.wanted()) {
        auto const octets = message.substr(wanted->begin, std::min<std::uint64_t>(piece, wanted->end - wanted->begin));
        preview.feed(octets);
        if (fed) *fed += octets.size();
    }
    return preview.text();
}

void shows(std::string const& expected, std::string_view message) {
    for (std::size_t const piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}})
        STRCMP_EQUAL(expected.c_str(), preview_of(message, piece).c_str());
}

std::string html(std::string_view body) {
    return std::format("Content-Type: text/html; charset=utf-8\r\n\r\n{}", body);
}
std::string utf8(std::string_view body) {
    return std::format("Content-Type: text/plain; charset=utf-8\r\n\r\n{}", body);
}

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

} // namespace

TEST_GROUP(Preview){};

TEST(Preview, is_text_in_one_line) {
    shows("It works. Really!", "Subject: x\r\n\r\n\r\n  It   works.\r\n\r\n\tReally!\r\n");
    shows("", "Subject: x\r\n\r\n");
    shows("", "Subject: x\r\n\r\n \r\n\t\r\n");
    shows("Gr\u00fc\u00dfe",
          "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n"
          "\r\nGr=FC=\r\n=DFe");
    shows("hello", "Content-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n");
}

// RFC 8970 §3.3
TEST(Preview, has_two_hundred_characters_at_most) {
    shows(repeated("\u00e4", 200), utf8(repeated("\u00e4", 300)));
    shows(repeated("word ", 39) + "word", utf8(repeated("word\r\n", 300)).c_str());
    shows(repeated("x", 199), utf8(repeated("x", 199) + "\r\ny"));
    shows(repeated("x", 198) + " y", utf8(repeated("x", 198) + "\r\nyz"));
}

TEST(Preview, reads_no_further_than_it_needs) {
    std::size_t fed = 0;
    std::string const message = utf8(repeated("word\r\n", 100'000));
    (void)preview_of(message, 1'000, &fed);
    LONGS_EQUAL(1'000, fed);
    fed = 0;
    (void)preview_of("Subject: x\r\n\r\n" + repeated("x", 100'000), 500, &fed);
    LONGS_EQUAL(500, fed);
}

TEST(Preview, is_of_html_without_markup) {
    shows("Hello & welcome, you!", html("<html><head><title>News</title><style>p {}</style></head><body><p>Hello &amp; "
                                        "wel<b>come</b>,</p><div>you!</div></body>"));
    shows("a b", html("<table><tr><td>a</td><td>b</td></tr></table>"));
}

TEST(Preview, shows_nothing_that_cannot_be_seen) {
    shows("Sale now", html("&zwnj;&nbsp;&#847; &#8203;Sale&#173; &nbsp;&zwnj;&nbsp;now\u202e"));
    shows("a\u200db", utf8("a\u200db \u200d"));
    shows("a b", utf8(std::string_view("a\0\x1b\u0085b", 6)));
}

TEST(Preview, is_of_what_is_plain_among_alternatives) {
    std::string const head = "Content-Type: multipart/alternative; boundary=b\r\n\r\n";
    std::string const rich = "--b\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n";
    shows("plain", head + "--b\r\n\r\nplain\r\n" + rich + "--b--\r\n");
    shows("plain", head + rich + "--b\r\n\r\nplain\r\n--b--\r\n");
    shows("rich", head + "--b\r\n\r\n \r\n" + rich + "--b--\r\n");
}

TEST(Preview, passes_over_attachments_and_what_is_no_text) {
    std::string const head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    shows("the letter",
          head +
              "--b\r\nContent-Disposition: Attachment\r\n\r\nattached\r\n--b\r\nContent-Type: image/png\r\n\r\n"
              "png\r\n--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--b\r\n\r\nthe letter\r\n--b--\r\n");
    shows("forwarded", head + "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nforwarded\r\n--b--\r\n");
    shows("", "Content-Type: application/pdf\r\n\r\n%PDF");
}

TEST(Preview, of_what_is_encrypted_is_empty) {
    shows(
        "",
        "Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\n"
        "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n"
        "\r\nxyz\r\n--b--\r\n");
    shows("", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIAG");
    shows("", "\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n");
    shows("signed text", "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\nsigned text\r\n"
                         "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ\r\n-----END PGP SIGNATURE-----\r\n");
}

TEST(Preview, leaves_out_quoted_text_and_whose_it_is) {
    shows("Yes. See you there.",
          "\r\nOn Mon, 5 Jan 2026 at 10:00, Bob Builder <bob@office.lan>\r\nwrote:\r\n\r\n> Will you\r\n"
          "> come?\r\n\r\nYes.\r\n>> at six\r\nSee you there.\r\n");
    shows("Thanks!", "\r\nThanks!\r\n\r\nAm 05.01.26 um 10:00 schrieb Bob:\r\n> Here it is\r\n");
    shows("He says: no.", "\r\nHe says:\r\n> nothing\r\nno.\r\n");
    shows("Thanks!",
          html("<div>Thanks!</div><div class=gmail_quote><div>On Mon, 5 Jan 2026 Bob wrote:<br></div><blockquote>"
               "<p>Here</p><p>it is</p></blockquote></div>"));
}

TEST(Preview, is_of_quoted_text_where_there_is_no_other) {
    shows("Here it is", "\r\nBob <bob@office.lan> wrote:\r\n> Here\r\n>> it is\r\n");
    shows("indented", html("<blockquote>indented</blockquote>"));
}

// RFC 3676 §4.3
TEST(Preview, ends_at_the_signature) {
    shows("Bye", "\r\nBye\r\n-- \r\nAlice\r\nOffice\r\n");
    shows("", "\r\n-- \r\nAlice\r\n");
    shows("-- not one", "\r\n-- not one\r\n");
}

} // namespace preview_test
