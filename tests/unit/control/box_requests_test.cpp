#include "control/box_requests.h"

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern;
using namespace postern::control;

TEST_GROUP(ControlBoxRequests) {
    Arguments arguments;

    std::string reason(std::string_view command) {
        auto const request = read_box_request(command, arguments);
        return request ? "taken" : request.error();
    }
    void give(std::string_view name, std::string_view value) { arguments.put(name, std::string(value)); }
    void give_secret(std::string_view name, std::string_view value) { arguments.put(name, core::Secret(value)); }
};

TEST(ControlBoxRequests, keep_a_passphrase_apart_from_what_a_log_may_have) {
    give("open", "tpm2");
    give_secret("password", " eight 8 ");
    auto const request = read_box_request("box.encrypt", arguments);
    CHECK(request->name == "encrypt" && request->lines == "open=tpm2\n");
    CHECK(request->secret.reveal() == "passphrase= eight 8 \n");
}

TEST(ControlBoxRequests, want_a_passphrase_for_the_disk_that_is_one) {
    give_secret("password", "seven 7");
    CHECK(reason("box.encrypt").contains("at least 8"));
    give_secret("password", "two\nlines of it");
    CHECK(reason("box.encrypt").contains("one line"));
    give_secret("password", "good enough");
    give("open", "force");
    CHECK(reason("box.encrypt").contains("not by force"));
    give("open", "passphrase");
    CHECK(reason("box.encrypt") == "taken");
}

TEST(ControlBoxRequests, name_a_stick_and_may_have_a_passphrase) {
    give("directory", "/run/media/sda1");
    CHECK(read_box_request("box.backup", arguments)->secret.empty());
    give_secret("passphrase-file", "of a file\n");
    auto const request = read_box_request("box.backup", arguments);
    CHECK(request->lines == "directory=/run/media/sda1\n");
    CHECK(request->secret.reveal() == "passphrase=of a file\n");
    give_secret("passphrase-file", "a\nfile=/etc/shadow\n");
    CHECK(reason("box.backup").contains("one line"));
    give("directory", "sda1");
    CHECK(reason("box.backup").contains("whole path"));
}

TEST(ControlBoxRequests, name_a_backup_by_its_whole_path) {
    give("path", "/run/media/sda1/a b.postern");
    CHECK(read_box_request("box.restore", arguments)->lines == "file=/run/media/sda1/a b.postern\n");
    give("path", "/a\ndegree=mail");
    CHECK(reason("box.restore").contains("whole path"));
}

TEST(ControlBoxRequests, are_none_of_another_command) {
    CHECK(reason("box.sticks") != "taken");
    CHECK(reason("account.add") != "taken");
}
