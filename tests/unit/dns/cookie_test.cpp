#include "core/crypto.h"
#include "dns/cookie.h"

#include <CppUTest/TestHarness.h>

#include <chrono>
#include <string>
#include <string_view>

namespace cookie_test {

using namespace postern;
using namespace postern::dns;
using namespace std::chrono_literals;

namespace {

std::string octets(std::string_view hex) {
    std::string result;
    for (std::size_t at = 0; at < hex.size(); at += 2)
        result += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
    return result;
}

core::WallTime at(std::int64_t seconds) { return core::WallTime(std::chrono::seconds(seconds)); }

// What is given for a cookie, and "good" if that was one of ours.
std::string given(CookieJar const& jar, std::string_view sent, std::string_view client, std::int64_t time) {
    auto const cookie = jar.answer(octets(sent), *IpAddress::parse(client), at(time));
    return core::to_hex(cookie.view()) + (cookie.proven ? " good" : "");
}

constexpr std::string_view secret = "e5e973e5a6b2a43f48e7dc849e37bfcf";

} // namespace

TEST_GROUP(Cookie){};

// RFC 9018 appendix A
TEST(Cookie, is_as_everybody_forms_it) {
    CookieJar const jar{octets(secret)};
    STRCMP_EQUAL("2464c4abcf10c957010000005cf79f111f8130c3eee29480",
                 given(jar, "2464c4abcf10c957", "198.51.100.100", 1559731985).c_str());
    STRCMP_EQUAL("2464c4abcf10c957010000005cf7a871d4a564a1442aca77 good",
                 given(jar, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "198.51.100.100", 1559734385).c_str());
    // What is reserved in it may be anything.
    STRCMP_EQUAL("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5 good",
                 given(jar, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "203.0.113.203", 1559727985).c_str());
    STRCMP_EQUAL("fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e",
                 given(jar, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "203.0.113.203", 1559734700).c_str());
    CookieJar const old_jar{octets("dd3bdf9344b678b185a6f5cb60fca715")},
        jar_of_six{octets("445536bcd2513298075a5d379663c962")};
    constexpr std::string_view client = "2001:db8:220:1:59de:d0f4:8769:82b8";
    STRCMP_EQUAL("22681ab97d52c298010000005cf7c57926556bd0934c72f8 good",
                 given(old_jar, "22681ab97d52c298010000005cf7c57926556bd0934c72f8", client, 1559741961).c_str());
    STRCMP_EQUAL("22681ab97d52c298010000005cf7c609a6bb79d16625507a",
                 given(jar_of_six, "22681ab97d52c298010000005cf7c57926556bd0934c72f8", client, 1559741961).c_str());
}

TEST(Cookie, is_good_for_an_hour_and_for_its_client) {
    CookieJar const jar{octets(secret)};
    constexpr std::int64_t then = 1559731985;
    constexpr std::string_view ours = "2464c4abcf10c957010000005cf79f111f8130c3eee29480", who = "198.51.100.100";
    auto const proven = [&](std::string_view cookie, std::string_view client, std::int64_t time) {
        return jar.answer(octets(cookie), *IpAddress::parse(client), at(time)).proven;
    };
    CHECK(proven(ours, who, then) && proven(ours, who, then + 3600) && proven(ours, who, then - 300));
    CHECK(!proven(ours, who, then + 3601) && !proven(ours, who, then - 301));
    CHECK(!proven(ours, "198.51.100.101", then));
    CHECK(!proven("2464c4abcf10c957010000005cf79f111f8130c3eee29481", who, then));
    CHECK(!proven("2464c4abcf10c957020000005cf79f111f8130c3eee29480", who, then));
    CHECK(!proven("2464c4abcf10c957010000005cf79f111f8130c3eee2948000", who, then));
    CHECK(!proven("2464c4abcf10c957010000005cf79f111f8130c3", who, then));
    // One that is young is kept as it is.
    STRCMP_EQUAL((std::string(ours) + " good").c_str(), given(jar, ours, who, then + 1800).c_str());
}

} // namespace cookie_test
