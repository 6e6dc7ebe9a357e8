#include "core/crc32c.h"

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern::core;

TEST_GROUP(Crc32c){};

// RFC 3720 §B.4
TEST(Crc32c, of_the_examples_of_rfc_3720) {
    std::string ascending;
    for (int octet = 0; octet < 32; ++octet) ascending += static_cast<char>(octet);
    for (auto* crc : {crc32c, crc32c_by_table}) {
        UNSIGNED_LONGS_EQUAL(0x8a9136aa, crc(std::string(32, '\0'), 0));
        UNSIGNED_LONGS_EQUAL(0x62a8ab43, crc(std::string(32, '\xff'), 0));
        UNSIGNED_LONGS_EQUAL(0x46dd794e, crc(ascending, 0));
        UNSIGNED_LONGS_EQUAL(0xe3069283, crc("123456789", 0));
        UNSIGNED_LONGS_EQUAL(0, crc("", 0));
    }
}

TEST(Crc32c, is_the_same_by_instruction_and_by_table) {
    std::string octets;
    for (unsigned n = 0; n < 300; ++n) octets += static_cast<char>(n * 37 + n / 7);
    for (std::size_t begin = 0; begin < 9; ++begin)
        for (std::size_t size = 0; begin + size <= octets.size(); ++size) {
            auto const piece = std::string_view(octets).substr(begin, size);
            UNSIGNED_LONGS_EQUAL(crc32c_by_table(piece), crc32c(piece));
            UNSIGNED_LONGS_EQUAL(crc32c(octets.substr(0, begin + size)),
                                 crc32c(piece, crc32c(octets.substr(0, begin))));
        }
}
