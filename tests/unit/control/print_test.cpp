#include "control/print.h"

#include <boost/json/parse.hpp>

#include <CppUTest/TestHarness.h>

using namespace postern::control;

namespace {

std::string printed(std::string_view json) { return print(boost::json::parse(json)); }

} // namespace

TEST_GROUP(ControlPrint){};

TEST(ControlPrint, shows_nothing_for_nothing) { CHECK(printed("null").empty()); }

TEST(ControlPrint, shows_a_word_on_a_line) { CHECK(printed("\"50M\"") == "50M\n"); }

TEST(ControlPrint, shows_an_empty_list) { CHECK(printed("[]") == "none\n"); }

TEST(ControlPrint, shows_rows_as_a_table) {
    CHECK(printed(R"([{"name":"alice","octets":0,"administrator":true},
                      {"name":"b\u00f6b","octets":1536,"administrator":false}])") == "name   octets   administrator\n"
                                                                                     "alice  0        yes\n"
                                                                                     "b\u00f6b    1.5 KiB  no\n");
}

TEST(ControlPrint, shows_an_object_with_what_is_in_it) {
    CHECK(printed(R"({"a":1,"long_name":["x","y"],"in":{"b":null},"rows":[{"c":"d"}],"none":[]})") ==
          "a:          1\n"
          "long name:  x, y\n"
          "in:\n"
          "  b:\n"
          "rows:\n"
          "  c\n"
          "  d\n"
          "none:       none\n");
}

TEST(ControlPrint, lets_nothing_speak_to_the_terminal) {
    CHECK(printed("\"a\\u001b[2Jb\\nc\\u007f\"") == "a?[2Jb?c?\n");
    CHECK(printed("{\"\\u001b\":1}") == "?:  1\n");
}

TEST(ControlPrint, takes_a_list_of_this_and_that_for_no_table) { CHECK(printed(R"([{"a":1},2])") == "{\"a\":1}, 2\n"); }

TEST(ControlPrint, survives_rows_that_differ) { CHECK(printed(R"([{"a":1,"b":2},{"a":3}])") == "a  b\n1  2\n3\n"); }
