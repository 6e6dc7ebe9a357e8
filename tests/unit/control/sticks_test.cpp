#include "backup/header.h"
#include "control/sticks.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <CppUTest/TestHarness.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

using namespace postern;
namespace fs = std::filesystem;

TEST_GROUP(ControlSticks) {
    fs::path directory;

    void setup() override {
        std::string name = (fs::temp_directory_path() / "postern-sticks-XXXXXX").string();
        directory = ::mkdtemp(name.data());
    }
    void teardown() override { fs::remove_all(directory); }

    void write(fs::path const& path, std::string_view content) const {
        fs::create_directories((directory / path).parent_path());
        std::ofstream(directory / path, std::ios::binary) << content;
    }
    static std::string backup(std::int64_t made, backup::Protection protection) {
        bool const stretched = protection == backup::Protection::passphrase;
        return backup::encode({.schema = 8,
                       .made = made,
                       .protection = protection,
                       .iterations = stretched ? backup::iterations_of_new : 0,
                       .salt = std::string(backup::salt_size, 's'),
                       .domain = "office.lan"}) +
               "and the rest";
    }
    [[nodiscard]] boost::json::array rows(std::string_view name) const {
        return control::list_sticks(directory).at(name).as_array();
    }
};

TEST(ControlSticks, are_none_where_none_is_in) {
    CHECK(boost::json::serialize(control::list_sticks(directory / "nowhere")) ==
          R"({"sticks":[],"backups":[],"updates":[]})");
}

TEST(ControlSticks, have_backups_the_newest_first) {
    write("sda1/a.postern", backup(1'000'000'000, backup::Protection::checksums));
    write("sda1/b.postern", backup(1'100'000'000, backup::Protection::passphrase));
    write("sdb1/c.postern", backup(1'050'000'000, backup::Protection::key));
    auto const found = rows("backups");
    CHECK_EQUAL(3U, found.size());
    CHECK(found[0].at("file").as_string() == (directory / "sda1/b.postern").native());
    CHECK(found[0].at("domain") == "office.lan" && found[0].at("made") == "2004-11-09T11:33:20Z");
    CHECK(found[0].at("protected_by") == "passphrase");
    CHECK(found[1].at("protected_by") == "key" && found[2].at("protected_by") == "nothing");
    CHECK_EQUAL(2U, rows("sticks").size());
}

TEST(ControlSticks, have_what_only_looks_like_a_backup) {
    write("sda1/empty.postern", "");
    write("sda1/photograph.postern", std::string(5000, 'x'));
    write("sda1/damaged.postern", backup(1, backup::Protection::checksums).substr(0, 90));
    write("sda1/name\x1b[2J.postern", backup(1, backup::Protection::checksums));
    fs::create_directory(directory / "sda1/directory.postern");
    fs::create_symlink("/dev/zero", directory / "sda1/link.postern");
    CHECK(rows("backups").empty());
}

TEST(ControlSticks, have_updates_and_what_is_being_written) {
    write("sda1/postern-2.raucb", "bundle");
    write("sda1/x.postern.unfinished", "12345");
    auto const updates = rows("updates");
    CHECK_EQUAL(1U, updates.size());
    CHECK(updates[0].at("file").as_string() == (directory / "sda1/postern-2.raucb").native() && updates[0].at("octets") == 6);
    CHECK(rows("sticks")[0].at("unfinished_octets") == 5);
}
