#include "core/log.h"
#include "net/authority.h"
#include "net/mbedtls.h"
#include "net/own_certificate.h"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace postern;
using namespace postern::net;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

TEST_GROUP(OwnCertificate) {
    fs::path directory;
    core::SeededRandom random{1};
    core::WallTime now = std::chrono::sys_days{std::chrono::year(2026) / 7 / 1};

    void setup() override {
        core::set_log_level(core::Level::error);
        CHECK(mbedtls_ready());
        std::string name = (fs::temp_directory_path() / "postern-own-XXXXXX").string();
        directory = ::mkdtemp(name.data());
    }
    void teardown() override { fs::remove_all(directory); }

    void write(char const* name, std::string_view content) const {
        std::ofstream(directory / name, std::ios::binary) << content;
    }
    TlsIdentity issue(AlternativeNames const& names) {
        auto const authority = make_authority("firm.example", random);
        Certificates issuer;
        PrivateKey issuer_key;
        PrivateKey key;
        CHECK(!issuer.parse(authority->certificates) && !issuer_key.parse(authority->key.reveal()));
        CHECK(!generate(key, random));
        auto made = issue_server_certificate(issuer.first(), issuer_key, key, names, now, random);
        made->certificates += authority->certificates; // a chain
        return std::move(*made);
    }
    TlsIdentity give(AlternativeNames const& names) {
        auto given = issue(names);
        write("own.crt", given.certificates);
        write("own.key", given.key.reveal());
        return given;
    }
    // "shown", "none", or why not.
    std::string verdict(std::string_view host = "mail.firm.example") {
        auto const own = load_own_certificate(directory, "own", host, now);
        return !own ? own.error() : *own ? "shown" : "none";
    }
};

TEST(OwnCertificate, is_shown_with_its_chain) {
    CHECK(verdict() == "none");
    auto const given = give({"\x82mail.firm.example"});
    auto const own = load_own_certificate(directory, "own", "mail.firm.example", now);
    CHECK((*own)->certificates == given.certificates && (*own)->key == given.key);
    CHECK(end_of(given.certificates) == now + std::chrono::days(396) - 1s);
}

TEST(OwnCertificate, is_for_the_name_that_clients_know) {
    give({"\x82mail.firm.example"});
    CHECK(verdict("Mail.Firm.example") == "shown");
    CHECK(verdict("mail.office.lan") == "own.crt is not for mail.office.lan, as clients know the box");
    // A star is one whole label (RFC 9525 section 6.3).
    give({"\x82*.firm.example"});
    CHECK(verdict() == "shown");
    CHECK(verdict("firm.example").contains("not for"));
    CHECK(verdict("a.mail.firm.example").contains("not for"));
    // What is no name of DNS says nothing.
    give({"\x81mail.firm.example"});
    CHECK(verdict().contains("not for"));
}

TEST(OwnCertificate, that_is_over_is_not_shown_and_one_of_the_future_is) {
    give({"\x82mail.firm.example"});
    now += std::chrono::days(397);
    CHECK(verdict() == "own.crt ended on 2027-07-31");
    now = std::chrono::sys_days{std::chrono::year(1970) / 1 / 1}; // as a box without a battery begins
    CHECK(verdict() == "shown");
}

TEST(OwnCertificate, must_be_whole) {
    auto const given = give({"\x82mail.firm.example"});
    fs::remove(directory / "own.key");
    CHECK(verdict().starts_with("own.key holds no key"));
    write("own.key", issue({"\x82mail.firm.example"}).key.reveal());
    CHECK(verdict() == "own.key is not the key of the first certificate in own.crt");
    write("own.key", given.key.reveal());
    write("own.crt", given.certificates.substr(0, 200));
    CHECK(verdict().starts_with("own.crt holds no certificate"));
    fs::remove(directory / "own.crt");
    CHECK(verdict().starts_with("own.crt holds no certificate"));
}
