#include "core/sip_hash.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace sip_hash_test {

using namespace postern::core;

// The paper's appendix A, and the vectors that come with its reference implementation: the key 00 01 … 0f, and as many
// octets 00 01 … as the row's number says.
TEST_GROUP(SipHash){};

TEST(SipHash, is_that_of_the_paper) {
    std::string key, octets;
    for (char octet = 0; octet < 16; ++octet) key += octet;
    struct {
        std::size_t octets;
        std::uint64_t hash;
    } const rows[] = {{0, 0x726fdb47dd0e0e31},
                      {1, 0x74f839c593dc67fd},
                      {7, 0xab0200f58b01d137},
                      {8, 0x93f5f5799a932462},
                      {15, 0xa129ca6149be45e5}};
    for (auto const& row : rows) {
        octets.clear();
        for (std::size_t i = 0; i < row.octets; ++i) octets += static_cast<char>(i);
        CHECK(sip_hash(sip_key(key), octets) == row.hash);
    }
}

} // namespace sip_hash_test
