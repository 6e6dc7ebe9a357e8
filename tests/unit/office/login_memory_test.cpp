#include "office/login_memory.h"

#include <CppUTest/TestHarness.h>

#include <format>

using namespace postern;
using namespace postern::office;

namespace {

store::ScramVerifier verifier_of(char fill) { return {"salt", 4096, std::string(32, fill), std::string(32, fill)}; }
core::Secret secret(std::string_view octets) { return core::Secret(octets); }

} // namespace

TEST_GROUP(LoginMemory) {
    core::SeededRandom random{1};
    LoginMemory memory{random};
};

TEST(LoginMemory, knows_what_it_was_told_and_nothing_else) {
    CHECK_FALSE(memory.knows(verifier_of('a'), secret("right")));
    memory.remember(verifier_of('a'), secret("right"));
    CHECK(memory.knows(verifier_of('a'), secret("right")));
    CHECK_FALSE(memory.knows(verifier_of('a'), secret("wrong")));
    CHECK_FALSE(memory.knows(verifier_of('b'), secret("right"))); // another account, or a changed password
}

TEST(LoginMemory, forgets_the_password_that_was_not_used_for_longest) {
    for (std::size_t i = 0; i < LoginMemory::most; ++i) memory.remember(verifier_of('a'), secret(std::format("{}", i)));
    CHECK(memory.knows(verifier_of('a'), secret("0")));
    memory.remember(verifier_of('a'), secret("one more"));
    CHECK(memory.knows(verifier_of('a'), secret("0")));
    CHECK_FALSE(memory.knows(verifier_of('a'), secret("1")));
    CHECK(memory.knows(verifier_of('a'), secret("one more")));
}
