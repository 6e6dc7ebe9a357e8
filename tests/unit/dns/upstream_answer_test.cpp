#include "dns/rebinding.h"
#include "dns/upstream_answer.h"
#include "records.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>
#include <vector>

namespace postern::dns::testing {

using namespace std::chrono_literals;
using namespace std::string_literals;

UpstreamAnswer read(Message const& said, bool dnssec_ok = false, bool authentic = false,
                    std::vector<Name> const& private_domains = {}) {
    return read_upstream_answer(said, said.questions.at(0), dnssec_ok, authentic, private_domains);
}

std::vector<std::string> written(std::vector<Record> const& records) {
    std::vector<std::string> lines;
    for (Record const& record : records)
        lines.push_back(record.name.text() + " " + std::to_string(static_cast<int>(record.type())));
    return lines;
}

TEST_GROUP(UpstreamAnswer){};

TEST(UpstreamAnswer, takes_what_belongs_to_the_question_in_the_order_of_its_aliases) {
    auto said =
        response("www.example", Type::a,
                 {a("bank.example"), a("host.example", {192, 0, 2, 7}, 30), cname("www.example", "cdn.example", 90),
                  cname("cdn.example", "host.example", 200), a("www.other.example")},
                 {ns("example", "ns.example")});
    said.additionals = {a("ns.example")};
    auto const answer = read(said);
    CHECK(answer.verdict == Verdict::records);
    CHECK(written(answer.message.answers) == std::vector({"www.example 5"s, "cdn.example 5"s, "host.example 1"s}));
    CHECK(answer.message.authorities.empty() && answer.message.additionals.empty());
    CHECK(answer.lifetime == 30s);
}

TEST(UpstreamAnswer, follows_no_aliases_that_go_round_or_are_too_many) {
    CHECK(read(response("a.example", Type::a, {cname("a.example", "b.example"), cname("b.example", "a.example")}))
              .verdict == Verdict::failed);
    std::vector<Record> many;
    for (char c = 'a'; c < 'z'; ++c) many.push_back(cname(std::string(1, c), std::string(1, static_cast<char>(c + 1))));
    many.push_back(a("z"));
    auto const answer = read(response("a", Type::a, many));
    CHECK(answer.verdict == Verdict::failed);
    CHECK(answer.message.answers.empty());
}

TEST(UpstreamAnswer, gives_an_alias_itself_to_who_asks_for_that) {
    auto const answer =
        read(response("www.example", Type::cname, {cname("www.example", "host.example"), a("host.example")}));
    CHECK(written(answer.message.answers) == std::vector({"www.example 5"s}));
}

// RFC 6672 §3.3
TEST(UpstreamAnswer, takes_the_alias_of_a_whole_tree_along) {
    auto const answer =
        read(response("a.old.example", Type::a,
                      {opaque("old.example", 39, "\3new\7example\0"s), cname("a.old.example", "a.new.example"),
                       a("a.new.example"), opaque("far.example", 39, "\3new\7example\0"s)}));
    CHECK(written(answer.message.answers) == std::vector({"old.example 39"s, "a.old.example 5"s, "a.new.example 1"s}));
}

// RFC 2308
TEST(UpstreamAnswer, tells_what_is_not_there_from_the_word_of_who_cannot_know) {
    auto answer = read(response("www.example", Type::a, {}, {soa("example", 60), ns("example", "ns.example")}));
    CHECK(answer.verdict == Verdict::none && answer.lifetime == 60s && !answer.cuts);
    CHECK(written(answer.message.authorities) == std::vector({"example 6"s}));
    LONGS_EQUAL(60, answer.message.authorities[0].ttl.count());

    answer = read(response("www.example", Type::a, {}, {soa("example", 9000, 50)}, ResponseCode::name_error));
    CHECK(answer.verdict == Verdict::no_name && answer.lifetime == 50s && answer.cuts);
    for (auto const code : {ResponseCode::no_error, ResponseCode::name_error}) {
        answer = read(response("www.example", Type::a, {}, {soa("other", 60)}, code));
        CHECK(answer.verdict == Verdict::doubtful && answer.lifetime == 0s && !answer.cuts);
    }
    auto referral = response("www.example", Type::a, {}, {ns("example", "ns.example")});
    referral.recursion_available = false;
    CHECK(read(referral).verdict == Verdict::failed);
}

// RFC 6604 §3
TEST(UpstreamAnswer, an_alias_that_leads_nowhere_exists_itself) {
    auto const answer = read(response("www.example", Type::a, {cname("www.example", "gone.example", 20)},
                                      {soa("example", 60)}, ResponseCode::name_error));
    CHECK(answer.verdict == Verdict::no_name && !answer.cuts);
    CHECK(answer.lifetime == 20s);
    LONGS_EQUAL(1, answer.message.answers.size());
}

// RFC 8020; RFC 4074 §4.2
TEST(UpstreamAnswer, does_not_believe_everybody_that_nothing_is_below) {
    auto const nothing = [](Type type, std::string_view zone) {
        return response("www.example", type, {}, {soa(zone)}, ResponseCode::name_error);
    };
    CHECK(read(nothing(Type::a, "example")).cuts);
    CHECK_FALSE(read(nothing(Type::aaaa, "example")).cuts);
    CHECK_FALSE(read(nothing(Type::a, "www.example")).cuts);
    auto signed_one = nothing(Type::aaaa, "example");
    signed_one.authentic_data = true;
    CHECK_FALSE(read(signed_one).cuts);
    CHECK(read(signed_one, false, true).cuts);
}

TEST(UpstreamAnswer, passes_signatures_on_to_who_asks_for_them) {
    auto said = response("www.example", Type::a,
                         {signature("www.example", Type::cname), cname("www.example", "host.example"),
                          a("host.example"), signature("host.example", Type::a), signature("host.example", Type::txt)},
                         {opaque("a.example", 47, "\1z\0"s), signature("a.example", Type{47}),
                          signature("example", Type::ns), ns("example", "ns.example")});
    LONGS_EQUAL(2, read(said).message.answers.size());
    auto const answer = read(said, true);
    LONGS_EQUAL(4, answer.message.answers.size());
    LONGS_EQUAL(2, answer.message.authorities.size());
    said = response("www.example", Type::a, {}, {signature("example", Type::soa), soa("example")});
    LONGS_EQUAL(2, read(said, true).message.authorities.size());
    LONGS_EQUAL(1, read(said).message.authorities.size());
}

// RFC 4035 §4.9.3
TEST(UpstreamAnswer, believes_that_data_is_authentic_where_nobody_can_have_changed_it) {
    auto said = response("www.example", Type::a, {a("www.example")});
    said.authentic_data = true;
    CHECK_FALSE(read(said).message.authentic_data);
    CHECK(read(said, false, true).message.authentic_data);
}

TEST(UpstreamAnswer, tells_failures_and_forgeries_apart) {
    for (auto const code : {ResponseCode::server_failure, ResponseCode::refused, ResponseCode::not_implemented,
                            ResponseCode::format_error}) {
        auto said = response("www.example", Type::a, {a("www.example")}, {}, code);
        CHECK(read(said).verdict == Verdict::failed);
        CHECK(read(said).message.answers.empty());
        said.edns = wire::dns::Edns{.errors = {{22, std::string(5000, 'x')}}};
        CHECK(read(said).verdict == Verdict::failed);
        LONGS_EQUAL(200, read(said).message.edns->errors.at(0).text.size());
        said.edns->errors = {{7, "expired"}};
        CHECK(read(said).verdict == Verdict::bogus);
        CHECK(read(said).message.edns->errors == said.edns->errors);
    }
}

TEST(UpstreamAnswer, takes_the_mixed_case_out_that_it_put_in_and_leaves_that_of_others) {
    auto said = response("wWw.eXAmple", Type::mx,
                         {{name("wWw.eXAmple"), Seconds(60), wire::dns::Mx{10, name("Mail.eXAmple")}},
                          {name("WWW.example"), Seconds(60), wire::dns::Mx{20, name("Mail.EXAMPLE")}}});
    auto const answer = read(said);
    CHECK_EQUAL("www.example"s, answer.message.questions.at(0).name.text());
    CHECK_EQUAL("www.example"s, answer.message.answers.at(0).name.text());
    CHECK_EQUAL("Mail.example"s, std::get<wire::dns::Mx>(answer.message.answers.at(0).data).exchange.text());
    CHECK_EQUAL("Mail.EXAMPLE"s, std::get<wire::dns::Mx>(answer.message.answers.at(1).data).exchange.text());
}

TEST(UpstreamAnswer, withholds_what_leads_inside_unless_the_administrator_says_that_it_may) {
    auto const said = response(
        "www.evil.example", Type::a,
        {cname("www.evil.example", "x.example", 40), a("x.example", {192, 0, 2, 1}), a("x.example", {192, 168, 1, 1})});
    auto answer = read(said);
    CHECK(answer.verdict == Verdict::none && answer.lifetime == 40s && !answer.cuts);
    CHECK(answer.message.answers.empty() && answer.message.code == ResponseCode::no_error);
    LONGS_EQUAL(17, answer.message.edns->errors.at(0).code);
    answer = read(said, false, false, {name("other.example"), name("Evil.example")});
    CHECK(answer.verdict == Verdict::records);
    LONGS_EQUAL(3, answer.message.answers.size());
}

TEST_GROUP(Rebinding){};

TEST(Rebinding, knows_what_leads_inside) {
    using Four = std::array<unsigned char, 4>;
    for (Four const address : {Four{0, 0, 0, 0}, Four{10, 1, 2, 3}, Four{127, 0, 0, 1}, Four{169, 254, 0, 9},
                               Four{172, 16, 0, 1}, Four{172, 31, 255, 255}, Four{192, 168, 178, 1}})
        CHECK(leads_inside(a("x", address)));
    for (Four const address :
         {Four{9, 9, 9, 9}, Four{172, 15, 0, 1}, Four{172, 32, 0, 1}, Four{192, 169, 0, 1}, Four{169, 253, 0, 1}})
        CHECK_FALSE(leads_inside(a("x", address)));
    using Six = std::array<unsigned char, 16>;
    for (Six const address :
         {Six{}, Six{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, Six{0xFE, 0x80, 1}, Six{0xFE, 0xC0}, Six{0xFD, 7},
          Six{0xFC}, Six{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1},
          Six{0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, 192, 168, 0, 1},
          Six{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1}})
        CHECK(leads_inside(aaaa("x", address)));
    for (Six const address : {Six{0x20, 1, 0x0D, 0xB8}, Six{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 9, 9, 9, 9},
                              Six{0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9}, Six{0xFE, 0x7F}})
        CHECK_FALSE(leads_inside(aaaa("x", address)));
}

// RFC 9460 §2.2
TEST(Rebinding, looks_into_the_hints_of_services) {
    auto const service = [](std::string parameters) { return opaque("x", 65, "\0\1\3cdn\0"s + parameters); };
    CHECK_FALSE(leads_inside(service("")));
    CHECK_FALSE(leads_inside(service("\0\1\0\3\2h2\0\4\0\4\x09\x09\x09\x09"s)));
    CHECK(leads_inside(service("\0\1\0\3\2h2\0\4\0\x08\x09\x09\x09\x09\x0A\0\0\1"s)));
    CHECK(leads_inside(service("\0\6\0\x10\xFD"s + std::string(15, '\0'))));
    CHECK_FALSE(leads_inside(opaque("x", 99, "\0\1\0\0\4\0\4\x0A\0\0\1"s)));
    for (std::string const& broken : {""s, "\0"s, "\0\1"s, "\0\1\x3F"s, "\0\1\0\0\4\0\xFF\x0A"s})
        CHECK_FALSE(leads_inside(opaque("x", 64, broken)));
}

} // namespace postern::dns::testing
