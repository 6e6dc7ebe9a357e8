#include "core/crypto.h"
#include "core/random.h"
#include "core/secret.h"

#include <CppUTest/TestHarness.h>

using namespace postern::core;

TEST_GROUP(Crypto){};

TEST(Crypto, sha256_gives_the_digest_of_fips_180) {
    STRCMP_EQUAL("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", to_hex(sha256("abc")).c_str());
}

TEST(Crypto, hmac_sha256_passes_rfc_4231_case_2) {
    STRCMP_EQUAL("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                 to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")).c_str());
}

TEST(Crypto, pbkdf2_passes_rfc_7914_section_11) {
    STRCMP_EQUAL("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc",
                 to_hex(pbkdf2_sha256("passwd", "salt", 1)).c_str());
}

TEST(Crypto, compares_whole_strings) {
    CHECK(equal_in_constant_time("same", "same"));
    CHECK(!equal_in_constant_time("same", "sane"));
    CHECK(!equal_in_constant_time("same", "sam"));
    CHECK(equal_in_constant_time("", ""));
}

TEST(Crypto, a_secret_that_moved_leaves_nothing_behind) {
    Secret first(std::string_view("hunter2"));
    Secret second(std::move(first));
    CHECK(first.empty()); // NOLINT(bugprone-use-after-move): that is the question
    CHECK(second == Secret(std::string_view("hunter2")));
    first = std::move(second);
    CHECK(second.empty());
    CHECK(first.reveal() == "hunter2");
}

TEST(Crypto, wiping_overwrites_the_octets_themselves) {
    std::string password = "a password longer than any short string";
    char const* const where = password.data();
    std::size_t const length = password.size();
    wipe(password);
    for (std::size_t i = 0; i < length; ++i) CHECK_EQUAL('\0', where[i]);
}

TEST(Crypto, seeded_randomness_repeats_and_the_kernels_does_not) {
    SeededRandom first(1), again(1), other(2);
    std::string const octets = first.bytes(32);
    CHECK(octets == again.bytes(32));
    CHECK(octets != other.bytes(32));
    SystemRandom system;
    CHECK(system.bytes(32) != system.bytes(32));
    CHECK_EQUAL(64, system.hex(32).size());
}
