#include "control/answers.h"
#include "control/menu_password.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>

using namespace postern;
using namespace postern::control;

TEST_GROUP(SetupAnswers){static std::string error_of(std::string_view text){auto const answers = read_answers(text);
return answers ? "" : answers.error();
}
}
;

TEST(SetupAnswers, are_lines_of_names_and_values) {
    auto const answers = read_answers("# a comment\r\n\n domain =  Büro.Example \r\npassword = a = b#c\n"
                                      "language=ru\naccount.bob.password = x\n");
    CHECK(answers.has_value());
    CHECK(answers->domain == "xn--bro-hoa.example");
    CHECK(answers->password.reveal() == "a = b#c");
    CHECK(answers->accounts.size() == 1);
    CHECK(answers->accounts[0].name == "bob");
    CHECK(answers->settings.size() == 1);
    CHECK(answers->settings[0].first == "office.language");
    CHECK_FALSE(answers->relay.has_value());
}

TEST(SetupAnswers, name_a_relay_whose_port_follows_its_security) {
    auto const answers =
        read_answers("domain = a.example\npassword = p\nrelay.host = smtp.example\nrelay.security = tls\n");
    CHECK(answers->relay->host == "smtp.example");
    CHECK(answers->relay->port == 465);
    CHECK(error_of("domain = a.example\npassword = p\nrelay.port = 25\n").contains("no relay.host"));
    CHECK(
        error_of("domain = a.example\npassword = p\nrelay.host = h\nrelay.login = l\n").contains("without the other"));
    CHECK(error_of("domain = a.example\npassword = p\nrelay.host = h\nrelay.port = 0\n").contains("a port is"));
}

TEST(SetupAnswers, may_want_the_disk_encrypted) {
    auto const answers =
        read_answers("domain = a.example\npassword = p\nencrypt = tpm2\nencrypt.passphrase = good enough\n");
    CHECK(answers->encryption->open == "tpm2" && answers->encryption->passphrase.reveal() == "good enough");
    CHECK(error_of("domain = a.example\npassword = p\nencrypt = passphrase\n").contains("without the other"));
    CHECK(error_of("encrypt = yes").contains("not with yes"));
    CHECK(error_of("encrypt.passphrase = seven 7").contains("at least 8"));
    CHECK_FALSE(error_of("encrypt.passphrase = seven 7").contains("seven"));
}

TEST(SetupAnswers, that_are_wrong_are_refused_without_what_is_secret) {
    CHECK(error_of("domain = a.example\npassword").contains("line 2"));
    CHECK(error_of("").contains("domain"));
    CHECK(error_of("domain = a.example").contains("password"));
    CHECK(error_of("domain = a\ndomain = b").contains("twice"));
    CHECK(error_of("account.postmaster.password = geheim").contains("administrator"));
    CHECK_FALSE(error_of("account.postmaster.password = geheim").contains("geheim"));
    CHECK(error_of("account.admin.password = x").contains("is there anyway"));
    CHECK(error_of("network.address = 192.168.1.2").contains("network.address"));
    CHECK(error_of("network.router = 192.168.1.0/24").contains("router"));
    CHECK(error_of("language = tlh").contains("office.language"));
    CHECK(error_of("domain = \xff").contains("no text"));
}

TEST_GROUP(MenuPassword){};

TEST(MenuPassword, is_kept_as_no_more_than_what_proves_it) {
    store::ScramVerifier const verifier{"salt", 4096, std::string(32, '\0'), std::string(32, '\x80')};
    auto const again = read_verifier(write_verifier(verifier));
    CHECK(again.has_value());
    CHECK(again->salt == verifier.salt && again->iterations == 4096 && again->stored_key == verifier.stored_key &&
          again->server_key == verifier.server_key);
    CHECK_FALSE(is_password_of(verifier, core::Secret(std::string_view("anything"))));
    CHECK_FALSE(read_verifier("4096 a b").has_value());
    CHECK_FALSE(read_verifier("0 YQ== YQ== YQ==").has_value());
    CHECK_FALSE(read_verifier("").has_value());
}
