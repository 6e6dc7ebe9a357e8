#include "control/request.h"

#include <boost/json/parse.hpp>

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern;
using namespace postern::control;

namespace {

std::string error_of(std::string_view line) {
    auto const request = parse_request(line);
    return request ? std::string() : request.error();
}

} // namespace

TEST_GROUP(ControlRequest){};

TEST(ControlRequest, reads_what_the_command_takes) {
    auto const request =
        parse_request(R"({"command":"account.add","arguments":{"name":"alice","administrator":true,"password":"x"}})");
    CHECK(request.has_value());
    CHECK(request->command->name == "account.add");
    CHECK(request->arguments.word("name") == "alice");
    CHECK(request->arguments.flag("administrator"));
    CHECK(request->arguments.secret("password").reveal() == "x");
}

TEST(ControlRequest, reads_lists_of_words) {
    auto const request =
        parse_request(R"({"command":"alias.add","arguments":{"address":"sales","targets":["a","b"]}})");
    CHECK(request.has_value());
    CHECK(request->arguments.words("targets") == (std::vector<std::string>{"a", "b"}));
}

TEST(ControlRequest, reads_what_may_be_left_out) {
    auto const bare = parse_request(R"({"command":"relay.add","arguments":{"name":"p","host":"h"}})");
    CHECK(bare.has_value());
    CHECK_FALSE(bare->arguments.option("port").has_value());
    CHECK_FALSE(bare->arguments.option("authority").has_value());
    auto const full = parse_request(
        R"({"command":"relay.add","arguments":{"name":"p","host":"h","port":"25","authority":"","domains":"a,b"}})");
    CHECK(full.has_value());
    CHECK(full->arguments.option("port") == "25");
    CHECK(full->arguments.option("authority") == ""); // there, and empty
    CHECK(full->arguments.option("domains") == "a,b");
    CHECK_FALSE(full->arguments.option("security").has_value());
}

TEST(ControlRequest, keeps_a_known_secret_a_secret) {
    auto const request = parse_request(
        R"({"command":"relay.login","arguments":{"name":"p","login":"office","token":true,"password":"hush"}})");
    CHECK(request.has_value());
    CHECK(request->arguments.secret("password").reveal() == "hush");
    CHECK(request->arguments.flag("token"));
}

TEST(ControlRequest, needs_no_arguments_where_the_command_takes_none) {
    CHECK(parse_request(R"({"command":"status"})").has_value());
    CHECK(parse_request(R"({"command":"status","arguments":{}})").has_value());
}

TEST(ControlRequest, says_what_is_wrong) {
    CHECK(error_of("") == "a request is one JSON object on a line");
    CHECK(error_of("[]") == "a request is one JSON object on a line");
    CHECK(error_of("{\"command\":") == "a request is one JSON object on a line");
    CHECK(error_of("{\"command\":\"status\"} x") == "a request is one JSON object on a line");
    CHECK(error_of("{}") == "the request names no command");
    CHECK(error_of(R"({"command":1})") == "the request names no command");
    CHECK(error_of(R"({"command":"explode"})") == "there is no command explode");
    CHECK(error_of(R"({"command":"status","arguments":[]})") == "arguments is a JSON object");
    CHECK(error_of(R"({"command":"status","arguments":{"x":1}})") == "status takes no x");
    CHECK(error_of(R"({"command":"settings.get","arguments":{}})") == "settings.get wants its name");
    CHECK(error_of(R"({"command":"settings.get","arguments":{"name":7}})") == "name is a string");
    CHECK(error_of(R"({"command":"alias.add","arguments":{"address":"a","targets":[]}})") ==
          "targets is an array of strings");
    CHECK(error_of(R"({"command":"alias.add","arguments":{"address":"a","targets":["b",1]}})") ==
          "targets is an array of strings");
    CHECK(error_of(R"({"command":"account.add","arguments":{"name":"a","password":"p","administrator":"yes"}})") ==
          "administrator is true, or left out");
    CHECK(error_of(R"({"command":"account.add","arguments":{"name":"a","password":null}})") == "password is a string");
    CHECK(error_of(R"({"command":"relay.add","arguments":{"name":"a"}})") == "relay.add wants its host");
    CHECK(error_of(R"({"command":"relay.add","arguments":{"name":"a","host":"b","port":25}})") == "port is a string");
    CHECK(error_of(R"({"command":"relay.add","arguments":{"name":"a","host":"b","port":null}})") == "port is a string");
    CHECK(error_of(R"({"command":"relay.add","arguments":{"name":"a","host":"b","authority":["x"]}})") ==
          "authority is a string");
    CHECK(error_of(R"({"command":"relay.add","arguments":{"name":"a","host":"b","token":true}})") ==
          "relay.add takes no token");
    CHECK(error_of(R"({"command":"relay.login","arguments":{"name":"a","login":"b"}})") ==
          "relay.login wants its password");
    CHECK(error_of(R"({"command":"relay.login","arguments":{"name":"a","login":"b","password":7}})") ==
          "password is a string");
    CHECK(error_of(R"({"command":"account.certificate","arguments":{"name":"a","file":"x"}})") ==
          "file is not for the daemon");
}

TEST(ControlRequest, survives_depth) {
    CHECK(error_of(std::string(100'000, '[')) == "a request is one JSON object on a line");
}

TEST(ControlRequest, is_read_as_it_was_written) {
    auto const request =
        parse_request(write_request(*find_command("settings.set"), {{"name", "a\nb"}, {"value", "\"\\"}}));
    CHECK(request.has_value());
    CHECK(request->arguments.word("name") == "a\nb");
    CHECK(request->arguments.word("value") == "\"\\");
}

TEST(ControlRequest, carries_answers_and_refusals) {
    CHECK(write_reply(json::value(nullptr)) == "{\"ok\":true}\n");
    CHECK(parse_reply(write_reply(json::value{1, 2}))->as_array().size() == 2);
    auto const refusal = parse_reply(write_reply(std::unexpected(Refusal{"no", json::value("shown")})));
    CHECK_FALSE(refusal.has_value());
    CHECK(refusal.error().reason == "no");
    CHECK(refusal.error().result == "shown");
    CHECK_FALSE(parse_reply("nonsense").has_value());
    CHECK_FALSE(parse_reply("{\"ok\":1}").has_value());
    CHECK_FALSE(parse_reply("{\"ok\":false}").has_value());
}

TEST(ControlRequest, announces_octets_within_a_bound) {
    CHECK(announced_octets(announce_octets(0)) == 0U);
    CHECK(announced_octets(announce_octets(1024)) == 1024U);
    for (std::string_view const line : {R"({"octets":-1})", R"({"octets":99999999999})", R"({"octets":"1"})",
                                        R"({"octets":1,"ok":true})", R"({"ok":true})", "octets", ""})
        CHECK_FALSE(announced_octets(line).has_value());
}

// What `postern` does by itself, the daemon does not; what nobody types, it does.
TEST(ControlRequest, knows_which_commands_are_the_daemons) {
    CHECK_FALSE(parse_request(R"({"command":"restore","arguments":{"from":"file"}})").has_value());
    CHECK(parse_request(R"({"command":"backup.content"})").has_value());
    CHECK(find_command("backup.content") == nullptr);
}
