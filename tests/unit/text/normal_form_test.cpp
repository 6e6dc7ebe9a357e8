#include "text/normal_form.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;

TEST_GROUP(NormalForm){};

TEST(NormalForm, makes_one_spelling_of_several) {
    STRCMP_EQUAL("\u00c5", to_form_c("A\u030a").c_str());
    STRCMP_EQUAL("\u00c5", to_form_c("\u212b").c_str());
    STRCMP_EQUAL("Entw\u00fcrfe/2026", to_form_c("Entwu\u0308rfe/2026").c_str());
    STRCMP_EQUAL("\ud55c", to_form_c("\u1112\u1161\u11ab").c_str());
    STRCMP_EQUAL("q\u0323\u0307", to_form_c("q\u0307\u0323").c_str());
}

TEST(NormalForm, keeps_what_is_in_it) {
    STRCMP_EQUAL("fi", to_form_kc("\ufb01").c_str());
    for (char const* text : {"", "INBOX", "\u00c5", "\ufb01", "\u6771\u4eac", "\u2600", "\U0001f600"})
        STRCMP_EQUAL(text, to_form_c(text).c_str());
}
