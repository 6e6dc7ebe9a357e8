#include "wire/dns_tsig.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace dns_tsig_test {

using namespace postern;
using namespace postern::wire::dns;
using namespace std::chrono_literals;

namespace {

Name name(std::string_view written) { return Name::parse(written).value(); }

} // namespace

TEST_GROUP(DnsTsig) {
    TsigKey const key{name("Postern.key"), core::Secret(std::string_view("a secret of thirty-two octets ..."))};
    core::WallTime const now = std::chrono::sys_days{std::chrono::year(2026) / 7 / 1};

    Message update() const {
        Message message = text_update(name("firm.example"), name("_acme-challenge.mail.firm.example"), "proof");
        message.id = 0x1234;
        return message;
    }
    // What a server says that knows the key.
    std::string answer(SignedMessage const& request, ResponseCode code, TsigKey const& by, core::WallTime at) const {
        Message message;
        message.id = 0x1234;
        message.response = true;
        message.opcode = update().opcode;
        message.questions = update().questions;
        message.code = code;
        return sign(format(message), by, at, request.mac).octets;
    }
    std::string verdict(std::string const& octets, SignedMessage const& request) const {
        auto const read = read_signed(octets, key, request.mac, now);
        return read ? describe(read->code) : read.error();
    }
};

TEST(DnsTsig, an_update_takes_all_texts_away_and_adds_one) {
    auto const read = parse_message(format(update()));
    CHECK(read.outcome == Reading::message);
    CHECK_EQUAL(5, static_cast<int>(read.message.opcode));
    CHECK(read.message.questions == (std::vector<Question>{{name("firm.example"), Type::soa}}));
    auto const& records = read.message.authorities;
    CHECK_EQUAL(2U, records.size());
    CHECK_EQUAL(255, static_cast<int>(records[0].of_class)); // ANY
    CHECK(records[0].ttl.count() == 0 && records[0].type() == Type::txt);
    CHECK(records[1].data == Data(Txt{{"proof"}}));
    CHECK_EQUAL(1U, text_update(name("firm.example"), name("x.firm.example"), "").authorities.size());
}

TEST(DnsTsig, a_signature_is_the_last_record_and_the_rest_stays) {
    auto const plain = format(update());
    auto const request = sign(plain, key, now);
    auto const read = parse_message(request.octets);
    CHECK(read.outcome == Reading::message);
    CHECK_EQUAL(1U, read.message.additionals.size());
    auto const& last = read.message.additionals.back();
    CHECK(last.name == key.name && static_cast<int>(last.type()) == 250);
    CHECK_EQUAL(32U, request.mac.size());
    CHECK(std::get<Opaque>(last.data).octets.contains(request.mac));
    auto bare = read.message;
    bare.additionals.clear();
    CHECK(format(bare) == plain);
}

TEST(DnsTsig, an_answer_is_believed_that_the_key_signed_for_this_request) {
    auto const request = sign(format(update()), key, now);
    CHECK(verdict(answer(request, ResponseCode::no_error, key, now), request) == "NOERROR");
    CHECK(verdict(answer(request, ResponseCode::refused, key, now + 200s), request) == "REFUSED");
    TsigKey const other{key.name, core::Secret(std::string_view("another secret"))};
    CHECK(verdict(answer(request, ResponseCode::no_error, other, now), request) == "signs its answer by another key");
    CHECK(verdict(answer(request, ResponseCode::no_error, {name("x"), key.secret.clone()}, now), request) ==
          "does not sign its answer");
    CHECK(verdict(answer(request, ResponseCode::no_error, key, now - 301s), request).contains("another time"));
    auto const earlier = sign(format(update()), key, now - 1s);
    CHECK(verdict(answer(earlier, ResponseCode::no_error, key, now), request) == "signs its answer by another key");
    auto whole = answer(request, ResponseCode::no_error, key, now);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        // The case of letters in names is nobody's; all else is signed.
        auto const read = read_signed(changed, key, request.mac, now);
        if (read) CHECK(read->questions == update().questions);
    }
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(!read_signed(std::string_view(whole).substr(0, size), key, request.mac, now));
}

TEST(DnsTsig, an_answer_without_a_signature_is_none) {
    auto const request = sign(format(update()), key, now);
    Message message;
    message.id = 0x1234;
    message.response = true;
    message.code = ResponseCode::refused;
    CHECK(verdict(format(message), request) == "answers REFUSED, and does not sign that");
    CHECK(verdict("x", request) == "talks nonsense");
}

} // namespace dns_tsig_test
