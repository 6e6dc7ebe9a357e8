#include "fake_box.h"
#include "setup/office_menu.h"

#include <boost/json/parse.hpp>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::setup;

TEST_GROUP(SetupSticks) {
    Hands hands;
    Menu& menu = hands.menu;
    FakeBox& box = hands.box;

    void setup() override {
        box.answers["status"] = boost::json::parse(R"({"host_name":"mail.office.lan"})");
        box.answers["settings.get"] = "en";
        put_in(R"({"sticks":[{"path":"/run/media/sda1","free_octets":1610612736,"unfinished_octets":0}],"backups":[],
                   "updates":[]})");
        open_first_screen(hands.desk);
    }
    void put_in(std::string_view sticks) { box.answers["box.sticks"] = boost::json::parse(sticks); }
    void came_of(std::string_view request, bool failed, std::string_view result) {
        box.answers["box.results"] = boost::json::array{{{"request", request}, {"failed", failed}, {"result", result}}};
        menu.look();
    }
};

TEST(SetupSticks, are_to_be_put_in) {
    put_in(R"({"sticks":[],"backups":[],"updates":[]})");
    for (auto const* const what : {"Back up now", "Restore a backup", "Update"}) {
        CHECK(hands.choose(what));
        CHECK(menu.screen().text[0].starts_with("No stick is in"));
        menu.enter();
    }
}

TEST(SetupSticks, get_a_backup_and_it_is_said_how_that_ended) {
    auto const depth = menu.depth();
    CHECK(hands.choose("Back up now"));
    CHECK(menu.screen().entry->secret);
    hands.type("");
    CHECK(box.last("box.backup", "directory") == "/run/media/sda1");
    CHECK_FALSE(box.asked.back().second.contains("passphrase-file"));
    CHECK(menu.screen().text[0].starts_with("The backup is being made"));
    put_in(R"({"sticks":[{"path":"/run/media/sda1","unfinished_octets":1610612736}]})");
    menu.look();
    CHECK(menu.screen().text[0].ends_with("Written so far: 1.5 GiB"));
    came_of("update", false, "something else");
    CHECK(menu.depth() == depth + 1);
    came_of("backup", false, "/run/media/sda1/x.postern");
    CHECK(menu.screen().text[0] == "The backup is made and proved: /run/media/sda1/x.postern");
    menu.enter();
    CHECK(menu.depth() == depth);
}

TEST(SetupSticks, may_be_several_and_the_passphrase_is_given_twice) {
    put_in(
        R"({"sticks":[{"path":"/run/media/sda1","free_octets":1024},{"path":"/run/media/sdb1","free_octets":2048}]})");
    CHECK(hands.choose("Back up now"));
    CHECK(hands.value("sda1") == "1.0 KiB free");
    CHECK(hands.choose("sdb1"));
    hands.type("a passphrase");
    hands.type("another one");
    CHECK(menu.complaint().starts_with("The two are not the same"));
    CHECK(box.times("box.backup") == 0);
    hands.type("a passphrase");
    CHECK(box.last("box.backup", "directory") == "/run/media/sdb1");
    CHECK(box.last("box.backup", "passphrase-file") == "a passphrase");
    came_of("backup", true, "the stick is full");
    CHECK(menu.screen().title == "That did not work" && menu.screen().text[0] == "the stick is full");
}

TEST(SetupSticks, give_back_what_a_backup_has_once_that_is_sure) {
    CHECK(hands.choose("Restore a backup"));
    CHECK(menu.screen().text[0] == "There is no backup on a stick that is in.");
    menu.enter();
    put_in(R"({"sticks":[{"path":"/run/media/sda1"}],"backups":[
        {"file":"/run/media/sda1/n.postern","domain":"office.lan","made":"2026-01-05T10:00:00Z","octets":2048,"protected_by":"passphrase"},
        {"file":"/run/media/sda1/o.postern","domain":"office.lan","made":"2026-01-04T10:00:00Z","octets":1024,"protected_by":"nothing"},
        {"file":"/run/media/sda1/k.postern","domain":"office.lan","made":"2026-01-03T10:00:00Z","octets":1024,"protected_by":"key"}]})");
    CHECK(hands.choose("Restore a backup"));
    CHECK(menu.screen().items[0].label == "office.lan 2026-01-05 10:00 UTC");
    CHECK(menu.screen().items[0].value == "2.0 KiB, sda1");
    CHECK(hands.choose("office.lan 2026-01-03 10:00 UTC"));
    CHECK(menu.screen().text[0].contains("postern restore --key"));
    menu.enter();
    CHECK(hands.choose("office.lan 2026-01-05 10:00 UTC"));
    hands.type("a passphrase");
    CHECK(menu.screen().text[0].contains("are replaced by what they were: office.lan 2026-01-05"));
    CHECK(box.times("box.restore") == 0);
    CHECK(hands.choose("Yes"));
    CHECK(box.last("box.restore", "path") == "/run/media/sda1/n.postern");
    CHECK(box.last("box.restore", "passphrase-file") == "a passphrase");
    box.refusals["box.results"] = "nobody answers"; // the daemon is away meanwhile
    menu.look();
    CHECK(menu.screen().text[0].starts_with("The backup is being restored"));
    box.refusals.clear();
    came_of("restore", false, "It is restored");
    CHECK(menu.screen().text[0].starts_with("All is as it was"));
    menu.enter();
    CHECK(menu.depth() == 1 && menu.screen().title == "mail.office.lan");
}

TEST(SetupSticks, have_updates) {
    CHECK(hands.choose("Update"));
    CHECK(menu.screen().text[0].starts_with("There is no update"));
    menu.enter();
    put_in(
        R"({"sticks":[{"path":"/run/media/sda1"}],"updates":[{"file":"/run/media/sda1/postern-2.raucb","octets":1024}]})");
    CHECK(hands.choose("Update"));
    CHECK(hands.choose("postern-2.raucb"));
    CHECK(hands.choose("Yes"));
    CHECK(box.last("box.update", "path") == "/run/media/sda1/postern-2.raucb");
    came_of("update", true, "it is for another board");
    CHECK(menu.screen().text[0] == "it is for another board");
}

TEST_GROUP(SetupLockedDisk) {
    Hands hands;
    Menu& menu = hands.menu;
    FakeBox& box = hands.box;

    void setup() override {
        box.refusals["status"] = "nobody answers";
        box.passphrase = "good enough";
        open_first_screen(hands.desk);
    }
};

TEST(SetupLockedDisk, wants_its_passphrase_and_waits_for_the_daemon) {
    CHECK(menu.screen().title == "The disk is locked" && menu.screen().entry->secret);
    hands.type("");
    CHECK(menu.complaint() == "That is not the passphrase.");
    hands.type("a guess");
    CHECK(menu.complaint() == "That is not the passphrase.");
    hands.type("good enough");
    menu.look();
    CHECK(menu.screen().text[0].starts_with("The mail system starts"));
    box.refusals.clear();
    box.answers["status"] = boost::json::parse(R"({"host_name":"mail.office.lan"})");
    menu.look();
    CHECK(menu.depth() == 1 && menu.screen().title == "mail.office.lan");
}

TEST(SetupLockedDisk, may_be_opened_by_somebody_else) {
    menu.look();
    CHECK(menu.screen().title == "The disk is locked");
    box.refusals.clear();
    box.answers["status"] = boost::json::parse(R"({"waits":"for its office"})");
    menu.look();
    CHECK(menu.depth() == 1 && menu.screen().title == "Set up this mail system");
}
