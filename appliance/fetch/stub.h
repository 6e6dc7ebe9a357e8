// The message that stands for a large one while that is still at its provider (store/stubs.h): its header, so that it
// is sorted, threaded and found as the whole will be; in plain language what is missing, how large that is and how to
// get it; and how its text begins. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::fetch {

// What a stub is made of: octets that are asked for of a header and of a text, which may be longer.
inline constexpr std::uint32_t stub_header_octets = 64 * 1024;
inline constexpr std::uint32_t stub_text_octets = 8 * 1024;

struct MissingPart {
    std::string type;         // "application/pdf"
    std::string name;         // as its field has it; empty: none
    std::uint64_t octets = 0; // 0: not known
};

struct Outline {
    std::string header; // of the message, as it came
    std::uint64_t octets = 0;
    std::vector<MissingPart> parts;
    std::string text;    // UTF-8
    bool goes_on = true; // there is more of the text
};

[[nodiscard]] std::string make_stub(Outline const& outline);

// Of what a text begins with, as it came: in its encoding and charset. UTF-8, whole lines made LF.
[[nodiscard]] std::string beginning_of(std::string_view octets, std::string_view encoding, std::string_view charset,
                                       bool html, bool goes_on);

// What an outline is of a message's first octets, which end anywhere behind its header.
[[nodiscard]] Outline outline_of(std::string_view beginning, std::uint64_t octets);

// What takes the place of a stub whose original cannot be had any more: why.
[[nodiscard]] std::string make_lost(std::string_view stub, std::string_view why);

} // namespace postern::fetch
