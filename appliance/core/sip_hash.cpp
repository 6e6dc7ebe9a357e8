#include "core/sip_hash.h"

#include <bit>
#include <cstddef>

namespace postern::core {

namespace {

// Little-endian, as many octets as there are of eight.
std::uint64_t word(std::string_view octets) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < octets.size(); ++i)
        value |= std::uint64_t{static_cast<unsigned char>(octets[i])} << (8 * i);
    return value;
}

struct State {
    std::uint64_t a, b, c, d;

    void round() {
        a += b;
        b = std::rotl(b, 13) ^ a;
        a = std::rotl(a, 32);
        c += d;
        d = std::rotl(d, 16) ^ c;
        a += d;
        d = std::rotl(d, 21) ^ a;
        c += b;
        b = std::rotl(b, 17) ^ c;
        c = std::rotl(c, 32);
    }
    void take(std::uint64_t value) {
        d ^= value;
        round();
        round();
        a ^= value;
    }
};

} // namespace

SipKey sip_key(std::string_view octets) { return {word(octets.substr(0, 8)), word(octets.substr(8, 8))}; }

std::uint64_t sip_hash(SipKey const& key, std::string_view octets) {
    State state{key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU, key[0] ^ 0x6c7967656e657261U,
                key[1] ^ 0x7465646279746573U};
    std::uint64_t const length = octets.size();
    for (; octets.size() >= sizeof(std::uint64_t); octets.remove_prefix(sizeof(std::uint64_t)))
        state.take(word(octets.substr(0, sizeof(std::uint64_t))));
    state.take(length << 56 | word(octets));
    state.c ^= 0xff;
    for (int i = 0; i < 4; ++i) state.round();
    return state.a ^ state.b ^ state.c ^ state.d;
}

} // namespace postern::core
