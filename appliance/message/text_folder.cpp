#include "message/text_folder.h"

#include "text/ascii.h"
#include "text/casemap.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

namespace postern::message {
namespace {

constexpr std::size_t marks_limit = 16 * 1024; // octets of marks that are kept until what they stand with has ended

// A bit for each octet of a word that is zero, in its place.
constexpr std::uint64_t zeros(std::uint64_t word) {
    constexpr std::uint64_t low = 0x7F7F'7F7F'7F7F'7F7F;
    return ~(((word & low) + low) | word | low);
}

// In place, from `begin` on; `after_space`: whether there was one before, and is one at the end. All text that comes
// passes here, so that eight octets are looked at at once: mostly they stay as they are.
void join_spaces(std::string& text, std::size_t begin, bool& after_space) {
    static_assert(std::endian::native == std::endian::little);
    char const* in = text.data() + begin;
    char const* const end = text.data() + text.size();
    char* out = text.data() + begin;
    auto const step = [&](std::ptrdiff_t octets) {
        for (char const* const until = in + octets; in < until; ++in) {
            bool const space = text::is_space(*in);
            *out = space ? ' ' : *in;
            out += space && after_space ? 0 : 1;
            after_space = space;
        }
    };
    while (end - in >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, in, sizeof word);
        std::uint64_t const spaces = zeros(word ^ 0x2020'2020'2020'2020);
        std::uint64_t const behind = spaces << 8 | (after_space ? 0x80U : 0U);
        if (zeros(word & 0xE0E0'E0E0'E0E0'E0E0) != 0 || (spaces & behind) != 0) { // control characters, or two spaces
            step(8);
            continue;
        }
        std::memcpy(out, &word, sizeof word);
        in += sizeof word;
        out += sizeof word;
        after_space = spaces >> 63 != 0;
    }
    step(end - in);
    text.resize(static_cast<std::size_t>(out - text.data()));
}

} // namespace

void TextFolder::feed(std::string_view utf8, std::string& folded) {
    std::string joined; // nearly always there is nothing to join: a piece ends in ASCII, or is long
    if (!pending_.empty()) {
        joined = std::exchange(pending_, {});
        joined += utf8;
        utf8 = joined;
    }
    std::size_t const certain = text::casemap_boundary(utf8);
    std::size_t const end = utf8.size() - certain > marks_limit ? utf8.size() : certain;
    std::size_t const begin = folded.size();
    text::append_casemap(utf8.substr(0, end), folded);
    join_spaces(folded, begin, after_space_);
    pending_ = utf8.substr(end);
}

void TextFolder::finish(std::string& folded) {
    std::size_t const begin = folded.size();
    text::append_casemap(pending_, folded);
    join_spaces(folded, begin, after_space_);
    pending_.clear();
    after_space_ = false;
}

std::string fold(std::string_view utf8) { return fold_spaces(text::casemap(utf8)); }

std::string fold_spaces(std::string_view casemapped) {
    std::string folded(casemapped);
    bool after_space = false;
    join_spaces(folded, 0, after_space);
    return folded;
}

} // namespace postern::message
