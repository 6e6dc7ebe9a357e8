#include "text/ascii.h"
#include "text/casemap.h"
#include "text/utf8.h"

#include <CppUTest/TestHarness.h>
#include <unicase.h>
#include <uninorm.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>

using namespace postern::text;

namespace {

struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
};

// RFC 5051 §2 by the library's own normalization.
std::string by_the_book(std::u32string_view characters) {
    std::string titled;
    for (char32_t const character : characters) append_utf8(titled, uc_totitle(character));
    std::size_t length = 0;
    std::unique_ptr<std::uint8_t, Free> const result(u8_normalize(
        UNINORM_NFKD, reinterpret_cast<std::uint8_t const*>(titled.data()), titled.size(), nullptr, &length));
    return {reinterpret_cast<char const*>(result.get()), length};
}

std::string in_utf8(std::u32string_view characters) {
    std::string utf8;
    for (char32_t const character : characters) append_utf8(utf8, character);
    return utf8;
}

} // namespace

TEST_GROUP(Casemap){};

TEST(Casemap, ignores_case) {
    CHECK_TRUE(casemap("Hello, World 42") == casemap("hELLO, wORLD 42"));
    CHECK_TRUE(casemap("\u0416\u0423\u041a") == casemap("\u0436\u0443\u043a"));
    CHECK_TRUE(casemap("\u0391\u03a9") == casemap("\u03b1\u03c9"));
    CHECK_FALSE(casemap("a") == casemap("b"));
}

TEST(Casemap, ignores_how_a_character_is_composed) {
    CHECK_TRUE(casemap("\u00e9") == casemap("E\u0301"));
    CHECK_TRUE(casemap("\uff21") == casemap("a")); // full-width A
    CHECK_TRUE(casemap("\ufb01n") == casemap("\ufb01N"));
}

TEST(Casemap, maps_the_digraph_of_rfc_5051_through_title_case) {
    // U+01C4, U+01C5 and U+01C6 all have the title case U+01C5, which decomposes to D, z, caron.
    for (char const* dz : {"\u01c4", "\u01c5", "\u01c6"}) STRCMP_EQUAL("Dz\u030c", casemap(dz).c_str());
}

TEST(Casemap, lets_a_part_be_found_in_the_whole) {
    CHECK_TRUE(casemap("un caf\u00e9 cr\u00e8me").contains(casemap("CAF\u00c9")));
    CHECK_TRUE(casemap("caf\u00e9").contains(casemap("cafe"))); // diacritics sort with their base letter (RFC 5051 §1)
}

TEST(Casemap, maps_every_character_by_the_book) {
    for (char32_t c = 1; c < 0x32000; ++c) {
        if (c >= 0xd800 && c < 0xe000) continue;
        std::u32string const text(1, c);
        if (casemap(in_utf8(text)) != by_the_book(text)) FAIL(std::to_string(std::uint32_t{c}).c_str());
    }
}

TEST(Casemap, puts_marks_in_order) {
    std::u32string const characters =
        U"aZ\u00e9\u1ec7\u03b1\uac01\u0301\u0323\u0315\u0345\u0f71\u0f72\u302a\u3099\U0001d165";
    std::minstd_rand random(5051);
    for (int i = 0; i < 20'000; ++i) {
        std::u32string text;
        for (auto length = random() % 9; length > 0; --length) text += characters[random() % characters.size()];
        if (casemap(in_utf8(text)) != by_the_book(text)) FAIL(in_utf8(text).c_str());
    }
}

TEST(Casemap, capitalizes_ascii_of_any_length) {
    std::string ascii;
    for (int c = 0; c < 128; ++c) ascii += static_cast<char>(c);
    for (std::size_t i = 0; i < ascii.size(); ++i)
        CHECK_TRUE(casemap(std::string_view(ascii).substr(i)) == upper(std::string_view(ascii).substr(i)));
}

TEST(Casemap, reads_broken_utf8_as_the_replacement_character) {
    STRCMP_EQUAL("A\ufffd\ufffd", casemap("a\xff\xc3").c_str());
    STRCMP_EQUAL("", casemap("").c_str());
}

TEST(Casemap, grows_elevenfold_at_most) {
    std::string worst;
    for (int i = 0; i < 1'000; ++i) worst += "\ufdfa";
    CHECK_EQUAL(11 * worst.size(), casemap(worst).size());
}

TEST(Casemap, a_text_can_be_cut_at_its_boundary) {
    std::string const whole = "e\xcc\x81\xcc\xa3 x\xcc\xa3\xcc\x81\xd0\xb6";
    for (std::size_t size = 1; size <= whole.size(); ++size) {
        std::string_view const begun = std::string_view(whole).substr(0, size);
        if (!is_utf8(begun)) continue;
        std::size_t const end = casemap_boundary(begun);
        STRCMP_EQUAL(casemap(whole).c_str(), (casemap(whole.substr(0, end)) + casemap(whole.substr(end))).c_str());
    }
    CHECK_EQUAL(0U, casemap_boundary("\xcc\xa3\xcc\x81"));
    CHECK_EQUAL(2U, casemap_boundary("xe"));
    CHECK_EQUAL(2U, casemap_boundary("xe\xcc\xa3\xcc\x81"));
    CHECK_EQUAL(0U, casemap_boundary(""));
}
