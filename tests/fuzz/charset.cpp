// Text of a hostile sender: the first octet chooses a charset, the second the length of pieces. Properties: whatever
// comes in, UTF-8 comes out, and the same in pieces as in one.
#include "text/charset.h"

#include "text/utf8.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

constexpr auto names = std::to_array<std::string_view>(
    {"utf-8",        "us-ascii",      "iso-8859-1",   "x-unknown",     "iso-8859-2", "iso-8859-8", "iso-8859-15",
     "windows-1251", "windows-1255",  "windows-1258", "koi8-u",        "cp437",      "cp858",      "tis-620",
     "macintosh",    "viscii",        "gb2312",       "gb18030",       "big5",       "shift_jis",  "euc-jp",
     "iso-2022-jp",  "iso-2022-jp-2", "iso-2022-kr",  "euc-kr",        "koi8-r",     "utf-16",     "utf-16be",
     "utf-16le",     "utf-32",        "utf-32le",     "x-mac-cyrillic"});

void require(bool holds) {
    if (!holds) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    std::string_view const name = names[data[0] % names.size()];
    std::size_t const piece = 1 + data[1] % 16;
    std::string_view const bytes(reinterpret_cast<char const*>(data) + 2, size - 2);

    require(text::charset_known(name) == (name != "x-unknown"));
    std::string const whole = text::charset_to_utf8(name, bytes);
    require(text::is_utf8(whole));
    std::string in_pieces;
    text::CharsetDecoder decoder(name);
    for (std::size_t i = 0; i < bytes.size(); i += piece) decoder.feed(bytes.substr(i, piece), in_pieces);
    decoder.finish(in_pieces);
    require(in_pieces == whole);

    if (text::is_utf8(bytes)) require(text::charset_to_utf8("", bytes) == bytes);
    require(text::is_utf8(text::to_valid_utf8(bytes)));
    require(text::is_utf8(bytes) == (text::to_valid_utf8(bytes) == bytes));
    (void)text::charset_known(bytes);
    return 0;
}
