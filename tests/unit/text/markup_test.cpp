#include "text/markup.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;

TEST_GROUP(Markup){};

TEST(Markup, escapes_and_reads) {
    STRCMP_EQUAL("&lt;a b=&quot;&apos;&amp;&quot;&gt; ", escape_markup("<a b=\"'&\">\n").c_str());
    STRCMP_EQUAL("a&b@c", element_text("<x:EMailAddress y='z'> a&amp;b@c\n</x:EMailAddress>", "EMailAddress").c_str());
    STRCMP_EQUAL("2", element_text("<?xml?><a><B/><b x='1'/><b>2</b><b>3</b></a>", "b").c_str());
    for (std::string_view const nothing : {"", "<", "<b", "<b>", "<a>b</a>", "</b>x", "<b/>x"})
        STRCMP_EQUAL("", element_text(nothing, "b").c_str());
    STRCMP_EQUAL("<x>&unknown;", element_text("<b>&lt;x&gt;&unknown;</b>", "b").c_str());
}
