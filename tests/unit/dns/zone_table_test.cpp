#include "dns/special_zones.h"
#include "dns/zone_table.h"
#include "wire/dns_query.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <utility>
#include <vector>

namespace zone_table_test {

using namespace postern;
using namespace postern::dns;
using namespace postern::wire::dns;

namespace {

Name name(std::string_view written) { return Name::parse(written).value(); }
IpAddress address(std::string_view written) { return IpAddress::parse(written).value(); }
Record a(std::string_view of, std::string_view is) { return {name(of), Seconds(300), address(is).record()}; }
Record alias(std::string_view of, std::string_view is) { return {name(of), Seconds(300), Cname{name(is)}}; }

Zone zone(std::string_view apex, std::vector<Record> records, Zone::Kind kind = Zone::Kind::whole) {
    return {name(apex),
            kind,
            {name("mail.office.lan"), name("postmaster.office.lan"), 7, Seconds(3600), Seconds(600), Seconds(86400),
             Seconds(60)},
            Seconds(300),
            std::move(records)};
}

// What goes out to who asks.
Message message_of(PreparedAnswer const& answer, std::string_view asked, Type type) {
    Message question;
    question.questions = {{name(asked), type}};
    std::string const octets = format(question);
    Query query;
    CHECK(read_query(octets, query) == QueryReading::query);
    std::string out(tcp_limit, '?');
    out.resize(write_answer(query, answer, {.limit = tcp_limit, .cookie = {}, .now = {}}, out));
    auto read = parse_message(out);
    CHECK(read.outcome == Reading::message);
    return std::move(read.message);
}

std::string folded(std::string_view of) { return std::string(name(of).wire()); }

// "NOERROR 1 2 3" with how many records there are, "outside", "outside.example" for where an alias leads.
std::string asked(ZoneTable const& table, std::string_view of, Type type) {
    auto const found = table.find(folded(of), type, {});
    if (found.answer == nullptr) return "outside";
    Message const message = message_of(*found.answer, of, type);
    std::string said = std::format("{} {} {} {}", describe(message.code), message.answers.size(),
                                   message.authorities.size(), message.additionals.size());
    CHECK(message.authoritative);
    for (Record const& record : message.authorities) CHECK(record.ttl == Seconds(60) && record.type() == Type::soa);
    if (found.leads_outside != nullptr) said += " " + found.leads_outside->text();
    return said;
}

ZoneTable office(Zone::Kind kind = Zone::Kind::whole) {
    return {{zone("office.lan",
                  {a("office.lan", "192.168.1.1"),
                   {name("office.lan"), Seconds(300), Ns{name("mail.office.lan")}},
                   {name("office.lan"), Seconds(300), Mx{10, name("mail.office.lan")}},
                   a("mail.office.lan", "192.168.1.1"),
                   a("mail.office.lan", "10.0.0.1"),
                   a("mail.office.lan", "fd00::1"),
                   {name("_imaps._tcp.office.lan"), Seconds(300), Srv{0, 1, 993, name("mail.office.lan")}},
                   alias("www.office.lan", "mail.office.lan"),
                   alias("web.office.lan", "www.office.lan"),
                   alias("far.office.lan", "shop.example.com"),
                   alias("gone.office.lan", "nobody.office.lan"),
                   alias("one.office.lan", "two.office.lan"),
                   alias("two.office.lan", "one.office.lan"),
                   a("deep.in.a.tree.office.lan", "192.168.1.9")},
                  kind),
             zone("168.192.in-addr.arpa", {})},
            {address("192.168.1.1"), address("10.0.0.1")}};
}

} // namespace

TEST_GROUP(ZoneTable){};

TEST(ZoneTable, answers_what_it_has_and_what_it_has_not) {
    ZoneTable const table = office();
    struct {
        std::string_view name;
        Type type;
        std::string_view said;
    } const rows[] = {
        {"office.lan", Type::a, "NOERROR 1 0 0"},
        {"office.lan", Type::soa, "NOERROR 1 0 0"},
        {"office.lan", Type::ns, "NOERROR 1 0 3"},
        {"office.lan", Type::mx, "NOERROR 1 0 3"},
        {"office.lan", Type::aaaa, "NOERROR 0 1 0"},
        {"office.lan", Type::any, "NOERROR 1 0 0"},
        {"mail.office.lan", Type::a, "NOERROR 2 0 0"},
        {"mail.office.lan", Type::aaaa, "NOERROR 1 0 0"},
        {"mail.office.lan", Type{65}, "NOERROR 0 1 0"},
        {"_imaps._tcp.office.lan", Type::srv, "NOERROR 1 0 3"},
        // RFC 8020: an empty name that has something below it is there, and nothing is below one that is not.
        {"_tcp.office.lan", Type::srv, "NOERROR 0 1 0"},
        {"in.a.tree.office.lan", Type::any, "NOERROR 0 1 0"},
        {"tree.office.lan", Type::a, "NOERROR 0 1 0"},
        {"x.tree.office.lan", Type::a, "NXDOMAIN 0 1 0"},
        {"nobody.office.lan", Type::a, "NXDOMAIN 0 1 0"},
        {"and.nobody.office.lan", Type::a, "NXDOMAIN 0 1 0"},
        {"x.mail.office.lan", Type::a, "NXDOMAIN 0 1 0"},
        // Aliases.
        {"www.office.lan", Type::a, "NOERROR 3 0 0"},
        {"web.office.lan", Type::aaaa, "NOERROR 3 0 0"},
        {"www.office.lan", Type::cname, "NOERROR 1 0 0"},
        {"www.office.lan", Type::any, "NOERROR 1 0 0"},
        {"www.office.lan", Type::mx, "NOERROR 1 1 0"},
        {"gone.office.lan", Type::a, "NXDOMAIN 1 1 0"},
        {"far.office.lan", Type::a, "NOERROR 1 0 0 shop.example.com"},
        {"far.office.lan", Type::cname, "NOERROR 1 0 0"},
        {"one.office.lan", Type::a, "NOERROR 2 1 0"},
        // Of others.
        {"1.1.168.192.in-addr.arpa", Type::ptr, "NXDOMAIN 0 1 0"},
        {"168.192.in-addr.arpa", Type::ptr, "NOERROR 0 1 0"},
        {"lan", Type::a, "outside"},
        {"office.lan.example", Type::a, "outside"},
        {"xoffice.lan", Type::a, "outside"},
        {".", Type::ns, "outside"},
        {"192.in-addr.arpa", Type::ptr, "outside"},
    };
    for (auto const& row : rows)
        CHECK_EQUAL(std::format("{}: {}", row.name, row.said),
                    std::format("{}: {}", row.name, asked(table, row.name, row.type)));
}

TEST(ZoneTable, that_is_split_asks_outside_what_it_does_not_know) {
    ZoneTable const table = office(Zone::Kind::split);
    STRCMP_EQUAL("NOERROR 2 0 0", asked(table, "mail.office.lan", Type::a).c_str());
    STRCMP_EQUAL("NOERROR 1 0 0", asked(table, "office.lan", Type::soa).c_str());
    STRCMP_EQUAL("outside", asked(table, "office.lan", Type::txt).c_str());
    STRCMP_EQUAL("outside", asked(table, "shop.office.lan", Type::a).c_str());
    STRCMP_EQUAL("outside", asked(table, "_tcp.office.lan", Type::srv).c_str());
    STRCMP_EQUAL("outside", asked(table, "x.mail.office.lan", Type::a).c_str());
    // Who has an address here has none there.
    STRCMP_EQUAL("NOERROR 0 1 0", asked(table, "office.lan", Type::aaaa).c_str());
    STRCMP_EQUAL("NOERROR 1 0 0 nobody.office.lan", asked(table, "gone.office.lan", Type::a).c_str());
}

// The zone of RFC 4592 §2.2.1 in the office's, and more.
ZoneTable with_wildcards(Zone::Kind kind = Zone::Kind::whole) {
    return {{zone("office.lan",
                  {{name("*.office.lan"), Seconds(300), Txt{{"this is a wildcard"}}},
                   {name("*.office.lan"), Seconds(300), Mx{10, name("host1.office.lan")}},
                   {name("sub.*.office.lan"), Seconds(300), Txt{{"this is not"}}},
                   a("host1.office.lan", "192.168.1.1"),
                   {name("_ssh._tcp.host1.office.lan"), Seconds(300), Srv{0, 1, 22, name("x.web.office.lan")}},
                   a("*.web.office.lan", "192.168.1.1"),
                   a("*.web.office.lan", "192.168.1.5"),
                   a("there.web.office.lan", "192.168.1.6"),
                   a("deep.down.web.office.lan", "192.168.1.7"),
                   alias("*.alias.office.lan", "some.web.office.lan"),
                   alias("*.chain.office.lan", "x.alias.office.lan"),
                   alias("*.far.office.lan", "shop.example.com"),
                   alias("*.round.office.lan", "x.round.office.lan"),
                   alias("to.office.lan", "other.web.office.lan"),
                   {name("x.*.empty.office.lan"), Seconds(300), Txt{{"x"}}}},
                  kind)},
            {address("192.168.1.5")}};
}

TEST(ZoneTable, answers_by_a_wildcard_for_names_that_do_not_exist) {
    ZoneTable const table = with_wildcards();
    struct {
        std::string_view name;
        Type type;
        std::string_view said;
    } const rows[] = {
        // RFC 4592 §2.2.1
        {"host3.office.lan", Type::mx, "NOERROR 1 0 1"},
        {"host3.office.lan", Type::a, "NOERROR 0 1 0"},
        {"foo.bar.office.lan", Type::txt, "NOERROR 1 0 0"},
        {"host1.office.lan", Type::mx, "NOERROR 0 1 0"},
        {"sub.*.office.lan", Type::mx, "NOERROR 0 1 0"},
        {"_telnet._tcp.host1.office.lan", Type::srv, "NXDOMAIN 0 1 0"},
        {"ghost.*.office.lan", Type::mx, "NXDOMAIN 0 1 0"},
        {"*.office.lan", Type::txt, "NOERROR 1 0 0"},
        {"office.lan", Type::txt, "NOERROR 0 1 0"},
        // The closest encloser's alone counts.
        {"x.web.office.lan", Type::a, "NOERROR 2 0 0"},
        {"x.y.web.office.lan", Type::a, "NOERROR 2 0 0"},
        {"x.web.office.lan", Type::txt, "NOERROR 0 1 0"},
        {"x.web.office.lan", Type::any, "NOERROR 2 0 0"},
        {"web.office.lan", Type::txt, "NOERROR 0 1 0"},
        {"there.web.office.lan", Type::a, "NOERROR 1 0 0"},
        {"x.there.web.office.lan", Type::a, "NXDOMAIN 0 1 0"},
        {"down.web.office.lan", Type::a, "NOERROR 0 1 0"},
        {"x.down.web.office.lan", Type::a, "NXDOMAIN 0 1 0"},
        {"x.*.web.office.lan", Type::a, "NXDOMAIN 0 1 0"},
        // One that has only something below it.
        {"y.empty.office.lan", Type::txt, "NOERROR 0 1 0"},
        // Aliases at wildcards, and to them.
        {"q.alias.office.lan", Type::a, "NOERROR 3 0 0"},
        {"q.chain.office.lan", Type::a, "NOERROR 4 0 0"},
        {"q.alias.office.lan", Type::cname, "NOERROR 1 0 0"},
        {"q.alias.office.lan", Type::mx, "NOERROR 1 1 0"},
        {"q.far.office.lan", Type::a, "NOERROR 1 0 0 shop.example.com"},
        {"q.round.office.lan", Type::a, "NOERROR 2 1 0"},
        {"to.office.lan", Type::a, "NOERROR 3 0 0"},
        {"to.office.lan", Type::mx, "NOERROR 1 1 0"},
        {"_ssh._tcp.host1.office.lan", Type::srv, "NOERROR 1 0 2"},
    };
    for (auto const& row : rows)
        CHECK_EQUAL(std::format("{}: {}", row.name, row.said),
                    std::format("{}: {}", row.name, asked(table, row.name, row.type)));
}

TEST(ZoneTable, gives_the_records_of_a_wildcard_to_the_name_that_is_asked_for) {
    ZoneTable const table = with_wildcards();
    std::string const longest = std::string(63, 'x') + "." + std::string(63, 'y') + ".chain.office.lan";
    for (std::string const& asked : {std::string("q.chain.office.lan"), longest}) {
        auto const found = table.find(folded(asked), Type::a, address("192.168.1.5"));
        CHECK(message_of(*found.answer, asked, Type::a).answers ==
              (std::vector{alias(asked, "x.alias.office.lan"), alias("x.alias.office.lan", "some.web.office.lan"),
                           a("some.web.office.lan", "192.168.1.5"), a("some.web.office.lan", "192.168.1.1")}));
    }
    auto const mx = table.find(folded("host3.office.lan"), Type::mx, {});
    Message const message = message_of(*mx.answer, "host3.office.lan", Type::mx);
    CHECK(message.answers.front() ==
          (Record{name("host3.office.lan"), Seconds(300), Mx{10, name("host1.office.lan")}}));
    CHECK(message.additionals.front() == a("host1.office.lan", "192.168.1.1"));
}

TEST(ZoneTable, that_is_split_has_what_a_wildcard_has_and_asks_outside_for_other_types) {
    ZoneTable const table = with_wildcards(Zone::Kind::split);
    STRCMP_EQUAL("NOERROR 2 0 0", asked(table, "x.web.office.lan", Type::a).c_str());
    STRCMP_EQUAL("NOERROR 0 1 0", asked(table, "x.web.office.lan", Type::aaaa).c_str());
    STRCMP_EQUAL("outside", asked(table, "x.web.office.lan", Type::txt).c_str());
    STRCMP_EQUAL("outside", asked(table, "x.down.web.office.lan", Type::a).c_str());
    STRCMP_EQUAL("NOERROR 3 0 0", asked(table, "q.alias.office.lan", Type::a).c_str());
}

TEST(ZoneTable, begins_with_the_address_by_which_it_was_asked) {
    ZoneTable const table = office();
    for (std::string_view const name : {"mail.office.lan", "www.office.lan"}) {
        for (std::string_view const reached : {"192.168.1.1", "10.0.0.1"}) {
            auto const found = table.find(folded(name), Type::a, address(reached));
            Message const message = message_of(*found.answer, name, Type::a);
            auto const first = std::ranges::find(message.answers, Type::a, &Record::type);
            CHECK(first->data == address(reached).record());
            CHECK(std::distance(first, message.answers.end()) == 2);
        }
    }
}

TEST(ZoneTable, of_special_names_answers_them_here) {
    std::vector<Zone> zones{zone("box.home.arpa", {a("box.home.arpa", "10.0.0.1")}),
                            zone("a.test", {a("x.a.test", "10.0.0.1")})};
    auto special = special_zones();
    zones.insert(zones.end(), special.begin(), special.end());
    ZoneTable const table(zones, {});
    auto const says = [&](std::string_view of, Type type) {
        auto const found = table.find(folded(of), type, {});
        if (found.answer == nullptr) return std::string("outside");
        Message const message = message_of(*found.answer, of, type);
        return std::format("{} {}", describe(message.code), message.answers.size());
    };
    struct {
        std::string_view name;
        Type type;
        std::string_view said;
    } const rows[] = {
        {"localhost", Type::a, "NOERROR 1"},
        {"localhost", Type::aaaa, "NOERROR 1"},
        {"localhost", Type::mx, "NOERROR 0"},
        {"a.b.localhost", Type::a, "NOERROR 1"},
        {"1.0.0.127.in-addr.arpa", Type::ptr, "NOERROR 1"},
        {"2.0.0.127.in-addr.arpa", Type::ptr, "NXDOMAIN 0"},
        {"invalid", Type::a, "NXDOMAIN 0"},
        {"x.invalid", Type::a, "NXDOMAIN 0"},
        {"x.onion", Type::a, "NXDOMAIN 0"},
        {"printer.local", Type::aaaa, "NXDOMAIN 0"},
        {"use-application-dns.net", Type::a, "NXDOMAIN 0"},
        {"application-dns.net", Type::a, "outside"},
        {"home.arpa", Type::soa, "NOERROR 1"},
        {"x.home.arpa", Type::a, "NXDOMAIN 0"},
        {"box.home.arpa", Type::a, "NOERROR 1"},
        {"test", Type::a, "NOERROR 0"}, // since there is one below
        {"b.test", Type::a, "NXDOMAIN 0"},
        {"x.a.test", Type::a, "NOERROR 1"},
        {"_dns.resolver.arpa", Type{64}, "NOERROR 0"},
        {"resolver.arpa", Type{64}, "NOERROR 0"},
        {"1.64.100.in-addr.arpa", Type::ptr, "NXDOMAIN 0"},
        {"1.63.100.in-addr.arpa", Type::ptr, "outside"},
        {"example.com", Type::a, "outside"},
    };
    for (auto const& row : rows)
        CHECK_EQUAL(std::format("{}: {}", row.name, row.said),
                    std::format("{}: {}", row.name, says(row.name, row.type)));
    auto const found = table.find(folded("deep.localhost"), Type::a, {});
    CHECK(message_of(*found.answer, "deep.localhost", Type::a).answers.front() ==
          (Record{name("deep.localhost"), Seconds(10800), A{{127, 0, 0, 1}}}));
}

} // namespace zone_table_test
