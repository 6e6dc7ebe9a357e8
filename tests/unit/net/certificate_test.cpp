#include "core/log.h"
#include "net/authority.h"
#include "net/certificate.h"

#include <CppUTest/TestHarness.h>
#include <mbedtls/oid.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::net;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

TEST_GROUP(Certificate) {
    fs::path directory;
    core::SeededRandom random{1};
    core::WallTime now = std::chrono::sys_days{std::chrono::year(2026) / 7 / 1};
    std::vector<std::string> addresses{"192.168.1.10"};

    void setup() override {
        core::set_log_level(core::Level::error);
        std::string name = (fs::temp_directory_path() / "postern-certificate-XXXXXX").string();
        directory = fs::path(::mkdtemp(name.data())) / "tls";
    }
    void teardown() override { fs::remove_all(directory.parent_path()); }

    TlsIdentity make(std::string_view domain = "office.lan") {
        auto identity = load_or_make_identity(directory, domain, addresses, now, random);
        if (!identity) FAIL(identity.error().c_str());
        return std::move(*identity);
    }
    std::string refusal(std::string_view domain = "office.lan") {
        auto const identity = load_or_make_identity(directory, domain, addresses, now, random);
        return identity ? "" : identity.error();
    }
    std::string file(char const* name) const {
        std::ifstream in(directory / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(char const* name, std::string const& content) const {
        fs::create_directories(directory);
        std::ofstream(directory / name, std::ios::binary) << content;
    }
    // mbedTLS's verdict on what a client sees: zero is trust.
    std::uint32_t verdict(std::string const& certificate, std::string const& host) const {
        Certificates seen;
        Certificates trusted;
        CHECK(!seen.parse(certificate));
        CHECK(!trusted.parse(file("ca.crt")));
        std::uint32_t flags = 0;
        mbedtls_x509_crt_verify(&seen.first(), &trusted.first(), nullptr, host.c_str(), &flags, nullptr, nullptr);
        // The machine's own date is none of the test's business.
        return flags & ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    }
};

TEST(Certificate, is_made_on_first_start_and_kept) {
    TlsIdentity const first = make();
    std::string const authority = authority_certificate(directory);
    CHECK(authority.starts_with("-----BEGIN CERTIFICATE-----"));
    TlsIdentity const second = make();
    CHECK(first.certificates == second.certificates);
    CHECK(first.key == second.key);
    CHECK(authority == authority_certificate(directory));
}

TEST(Certificate, keeps_its_keys_to_itself) {
    make();
    for (char const* name : {"ca.key", "server.key"})
        CHECK((fs::status(directory / name).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
              fs::perms::none);
    CHECK((fs::status(directory).permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
}

TEST(Certificate, is_trusted_for_every_name_of_the_box) {
    TlsIdentity const identity = make();
    for (char const* host : {"office.lan", "mail.office.lan", "imap.office.lan", "smtp.office.lan", "pop.office.lan",
                             "autoconfig.office.lan", "autodiscover.office.lan", "setup.office.lan", "postern.local",
                             "localhost", "192.168.1.10", "127.0.0.1", "::1"})
        CHECK_EQUAL_TEXT(0U, verdict(identity.certificates, host), host);
    CHECK_EQUAL(static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_CN_MISMATCH),
                verdict(identity.certificates, "bank.example"));
}

TEST(Certificate, lasts_as_long_as_phones_accept) {
    Certificates certificate;
    CHECK(!certificate.parse(make().certificates));
    auto const begin = time_of(certificate.first().valid_from);
    auto const end = time_of(certificate.first().valid_to);
    CHECK(begin == now - 24h);
    CHECK(end + 1s - begin == std::chrono::days(397));
}

TEST(Certificate, leaves_public_addresses_out) {
    addresses = {"192.168.1.10", "198.51.100.7"};
    Certificates certificate;
    CHECK(!certificate.parse(make().certificates));
    CHECK(names_in(certificate.first()).contains(std::string("\x87\xc0\xa8\x01\x0a")));
    CHECK(!names_in(certificate.first()).contains(std::string("\x87\xc6\x33\x64\x07")));
}

TEST(Certificate, is_for_other_names_in_the_domain_and_for_no_others) {
    addresses = {"post.office.lan", "mail.firm.example", "evil-office.lan", ""};
    Certificates certificate;
    CHECK(!certificate.parse(make().certificates));
    auto const names = names_in(certificate.first());
    CHECK(names.contains("\x82"
                         "post.office.lan"));
    CHECK(!names.contains("\x82"
                          "mail.firm.example") &&
          !names.contains("\x82"
                          "evil-office.lan"));
}

TEST(Certificate, is_renewed_before_its_end_by_the_same_authority) {
    std::string const first = make().certificates;
    std::string const authority = file("ca.crt");
    now += std::chrono::days(360);
    CHECK(make().certificates == first);
    now += std::chrono::days(10);
    std::string const second = make().certificates;
    CHECK(second != first);
    CHECK(authority == file("ca.crt"));
    CHECK_EQUAL(0U, verdict(second, "office.lan"));
}

TEST(Certificate, is_renewed_when_the_clock_was_wrong) {
    core::WallTime const right = now;
    now = std::chrono::sys_days{std::chrono::year(1970) / 1 / 1};
    std::string const early = make().certificates;
    now = std::chrono::sys_days{std::chrono::year(2040) / 1 / 1};
    std::string const late = make().certificates;
    CHECK(early != late);
    std::string const authority = file("ca.crt");
    now = right;
    std::string const present = make().certificates;
    CHECK(present != late);
    CHECK_EQUAL(0U, verdict(present, "office.lan"));
    CHECK(authority == file("ca.crt"));
}

TEST(Certificate, is_renewed_when_addresses_change) {
    std::string const first = make().certificates;
    std::string const authority = file("ca.crt");
    addresses.emplace_back("10.0.0.1");
    std::string const second = make().certificates;
    CHECK(second != first);
    CHECK_EQUAL(0U, verdict(second, "10.0.0.1"));
    CHECK(authority == file("ca.crt"));
}

TEST(Certificate, keeps_its_key_whatever_it_is_renewed_for) {
    TlsIdentity const first = make();
    auto const renewed = [&] {
        TlsIdentity const again = make();
        CHECK(first.certificates != again.certificates);
        CHECK(first.key == again.key);
        CHECK_EQUAL(0U, verdict(again.certificates, "office.lan"));
    };
    now += std::chrono::days(370);
    renewed();
    addresses.emplace_back("10.0.0.1");
    renewed();
    for (char const* name : {"ca.crt", "ca.key", "server.crt"}) fs::remove(directory / name);
    renewed();
    write("server.key", "no PEM");
    CHECK(!(make().key == first.key));
}

TEST(Certificate, of_another_domain_needs_another_authority) {
    make();
    std::string const first = file("ca.crt");
    std::string const second = make("firm.example").certificates;
    CHECK(first != file("ca.crt"));
    CHECK_EQUAL(0U, verdict(second, "mail.firm.example"));
}

TEST(Certificate, survives_a_power_cut_between_any_two_files) {
    std::vector<char const*> const order{"ca.key", "ca.crt", "server.key", "server.crt"};
    for (std::size_t kept = 0; kept < order.size(); ++kept) {
        make();
        for (std::size_t gone = kept; gone < order.size(); ++gone) fs::remove(directory / order[gone]);
        write("server.crt.new", "half a cert");
        CHECK_EQUAL(0U, verdict(make().certificates, "office.lan"));
    }
}

TEST(Certificate, outlives_a_renewal_that_was_cut_after_the_key) {
    make();
    std::string const authority = file("ca.crt");
    write("server.key", file("ca.key")); // some other key
    CHECK_EQUAL(0U, verdict(make().certificates, "office.lan"));
    CHECK(authority == file("ca.crt"));
}

TEST(Certificate, is_made_anew_when_files_are_damaged) {
    make();
    for (char const* name : {"ca.crt", "ca.key", "server.crt", "server.key"}) {
        write(name, "no PEM");
        CHECK_EQUAL_TEXT(0U, verdict(make().certificates, "office.lan"), name);
    }
}

TEST(Certificate, of_a_client_says_whose_it_is) {
    make();
    auto const made = make_client_certificate(directory, "alice@office.lan", random);
    CHECK(made.has_value());
    // It is no host's.
    CHECK_EQUAL(static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_CN_MISMATCH),
                verdict(made->identity.certificates, "office.lan"));
    Certificates certificate;
    PrivateKey key;
    CHECK(!certificate.parse(made->identity.certificates));
    CHECK(!key.parse(made->identity.key.reveal()));
    CHECK(key.belongs_to(certificate.first()));
    PeerCertificate const described = describe(certificate.first());
    CHECK(described.serial == made->serial);
    CHECK(described.mail_address == "alice@office.lan");
    auto const client = [&](char const* usage, std::size_t size) {
        return mbedtls_x509_crt_check_extended_key_usage(&certificate.first(), usage, size) == 0;
    };
    CHECK(client(MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)));
    CHECK(!client(MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)));
    CHECK(make_client_certificate(directory, "alice@office.lan", random)->serial != made->serial);
    CHECK(!make_client_certificate(directory, "alice@example.com", random));
    fs::remove(directory / "ca.key");
    CHECK(!make_client_certificate(directory, "alice@office.lan", random));
}

TEST(Certificate, needs_a_domain_name) {
    for (char const* wrong : {"", ".", "Office.lan", "office..lan", "office.lan,CN=x", ".lan"})
        STRCMP_CONTAINS("not a domain name", refusal(wrong).c_str());
    CHECK_EQUAL(
        0U, verdict(make(std::string(63, 'a') + "." + std::string(63, 'b') + ".example").certificates, "localhost"));
}

TEST(Certificate, says_which_file_it_could_not_write) {
    fs::create_directories(directory.parent_path());
    std::ofstream(directory) << "in the way";
    STRCMP_CONTAINS(directory.c_str(), refusal().c_str());
}

TEST(Certificate, of_the_authority_is_constrained_to_office_and_private_addresses) {
    make();
    Certificates authority;
    CHECK(!authority.parse(file("ca.crt")));
    std::string const& constraints = authority.name_constraints();
    CHECK(permits(constraints, "office.lan"));
    CHECK(!permits(constraints, "lan"));
    CHECK(!permits(constraints, "x.office.lan"));
    CHECK(constraints.contains(std::string("\x30\x0a\x87\x08\x0a\x00\x00\x00\xff\x00\x00\x00", 12))); // 10.0.0.0/8
    // As strict parsers see it: critical, and thus nothing that they may pass over.
    std::string const pem = file("ca.crt");
    mbedtls_x509_crt strict;
    mbedtls_x509_crt_init(&strict);
    CHECK(mbedtls_x509_crt_parse(&strict, reinterpret_cast<unsigned char const*>(pem.c_str()), pem.size() + 1) != 0);
    mbedtls_x509_crt_free(&strict);
}
