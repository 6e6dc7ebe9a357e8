#include "text/normal_form.h"

#include "text/utf8.h"

#include <uninorm.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace postern::text {

namespace {

struct FreeText {
    void operator()(std::uint8_t* p) const { std::free(p); }
};

std::string normalize(uninorm_t form, std::string_view utf8) {
    if (is_ascii(utf8)) return std::string(utf8);
    std::size_t length = 0;
    std::unique_ptr<std::uint8_t, FreeText> const normal(
        u8_normalize(form, reinterpret_cast<std::uint8_t const*>(utf8.data()), utf8.size(), nullptr, &length));
    if (!normal) throw std::bad_alloc();
    return {reinterpret_cast<char const*>(normal.get()), length};
}

} // namespace

std::string to_form_c(std::string_view utf8) { return normalize(UNINORM_NFC, utf8); }
std::string to_form_kc(std::string_view utf8) { return normalize(UNINORM_NFKC, utf8); }

} // namespace postern::text
