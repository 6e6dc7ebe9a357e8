#include "core/random.h"
#include "held_octets.h"
#include "net/deflate.h"

#include <CppUTest/TestHarness.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <format>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::net;

namespace {

// Like what a client that logged in and waits hears and says.
std::string answers(unsigned from, unsigned to) {
    std::string text;
    for (unsigned number = from; number < to; ++number)
        text += std::format("* {} FETCH (UID {} FLAGS (\\Seen) RFC822.SIZE {} ENVELOPE (NIL \"Minutes {}\" NIL))\r\n",
                            number, number * 7, number * number % 9001, number * 31 % 1013);
    return text;
}

std::string inflate_all(Inflater& inflater, std::string_view in, std::size_t piece, std::size_t room) {
    std::string out;
    std::vector<char> some(room);
    while (!in.empty()) {
        std::string_view part = in.substr(0, piece);
        in.remove_prefix(part.size());
        for (;;) {
            auto const step = inflater.inflate(part, some);
            CHECK(step.has_value());
            part.remove_prefix(step->taken);
            out.append(some.data(), step->made);
            if (step->made == 0) break;
        }
        CHECK(part.empty());
        inflater.rest();
    }
    return out;
}

// What zlib itself makes of it, with a flush at the end.
std::string deflated(std::string_view octets, int flush) {
    z_stream stream{};
    CHECK_EQUAL(Z_OK, deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY));
    std::string out(deflateBound(&stream, octets.size()) + 16, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
    stream.avail_in = static_cast<uInt>(octets.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, flush);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

} // namespace

TEST_GROUP(Deflate){};

TEST(Deflate, what_was_deflated_can_be_inflated_at_once_and_however_it_is_cut) {
    Deflater deflater;
    std::vector<std::string> const said{"a1 OK\r\n",
                                        "",
                                        answers(0, 500),
                                        core::SeededRandom(1).bytes(20'000),
                                        std::string(100'000, 'x'),
                                        "a2 OK\r\n",
                                        answers(500, 510)};
    std::string whole, compressed;
    Inflater each;
    for (std::string const& text : said) {
        std::string const made = deflater.deflate(text);
        CHECK(inflate_all(each, made, made.size(), 4096) == text);
        whole += text;
        compressed += made;
    }
    for (std::size_t const piece : {1UZ, 2UZ, 7UZ, 1000UZ, compressed.size()})
        for (std::size_t const room : {1UZ, 3UZ, 5000UZ}) {
            Inflater inflater;
            CHECK(inflate_all(inflater, compressed, piece, room) == whole);
        }
}

TEST(Deflate, what_was_said_before_makes_what_is_said_now_shorter) {
    Deflater deflater;
    std::string const first = answers(1, 10), second = answers(10, 20);
    (void)deflater.deflate(first);
    CHECK(deflater.deflate(second).size() < Deflater().deflate(second).size() * 3 / 4);
}

TEST(Deflate, at_rest_no_more_is_held_than_what_was_inflated) {
    Inflater inflater;
    std::string const login = "a1 ENABLE QRESYNC\r\na2 SELECT INBOX\r\na3 IDLE\r\n";
    std::array<char, 1000> some;
    CHECK_EQUAL(login.size(), inflater.inflate(deflated(login, Z_SYNC_FLUSH), some)->made);
    CHECK_EQUAL(Inflater::most_octets, inflater.held_octets());
    std::size_t const before = test::held_octets();
    inflater.rest();
    CHECK(inflater.held_octets() < 100);
    CHECK(test::held_octets() + 38'000 < before);
}

TEST(Deflate, holds_no_more_than_it_says) {
    std::string const much = answers(0, 5000);
    std::string const compressed = deflated(much, Z_SYNC_FLUSH);
    std::vector<char> room(much.size());
    std::size_t const before = test::held_octets();
    Inflater inflater;
    CHECK_EQUAL(much.size(), inflater.inflate(compressed, room)->made);
    CHECK(test::held_octets() - before < Inflater::most_octets);
    inflater.rest();
    CHECK(inflater.held_octets() <= 33'000);
}

TEST(Deflate, goes_on_after_a_rest_with_all_that_may_be_referred_to) {
    // The second half refers back to the first, 30 KiB away.
    std::string const noise = core::SeededRandom(2).bytes(30'000);
    std::string const twice = noise + noise;
    std::string const compressed = deflated(twice, Z_SYNC_FLUSH);
    CHECK(compressed.size() < 31'000);
    Inflater inflater;
    CHECK(inflate_all(inflater, compressed, 100, 5000) == twice);
}

TEST(Deflate, takes_a_flush_that_ends_within_an_octet) {
    for (int const flush : {Z_PARTIAL_FLUSH, Z_FULL_FLUSH}) {
        Inflater inflater;
        std::string const compressed = deflated("a1 NOOP\r\n", flush);
        CHECK(inflate_all(inflater, compressed, 100, 100) == "a1 NOOP\r\n");
    }
}

TEST(Deflate, a_last_block_ends_it) {
    Inflater inflater;
    std::array<char, 100> some;
    auto const step = inflater.inflate(deflated("bye", Z_FINISH) + "more", some);
    CHECK(step && step->made == 3 && inflater.ended());
    CHECK(inflater.inflate("more", some)->made == 0);
    inflater.rest();
    CHECK(inflater.ended());
}

TEST(Deflate, says_what_is_wrong_after_what_was_right) {
    std::string const wrong = deflated("right", Z_SYNC_FLUSH) + "\xff\xff\xff\xff";
    Inflater inflater;
    std::array<char, 100> some;
    auto const step = inflater.inflate(wrong, some);
    CHECK(step && std::string_view(some.data(), step->made) == "right");
    STRCMP_EQUAL("invalid block type", std::string(inflater.fault()).c_str());
    for (int again = 0; again < 2; ++again) CHECK(!inflater.inflate("more", some));
    inflater.rest();
    CHECK(!inflater.inflate("more", some));
}

TEST(Deflate, takes_no_garbage_for_more_than_it_is) {
    for (unsigned seed = 0; seed < 2000; ++seed) {
        std::string const garbage = core::SeededRandom(seed).bytes(1 + seed % 300);
        Inflater inflater;
        std::array<char, 64> some;
        std::string_view rest = garbage;
        std::size_t made = 0;
        while (auto const step = inflater.inflate(rest, some)) {
            rest.remove_prefix(step->taken);
            made += step->made;
            inflater.rest();
            if (step->made == 0) break;
        }
        CHECK(made <= 1032 * garbage.size()); // the most that deflate can make of an octet
    }
}
