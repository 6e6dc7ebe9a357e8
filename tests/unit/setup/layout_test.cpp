#include "setup/layout.h"
#include "setup/words.h"

#include <CppUTest/TestHarness.h>

#include <bit>
#include <cstring>
#include <format>

using namespace postern::setup;

TEST_GROUP(SetupLayout){};

TEST(SetupLayout, wraps_between_words) {
    CHECK((wrap("one two three", 7) == std::vector<std::string>{"one two", "three"}));
    CHECK((wrap("añada año", 5) == std::vector<std::string>{"añada", "año"}));
    CHECK((wrap("a longword b", 4) == std::vector<std::string>{"a", "long", "word", "b"}));
    CHECK(wrap("", 5).empty());
}

TEST(SetupLayout, cuts_between_characters) {
    CHECK(columns("жук") == 3);
    CHECK(cut("жук", 2) == "жу");
    CHECK(cut_front("жук", 2) == "ук");
    CHECK(cut_front("ab", 5) == "ab");
}

TEST(SetupLayout, is_read_where_there_are_no_other_letters) {
    CHECK(in_ascii("Größe, año, Échap, щука") == "Groesse, ano, Echap, shchuka");
    CHECK(in_ascii("漢") == "?");
}

TEST_GROUP(SetupWords){};

TEST(SetupWords, are_all_there_in_each_language) {
    static_assert(sizeof(Words) % sizeof(std::string_view) == 0);
    using Table = std::array<std::string_view, sizeof(Words) / sizeof(std::string_view)>;
    auto const english = std::bit_cast<Table>(words_in("en"));
    for (auto const language : languages) {
        auto const table = std::bit_cast<Table>(words_in(language));
        for (std::size_t at = 0; at < table.size(); ++at) {
            CHECK_TEXT(!table[at].empty(), std::format("{} lacks what is \"{}\"", language, english[at]).c_str());
            for (auto const* place : {"{0}", "{1}"})
                CHECK_TEXT(table[at].contains(place) == english[at].contains(place), std::string(table[at]).c_str());
            CHECK_TEXT(!in_ascii(table[at]).contains('?') || table[at].contains('?'), std::string(table[at]).c_str());
        }
    }
    CHECK(words_in("tlh").yes == "Yes");
}
