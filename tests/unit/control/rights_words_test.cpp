#include "control/rights_words.h"
#include "wire/imap_acl.h"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control;

namespace {

using Words = std::vector<std::string>;

std::string letters(Words const& words, RightsChange change = RightsChange::give) {
    return wire::imap::to_string(read_rights(words, change).value());
}
Words words(std::string_view letters) {
    core::Rights rights;
    for (char const letter : letters) rights = rights | wire::imap::rights_of(letter).value();
    return rights_in_words(rights);
}

} // namespace

TEST_GROUP(ControlRightsWords){};

TEST(ControlRightsWords, gives_with_a_step_those_before_it) {
    STRCMP_EQUAL("lrs", letters({"read"}).c_str());
    STRCMP_EQUAL("lrswited", letters({"write"}).c_str());
    STRCMP_EQUAL("lrswikxtecda", letters({"manage"}).c_str());
    STRCMP_EQUAL("p", letters({"post"}).c_str());
    STRCMP_EQUAL("lrsp", letters({"post", "read"}).c_str());
    STRCMP_EQUAL("lrswipkxtecda", letters({"all"}).c_str());
}

TEST(ControlRightsWords, takes_with_a_step_those_after_it) {
    STRCMP_EQUAL("kxca", letters({"manage"}, RightsChange::take).c_str());
    STRCMP_EQUAL("wikxtecda", letters({"write"}, RightsChange::take).c_str());
    STRCMP_EQUAL("lrswikxtecda", letters({"read"}, RightsChange::take).c_str());
    STRCMP_EQUAL("p", letters({"post"}, RightsChange::take).c_str());
}

TEST(ControlRightsWords, takes_letters_as_they_are) {
    STRCMP_EQUAL("lr", letters({"lr"}).c_str());
    STRCMP_EQUAL("lrted", letters({"l", "rd"}).c_str());
    STRCMP_EQUAL("lr", letters({"lr"}, RightsChange::take).c_str());
}

TEST(ControlRightsWords, refuses_what_is_neither) {
    for (std::string const wrong : {"", "Read", "lrq", "reading", "+l", "l r"}) {
        auto const rights = read_rights(Words{"read", wrong}, RightsChange::give);
        CHECK_FALSE(rights.has_value());
        STRCMP_CONTAINS(("\"" + wrong + "\" is no right; there are read").c_str(), rights.error().c_str());
    }
}

TEST(ControlRightsWords, says_rights_in_words_and_the_rest_in_letters) {
    CHECK(words("") == Words{});
    CHECK(words("lrs") == Words{"read"});
    CHECK(words("lrswitep") == (Words{"read", "write", "post"}));
    CHECK(words("lr") == Words{"lr"});
    CHECK(words("lrsip") == (Words{"read", "post", "i"}));
    CHECK(words("lrswipkxtea") == Words{"all"});
}

TEST(ControlRightsWords, reads_back_what_it_says) {
    for (std::uint16_t bits = 1; bits <= core::Rights::all().bits(); ++bits) {
        // Each word alone, since "write" would bring "read".
        core::Rights all;
        for (std::string const& word : rights_in_words(core::Rights(bits)))
            all = all | read_rights(Words{word}, RightsChange::give).value();
        CHECK(all.has_all(core::Rights(bits)));
    }
}
