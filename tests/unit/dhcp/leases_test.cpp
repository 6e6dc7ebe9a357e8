#include "dhcp/leases.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

using namespace postern;
using namespace postern::dhcp;
using wire::dns::Name;

TEST_GROUP(Leases) {
    Name const domain = Name::parse("office.lan").value();

    std::string names(std::string_view file, std::vector<wire::dns::Record> const& others = {}) const {
        std::string told;
        for (auto const& record : lease_names(read_leases(file), domain, others))
            told += record.name.text() + "=" + dns::IpAddress(std::get<wire::dns::A>(record.data)).text() + " ";
        return told;
    }
};

TEST(Leases, are_read_as_dnsmasq_writes_them) {
    auto const leases = read_leases("1790000000 52:54:00:12:34:56 192.168.1.100 Annas-Phone 01:52:54:00:12:34:56\n"
                                    "0 52:54:00:00:00:02 192.168.1.101 * *\n"
                                    "duid 00:01:00:01:2a\n"
                                    "1790000000 12345 fd00::5 six 00:01\n");
    LONGS_EQUAL(2, leases.size());
    CHECK(leases[0].until == core::WallTime(std::chrono::seconds(1790000000)));
    STRCMP_EQUAL("52:54:00:12:34:56", leases[0].hardware.c_str());
    STRCMP_EQUAL("192.168.1.100", leases[0].address.text().c_str());
    STRCMP_EQUAL("annas-phone", leases[0].name.c_str());
    STRCMP_EQUAL("", leases[1].name.c_str());
}

TEST(Leases, what_cannot_be_read_is_passed_over) {
    LONGS_EQUAL(1, read_leases("\n\n1\nx 1 192.168.1.1 a\n1 2 3 4\n1 2 192.168.1.1\n5 m 192.168.1.2 b *").size());
    LONGS_EQUAL(0, read_leases("").size());
}

TEST(Leases, who_calls_himself_something_is_called_so) {
    STRCMP_EQUAL("desk.office.lan=192.168.1.5 printer-2.office.lan=192.168.1.6 ",
                 names("9 m 192.168.1.5 desk *\n8 m 192.168.1.6 PRINTER-2 *\n7 m 192.168.1.7 * *\n").c_str());
}

TEST(Leases, nobody_takes_a_name_of_others) {
    std::vector<wire::dns::Record> const others{
        {Name::parse("files.office.lan").value(), {}, wire::dns::A{{192, 168, 1, 9}}}};
    for (std::string_view const name : {"mail", "imap", "setup", "autoconfig", "wpad", "isatap", "localhost", "files",
                                        "-a", "a-", "a.b", "a_b", "\xc3\xa9", ""})
        STRCMP_EQUAL_TEXT("", names("9 m 192.168.1.5 " + std::string(name) + " *\n", others).c_str(),
                          std::string(name).c_str());
    STRCMP_EQUAL("", names("9 m 192.168.1.5 " + std::string(64, 'a') + " *\n").c_str());
}

TEST(Leases, of_two_who_want_a_name_who_came_last_has_it) {
    STRCMP_EQUAL("desk.office.lan=192.168.1.6 ", names("8 m 192.168.1.5 desk *\n9 m 192.168.1.6 desk *\n").c_str());
    STRCMP_EQUAL("desk.office.lan=192.168.1.5 ", names("0 m 192.168.1.5 desk *\n9 m 192.168.1.6 desk *\n").c_str());
}
