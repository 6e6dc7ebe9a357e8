#include "text/idn.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace postern::text {
namespace {

constexpr std::size_t label_limit = 63;   // RFC 1035 §2.3.4
constexpr std::size_t domain_limit = 253; // the same's 255 octets of wire form, as text

struct FreeLabel {
    void operator()(char* p) const { idn2_free(p); }
};

bool is_host_label(std::string_view label) {
    return !label.empty() && label.size() <= label_limit && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > domain_limit) return false;
    for (std::size_t begin = 0; begin <= name.size();) {
        std::size_t const end = std::min(name.find('.', begin), name.size());
        if (!is_host_label(name.substr(begin, end - begin))) return false;
        begin = end + 1;
    }
    return true;
}

} // namespace

std::optional<std::string> domain_to_ascii(std::string_view domain) {
    // U-labels are at most as long as four octets for each of the 253; whatever is longer is not worth converting.
    if (domain.size() > 4 * domain_limit || domain.contains('\0')) return std::nullopt;
    std::string ascii;
    if (is_ascii(domain)) {
        ascii = lower(domain);
    } else {
        if (!is_utf8(domain)) return std::nullopt;
        char* converted = nullptr;
        int const result =
            idn2_to_ascii_8z(std::string(domain).c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
        std::unique_ptr<char, FreeLabel> const owned(converted);
        if (result != IDN2_OK) return std::nullopt;
        ascii = lower(converted);
    }
    if (ascii.ends_with('.')) ascii.pop_back();
    if (!is_host_name(ascii)) return std::nullopt;
    return ascii;
}

std::string domain_to_unicode(std::string_view domain) {
    std::string out;
    for (std::size_t begin = 0; begin <= domain.size();) {
        std::size_t const end = std::min(domain.find('.', begin), domain.size());
        std::string const label(domain.substr(begin, end - begin));
        if (begin > 0) out += '.';
        char* converted = nullptr;
        if (istarts_with(label, "xn--") && label.size() <= label_limit &&
            idn2_to_unicode_8z8z(label.c_str(), &converted, IDN2_NONTRANSITIONAL) == IDN2_OK) {
            std::unique_ptr<char, FreeLabel> const owned(converted);
            out += converted;
        } else {
            out += label;
        }
        begin = end + 1;
    }
    return out;
}

} // namespace postern::text
