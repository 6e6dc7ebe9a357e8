#include "message/text_folder.h"
#include "text/utf8.h"

#include <CppUTest/TestHarness.h>

#include <random>
#include <string>
#include <string_view>

namespace text_folder_test {

using namespace postern;
using namespace postern::message;

TEST_GROUP(TextFolder){};

TEST(TextFolder, gives_the_same_however_a_text_is_cut) {
    // Letters, letters that decompose, marks above and below in either order, and other scripts.
    static constexpr std::string_view characters[] = {
        "a",        " ",        "\r\n",     "\t",       "\xc2\xa0",     "\xc3\xa9", "\xe1\xbb\x87",
        "\xcc\x81", "\xcc\xa3", "\xcc\x96", "\xd0\xb6", "\xe3\x81\x8c", "Z"};
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round) {
        std::string text, folded;
        TextFolder folder;
        std::string piece;
        for (int i = 0; i < 40; ++i) {
            piece += characters[random() % std::size(characters)];
            if (random() % 3 != 0) continue;
            folder.feed(piece, folded);
            text += piece;
            piece.clear();
        }
        folder.feed(piece, folded);
        text += piece;
        folder.finish(folded);
        STRCMP_EQUAL(fold(text).c_str(), folded.c_str());
    }
}

// Lines end where the sender's program liked.
TEST(TextFolder, takes_any_white_space_for_one_space) {
    STRCMP_EQUAL("ONE TWO THREE ", fold("one\r\n\ttwo  \xc2\xa0three\r\n").c_str());
    STRCMP_EQUAL(" X", fold(" \t x").c_str());
    STRCMP_EQUAL("", fold("").c_str());
    TextFolder folder;
    std::string folded;
    folder.feed("end ", folded);
    folder.finish(folded);
    folder.feed(" of", folded); // another text
    folder.finish(folded);
    STRCMP_EQUAL("END  OF", folded.c_str());
}

TEST(TextFolder, holds_back_no_more_than_a_limit_of_marks) {
    std::string folded;
    TextFolder folder;
    std::size_t fed = 0;
    for (; folded.empty() && fed < 100'000; fed += 2) folder.feed("\xcc\x81", folded);
    CHECK(!folded.empty());
}

} // namespace text_folder_test
