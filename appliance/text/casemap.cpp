#include "text/casemap.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <unicase.h>
#include <uninorm.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace postern::text {
namespace {

struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
};

std::string decomposed(std::string_view utf8) {
    std::size_t length = 0;
    std::unique_ptr<std::uint8_t, Free> const result(
        u8_normalize(UNINORM_NFKD, reinterpret_cast<std::uint8_t const*>(utf8.data()), utf8.size(), nullptr, &length));
    if (!result) throw std::bad_alloc(); // the only way it fails on valid UTF-8
    return {reinterpret_cast<char const*>(result.get()), length};
}

} // namespace

std::string casemap(std::string_view utf8) {
    if (is_ascii(utf8)) return upper(utf8);
    std::string titled;
    titled.reserve(utf8.size());
    while (!utf8.empty()) {
        Utf8Front const front = utf8_front(utf8);
        append_utf8(titled, uc_totitle(front.character));
        utf8.remove_prefix(front.length);
    }
    return decomposed(titled);
}

} // namespace postern::text
