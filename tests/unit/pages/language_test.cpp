#include "pages/language.h"

#include <CppUTest/TestHarness.h>

#include <array>
#include <string>

using namespace postern::pages;

TEST_GROUP(ChooseLanguage){};

TEST(ChooseLanguage, takes_what_is_wanted_most_of_what_there_is) {
    constexpr std::array<std::string_view, 3> there_are{"en", "de", "fr"};
    struct Row {
        std::string_view wanted, chosen;
    };
    constexpr Row rows[] = {
        {"", "en"},
        {"de", "de"},
        {"DE-at, fr;q=0.9", "de"},
        {"da, en-gb;q=0.8, en;q=0.7", "en"}, // RFC 9110 §12.5.4
        {"nl, fr;q=0.3, de;q=0.5", "de"},
        {"nl, *;q=0.1", "en"},
        {"fr;q=0, de;q=0.001", "de"},
        {"fr ; q=0.5 , de ; q=0.6", "de"},
        {"de;q=x, fr;q=0.1", "fr"},
        {"de;q=0.55555, fr;q=0.5", "de"},
        {",,;;=q,-,fr", "fr"},
        {"deu", "en"},
    };
    for (auto const& row : rows)
        STRCMP_EQUAL_TEXT(std::string(row.chosen).c_str(), std::string(choose_language(row.wanted, there_are)).c_str(),
                          std::string(row.wanted).c_str());
}
