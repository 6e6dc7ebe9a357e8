#include "control/box_facts.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern::control;

TEST_GROUP(ControlBoxFacts){};

TEST(ControlBoxFacts, are_lines_of_names_and_values) {
    auto const facts = parse_box_facts("version=2.0\nslot=B\nleft=2.1: It did not come up in three attempts.\nwear=81\n"
                                       "encrypted=no\ntpm2=yes\n");
    CHECK(facts->version == "2.0" && facts->slot == "B");
    CHECK(facts->left == "2.1: It did not come up in three attempts.");
    CHECK(facts->wear == 81U && facts->encrypted == false && facts->tpm2);
}

TEST(ControlBoxFacts, may_be_few_and_others_than_are_known) {
    auto const facts = parse_box_facts("slot=A\n\nweather=fine");
    CHECK(facts->slot == "A" && facts->version.empty() && !facts->wear && !facts->encrypted && !facts->tpm2);
    CHECK(parse_box_facts("").has_value());
    CHECK(parse_box_facts("wear=110")->wear == 100U);
}

TEST(ControlBoxFacts, are_none_where_they_are_not_like_that) {
    for (std::string const text :
         {"slot", "slot=C", "wear=-1", "wear=", "encrypted=maybe", "tpm2=1", "left=\x1b[2J", "version=\xff"})
        CHECK_FALSE(parse_box_facts(text).has_value());
    CHECK_FALSE(parse_box_facts("left=" + std::string(box_facts_limit, 'x')).has_value());
}

TEST(ControlBoxFacts, are_shown_as_far_as_they_were_said) {
    CHECK(boost::json::serialize(box_status(*parse_box_facts("slot=A\nwear=3\nencrypted=no"))) ==
          R"({"slot":"A","wear":3,"encrypted":false})");
    CHECK(box_status(*parse_box_facts("")).empty());
}
