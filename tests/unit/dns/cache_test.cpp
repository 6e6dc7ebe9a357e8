#include "dns/cache.h"
#include "records.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <memory>
#include <string>

namespace postern::dns::testing {

using namespace std::chrono_literals;

TEST_GROUP(Cache) {
    using State = Cache::State;

    core::SeededRandom random{5};
    Cache cache{random, 1024 * 1024};
    core::SteadyTime now{};

    // Lives as long as what refers to it.
    struct Ask {
        Ask(std::string_view written, Type type = Type::a, bool dnssec_ok = false, bool checking_disabled = false)
            : owner(name(written)), asked{owner.wire(), type, dnssec_ok, checking_disabled} {}
        Name owner;
        Asked asked;
    };
    static std::shared_ptr<PreparedAnswer const> prepared(Message const& message, core::SteadyTime made) {
        return std::make_shared<PreparedAnswer>(prepare(message, made));
    }
    void put(std::string_view owner, std::chrono::seconds lifetime = 100s, Type type = Type::a) {
        cache.put(Ask(owner, type).asked, prepared(response(owner, type, {a(owner)}), now), lifetime, now);
    }
    void put_nothing(std::string_view owner, std::chrono::seconds lifetime = 60s) {
        auto const message = response(owner, Type::a, {}, {soa("example")}, ResponseCode::name_error);
        cache.put_cut(Ask(owner).asked, prepared(message, now), message, lifetime, now);
    }
    void fail(std::string_view owner) {
        cache.put_failure(Ask(owner).asked,
                          prepared(response(owner, Type::a, {}, {}, ResponseCode::server_failure), now), now);
    }
    Cache::Found find(std::string_view owner, Type type = Type::a) { return cache.find(Ask(owner, type).asked, now); }
    void is(State expected, std::string_view owner, Type type = Type::a) {
        auto const found = find(owner, type);
        CHECK_EQUAL(static_cast<int>(expected), static_cast<int>(found.state));
        CHECK_EQUAL(expected == State::unknown, found.answer == nullptr);
    }
};

TEST(Cache, keeps_answers_apart_by_what_they_differ_by) {
    put("a.example");
    is(State::known, "a.example");
    is(State::unknown, "b.example");
    is(State::unknown, "a.example", Type::aaaa);
    CHECK(cache.find(Ask("a.example", Type::a, true).asked, now).state == State::unknown);
    CHECK(cache.find(Ask("a.example", Type::a, false, true).asked, now).state == State::unknown);
}

TEST(Cache, keeps_nothing_as_fresh_beyond_its_time_or_ours) {
    put("a.example", 100s);
    put("b.example", 1000h);
    put("c.example", 0s);
    put_nothing("d.example", 1000h);
    is(State::stale, "c.example");
    now += 99s;
    is(State::known, "a.example");
    now += 1s;
    is(State::stale, "a.example");
    now += Cache::longest_negative - 101s;
    is(State::known, "d.example");
    now += 1s;
    is(State::stale, "d.example");
    now += Cache::longest - Cache::longest_negative - 1s;
    is(State::known, "b.example");
    now += 1s;
    is(State::stale, "b.example");
}

// RFC 8767 §4, §5; RFC 8914 §4.4
TEST(Cache, says_of_what_is_stale_that_it_is_and_gives_it_up_one_day) {
    put("a.example", 100s);
    put_nothing("b.example", 60s);
    now += 100s;
    auto const sent = as_sent(*find("a.example").answer, "a.example", Type::a, now + 1000s);
    CHECK_EQUAL(30U, sent.answers.at(0).ttl.count());
    CHECK_EQUAL(3, sent.edns->errors.at(0).code);
    CHECK_EQUAL(19, as_sent(*find("b.example").answer, "b.example", Type::a, now).edns->errors.at(0).code);
    now += Cache::stale_span - 1s;
    is(State::stale, "a.example");
    now += 1s;
    is(State::unknown, "a.example");
}

TEST(Cache, lets_what_is_stale_rest_after_it_was_asked_for_in_vain) {
    put("a.example", 100s);
    now += 100s;
    fail("a.example");
    is(State::resting, "a.example");
    now += Cache::stale_recheck;
    is(State::stale, "a.example");
    fail("a.example");
    cache.forget_failures();
    is(State::stale, "a.example");
    put("a.example", 100s);
    is(State::known, "a.example");
    CHECK_FALSE(find("a.example").answer->error.has_value());
}

// RFC 9520 §3.2
TEST(Cache, remembers_failures_for_a_moment_and_longer_each_time) {
    for (auto const again : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        fail("a.example");
        now += again - 1s;
        is(State::known, "a.example");
        CHECK(find("a.example").answer->code == ResponseCode::server_failure);
        now += 1s;
        is(State::unknown, "a.example");
    }
    put("a.example");
    is(State::known, "a.example");
    fail("b.example");
    cache.forget_failures();
    is(State::unknown, "b.example");
}

// RFC 8020
TEST(Cache, knows_that_nothing_is_below_a_name_that_does_not_exist) {
    put_nothing("gone.example");
    is(State::known, "gone.example");
    is(State::known, "gone.example", Type::aaaa);
    is(State::unknown, "example");
    is(State::unknown, "begone.example");
    now += 10s;
    auto const sent = as_sent(*find("www.gone.example", Type::txt).answer, "www.gone.example", Type::txt, now);
    CHECK(sent.code == ResponseCode::name_error);
    CHECK(sent.authorities.at(0).name == name("example"));
    CHECK_EQUAL(3590U, sent.authorities.at(0).ttl.count());
    now += 50s;
    is(State::unknown, "www.gone.example");
    is(State::stale, "gone.example");
}

TEST(Cache, believes_what_is_there_rather_than_that_there_is_nothing_above_it) {
    put("www.gone.example");
    put_nothing("gone.example");
    is(State::known, "www.gone.example");
    CHECK(find("www.gone.example").answer->answers == 1);
    put("ftp.gone.example"); // asked for before
    is(State::unknown, "gone.example");
    is(State::unknown, "other.gone.example");
}

// RFC 6895 §3.1: a type that there is not, and that anybody may ask for.
TEST(Cache, takes_no_type_for_a_name_that_does_not_exist) {
    put("www.example", 100s, Type{0});
    is(State::known, "www.example", Type{0});
    is(State::unknown, "www.example");
    is(State::unknown, "below.www.example");
}

TEST(Cache, has_what_is_popular_asked_for_before_it_ends_and_once) {
    put("a.example", 100s);
    put("b.example", 100s);
    for (unsigned i = 1; i < Cache::popular; ++i) is(State::known, "a.example");
    now += 91s;
    is(State::ending, "a.example");
    is(State::known, "a.example");
    is(State::known, "b.example");
    put("a.example", 100s);
    is(State::known, "a.example");
}

TEST(Cache, forgets_first_what_was_not_asked_for_longest) {
    for (int i = 0; i < 10; ++i) put(std::format("{}.example", i));
    auto const each = cache.octets() / 10;
    cache.set_limit(cache.octets() + each / 2);
    is(State::known, "0.example");
    put("10.example");
    is(State::known, "0.example");
    is(State::unknown, "1.example");
    is(State::known, "2.example");
    LONGS_EQUAL(10, cache.size());
    cache.set_limit(3 * each);
    LONGS_EQUAL(3, cache.size());
    is(State::known, "2.example");
    cache.set_limit(0);
    LONGS_EQUAL(0, cache.size());
    LONGS_EQUAL(0, cache.octets());
    put("a.example");
    is(State::unknown, "a.example");
}

TEST(Cache, stays_within_its_bound_whatever_is_put) {
    cache.set_limit(64 * 1024);
    for (int i = 0; i < 5000; ++i) {
        auto const owner = std::format("{}.zone{}.example", i, i % 7);
        switch (i % 4) {
        case 0: put(owner); break;
        case 1: put_nothing(owner); break;
        case 2: fail(owner); break;
        default: (void)find(owner); now += 1s;
        }
        CHECK(cache.octets() <= 64 * 1024);
    }
    CHECK(cache.size() > 50);
    cache.clear();
    LONGS_EQUAL(0, cache.octets());
}

} // namespace postern::dns::testing
