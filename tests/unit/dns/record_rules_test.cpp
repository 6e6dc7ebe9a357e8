#include "dns/record_rules.h"
#include "wire/dns_text.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <string_view>
#include <vector>

namespace record_rules_test {

using namespace postern::dns;
using namespace postern::wire::dns;

namespace {

Name const domain = Name::parse("office.lan").value();

Record record(std::string_view of, std::string_view type, std::string_view data) {
    Type const known = parse_type(type).value();
    return {Name::parse(of).value(), Seconds(300), parse_data(known, data, domain).value()};
}

} // namespace

TEST_GROUP(RecordRules){};

TEST(RecordRules, are_kept_to) {
    std::vector<Record> const others = {record("printer.office.lan", "A", "192.168.1.20"),
                                        record("www.office.lan", "CNAME", "web"),
                                        record("web.office.lan", "CNAME", "nas"),
                                        record("mail.office.lan", "TXT", "hello"),
                                        record("to.office.lan", "CNAME", "x.wild.office.lan."),
                                        record("there.wild.office.lan", "A", "192.168.1.23")};
    struct {
        std::string_view name, type, data;
        std::string_view wrong; // some words of what is said; empty: it may be
    } const rows[] = {
        {"nas.office.lan", "A", "192.168.1.21", ""},
        {"printer.office.lan", "AAAA", "fd00::20", ""},
        {"printer.office.lan", "A", "192.168.1.22", ""},
        {"printer.office.lan", "TYPE65", "\\# 0", ""},
        {"office.lan", "TXT", "x", ""},
        {"mail.office.lan", "TXT", "x", ""},
        {"_sip._tcp.office.lan", "SRV", "0 0 5060 pbx", ""},
        {"20.1.168.192.in-addr.arpa", "PTR", "printer", ""},
        {"1.d.f.ip6.arpa", "TXT", "x", ""},
        {"*.office.lan", "A", "192.168.1.5", ""},
        {"*.office.lan", "CNAME", "mail", ""},
        {"*.wild.office.lan", "CNAME", "nas", ""},
        {"*.wild.office.lan", "CNAME", "there.wild.office.lan.", ""},
        {"*.wild.office.lan", "CNAME", "to", "lead back"},
        {"*.wild.office.lan", "CNAME", "x.wild.office.lan.", "lead back"},
        {"*.office.lan", "CNAME", "nas", "lead back"},
        {"*.1.168.192.in-addr.arpa", "PTR", "guest", ""},
        {"*.example.com", "A", "192.168.1.9", "is not the office's"},
        {"printer.office.lan", "CNAME", "nas", "has a record of type A"},
        {"www.office.lan", "A", "192.168.1.1", "is an alias of web.office.lan"},
        {"www.office.lan", "CNAME", "web", ""}, // the same again
        {"www.office.lan", "CNAME", "nas", "is an alias"},
        {"nas.office.lan", "CNAME", "www", "lead back"},
        {"self.office.lan", "CNAME", "self", "lead back"},
        {"mail.office.lan", "A", "192.168.1.9", "the box's own"},
        {"setup.office.lan", "AAAA", "fd00::1", "the box's own"},
        {"smtp.office.lan", "CNAME", "nas", "the box's own"},
        {"office.lan", "A", "192.168.1.9", "the box's own"},
        {"office.lan", "MX", "10 nas", "the box's own"},
        {"_imaps._tcp.office.lan", "SRV", "0 0 993 nas", "the box's own"},
        {"www.example.com", "A", "192.168.1.9", "is not the office's"},
        {"5.113.0.203.in-addr.arpa", "PTR", "x", ""},
        {"0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR", "x", ""},
        {"5.113.0.203.in-addr.arpa", "TXT", "x", "is not the office's"},
        {"5.113.0.203.in-addr.arpa", "CNAME", "x", "is not the office's"},
        {"113.0.203.in-addr.arpa", "PTR", "x", "is not the office's"},
        {"*.113.0.203.in-addr.arpa", "PTR", "x", "is not the office's"},
        {"sub.office.lan", "NS", "nas", "not for an administrator"},
        {"sub.office.lan", "TYPE39", "\\# 0", "not for an administrator"},
        {"sub.office.lan", "TYPE252", "\\# 0", "not for an administrator"},
    };
    for (auto const& row : rows) {
        auto const said = objection(record(row.name, row.type, row.data), others, domain, false);
        std::string const what = std::format("{} {}: {}", row.name, row.type, said.value_or("it may be"));
        CHECK_TEXT(row.wrong.empty() ? !said : said && said->contains(row.wrong), what.c_str());
    }
    CHECK(!objection(record("office.lan", "A", "192.0.2.1"), others, domain, true));
}

TEST(RecordRules, let_a_name_have_so_many) {
    std::vector<Record> others;
    for (int i = 0; i < 64; ++i) others.push_back(record("nas.office.lan", "A", std::format("10.0.0.{}", i)));
    CHECK(objection(record("nas.office.lan", "A", "10.0.1.1"), others, domain, false).has_value());
    CHECK(!objection(record("nas.office.lan", "A", "10.0.0.1"), others, domain, false));
}

TEST(RecordRules, of_what_is_kept_are_read_as_written) {
    for (auto const& one : {record("nas.office.lan", "A", "10.0.0.1"), record("nas.office.lan", "TXT", "\"a b\" c"),
                            record("nas.office.lan", "TYPE65", "\\# 2 0102"), record("nas.office.lan", "MX", "1 @")}) {
        auto const again = read_record(one.name, write_record(one));
        CHECK(again && *again == one);
    }
    STRCMP_EQUAL("300 MX 1 office.lan.", write_record(record("nas.office.lan", "MX", "1 @")).c_str());
    for (std::string_view const wrong : {"", "A 1.2.3.4", "300", "300 A", "300 A ", "x A 1.2.3.4", "300 A 1.2.3"})
        CHECK(!read_record(domain, wrong));
    CHECK_EQUAL(1, read_records("nas.office.lan", {"300 A 1.2.3.4", "nonsense"}).size());
}

} // namespace record_rules_test
