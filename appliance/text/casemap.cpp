#include "text/casemap.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace postern::text {
namespace {

// Appends the leading ASCII of `utf8` in capitals, and returns how much it is.
std::size_t append_ascii(std::string_view utf8, std::string& out) {
    std::size_t const size = ascii_prefix(utf8), begin = out.size();
    out += utf8.substr(0, size);
    char* at = out.data() + begin;
    std::size_t left = size;
    // Eight octets at a time: the sums carry into the top bit of those from 'a' on, and of those beyond 'z'.
    for (std::uint64_t word; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        std::memcpy(&word, at, sizeof word);
        constexpr std::uint64_t each = 0x0101010101010101;
        std::uint64_t const small = (word + each * (0x80 - 'a')) & ~(word + each * (0x7f - 'z')) & (each * 0x80);
        word -= small >> 2;
        std::memcpy(at, &word, sizeof word);
    }
    for (; left > 0; ++at, --left) *at = to_upper(*at);
    return size;
}

void append_decomposed(char32_t character, std::u32string& out) {
    std::array<ucs4_t, UC_DECOMPOSITION_MAX_LENGTH> parts;
    int tag = 0;
    int const count = uc_decomposition(character, &tag, parts.data());
    if (count < 0) out += character;
    for (int i = 0; i < count; ++i) append_decomposed(parts[static_cast<std::size_t>(i)], out);
}

int combining_class(char32_t character) {
    return character < 0x300 ? 0 : uc_combining_class(character); // the first mark is U+0300
}

// Unicode §3.11 D109: marks that follow one another stand in the order of their classes.
void put_marks_in_order(std::u32string& text) {
    for (auto at = text.begin(); at != text.end();) {
        at = std::ranges::find_if(at, text.end(), combining_class);
        auto const end = std::find_if_not(at, text.end(), combining_class);
        if (end - at > 1) std::ranges::stable_sort(at, end, {}, combining_class);
        at = end;
    }
}

// Appends the casemap of `utf8`, in which there is no ASCII. u8_normalize does the same with an allocation for each
// run, which is most of what a search in text of another script than ours would cost.
void append_by_tables(std::string_view utf8, std::string& out) {
    std::u32string characters;
    while (!utf8.empty()) {
        Utf8Front const front = utf8_front(utf8);
        append_decomposed(uc_totitle(front.character), characters);
        utf8.remove_prefix(front.length);
    }
    put_marks_in_order(characters);
    for (char32_t const character : characters) append_utf8(out, character);
}

// The casemap of one character that was met lately. Text comes in few scripts at a time.
struct Mapped {
    char32_t character = 0;
    std::uint8_t size = 0; // 0: it is too long to be kept, or begins with a mark and so depends on what is before it
    std::array<char, 11> octets{};
};
thread_local std::array<Mapped, 1024> lately;

Mapped const& mapped(char32_t character, std::string_view utf8) {
    Mapped& kept = lately[character % lately.size()];
    if (kept.character == character) return kept;
    std::string octets;
    append_by_tables(utf8, octets);
    kept = {.character = character, .size = 0, .octets = {}};
    if (octets.size() > kept.octets.size() || combining_class(utf8_front(octets).character) != 0) return kept;
    kept.size = static_cast<std::uint8_t>(octets.size());
    std::ranges::copy(octets, kept.octets.begin());
    return kept;
}

void append_others(std::string_view utf8, std::string& out) {
    std::size_t const begin = out.size();
    for (std::string_view rest = utf8; !rest.empty();) {
        Utf8Front const front = utf8_front(rest);
        Mapped const& one = mapped(front.character, rest.substr(0, front.length));
        if (one.size == 0) {
            out.resize(begin);
            return append_by_tables(utf8, out);
        }
        out.append(one.octets.data(), one.size);
        rest.remove_prefix(front.length);
    }
}

} // namespace

void append_casemap(std::string_view utf8, std::string& out) {
    // ASCII decomposes to itself and nothing is reordered across it, so that only what lies between needs the tables.
    while (!utf8.empty()) {
        utf8.remove_prefix(append_ascii(utf8, out));
        auto const rest =
            static_cast<std::size_t>(std::ranges::find_if(utf8, [](char c) { return is_ascii(c); }) - utf8.begin());
        if (rest > 0) append_others(utf8.substr(0, rest), out);
        utf8.remove_prefix(rest);
    }
}

std::size_t casemap_boundary(std::string_view utf8) {
    for (std::size_t at = utf8.size(); at-- > 0;) {
        bool const within = (static_cast<unsigned char>(utf8[at]) & 0xC0U) == 0x80;
        if (is_ascii(utf8[at])) return at + 1;
        if (!within && combining_class(utf8_front(utf8.substr(at)).character) == 0) return at;
    }
    return 0;
}

std::string casemap(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size() + utf8.size() / 4);
    append_casemap(utf8, out);
    return out;
}

} // namespace postern::text
