// What it writes, taken apart again by hand; tests/system/test_certificates.py has OpenSSL read it, MAC and all.
#include "core/crypto.h"
#include "net/authority.h"
#include "net/der.h"
#include "net/pkcs12.h"

#include <CppUTest/TestHarness.h>
#include <mbedtls/aes.h>

#include <string>
#include <string_view>
#include <vector>

using namespace postern;
using namespace postern::net;

namespace {

// One value of DER, and those in it.
struct Value {
    char tag;
    std::string_view content;

    static Value take(std::string_view& from) {
        char const tag = from.at(0);
        std::size_t size = static_cast<unsigned char>(from.at(1)), head = 2;
        if (size > 0x80) {
            std::size_t const octets = size - 0x80;
            size = 0;
            for (; head < 2 + octets; ++head) size = size << 8 | static_cast<unsigned char>(from.at(head));
        }
        Value const value{tag, from.substr(head, size)};
        CHECK(value.content.size() == size);
        from.remove_prefix(head + size);
        return value;
    }
    Value operator[](std::size_t n) const {
        std::string_view rest = content;
        for (; n > 0; --n) take(rest);
        return take(rest);
    }
};

std::string decrypt(Value const& algorithm, std::string_view octets, std::string_view password) {
    Value const derivation = algorithm[1][0][1], cipher = algorithm[1][1];
    std::uint32_t iterations = 0;
    for (char const c : derivation[1].content) iterations = iterations << 8 | static_cast<unsigned char>(c);
    std::string const key = core::pbkdf2_sha256(password, derivation[0].content, iterations);
    std::string before(cipher[1].content), out;
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    mbedtls_aes_setkey_dec(&aes, reinterpret_cast<unsigned char const*>(key.data()), 256);
    for (; !octets.empty(); octets.remove_prefix(16)) {
        std::string block(octets.substr(0, 16));
        auto* const begin = reinterpret_cast<unsigned char*>(block.data());
        mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_DECRYPT, begin, begin);
        for (std::size_t i = 0; i < 16; ++i) out += static_cast<char>(block[i] ^ before[i]);
        before = octets.substr(0, 16);
    }
    mbedtls_aes_free(&aes);
    auto const padding = static_cast<std::size_t>(out.back());
    CHECK(padding >= 1 && padding <= 16);
    out.resize(out.size() - padding);
    return out;
}

std::string_view raw(Certificates& certificate) {
    return {reinterpret_cast<char const*>(certificate.first().raw.p), certificate.first().raw.len};
}

} // namespace

TEST_GROUP(Pkcs12) {
    core::SeededRandom random{5};
    core::Secret password{std::string_view("correct horse")};
    TlsIdentity authority = make_authority("office.lan", random).value();
    TlsIdentity identity;
    Certificates ca, own;
    PrivateKey ca_key;

    void setup() override {
        CHECK(!ca.parse(authority.certificates) && !ca_key.parse(authority.key.reveal()));
        identity = issue_client_certificate(ca.first(), ca_key, "alice@office.lan", random).value().identity;
        CHECK(!own.parse(identity.certificates));
    }
    std::string make() {
        return make_pkcs12(identity, authority.certificates, "alice@office.lan", password, random).value();
    }
};

TEST(Pkcs12, holds_key_certificate_and_authority) {
    std::string const file = make();
    std::string_view rest = file;
    Value const pfx = Value::take(rest);
    CHECK(rest.empty());
    CHECK(pfx[0].content == "\3");
    std::string_view safe = pfx[1][1][0].content;
    Value const contents = Value::take(safe);

    Value const certificates = contents[0][1][0][1];
    std::string const bags = decrypt(certificates[1], certificates[2].content, password.reveal());
    Value const bag{der::sequence, std::string_view(bags).substr(bags[1] == '\x82' ? 4 : 3)};
    CHECK(bag[0][1][0][1][0].content == raw(own));
    CHECK(bag[1][1][0][1][0].content == raw(ca));

    std::string_view keys = contents[1][1][0].content;
    Value const key_bag = Value::take(keys)[0];
    Value const shrouded = key_bag[1][0];
    std::string const info = decrypt(shrouded[0], shrouded[1].content, password.reveal());
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    LONGS_EQUAL(0, mbedtls_pk_parse_key(&key, reinterpret_cast<unsigned char const*>(info.data()), info.size(), nullptr,
                                        0, random_octets, nullptr));
    LONGS_EQUAL(0, mbedtls_pk_check_pair(&own.first().pk, &key, random_octets, nullptr));
    mbedtls_pk_free(&key);
    CHECK(bag[0][2].content == key_bag[2].content); // which key is whose
}

TEST(Pkcs12, gives_nothing_away_and_is_another_each_time) {
    std::string const file = make();
    CHECK_FALSE(file.contains(password.reveal()));
    CHECK_FALSE(file.contains(raw(own)));
    CHECK(file != make());
}

TEST(Pkcs12, takes_passwords_that_all_programs_read_the_same) {
    for (std::string_view const good : {"a", " ~ ", "correct horse"}) CHECK(is_pkcs12_password(core::Secret(good)));
    for (std::string_view const bad : {"", "k\xc3\xa4se", "a\n", "\x7f"})
        CHECK_FALSE(is_pkcs12_password(core::Secret(bad)));
}

TEST(Pkcs12, says_what_it_cannot_read) {
    CHECK(make_pkcs12(identity, "", "alice", password, random).error().starts_with("a certificate cannot be read"));
    identity.key = core::Secret(std::string_view("none"));
    CHECK_FALSE(make_pkcs12(identity, authority.certificates, "alice", password, random).has_value());
}

// X.690 §10.1
TEST(Pkcs12, writes_lengths_as_short_as_they_can_be) {
    auto const head = [](std::size_t size) { return der::tlv(der::octet_string, std::string(size, 'x')).substr(1); };
    CHECK(head(0) == std::string(1, '\0'));
    CHECK(head(127).starts_with("\x7fx"));
    CHECK(head(128).starts_with("\x81\x80x"));
    CHECK(head(255).starts_with("\x81\xffx"));
    CHECK(head(256).starts_with(std::string("\x82\x01\0x", 4)));
}
