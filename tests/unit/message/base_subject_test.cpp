#include "message/base_subject.h"
#include "text/casemap.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>

namespace base_subject_test {

using namespace postern;

namespace {

void is(std::string_view expected, bool is_reply, std::string_view subject) {
    auto const base = message::base_subject(text::casemap(subject));
    STRCMP_EQUAL(std::string(expected).c_str(), base.text.c_str());
    CHECK_TEXT(base.is_reply == is_reply, std::string(subject).c_str());
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string out;
    while (times-- > 0) out += piece;
    return out;
}

} // namespace

// RFC 5256 §2.1
TEST_GROUP(BaseSubject){};

TEST(BaseSubject, nothing_goes_from_a_plain_one) {
    is("", false, "");
    is("HELLO", false, "Hello");
    is("RE", false, "re");
    is("RESULT: 5", false, "result: 5");
    is("FORWARD: X", false, "forward: x");
}

TEST(BaseSubject, blanks_are_one_space) {
    is("A B C", false, " \t a \t b\t\r\n c  ");
    is("", false, " \t ");
}

TEST(BaseSubject, leaders_go) {
    is("X", true, "Re: x");
    is("X", true, "RE : Fw: FWD:x");
    is("X", true, "Re[2]: x");
    is("X", true, "re [a b] : x");
    is("X", true, "[list] Re: [other] fwd: x");
    is("", true, "Re:");
    is("RE", true, "Re: re");
}

TEST(BaseSubject, blobs_go_if_something_is_left) {
    is("X", false, "[list] x");
    is("X", false, "[a][b] [c] x");
    is("[C]", false, "[a][b][c]");
    is("[B]", true, "Re: [b]");
    is("[A", false, "[a");
    is("[A[B] X", false, "[a[b] x");
    is("X [B]", false, "[a] x [b]");
}

TEST(BaseSubject, trailers_go) {
    is("X", true, "x (fwd)");
    is("X", true, "x(FWD) (fwd) ");
    is("", true, "(fwd)");
    is("X (FWD) Y", false, "x (fwd) y");
}

TEST(BaseSubject, what_is_forwarded_is_unwrapped) {
    is("X", true, "[fwd: x]");
    is("X", true, "[Fwd: [fwd: Re: x (fwd)] ]");
    is("X", true, "Re: [list] [fwd: [other] x]");
    is("[FWD: X", false, "[fwd: x");
    is("[FWD:", false, "[fwd:");
    is("", true, "[fwd:]");
}

// A subject of many brackets takes no longer than another of its length; octets are counted by who made it longer.
TEST(BaseSubject, long_ones_are_read_once) {
    is("[A]", false, repeated("[a]", 20'000));
    is("X", true, repeated("Re: ", 20'000) + "x");
    is("X", true, repeated("[fwd: ", 20'000) + "x" + repeated("]", 20'000));
    is("X", true, "x" + repeated(" (fwd)", 20'000));
}

} // namespace base_subject_test
