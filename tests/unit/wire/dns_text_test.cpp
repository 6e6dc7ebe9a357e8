#include "wire/dns_text.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <string_view>

namespace dns_text_test {

using namespace postern::wire::dns;

namespace {

Name const origin = Name::parse("office.lan").value();

// As it is written anew, or what is wrong.
std::string read(std::string_view type, std::string_view written) {
    auto const data = parse_data(parse_type(type).value(), written, origin);
    if (!data) return "wrong: " + data.error();
    std::string const again = format_data(*data);
    CHECK(parse_data(parse_type(type).value(), again, Name()) == data);
    return again;
}

} // namespace

TEST_GROUP(DnsText){};

TEST(DnsText, of_data_is_read_and_written) {
    struct {
        std::string_view type, written, again;
    } const rows[] = {
        {"A", "192.168.1.20", "192.168.1.20"},
        {"aaaa", "FD00:0:0::20", "fd00::20"},
        {"AAAA", "::", "::"},
        {"AAAA", "::1", "::1"},
        {"AAAA", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"AAAA", "1::", "1::"},
        {"AAAA", "2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"},
        {"CNAME", "box", "box.office.lan."},
        {"CNAME", "@", "office.lan."},
        {"CNAME", "shop.example.com.", "shop.example.com."},
        {"CNAME", "a.b.office.lan", "a.b.office.lan."},
        {"CNAME", ".", "."},
        {"PTR", "printer.office.LAN", "printer.office.LAN."},
        {"NS", "ns", "ns.office.lan."},
        {"MX", "10  mail", "10 mail.office.lan."},
        {"SRV", "0 5 5060 pbx", "0 5 5060 pbx.office.lan."},
        {"SRV", "0 5 5060 .", "0 5 5060 ."},
        {"TXT", "v=spf1", "\"v=spf1\""},
        {"TXT", "\"v=spf1 -all\" \"\" more", "\"v=spf1 -all\" \"\" \"more\""},
        {"TXT", R"("a \"b\" \\ \007")", R"("a \"b\" \\ \007")"},
        {"SOA", "ns postmaster 1 2 3 4 5", "ns.office.lan. postmaster.office.lan. 1 2 3 4 5"},
        {"TYPE65", R"(\# 3 01 02 a)", "wrong: there are not as many octets as is said"},
        {"TYPE65", R"(\# 3 0102 aB)", R"(\# 3 0102AB)"},
        {"TYPE65", R"(\# 0)", R"(\# 0)"},
        {"A", R"(\# 4 C0000201)", "192.0.2.1"},
        {"TYPE1", "192.0.2.1", "192.0.2.1"},
    };
    for (auto const& row : rows)
        CHECK_EQUAL(std::format("{} {}", row.type, row.again),
                    std::format("{} {}", row.type, read(row.type, row.written)));
}

TEST(DnsText, of_long_strings_becomes_several) {
    auto const data = parse_data(Type::txt, '"' + std::string(600, 'x') + '"', origin);
    CHECK(data == Data(Txt{{std::string(255, 'x'), std::string(255, 'x'), std::string(90, 'x')}}));
}

TEST(DnsText, that_makes_no_sense_is_an_error) {
    struct {
        std::string_view type, written;
    } const rows[] = {
        {"A", ""},
        {"A", "1.2.3"},
        {"A", "1.2.3.4.5"},
        {"A", "1.2.3.256"},
        {"A", "1.2.3.4 5"},
        {"A", "fd00::1"},
        {"AAAA", "1.2.3.4"},
        {"AAAA", "1:2"},
        {"AAAA", "1::2::3"},
        {"AAAA", "12345::"},
        {"AAAA", ":1"},
        {"AAAA", "1:2:3:4:5:6:7:8:"},
        {"AAAA", "1:2:3:4:5:6:7:8:9"},
        {"AAAA", "::1:2:3:4:5:6:7:8"},
        {"CNAME", ""},
        {"CNAME", "a..b."},
        {"CNAME", "a b"},
        {"CNAME", "shop.example.com"},
        {"MX", "mail"},
        {"MX", "70000 mail"},
        {"MX", "10"},
        {"SRV", "0 5 pbx"},
        {"TXT", "\"a"},
        {"TXT", R"(\25)"},
        {"TXT", R"(\256)"},
        {"TXT", "\\"},
        {"TYPE65", "1 ."},
        {"A", R"(\# 3 C00002)"},
        {"A", R"(\# 4 C000020g)"},
        {"A", R"(\#)"},
        {"ANY", "x"},
    };
    for (auto const& row : rows)
        CHECK_TEXT(read(row.type, row.written).starts_with("wrong: "),
                   std::format("{} {}", row.type, row.written).c_str());
    STRCMP_EQUAL(
        "wrong: shop.example.com may be a whole name, which ends with a dot, or one below office.lan, which is "
        "written to its end: shop.example.com. or shop.example.com.office.lan.",
        read("CNAME", "shop.example.com").c_str());
}

TEST(DnsText, of_types_is_a_name_or_a_number) {
    CHECK(parse_type("srv") == Type::srv && parse_type("TYPE33") == Type::srv &&
          parse_type("type65535") == Type{65535});
    CHECK(!parse_type("TYPE") && !parse_type("TYPE65536") && !parse_type("HTTPS") && !parse_type(""));
    STRCMP_EQUAL("SRV", describe(Type::srv).c_str());
    STRCMP_EQUAL("TYPE65", describe(Type{65}).c_str());
}

} // namespace dns_text_test
