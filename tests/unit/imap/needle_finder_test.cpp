#include "imap/needle_finder.h"
#include "text/casemap.h"

#include <CppUTest/TestHarness.h>

#include <string>

using postern::imap::NeedleFinder;
using postern::text::casemap;

namespace {

bool finds(std::string_view needle, std::string_view text, std::size_t piece) {
    NeedleFinder finder({casemap(needle)});
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) finder.feed(text.substr(0, piece));
    finder.end_text();
    return finder.found(0);
}

} // namespace

TEST_GROUP(NeedleFinder){};

TEST(NeedleFinder, finds_in_any_case) {
    CHECK(finds("offer", "An OFFER you cannot refuse", 100));
    CHECK(finds("ÉLAN", "un \u00e9lan vital", 100));
    CHECK(!finds("offers", "An OFFER you cannot refuse", 100));
}

TEST(NeedleFinder, finds_across_pieces) {
    std::string text(50'000, 'x');
    text += "needle in a haystack";
    text += std::string(50'000, 'y');
    for (std::size_t const piece : {1, 7, 16 * 1024, 50'003, 200'000}) {
        CHECK(finds("NEEDLE IN A HAYSTACK", text, piece));
        CHECK(!finds("NEEDLES", text, piece));
    }
}

TEST(NeedleFinder, finds_among_text_without_any_ascii) {
    std::string text;
    for (int i = 0; i < 60'000; ++i) text += "\u4e2d";
    text += "\u6587\u5b57";
    CHECK(finds("\u6587\u5b57", text, 3));
}

TEST(NeedleFinder, finds_nothing_across_the_end_of_a_text) {
    NeedleFinder finder({casemap("ab")});
    finder.feed("a");
    finder.end_text();
    finder.feed("b");
    finder.end_text();
    CHECK(!finder.found(0));
}

TEST(NeedleFinder, finds_each_needle_by_itself_and_an_empty_one_anywhere) {
    NeedleFinder finder({casemap("one"), "", casemap("two"), casemap("three")});
    CHECK(finder.found(1));
    finder.feed("three and one");
    finder.end_text();
    CHECK(finder.found(0));
    CHECK(!finder.found(2));
    CHECK(finder.found(3));
    CHECK(!finder.found_all());
}
