#include "core/read_start.h"

#include <CppUTest/TestHarness.h>

#include <cstdlib>
#include <fstream>

using postern::core::read_start;

TEST_GROUP(ReadStart) {
    std::filesystem::path directory;
    std::filesystem::path file;

    void setup() override {
        std::string name = std::filesystem::temp_directory_path() / "postern-read-start-XXXXXX";
        directory = ::mkdtemp(name.data());
        file = directory / "file";
    }
    void teardown() override { std::filesystem::remove_all(directory); }

    void write(std::string const& content) { std::ofstream(file, std::ios::binary) << content; }
};

TEST(ReadStart, reads_no_more_than_there_may_be) {
    std::string const content = std::string(20'000, 'a') + std::string(20'000, '\0') + "end";
    write(content);
    CHECK(read_start(file, 100'000) == content);
    CHECK(read_start(file, content.size()) == content);
    CHECK(read_start(file, content.size() - 1) == content.substr(0, content.size() - 1));
    CHECK(read_start(file, 0) == "");
    write("");
    CHECK(read_start(file, 10) == "");
}

TEST(ReadStart, a_device_has_no_end) { CHECK(read_start("/dev/zero", 70'000) == std::string(70'000, '\0')); }

TEST(ReadStart, says_why_it_cannot) {
    CHECK(read_start(file, 10).error() == std::errc::no_such_file_or_directory);
    CHECK(read_start(directory, 10).error() == std::errc::is_a_directory);
}
