#include "control/answers.h"
#include "fake_box.h"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::setup;

TEST_GROUP(SetupFirstBoot) {
    Hands hands;
    Menu& menu = hands.menu;
    FakeBox& box = hands.box;

    void setup() override {
        box.answers["status"] = boost::json::object{{"waits", "for its office"}};
        open_first_screen(hands.desk);
        CHECK(menu.screen().title == "Set up this mail system");
    }

    void give_password(std::string_view password) {
        CHECK(hands.choose("Administrator's password"));
        hands.type(password);
        hands.type(password);
    }

    void finish() {
        CHECK(hands.choose("Start the mail system"));
        CHECK(hands.choose("Yes"));
    }

    control::Answers answers() { return control::read_answers(box.last("setup", "answers")).value(); }
};

TEST(SetupFirstBoot, needs_no_more_than_a_password) {
    CHECK(hands.choose("Start the mail system"));
    CHECK(menu.screen().text[0].contains("still missing"));
    menu.enter();
    give_password("longer than 8");
    CHECK(hands.value("Administrator's password") == "set");
    finish();
    auto const given = answers();
    CHECK(given.domain == "office.lan");
    CHECK(given.password.reveal() == "longer than 8");
    CHECK(given.settings.empty() && given.accounts.empty() && !given.relay);
}

TEST(SetupFirstBoot, shows_what_to_do_next_and_then_the_menu) {
    box.answers["authority.show"] = boost::json::object{{"fingerprint", "AB:CD"}};
    give_password("longer than 8");
    finish();
    CHECK(menu.screen().title == "Your mail system is ready");
    CHECK(menu.screen().text[0].contains("http://setup.office.lan/"));
    CHECK(menu.screen().text[3] == "AB:CD");
    menu.enter();
    CHECK(hands.choose("Status"));
}

TEST(SetupFirstBoot, asks_for_all_there_is) {
    CHECK(hands.choose("Language"));
    CHECK(hands.choose("Deutsch"));
    CHECK(menu.screen().title == "Mailsystem einrichten");
    CHECK(menu.cursor() == 1);
    menu.enter();
    hands.type("Büro.Example");
    CHECK(hands.value("Domain des Büros") == "xn--bro-hoa.example");
    CHECK(hands.choose("Passwort des Verwalters"));
    hands.type("geheim geheim");
    hands.type("geheim geheim");
    CHECK(hands.choose("Konten"));
    CHECK(hands.choose("Konto hinzufügen"));
    hands.type("alice");
    hands.type("alices password");
    hands.type("alices password");
    CHECK(hands.choose("Das sind alle"));
    CHECK(hands.value("Konten") == "alice");
    CHECK(hands.choose("Adresse dieser Box"));
    CHECK(hands.choose("fest"));
    hands.type("192.168.1.2/24");
    hands.type("192.168.1.1");
    CHECK(menu.typed() == "192.168.1.1"); // is proposed as name server
    menu.enter();
    CHECK(hands.choose("Mail nach draußen"));
    CHECK(hands.choose("über einen Anbieter"));
    hands.type("smtp.example.net");
    hands.type("465");
    hands.type("firm");
    hands.type("relays password");
    CHECK(hands.choose("Mailsystem starten"));
    CHECK(hands.choose("Ja"));
    auto const given = answers();
    CHECK(given.domain == "xn--bro-hoa.example");
    CHECK(given.accounts[0].name == "alice" && given.accounts[0].password.reveal() == "alices password");
    CHECK(given.relay->port == 465 && given.relay->security == store::RelaySecurity::implicit_tls);
    CHECK(given.relay->login == "firm" && given.relay->password.reveal() == "relays password");
    std::string settings;
    for (auto const& [name, value] : given.settings) settings += name + "=" + value + " ";
    CHECK(settings == "office.language=de network.address=192.168.1.2/24 network.router=192.168.1.1 "
                      "dns.servers=192.168.1.1 ");
}

TEST(SetupFirstBoot, a_box_that_hands_out_addresses_has_a_fixed_one) {
    give_password("longer than 8");
    CHECK(hands.choose("Address of this box"));
    CHECK(hands.choose("I hand out addresses here"));
    menu.enter();
    finish();
    auto const given = answers();
    CHECK(given.settings.size() == 2);
    CHECK(given.settings[0].second == "192.168.80.1/24" && given.settings[1].first == "dhcp.serve");
}

TEST(SetupFirstBoot, says_what_cannot_be) {
    CHECK(hands.choose("Domain of the office"));
    hands.type("a..b");
    CHECK(menu.complaint().contains("no domain name"));
    menu.back();
    CHECK(hands.choose("Administrator's password"));
    hands.type("short");
    CHECK(menu.complaint().contains("8 characters"));
    hands.type(" begins with a space");
    CHECK(menu.complaint().contains("8 characters"));
    hands.type("longer than 8");
    hands.type("something else");
    CHECK(menu.complaint().contains("not the same"));
    menu.back();
    menu.back();
    CHECK(hands.choose("Address of this box"));
    CHECK(hands.choose("fixed"));
    hands.type("192.168.1.2");
    CHECK(menu.complaint().contains("192.168.1.2/24"));
    hands.type("dhcp");
    CHECK_FALSE(menu.complaint().empty());
    menu.back();
    menu.back();
    CHECK(hands.choose("Accounts"));
    CHECK(hands.choose("Add an account"));
    for (auto const* wrong : {"", "Bob", "admin", "postmaster"}) {
        hands.type(wrong);
        CHECK_FALSE(menu.complaint().empty());
    }
}

TEST(SetupFirstBoot, an_account_is_taken_back) {
    CHECK(hands.choose("Accounts"));
    CHECK(hands.choose("Add an account"));
    hands.type("bob");
    hands.type("bobs password");
    hands.type("bobs password");
    CHECK(hands.choose("bob@office.lan"));
    CHECK(hands.choose("Yes"));
    CHECK(hands.choose("That is all"));
    CHECK(hands.value("Accounts") == "none");
}

TEST(SetupFirstBoot, what_the_box_refuses_is_told_and_nothing_is_lost) {
    give_password("longer than 8");
    box.refusals["setup"] = "the disk is full";
    finish();
    CHECK(menu.screen().text[0] == "the disk is full");
    menu.enter();
    CHECK(hands.value("Administrator's password") == "set");
    box.refusals.clear();
    box.comes = false;
    finish();
    CHECK(menu.screen().text[0].contains("does not answer"));
}

TEST(SetupFirstBoot, on_a_display_a_password_is_seen_as_it_is_made_and_asked_for_once) {
    hands.desk.display = true;
    CHECK(hands.choose("Administrator's password"));
    hands.type("longer than 8");
    CHECK(hands.value("Administrator's password") == "set");
}
