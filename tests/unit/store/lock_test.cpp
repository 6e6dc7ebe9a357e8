#include "fixture.h"

#include <cstdlib>

using namespace postern::store;
using namespace postern::store::test;

TEST_GROUP(StoreLock) {
    TestStore store;
    std::filesystem::path lock = store.directory() / "store/lock.mdb";
    std::filesystem::path memory = temporary_directory();

    void setup() override {
        std::filesystem::create_directories(memory);
        ::setenv("RUNTIME_DIRECTORY", memory.c_str(), 1);
    }
    void teardown() override {
        ::unsetenv("RUNTIME_DIRECTORY");
        std::filesystem::remove_all(memory);
    }
};

TEST(StoreLock, readers_are_kept_where_the_service_has_memory) {
    auto const account = store.account("alice");
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(lock)));
    store.reopen();
    CHECK(std::filesystem::read_symlink(lock).parent_path() == memory);
    CHECK(std::filesystem::is_regular_file(lock));

    // Whoever is no service finds the same.
    ::unsetenv("RUNTIME_DIRECTORY");
    store.reopen();
    CHECK(std::filesystem::is_symlink(lock));
    store.find(account, "INBOX");
}

TEST(StoreLock, where_that_memory_is_no_more_they_are_in_a_file_again) {
    store.reopen();
    CHECK(std::filesystem::is_symlink(lock));
    store.close();
    ::unsetenv("RUNTIME_DIRECTORY");
    std::filesystem::remove_all(memory);
    store.open();
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(lock)));
}
