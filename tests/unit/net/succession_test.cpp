#include "core/log.h"
#include "net/authority.h"
#include "net/certificate.h"
#include "net/own_certificate.h"
#include "net/succession.h"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace postern;
using namespace postern::net;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

TEST_GROUP(Succession) {
    fs::path directory;
    core::SeededRandom random{1};
    core::WallTime now = std::chrono::sys_days{std::chrono::year(2026) / 7 / 1};

    void setup() override {
        core::set_log_level(core::Level::error);
        std::string name = (fs::temp_directory_path() / "postern-succession-XXXXXX").string();
        directory = fs::path(::mkdtemp(name.data())) / "tls";
        make();
    }
    void teardown() override { fs::remove_all(directory.parent_path()); }

    std::string make() {
        auto identity = load_or_make_identity(directory, "office.lan", {}, now, random);
        if (!identity) FAIL(identity.error().c_str());
        return identity->certificates;
    }
    void prepare() { CHECK(prepare_next_authority(directory, "office.lan", now, random).has_value()); }
    std::string file(char const* name) const {
        std::ifstream in(directory / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Whether who trusts these takes that certificate.
    static bool trusts(std::string const& authorities, std::string const& certificate) {
        Certificates seen, trusted;
        CHECK(!seen.parse(certificate) && !trusted.parse(authorities));
        std::uint32_t flags = 0;
        mbedtls_x509_crt_verify(&seen.first(), &trusted.first(), nullptr, nullptr, &flags, nullptr, nullptr);
        return (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) == 0;
    }
};

TEST(Succession, shows_nothing_that_a_device_that_listened_does_not_trust) {
    std::string const first = file("ca.crt");
    CHECK(!next_authority_since(directory));
    CHECK(!begin_with_next_authority(directory));
    prepare();
    CHECK(next_authority_since(directory).has_value());
    std::string const next = file("next.crt");
    prepare(); // again is no harm
    CHECK(next == file("next.crt"));
    CHECK(trusted_authorities(directory) == first + next);
    CHECK(trusts(first, make()) && !trusts(next, make()));
    auto const of_first = make_client_certificate(directory, "alice@office.lan", random)->identity.certificates;

    CHECK(begin_with_next_authority(directory).has_value());
    CHECK(!next_authority_since(directory) && !fs::exists(directory / "next.key"));
    CHECK(trusted_authorities(directory) == next);
    CHECK(trusts(next, make()) && !trusts(first, make()));
    // Who got a certificate to log in by keeps it.
    CHECK(trusts(client_authorities(directory), of_first));
    CHECK(forget_old_authorities(directory).has_value());
    CHECK(!trusts(client_authorities(directory), of_first));
    CHECK(!forget_old_authorities(directory));
}

TEST(Succession, remembers_all_that_were_before) {
    std::string const first = file("ca.crt");
    for (int i = 0; i < 2; ++i) {
        prepare();
        CHECK(begin_with_next_authority(directory).has_value());
        make();
    }
    CHECK(has_old_authority(directory));
    CHECK(file("old.crt").ends_with(first) && file("old.crt").size() > first.size());
}

TEST(Succession, keeps_the_boxs_key) {
    std::string const key = file("server.key");
    prepare();
    CHECK(begin_with_next_authority(directory).has_value());
    make();
    CHECK(key == file("server.key"));
}

TEST(Succession, is_completed_wherever_the_power_was_cut) {
    fs::path const before = directory.parent_path() / "before";
    prepare();
    std::string const first = file("ca.crt"), next = file("next.crt");
    fs::copy(directory, before);
    CHECK(begin_with_next_authority(directory).has_value());
    fs::path const after = directory.parent_path() / "after";
    fs::copy(directory, after);
    // In the order in which it is done; what is not in `after` is removed.
    std::vector<char const*> const steps{"old.crt", "ca.key", "ca.crt", "next.crt", "next.key"};
    for (std::size_t done = 0; done <= steps.size(); ++done) {
        fs::remove_all(directory);
        fs::copy(before, directory);
        for (std::size_t step = 0; step < done; ++step) {
            fs::remove(directory / steps[step]);
            if (fs::exists(after / steps[step])) fs::copy(after / steps[step], directory / steps[step]);
        }
        // The next start.
        std::string const shown = make();
        bool const began = done >= 2; // its key is there
        CHECK_EQUAL(!began, trusts(first, shown));
        CHECK_EQUAL(began, trusts(next, shown));
        CHECK(file("ca.crt") == (began ? next : first));
        CHECK_EQUAL(!began, next_authority_since(directory).has_value());
        if (!began) CHECK(begin_with_next_authority(directory).has_value());
        CHECK(file("old.crt") == first);
        CHECK(trusts(next, make()));
    }
}

TEST(Succession, has_a_next_one_that_lasts_longer_and_is_told_apart) {
    auto const end_of_next = [&](int year) {
        now = std::chrono::sys_days{std::chrono::year(year) / 7 / 1};
        fs::remove(directory / "next.crt");
        prepare();
        return static_cast<int>(
            std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(end_of(file("next.crt")))).year());
    };
    CHECK_EQUAL(2049, end_of_next(2026));
    CHECK_EQUAL(2074, end_of_next(2047));
    CHECK_EQUAL(2099, end_of_next(2070));
    Certificates present, next;
    CHECK(!present.parse(file("ca.crt")) && !next.parse(file("next.crt")));
    char name[200];
    CHECK(mbedtls_x509_dn_gets(name, sizeof name, &next.first().subject) > 0);
    STRCMP_EQUAL("CN=Postern authority for office.lan of 2070-07-01", name);
    CHECK(permits(next.name_constraints(), "office.lan"));
}

TEST(Succession, does_not_begin_while_the_clock_is_wrong) {
    now = std::chrono::sys_days{std::chrono::year(1970) / 1 / 1};
    CHECK(prepare_next_authority(directory, "office.lan", now, random).error().contains("clock is wrong"));
    CHECK(!next_authority_since(directory));
}
