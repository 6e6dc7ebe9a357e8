#include "core/settings.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>

using namespace postern::core;

TEST_GROUP(SettingsGroup){};

TEST(SettingsGroup, every_default_is_valid_and_every_row_explains_itself) {
    Settings settings;
    std::string_view previous;
    for (SettingRow const& row : setting_table()) {
        CHECK_TEXT(settings.set(row.name, row.default_value).has_value(), std::string(row.name).c_str());
        CHECK_TEXT(settings.is_default(row.name), std::string(row.name).c_str());
        CHECK_TEXT(row.help.ends_with('.'), std::string(row.name).c_str());
        CHECK_TEXT(previous < row.name, std::string(row.name).c_str()); // by name: found by eye, and each once
        previous = row.name;
    }
}

TEST(SettingsGroup, numbers_are_read_with_their_units) {
    Settings settings;
    CHECK(settings.set("account.quota", "2G").has_value());
    CHECK(settings.bytes("account.quota") == std::uint64_t{2} << 30U);
    CHECK(settings.set("account.quota", "512K").has_value());
    CHECK(settings.bytes("account.quota") == 512 * 1024);
    CHECK(!settings.is_default("account.quota"));
    settings.reset("account.quota");
    CHECK(settings.bytes("account.quota") == 0);
}

TEST(SettingsGroup, what_is_wrong_is_said_and_changes_nothing) {
    Settings settings;
    auto const refused = settings.set("login.iterations", "100");
    CHECK(!refused.has_value());
    STRCMP_EQUAL("login.iterations is a number from 4096 to 1000000, not \"100\"", refused.error().c_str());
    for (std::string_view wrong : {"", "many", "5000x", "-5000", "5000 ", "99999999999999999999"})
        CHECK(!settings.set("login.iterations", wrong).has_value());
    CHECK(settings.count("login.iterations") == 15000);
    STRCMP_EQUAL("login.allow_plaintext is yes or no, not \"maybe\"",
                 settings.set("login.allow_plaintext", "maybe").error().c_str());
    STRCMP_EQUAL("there is no setting nonsense", settings.set("nonsense", "1").error().c_str());
    CHECK(!settings.written("nonsense").has_value());
}

TEST(SettingsGroup, asking_for_what_the_table_does_not_have_is_a_fault_of_ours) {
    Settings settings;
    CHECK_THROWS(std::logic_error, (void)settings.count("nonsense"));
    CHECK_THROWS(std::logic_error, (void)settings.count("account.quota")); // octets, not a count
}
