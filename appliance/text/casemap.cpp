#include "text/casemap.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <unicase.h>
#include <uninorm.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace postern::text {
namespace {

struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
};

// Appends the casemap of `utf8`, in which there is no ASCII.
void append_mapped(std::string_view utf8, std::string& out) {
    std::string titled;
    titled.reserve(utf8.size());
    while (!utf8.empty()) {
        Utf8Front const front = utf8_front(utf8);
        append_utf8(titled, uc_totitle(front.character));
        utf8.remove_prefix(front.length);
    }
    std::size_t length = 0;
    std::unique_ptr<std::uint8_t, Free> const result(u8_normalize(
        UNINORM_NFKD, reinterpret_cast<std::uint8_t const*>(titled.data()), titled.size(), nullptr, &length));
    if (!result) throw std::bad_alloc(); // the only way it fails on valid UTF-8
    out.append(reinterpret_cast<char const*>(result.get()), length);
}

} // namespace

std::string casemap(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size() + utf8.size() / 4);
    // ASCII decomposes to itself and nothing is reordered across it, so that only what lies between needs the tables.
    while (!utf8.empty()) {
        std::size_t const ascii = ascii_prefix(utf8);
        out += upper(utf8.substr(0, ascii));
        utf8.remove_prefix(ascii);
        std::size_t const rest = std::ranges::find_if(utf8, [](char c) { return is_ascii(c); }) - utf8.begin();
        if (rest > 0) append_mapped(utf8.substr(0, rest), out);
        utf8.remove_prefix(rest);
    }
    return out;
}

} // namespace postern::text
