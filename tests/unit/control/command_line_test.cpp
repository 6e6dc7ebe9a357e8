#include "control/command_line.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace postern::control;

namespace {

using Words = std::vector<std::string>;

CommandLine read(Words const& words) { return parse_command_line(words).value(); }
std::string error_of(Words const& words) {
    auto const line = parse_command_line(words);
    return line ? std::string() : line.error();
}

} // namespace

TEST_GROUP(ControlCommandLine){};

TEST(ControlCommandLine, reads_a_command_with_its_words_and_flags) {
    auto const line = read({"account", "add", "alice", "--administrator", "--password-stdin"});
    CHECK(line.command == find_command("account.add"));
    CHECK(line.arguments == (json::object{{"administrator", true}, {"name", "alice"}}));
    CHECK(line.password_stdin);
    CHECK_FALSE(line.json);
}

TEST(ControlCommandLine, takes_options_anywhere) {
    auto const line = read({"--data", "/d", "queue", "--json", "list", "--control", "/c"});
    CHECK(line.command == find_command("queue.list"));
    CHECK(line.data == "/d");
    CHECK(line.control == "/c");
    CHECK(line.json);
}

TEST(ControlCommandLine, gathers_the_rest_in_a_list) {
    auto const line = read({"alias", "add", "sales", "alice", "bob"});
    CHECK(line.arguments == (json::object{{"address", "sales"}, {"targets", {"alice", "bob"}}}));
}

TEST(ControlCommandLine, keeps_the_name_of_a_file_to_itself) {
    auto const line = read({"account", "certificate", "alice", "alice.pem"});
    CHECK(line.arguments == (json::object{{"name", "alice"}}));
    CHECK(line.file == "alice.pem");
    STRCMP_CONTAINS("usage: postern account certificate NAME FILE",
                    error_of({"account", "certificate", "alice"}).c_str());
}

TEST(ControlCommandLine, takes_a_file_with_a_password_from_elsewhere) {
    auto const line = read({"account", "pkcs12", "alice", "alice.p12", "--password-stdin"});
    CHECK(line.arguments == (json::object{{"name", "alice"}}));
    CHECK(line.file == "alice.p12");
    CHECK(line.password_stdin);
    STRCMP_CONTAINS("usage: postern account pkcs12 NAME FILE [--password-stdin]",
                    error_of({"account", "pkcs12", "alice"}).c_str());
}

TEST(ControlCommandLine, reads_options_with_their_values) {
    auto const line = read({"relay", "add", "--port", "2525", "provider", "--security", "tls", "smtp.example.net"});
    CHECK(line.command == find_command("relay.add"));
    CHECK(line.arguments ==
          (json::object{{"name", "provider"}, {"host", "smtp.example.net"}, {"port", "2525"}, {"security", "tls"}}));
    CHECK(line.uploads.empty());
    // What follows is the value, whatever it looks like.
    CHECK(read({"relay", "add", "a", "b", "--domains", "--json"}).arguments.at("domains") == "--json");
    CHECK(read({"relay", "add", "a", "b", "--port", "1", "--port", "2"}).arguments.at("port") == "2");
}

TEST(ControlCommandLine, keeps_the_name_of_a_file_that_is_sent_apart_from_the_arguments) {
    auto const line = read({"relay", "add", "--authority", "/etc/ca.pem", "provider", "smtp.example.net"});
    CHECK(line.arguments == (json::object{{"name", "provider"}, {"host", "smtp.example.net"}}));
    CHECK_EQUAL(1U, line.uploads.size());
    CHECK(line.uploads.front().first == "authority");
    CHECK(line.uploads.front().second == "/etc/ca.pem");
    CHECK_FALSE(line.file.has_value());
}

TEST(ControlCommandLine, takes_a_password_that_somebody_else_decided_on_from_elsewhere) {
    auto const line = read({"relay", "login", "provider", "office@example.net", "--token", "--password-stdin"});
    CHECK(line.arguments == (json::object{{"name", "provider"}, {"login", "office@example.net"}, {"token", true}}));
    CHECK(line.password_stdin);
    CHECK_FALSE(read({"relay", "login", "provider", "office@example.net"}).password_stdin);
}

TEST(ControlCommandLine, reads_words_that_look_like_options_after_two_dashes) {
    CHECK(read({"settings", "set", "--", "name", "--json"}).arguments ==
          (json::object{{"name", "name"}, {"value", "--json"}}));
}

TEST(ControlCommandLine, finds_commands_of_one_word) { CHECK(read({"status"}).command == find_command("status")); }

TEST(ControlCommandLine, says_what_is_wrong) {
    CHECK(error_of({}) == "no command was given; `postern --help` shows them all");
    CHECK(error_of({"frob"}) == "there is no command frob; `postern --help` shows them all");
    CHECK(error_of({"account", "explode"}) == "there is no command account explode; `postern --help` shows them all");
    CHECK(error_of({"account", "remove"}) == "usage: postern account remove NAME");
    CHECK(error_of({"account", "remove", "a", "b"}) == "b is too much; usage: postern account remove NAME");
    CHECK(error_of({"alias", "add", "a"}) == "usage: postern alias add ADDRESS TARGETS...");
    CHECK(error_of({"status", "--frob"}) == "--frob is no option of status");
    CHECK(error_of({"status", "--password-stdin"}) == "--password-stdin is no option of status");
    CHECK(error_of({"account", "add", "a", "--password"}) == "--password is no option of account add");
    CHECK(error_of({"account", "add", "a", "--name"}) == "--name is no option of account add");
    CHECK(error_of({"status", "--data"}) == "--data wants a path");
    CHECK(error_of({"relay", "add", "a", "b", "--port"}) == "--port wants a value");
    CHECK(error_of({"relay", "add", "a", "b", "--authority"}) == "--authority wants a value");
    CHECK(error_of({"relay", "list", "--port", "25"}) == "--port is no option of relay list");
    CHECK(error_of({"relay", "list", "--authority", "ca.pem"}) == "--authority is no option of relay list");
    CHECK(error_of({"relay", "add", "a", "b", "--token"}) == "--token is no option of relay add");
    CHECK(error_of({"relay", "add", "a", "b", "--password-stdin"}) == "--password-stdin is no option of relay add");
    CHECK(
        error_of({"relay", "add", "a", "--port", "b"}).starts_with("usage: postern relay add NAME HOST [--port PORT]"));
}

TEST(ControlCommandLine, never_takes_a_secret_from_its_words) {
    CHECK(error_of({"account", "password", "alice", "secret"}) ==
          "secret is too much; usage: postern account password NAME [--password-stdin]");
    CHECK(error_of({"relay", "login", "provider", "office", "secret"}) ==
          "secret is too much; usage: postern relay login NAME LOGIN [--token] [--password-stdin]");
    CHECK(error_of({"relay", "login", "provider", "office", "--password", "secret"}) ==
          "--password is no option of relay login");
}

TEST(ControlCommandLine, helps_with_all_and_with_one) {
    CHECK(read({"--help"}).command == nullptr);
    CHECK(read({"account", "add", "--help"}).help);
    for (Command const& command : command_table()) {
        CHECK(help_text().contains(usage_of(command)));
        CHECK(help_text(command).contains(command.help));
    }
    CHECK(usage_of(*find_command("account.add")) == "account add NAME [--administrator] [--password-stdin]");
    CHECK(usage_of(*find_command("relay.add")) ==
          "relay add NAME HOST [--port PORT] [--security SECURITY] [--domains DOMAINS] [--authority FILE] "
          "[--key KEY] [--preference PREFERENCE]");
    std::string const relay_help = help_text(*find_command("relay.add"));
    for (std::string_view const shown : {"\n  NAME ", "\n  --port PORT ", "\n  --authority FILE "})
        CHECK(relay_help.contains(shown));
    CHECK(help_text(*find_command("relay.login")).contains("\n  --password-stdin "));
}

TEST(ControlCommandLine, rests_on_a_table_without_contradictions) {
    constexpr std::string_view done_here[] = {"backup", "backup-key", "restore", "export", "import"}; // without the daemon
    std::set<std::string_view> names;
    std::map<std::string_view, bool>
        takes_value; // by option: one word cannot be both, since it is read before its command
    for (Command const& command : command_table()) {
        CHECK(names.insert(command.name).second);
        CHECK(command.action != nullptr || std::ranges::contains(done_here, command.name));
        bool last_taken = false; // a list takes all that follows
        for (Parameter const& parameter : command.parameters) {
            CHECK_FALSE(last_taken && parameter.kind == ParameterKind::word);
            last_taken = last_taken || parameter.kind == ParameterKind::words;
            bool const has_value = parameter.kind == ParameterKind::option || parameter.kind == ParameterKind::upload;
            if (has_value || parameter.kind == ParameterKind::flag)
                CHECK(takes_value.emplace(parameter.name, has_value).first->second == has_value);
        }
    }
}
