#include "fake_box.h"
#include "setup/box_state.h"
#include "setup/office_menu.h"

#include <boost/json/parse.hpp>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::setup;

TEST_GROUP(SetupOfficeMenu) {
    Hands hands;
    Menu& menu = hands.menu;
    FakeBox& box = hands.box;

    void setup() override {
        box.answers["status"] = boost::json::parse(
            R"({"host_name":"mail.office.lan","uptime_seconds":100000,"queue":3,"accounts":2,"messages":7,
                "store":{"free_octets":1610612736},"lookups":{"internet":"there"},"time":"2026-01-05T10:00:00Z"})");
        box.answers["link.show"] =
            boost::json::parse(R"({"mode":"auto","relays":[{"relay":"a","link":"up","trouble":""}]})");
        box.answers["settings.get"] = "en";
        box.answers["account.list"] =
            boost::json::parse(R"([{"name":"admin","octets":0},{"name":"bob","octets":2048}])");
    }

    void open() { open_first_screen(hands.desk); }
};

TEST(SetupOfficeMenu, is_behind_its_password) {
    box.refusals["menu.check"] = "no";
    open();
    CHECK(menu.screen().entry->secret);
    hands.type("a guess");
    CHECK(menu.complaint() == "That is not the password.");
    CHECK(box.last("menu.check", "password") == "a guess");
    box.refusals.clear();
    hands.type("the password");
    CHECK(menu.screen().title == "mail.office.lan");
    CHECK(hands.desk.guarded);
}

TEST(SetupOfficeMenu, is_open_where_there_is_none_and_on_a_display) {
    open();
    CHECK(menu.screen().title == "mail.office.lan");
    CHECK_FALSE(hands.desk.guarded);
    menu.end();
    box.refusals["menu.check"] = "no";
    hands.desk.display = true;
    open();
    CHECK(menu.screen().title == "mail.office.lan");
    CHECK_FALSE(hands.choose("Password of this menu"));
}

TEST(SetupOfficeMenu, a_display_that_is_locked_only_shows) {
    box.answers["settings.get"] = "yes";
    hands.desk.display = true;
    open();
    CHECK(menu.screen().items.size() == 2);
    CHECK(hands.choose("Status"));
}

TEST(SetupOfficeMenu, says_how_the_box_is) {
    open();
    CHECK(hands.choose("Status"));
    CHECK(hands.value("Address") == "192.168.1.2");
    CHECK(hands.value("Mail to the outside") == "a up");
    CHECK(hands.value("Waiting mail") == "3 messages");
    CHECK(hands.value("Disk free") == "1.5 GiB");
    CHECK(hands.value("Up for") == "1 d 3 h");
    CHECK(hands.value("Time") == "2026-01-05 10:00 UTC");
    CHECK(hands.value("Alarm") == "no such item");
}

TEST(SetupOfficeMenu, says_what_is_wrong_first) {
    box.answers["link.show"] = boost::json::parse(
        R"({"mode":"auto","relays":[{"relay":"a","link":"down","trouble":"login refused","refuses":true},)"
        R"({"relay":"b","link":"down","trouble":"unreachable","refuses":false}]})");
    open();
    CHECK(hands.choose("Status"));
    CHECK(menu.screen().items[0].label == "Alarm" && menu.screen().items[0].value == "a: login refused");
    auto const rest = lines_at_rest(hands.desk);
    CHECK(rest.size() == 3);
    CHECK(rest[0] == "Alarm: a: login refused");
    CHECK(rest[1] == "mail.office.lan 192.168.1.2");
    CHECK(rest[2] == "a down, b down, 3 messages");
    box.refusals["status"] = "gone";
    CHECK(lines_at_rest(hands.desk)[0] == "Alarm: The mail system does not answer.");
}

TEST(SetupOfficeMenu, says_what_the_box_itself_is_like) {
    auto& status = box.answers["status"].as_object();
    status["box"] = boost::json::parse(
        R"({"version":"2.0","slot":"B","left":"2.1: It did not come up.","wear":80,"encrypted":true,"menu_password":false})");
    status["last_backup"] = boost::json::parse(
        R"({"age_seconds":100000,"file":"/run/media/sda1/x.postern","failed":true,"trouble":"no room"})");
    open();
    CHECK(hands.choose("Status"));
    auto const& items = menu.screen().items;
    CHECK(items[0].value == "The flash memory is worn (80 %). Back up, and put in a new one.");
    CHECK(items[1].value == "This menu has no password.");
    CHECK(items[2].value == "Backups fail: no room");
    CHECK(hands.value("Version") == "2.0 (B)" && hands.value("Version that was left") == "2.1: It did not come up.");
    CHECK(hands.value("Flash life used") == "80 %" && hands.value("Disk encrypted") == "Yes");
    CHECK(hands.value("Last backup") == "1 d 3 h ago, /run/media/sda1/x.postern");
    auto const rest = lines_at_rest(hands.desk);
    CHECK(rest.size() == 7);
    CHECK(rest[0].starts_with("Alarm: The flash") && rest[2].starts_with("Alarm: Backups fail"));
    CHECK(rest[5] == "Version that was left: 2.1: It did not come up.");
    CHECK(rest[6] == "Last backup: 1 d 3 h ago, /run/media/sda1/x.postern");
}

TEST(SetupOfficeMenu, looks_after_accounts) {
    open();
    CHECK(hands.choose("Accounts"));
    CHECK(hands.value("bob") == "2.0 KiB");
    CHECK(hands.choose("Add an account"));
    hands.type("carol");
    hands.type("carols password");
    hands.type("carols password");
    CHECK(box.last("account.add", "name") == "carol" && box.last("account.add", "password") == "carols password");
    CHECK(menu.screen().title == "Accounts");
    CHECK(hands.choose("bob"));
    CHECK(hands.choose("New password"));
    hands.type("bobs password");
    hands.type("bobs password");
    CHECK(box.last("account.password", "name") == "bob");
    CHECK(hands.choose("bob"));
    CHECK(hands.choose("Remove bob?"));
    CHECK(hands.choose("No"));
    CHECK(box.times("account.remove") == 0);
    CHECK(hands.choose("Remove bob?"));
    CHECK(hands.choose("Yes"));
    CHECK(box.last("account.remove", "name") == "bob");
    CHECK(menu.screen().title == "Accounts");
}

TEST(SetupOfficeMenu, names_a_relay_and_tells_in_words_whether_it_works) {
    box.answers["relay.list"] = boost::json::parse(R"([{"name":"provider","host":"h","link":"up"}])");
    box.answers["relay.test"] = boost::json::parse(R"({"works":"TLS and login"})");
    open();
    CHECK(hands.choose("Mail to the outside"));
    auto const depth = menu.depth();
    CHECK(hands.choose("by a provider"));
    hands.type("smtp.example.net");
    hands.type("465");
    hands.type("firm");
    hands.type("a password");
    CHECK(box.last("relay.add", "security") == "tls" && box.last("relay.login", "password") == "a password");
    CHECK(menu.depth() == depth);
    CHECK(hands.choose("provider"));
    CHECK(hands.choose("Test it"));
    CHECK(menu.screen().text[0] == "It works: TLS and login");
    menu.enter();
    box.refusals["relay.test"] = "the login is refused";
    CHECK(hands.choose("Test it"));
    CHECK(menu.screen().text[0] == "the login is refused");
}

TEST(SetupOfficeMenu, asks_before_it_asks_for_what_cannot_be_undone) {
    open();
    CHECK(hands.choose("Factory reset"));
    CHECK(hands.choose("Settings and all mail"));
    CHECK(box.times("box.reset") == 0);
    CHECK(menu.cursor() == 0 && menu.screen().items[0].label == "No");
    CHECK(hands.choose("Yes"));
    CHECK(box.last("box.reset", "degree") == "mail");
    menu.enter();
    menu.back();
    CHECK(hands.choose("Restart"));
    menu.enter(); // No
    CHECK(box.times("box.restart") == 0);
}

TEST(SetupOfficeMenu, tells_what_came_of_what_it_asked_of_the_box) {
    auto const came_of = [&](std::string_view request, bool failed, std::string_view result) {
        box.answers["box.results"] = boost::json::array{{{"request", request}, {"failed", failed}, {"result", result}}};
        menu.look();
    };
    open();
    CHECK(hands.choose("Time"));
    CHECK(hands.choose("Clock"));
    hands.type("2026-01-05 10:00");
    CHECK(menu.screen().text[0] == "The box was asked to do it.");
    came_of("time", false, "It is 2026-01-05 10:00 CET.");
    CHECK(menu.screen().text[0] == "It is 2026-01-05 10:00 CET.");
    menu.enter();
    CHECK(menu.screen().title == "Time");
    menu.back();
    CHECK(hands.choose("Factory reset"));
    CHECK(hands.choose("Version before this one"));
    CHECK(hands.choose("Yes"));
    came_of("reset", true, "There is no earlier version that starts.");
    CHECK(menu.screen().title == "That did not work");
}

TEST(SetupOfficeMenu, holds_mail_at_once_but_on_a_display) {
    open();
    CHECK(hands.choose("Mail to the outside"));
    CHECK(hands.choose("Hold all mail here"));
    CHECK(box.times("link.hold") == 1);
    box.answers["link.show"] = boost::json::parse(R"({"mode":"hold","relays":[]})");
    hands.desk.display = true;
    menu.refresh();
    CHECK(hands.choose("Let mail leave"));
    CHECK(box.times("link.auto") == 0);
    CHECK(hands.choose("Yes"));
    CHECK(box.times("link.auto") == 1);
}

TEST(SetupOfficeMenu, shows_what_waits_and_why) {
    open();
    CHECK(hands.choose("Waiting mail"));
    CHECK(menu.screen().text[0] == "none");
    menu.back();
    box.answers["queue.list"] =
        boost::json::parse(R"([{"recipient":"eve@example.net","state":"waiting","because":"there is no relay"}])");
    CHECK(hands.choose("Waiting mail"));
    CHECK(hands.value("eve@example.net") == "waiting there is no relay");
    CHECK(hands.choose("Try all now"));
    CHECK(box.last("queue.retry", "id") == "all");
}

TEST(SetupOfficeMenu, changes_the_network_after_a_question) {
    open();
    CHECK(hands.choose("Network"));
    CHECK(hands.choose("Address"));
    hands.type("192.168.1.3/24");
    CHECK(box.times("settings.set") == 0);
    CHECK(hands.choose("Yes"));
    CHECK(box.last("settings.set", "name") == "network.address" &&
          box.last("settings.set", "value") == "192.168.1.3/24");
    CHECK(hands.choose("Network socket"));
    hands.type("eth1");
    CHECK(hands.choose("Yes"));
    CHECK(box.last("settings.set", "name") == "network.interface" && box.last("settings.set", "value") == "eth1");
}
