// Answers to signed updates: what strangers send is never believed, and what the key signed comes out as it went in.
#include "wire/dns_tsig.h"

#include <cstdint>
#include <string_view>

using namespace postern;
using namespace postern::wire::dns;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    static TsigKey const key{Name::parse("key.example").value(), core::Secret(std::string_view("nobody knows it"))};
    static constexpr core::WallTime now{std::chrono::seconds{1'800'000'000}};
    if (read_signed(octets, key, "a request's", now)) __builtin_trap();
    auto const read = parse_message(octets);
    if (read.outcome != Reading::message) return 0;
    auto const plain = format(read.message);
    if (plain.size() > tcp_limit - udp_limit) return 0; // there is to be room
    auto const answer = read_signed(sign(plain, key, now, "a request's").octets, key, "a request's", now);
    if (!answer || *answer != parse_message(plain).message) __builtin_trap();
    return 0;
}
