// What a client that compresses sends; the first octet gives the lengths of pieces and of the room for what comes out.
// Properties: the same in pieces, with a rest after each, as in one; no more than deflate can make of an octet; and
// what is deflated, in pieces, inflates to itself.
#include "net/deflate.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

constexpr std::size_t most_inflated = 1024 * 1024;

struct Outcome {
    std::string octets;
    std::string fault;
    bool ended = false;
    friend bool operator==(Outcome const&, Outcome const&) = default;
};

Outcome inflated(std::string_view in, std::size_t piece, std::size_t room) {
    net::Inflater inflater;
    Outcome outcome;
    std::string some(room, '\0');
    while (!in.empty() && outcome.octets.size() < most_inflated) {
        std::string_view part = in.substr(0, piece);
        in.remove_prefix(part.size());
        for (;;) {
            auto const step = inflater.inflate(part, some);
            if (!step) return {outcome.octets, std::string(inflater.fault()), false};
            require(step->taken <= part.size() && step->made <= room);
            part.remove_prefix(step->taken);
            outcome.octets.append(some, 0, step->made);
            if (step->made == 0) break;
        }
        require(part.empty() || inflater.ended());
        inflater.rest();
        require(inflater.held_octets() <= net::Inflater::most_octets);
    }
    outcome.ended = inflater.ended();
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::size_t const piece = 1 + data[0] % 16, room = 1 + data[0] / 16 * 20UZ;
    std::string_view const input(reinterpret_cast<char const*>(data) + 1, size - 1);
    Outcome const whole = inflated(input, input.size(), 4096);
    require(whole.octets.size() <= 1032 * input.size());
    if (whole.octets.size() < most_inflated) require(inflated(input, piece, room) == whole);

    net::Deflater deflater;
    std::string compressed;
    for (std::size_t at = 0; at < input.size(); at += 50 * piece)
        compressed += deflater.deflate(input.substr(at, 50 * piece));
    require(inflated(compressed, piece, room).octets == input);
    return 0;
}
