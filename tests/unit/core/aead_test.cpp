#include "core/aead.h"
#include "core/crypto.h"

#include <CppUTest/TestHarness.h>

using namespace postern::core;

TEST_GROUP(Aead){};

// The GCM specification's test case 14 (McGrew, Viega): a key, a nonce and a block of zeros.
TEST(Aead, is_the_standards) {
    Aes256Gcm const cipher(Secret(std::string(32, '\0')));
    std::string const sealed = cipher.seal(std::string(12, '\0'), std::string(16, '\0'));
    CHECK(to_hex(sealed) == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    CHECK(cipher.open(std::string(12, '\0'), sealed) == std::string(16, '\0'));
}

TEST(Aead, opens_nothing_but_what_was_sealed) {
    Aes256Gcm const cipher(Secret(std::string(32, 'k')));
    std::string const nonce(12, 'n');
    std::string const sealed = cipher.seal(nonce, "some octets");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        std::string other = sealed;
        other[at] = static_cast<char>(other[at] ^ 1);
        CHECK_FALSE(cipher.open(nonce, other).has_value());
        CHECK_FALSE(cipher.open(nonce, sealed.substr(0, at)).has_value());
    }
    CHECK_FALSE(cipher.open(std::string(12, 'm'), sealed).has_value());
    CHECK_FALSE(Aes256Gcm(Secret(std::string(32, 'l'))).open(nonce, sealed).has_value());
}
