#include "core/crc32c.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace postern::core {

namespace {

static_assert(std::endian::native == std::endian::little);

using Word = std::uint64_t;

Word word_at(char const* octets) {
    Word word = 0;
    std::memcpy(&word, octets, sizeof word);
    return word;
}

// What an octet adds that is followed by as many others as the table's number.
constexpr auto tables = [] {
    constexpr std::uint32_t polynomial = 0x82f63b78; // its bits reversed
    std::array<std::array<std::uint32_t, 256>, sizeof(Word)> made{};
    for (std::uint32_t octet = 0; octet < 256; ++octet) {
        std::uint32_t sum = octet;
        for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? polynomial : 0);
        made[0][octet] = sum;
    }
    for (std::size_t table = 1; table < made.size(); ++table)
        for (std::size_t octet = 0; octet < 256; ++octet) {
            std::uint32_t const before = made[table - 1][octet];
            made[table][octet] = before >> 8 ^ made[0][before & 0xff];
        }
    return made;
}();

std::uint32_t add_octet(std::uint32_t sum, char octet) {
    return sum >> 8 ^ tables[0][(sum ^ static_cast<unsigned char>(octet)) & 0xff];
}

std::uint32_t add_word(std::uint32_t sum, Word word) {
    word ^= sum;
    std::uint32_t added = 0;
    for (std::size_t at = 0; at < sizeof word; ++at) added ^= tables[sizeof word - 1 - at][word >> 8 * at & 0xff];
    return added;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view octets, std::uint32_t before) {
    Word sum = ~before;
    for (; octets.size() >= sizeof(Word); octets.remove_prefix(sizeof(Word)))
        sum = _mm_crc32_u64(sum, word_at(octets.data()));
    auto rest = static_cast<std::uint32_t>(sum);
    for (char const octet : octets) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(octet));
    return ~rest;
}

bool has_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }

#elif defined(__aarch64__)

__attribute__((target("+crc"))) std::uint32_t by_instruction(std::string_view octets, std::uint32_t before) {
    std::uint32_t sum = ~before;
    for (; octets.size() >= sizeof(Word); octets.remove_prefix(sizeof(Word)))
        sum = __crc32cd(sum, word_at(octets.data()));
    for (char const octet : octets) sum = __crc32cb(sum, static_cast<unsigned char>(octet));
    return ~sum;
}

bool has_instruction() { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

#else

std::uint32_t by_instruction(std::string_view octets, std::uint32_t before) { return crc32c_by_table(octets, before); }
bool has_instruction() { return false; }

#endif

} // namespace

std::uint32_t crc32c(std::string_view octets, std::uint32_t before) {
    static bool const quick = has_instruction();
    return quick ? by_instruction(octets, before) : crc32c_by_table(octets, before);
}

std::uint32_t crc32c_by_table(std::string_view octets, std::uint32_t before) {
    std::uint32_t sum = ~before;
    for (; octets.size() >= sizeof(Word); octets.remove_prefix(sizeof(Word)))
        sum = add_word(sum, word_at(octets.data()));
    for (char const octet : octets) sum = add_octet(sum, octet);
    return ~sum;
}

} // namespace postern::core
