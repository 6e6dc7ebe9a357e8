#include "message/signature.h"
#include "message/text_folder.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace signature_test {

using namespace postern;
using namespace postern::message;

namespace {

std::string signature_of(std::string_view message) {
    StructureParser parser;
    parser.feed(message);
    std::string const structure = encode(parser.finish());
    return make_signature(decode_structure(structure).value(), message);
}

bool may_have(std::string_view signature, std::string_view needle) { return Grams(fold(needle)).may_be_in(signature); }

// Words of random letters, some with accents and of other scripts.
std::string random_word(std::mt19937& random) {
    static constexpr std::string_view letters[] = {"a", "b", "e",        "n",        "r",       "s",
                                                   "t", "i", "\xc3\xa4", "\xc3\x9f", "\xd0\xb6"};
    std::string word;
    for (auto length = 3 + random() % 8; length > 0; --length) word += letters[random() % std::size(letters)];
    return word;
}

} // namespace

TEST_GROUP(Signature){};

TEST(Signature, knows_what_is_there) {
    std::string const signature =
        signature_of("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from\r\n Wien\r\nX-Kind: letter\r\n"
                     "Content-Transfer-Encoding: quoted-printable\r\n\r\nHello, wor=\r\nld.\r\n");
    for (char const* needle :
         {"gr\xc3\xbc\xc3\x9f", "FROM WIEN", "letter", "x-kind: l", "hello, world.", "wor", "o", "ld", ""})
        CHECK_TEXT(may_have(signature, needle), needle);
    for (char const* needle : {"absent", "Zyzzogeton"}) CHECK_TEXT(!may_have(signature, needle), needle);
}

TEST(Signature, knows_phrases_across_lines_and_names_of_attachments) {
    std::string const signature = signature_of(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nthe invoice\r\nnumber of\t \tMay\r\n--b\r\n"
        "Content-Type: application/pdf; name*=iso-8859-1''%FCbersicht.pdf\r\n"
        "Content-Disposition: attachment; filename*0=over; filename*1=view.pdf\r\n\r\nhidden\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; lost@far.example\r\n--b--\r\n");
    for (char const* needle :
         {"invoice  number", "of may", "\u00dcbersicht.pdf", "application/pdf", "overview.pdf", "lost@far.example"})
        CHECK_TEXT(may_have(signature, needle), needle);
    CHECK_FALSE(may_have(signature, "hidden"));
}

// As those that were made before white space was one space, and before the names of attachments were looked at.
TEST(Signature, of_other_rules_is_not_believed) {
    std::string signature = signature_of("Subject: letter\r\n\r\nHello\r\n");
    CHECK_FALSE(may_have(signature, "absent"));
    signature.assign(signature.size(), '\0');
    CHECK(may_have(signature, "absent"));
}

TEST(Signature, is_as_long_as_the_text_is_manifold) {
    auto const of_words = [](int count) {
        std::mt19937 random(7);
        std::string message = "\r\n";
        for (int i = 0; i < count; ++i) message += random_word(random) + (i % 10 == 9 ? "\r\n" : " ");
        return signature_of(message).size();
    };
    CHECK_EQUAL(4U, signature_of("").size()); // the mark
    CHECK_EQUAL(signature_of("\r\n" + std::string(100, 'x')).size(),
                signature_of("\r\n" + std::string(9'000, 'x')).size());
    CHECK_COMPARE(of_words(100), <, 300U);
    CHECK_COMPARE(of_words(100), >, 100U);
    std::mt19937 random(7);
    std::string manifold = "\r\n";
    for (int i = 0; i < 100'000; ++i) manifold += static_cast<char>(' ' + random() % 95);
    CHECK_EQUAL(signature_limit, signature_of(manifold).size());
}

TEST(Signature, of_very_much_text_there_is_none) {
    std::string const text(signed_text_limit, 'x');
    CHECK_FALSE(signature_of("\r\n" + text.substr(10)).empty());
    CHECK(signature_of("\r\n" + text).empty());
    CHECK(may_have("", "anything"));
}

// What is there is never missed; of what is not there, most is known.
TEST(Signature, of_random_texts) {
    std::mt19937 random(1);
    std::size_t taken = 0, asked = 0;
    for (int i = 0; i < 50; ++i) {
        std::string text;
        for (auto words = 20 + random() % 500; words > 0; --words)
            text += random_word(random) + (words % 9 == 0 ? "\r\n" : " ");
        std::string const signature = signature_of("Content-Type: text/plain; charset=utf-8\r\n\r\n" + text);
        std::string const folded = fold(text);
        for (int n = 0; n < 200; ++n) {
            std::string_view const there = std::string_view(folded).substr(random() % folded.size(), 1 + random() % 20);
            CHECK(Grams(there).may_be_in(signature));
            std::string const other = std::format("{:06}", random() % 1'000'000);
            ++asked;
            if (Grams(other).may_be_in(signature)) ++taken;
        }
    }
    CHECK_COMPARE(taken * 10, <, asked);
}

} // namespace signature_test
