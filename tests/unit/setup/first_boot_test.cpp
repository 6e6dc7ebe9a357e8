#include "control/answers.h"
#include "fake_box.h"

#include <boost/json/parse.hpp>

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

    void say_of_disk(bool encrypted) {
        box.answers["status"] = boost::json::object{
            {"waits", "for its office"}, {"box", boost::json::object{{"encrypted", encrypted}, {"tpm2", true}}}};
    }
    void open_where_the_disk_can_be_encrypted() {
        menu.end();
        say_of_disk(false);
        open_first_screen(hands.desk);
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

TEST(SetupFirstBoot, is_over_when_somebody_else_did_it) {
    menu.look();
    CHECK(menu.screen().title == "Set up this mail system");
    box.answers["status"] = boost::json::object{{"domain", "office.lan"}, {"host_name", "mail.office.lan"}};
    menu.look();
    CHECK(menu.depth() == 1 && menu.screen().title == "mail.office.lan");
    CHECK_FALSE(hands.desk.first_boot);
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

TEST(SetupFirstBoot, asks_for_the_disk_only_where_it_can_be_encrypted) { CHECK_FALSE(hands.choose("Disk")); }

TEST(SetupFirstBoot, asks_for_the_disk_after_the_language_and_encrypts_it_before_anything_is_kept) {
    open_where_the_disk_can_be_encrypted();
    CHECK(menu.screen().items[1].label == "Disk" && hands.value("Disk") == "not encrypted");
    CHECK(hands.choose("Disk"));
    CHECK(hands.choose("encrypted; a passphrase at each start"));
    hands.type("seven 7");
    CHECK(menu.complaint().starts_with("At least 8 characters"));
    hands.type("good enough");
    hands.type("good enough");
    CHECK(hands.value("Disk") == "encrypted; a passphrase at each start");
    CHECK(menu.cursor() == 2);
    give_password("longer than 8");
    CHECK(box.times("box.encrypt") == 0);
    finish();
    CHECK(box.last("box.encrypt", "open") == "passphrase" && box.last("box.encrypt", "password") == "good enough");
    CHECK(menu.screen().text[0].starts_with("The disk is being encrypted"));
    box.refusals["status"] = box.refusals["box.results"] = "nobody answers"; // the daemon is away meanwhile
    menu.look();
    CHECK(box.times("setup") == 0);
    box.refusals.clear();
    say_of_disk(true);
    menu.look();
    CHECK(answers().password.reveal() == "longer than 8");
    CHECK(menu.screen().title == "Your mail system is ready");
}

TEST(SetupFirstBoot, lets_the_disk_open_by_itself_or_stay_as_it_is) {
    open_where_the_disk_can_be_encrypted();
    CHECK(hands.choose("Disk"));
    CHECK(hands.choose("encrypted; this box opens it by itself"));
    hands.type("good enough");
    hands.type("good enough");
    give_password("longer than 8");
    finish();
    CHECK(box.last("box.encrypt", "open") == "tpm2");
    box.answers["box.results"] =
        boost::json::array{{{"request", "encrypt"}, {"failed", true}, {"result", "there is no room"}}};
    menu.look();
    CHECK(menu.screen().text[0] == "there is no room");
    menu.enter();
    CHECK(box.times("setup") == 0);
    CHECK(hands.choose("Disk"));
    CHECK(hands.choose("not encrypted"));
    finish();
    CHECK(box.times("setup") == 1 && box.times("box.encrypt") == 1);
}

TEST(SetupFirstBoot, encrypts_the_disk_before_a_backup_comes_onto_it) {
    open_where_the_disk_can_be_encrypted();
    box.answers["box.sticks"] = boost::json::parse(
        R"({"sticks":[{"path":"/s"}],"backups":[{"file":"/s/a.postern","domain":"a","made":"","protected_by":"nothing"}]})");
    CHECK(hands.choose("Disk"));
    CHECK(hands.choose("encrypted; a passphrase at each start"));
    hands.type("good enough");
    hands.type("good enough");
    CHECK(hands.choose("Or: from a backup on a stick"));
    CHECK(hands.choose("a.postern"));
    CHECK(hands.choose("Yes"));
    CHECK(box.times("box.encrypt") == 1 && box.times("box.restore") == 0);
    say_of_disk(true);
    menu.look();
    CHECK(box.last("box.restore", "path") == "/s/a.postern");
}
