#include "text/charset.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

namespace postern::text {
namespace {

constexpr std::string_view utf8_name = "UTF-8";
constexpr std::string_view windows_1252_name = "CP1252";
constexpr std::string_view ascii_name = "ASCII"; // what is labelled so, but is not, may be anything

// Letters and digits of a name, in lower case and without "x-" and "cs", to what glibc calls the set. Sorted.
constexpr auto names = std::to_array<std::pair<std::string_view, char const*>>({
    {"ansix341968", "ASCII"},
    {"arabic", "ISO-8859-6"},
    {"ascii", "ASCII"},
    {"big5", "BIG5-HKSCS"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"cp1250", "CP1250"},
    {"cp1251", "CP1251"},
    {"cp1252", "CP1252"},
    {"cp1253", "CP1253"},
    {"cp1254", "CP1254"},
    {"cp1255", "CP1255"},
    {"cp1256", "CP1256"},
    {"cp1257", "CP1257"},
    {"cp1258", "CP1258"},
    {"cp437", "CP437"},
    {"cp819", "CP1252"},
    {"cp850", "CP850"},
    {"cp852", "CP852"},
    {"cp855", "CP855"},
    {"cp858", "IBM858"},
    {"cp862", "CP862"},
    {"cp865", "CP865"},
    {"cp866", "CP866"},
    {"cp874", "CP874"},
    {"cp932", "CP932"},
    {"cp936", "GB18030"},
    {"cp949", "UHC"},
    {"cp950", "BIG5-HKSCS"},
    {"cyrillic", "ISO-8859-5"},
    {"dos874", "CP874"},
    {"euccn", "GB18030"},
    {"eucjp", "EUC-JP-MS"},
    {"euckr", "UHC"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB18030"},
    {"gb231280", "GB18030"},
    {"gbk", "GB18030"},
    {"greek", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},
    {"ibm437", "CP437"},
    {"ibm819", "CP1252"},
    {"ibm850", "CP850"},
    {"ibm852", "CP852"},
    {"ibm855", "CP855"},
    {"ibm858", "IBM858"},
    {"ibm862", "CP862"},
    {"ibm865", "CP865"},
    {"ibm866", "CP866"},
    {"iso2022jp", "ISO-2022-JP-3"},
    {"iso2022jp1", "ISO-2022-JP-2"},
    {"iso2022jp2", "ISO-2022-JP-2"},
    {"iso2022jp3", "ISO-2022-JP-3"},
    {"iso2022kr", "ISO-2022-KR"},
    {"iso646us", "ASCII"},
    {"iso88591", "CP1252"},
    {"iso885910", "ISO-8859-10"},
    {"iso885911", "CP874"},
    {"iso885911987", "CP1252"},
    {"iso885913", "ISO-8859-13"},
    {"iso885914", "ISO-8859-14"},
    {"iso885915", "ISO-8859-15"},
    {"iso885916", "ISO-8859-16"},
    {"iso88592", "ISO-8859-2"},
    {"iso885921987", "ISO-8859-2"},
    {"iso88593", "ISO-8859-3"},
    {"iso88594", "ISO-8859-4"},
    {"iso88595", "ISO-8859-5"},
    {"iso88596", "ISO-8859-6"},
    {"iso88597", "ISO-8859-7"},
    {"iso88598", "ISO-8859-8"},
    {"iso88598e", "ISO-8859-8"},
    {"iso88598i", "ISO-8859-8"},
    {"iso88599", "CP1254"},
    {"isoir149", "UHC"},
    {"koi8", "KOI8-R"},
    {"koi8r", "KOI8-R"},
    {"koi8ru", "KOI8-U"},
    {"koi8u", "KOI8-U"},
    {"korean", "UHC"},
    {"ksc5601", "UHC"},
    {"ksc56011987", "UHC"},
    {"ksc56011989", "UHC"},
    {"l1", "CP1252"},
    {"latin1", "CP1252"},
    {"latin2", "ISO-8859-2"},
    {"latin3", "ISO-8859-3"},
    {"latin4", "ISO-8859-4"},
    {"latin5", "CP1254"},
    {"latin6", "ISO-8859-10"},
    {"latin9", "ISO-8859-15"},
    {"mac", "MACINTOSH"},
    {"maccyrillic", "MAC-CYRILLIC"},
    {"macintosh", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"mskanji", "CP932"},
    {"shiftjis", "CP932"},
    {"sjis", "CP932"},
    {"tis620", "CP874"},
    {"ucs2", "UTF-16"},
    {"uhc", "UHC"},
    {"unicode", "UTF-16"},
    {"unicode11utf8", "UTF-8"},
    {"usascii", "ASCII"},
    {"utf16", "UTF-16"},
    {"utf16be", "UTF-16BE"},
    {"utf16le", "UTF-16LE"},
    {"utf32", "UTF-32"},
    {"utf32be", "UTF-32BE"},
    {"utf32le", "UTF-32LE"},
    {"utf8", "UTF-8"},
    {"viscii", "VISCII"},
    {"win1250", "CP1250"},
    {"win1251", "CP1251"},
    {"win1252", "CP1252"},
    {"windows1250", "CP1250"},
    {"windows1251", "CP1251"},
    {"windows1252", "CP1252"},
    {"windows1253", "CP1253"},
    {"windows1254", "CP1254"},
    {"windows1255", "CP1255"},
    {"windows1256", "CP1256"},
    {"windows1257", "CP1257"},
    {"windows1258", "CP1258"},
    {"windows31j", "CP932"},
    {"windows874", "CP874"},
    {"windows936", "GB18030"},
    {"windows949", "UHC"},
});
static_assert(std::ranges::is_sorted(names, {}, &decltype(names)::value_type::first));

std::optional<std::string_view> library_name(std::string_view charset) {
    std::string key;
    for (char c : charset.substr(0, 40))
        if (is_alnum(c)) key += to_lower(c);
    auto const look_up = [](std::string_view name) -> std::optional<std::string_view> {
        auto const at = std::ranges::lower_bound(names, name, {}, &decltype(names)::value_type::first);
        if (at == names.end() || at->first != name) return std::nullopt;
        return at->second;
    };
    if (auto const name = look_up(key)) return name;
    std::string_view const rest = key;
    if (rest.starts_with("x")) return look_up(rest.substr(1));
    if (rest.starts_with("cs")) return look_up(rest.substr(2));
    return std::nullopt;
}

// 80..9F of windows-1252; the rest is as in ISO 8859-1. The five octets that mean nothing are U+FFFD.
constexpr std::array<char16_t, 32> windows_1252 = {0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                   0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
                                                   0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                   0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

void append_windows_1252(std::string_view bytes, std::string& out) {
    for (;;) {
        std::size_t const ascii = ascii_prefix(bytes);
        out += bytes.substr(0, ascii);
        if (ascii == bytes.size()) return;
        auto const octet = static_cast<unsigned char>(bytes[ascii]);
        append_utf8(out, octet < 0xa0 ? windows_1252[octet - 0x80] : char32_t{octet});
        bytes.remove_prefix(ascii + 1);
    }
}

// Converters that wait to be used again, latest last: to open one takes the library tens of microseconds, since it
// loads a file for each, and most words of a header need one.
class Converters {
public:
    ~Converters() {
        for (auto const& [name, descriptor] : kept_) iconv_close(descriptor);
    }
    iconv_t take(char const* name) {
        auto const at = std::ranges::find(kept_, std::string_view(name), &Kept::name);
        if (at == kept_.end()) return iconv_open(utf8_name.data(), name);
        iconv_t const descriptor = at->descriptor;
        kept_.erase(at);
        return descriptor;
    }
    void put(char const* name, iconv_t descriptor) {
        if (std::string_view(name).starts_with("UTF-")) { // the byte order that a mark told outlasts a reset
            iconv_close(descriptor);
            return;
        }
        iconv(descriptor, nullptr, nullptr, nullptr, nullptr);
        if (kept_.size() == most) {
            iconv_close(kept_.front().descriptor);
            kept_.erase(kept_.begin());
        }
        kept_.push_back({name, descriptor});
    }

private:
    static constexpr std::size_t most = 8; // each takes some 30 KB
    struct Kept {
        std::string_view name;
        iconv_t descriptor;
    };
    std::vector<Kept> kept_;
};
thread_local Converters converters;

// Longest start of a character or shift sequence that may wait for more octets.
constexpr std::size_t held_character_limit = 32;

} // namespace

bool charset_known(std::string_view charset) { return library_name(charset).has_value(); }

std::string charset_to_utf8(std::string_view charset, std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 4);
    CharsetDecoder decoder(charset);
    decoder.feed(bytes, out);
    decoder.finish(out);
    return out;
}

void CharsetDecoder::Keep::operator()(void* descriptor) const { converters.put(name, descriptor); }

CharsetDecoder::CharsetDecoder(std::string_view charset) : kind_(Kind::guess) {
    auto const name = library_name(charset);
    if (!name || *name == ascii_name) return;
    if (*name == utf8_name) {
        kind_ = Kind::utf8;
    } else if (*name == windows_1252_name) {
        kind_ = Kind::windows_1252;
    } else if (iconv_t const descriptor = converters.take(name->data()); descriptor != reinterpret_cast<iconv_t>(-1)) {
        kind_ = Kind::library;
        iconv_ = {descriptor, Keep{name->data()}};
        if (name->starts_with("UTF-16")) unit_ = 2;
        if (name->starts_with("UTF-32")) unit_ = 4;
    }
}

void CharsetDecoder::feed(std::string_view bytes, std::string& out) {
    switch (kind_) {
    case Kind::utf8:
    case Kind::guess: feed_utf8(bytes, out, false); break;
    case Kind::windows_1252: append_windows_1252(bytes, out); break;
    case Kind::library: feed_library(bytes, out); break;
    }
}

void CharsetDecoder::finish(std::string& out) {
    switch (kind_) {
    case Kind::utf8:
    case Kind::guess: feed_utf8({}, out, true); break;
    case Kind::windows_1252: break;
    case Kind::library:
        // A converter may keep a character that the next one could have combined with.
        std::array<char, 64> last;
        char* to = last.data();
        std::size_t room = last.size();
        iconv(iconv_.get(), nullptr, nullptr, &to, &room);
        out.append(last.data(), to);
        if (!held_.empty()) append_utf8(out, replacement_character);
        break;
    }
}

void CharsetDecoder::feed_utf8(std::string_view bytes, std::string& out, bool last) {
    std::string joined;
    if (!held_.empty()) {
        joined = std::exchange(held_, {});
        joined += bytes;
        bytes = joined;
    }
    for (;;) {
        std::size_t const valid = utf8_prefix(bytes);
        out += bytes.substr(0, valid);
        bytes.remove_prefix(valid);
        if (bytes.empty()) return;
        Utf8Front const front = utf8_front(bytes);
        if (front.kind == Utf8Front::Kind::incomplete && !last) {
            held_ = bytes;
            return;
        } else if (kind_ == Kind::guess) {
            append_windows_1252(bytes.substr(0, front.length), out);
        } else {
            append_utf8(out, replacement_character);
        }
        bytes.remove_prefix(front.length);
    }
}

void CharsetDecoder::feed_library(std::string_view bytes, std::string& out) {
    // Octet by octet until what was held is a character or is none: it cannot be longer than `held_character_limit`.
    while (!held_.empty() && !bytes.empty()) {
        held_ += bytes.front();
        bytes.remove_prefix(1);
        held_ = std::string(convert(held_, out));
    }
    if (!bytes.empty()) held_ = convert(bytes, out);
}

std::string_view CharsetDecoder::convert(std::string_view bytes, std::string& out) {
    std::array<char, 4096> piece;
    while (!bytes.empty()) {
        char* from = const_cast<char*>(bytes.data()); // iconv's signature; it does not write there
        std::size_t left = bytes.size();
        char* to = piece.data();
        std::size_t room = piece.size();
        std::size_t const result = iconv(iconv_.get(), &from, &left, &to, &room);
        int const error = result == static_cast<std::size_t>(-1) ? errno : 0;
        bool const moved = left < bytes.size() || to != piece.data();
        out.append(piece.data(), to);
        bytes.remove_prefix(bytes.size() - left);
        if (error == EINVAL && bytes.size() <= held_character_limit) return bytes;
        if (error == 0 || (error == E2BIG && moved)) continue;
        append_utf8(out, replacement_character);
        bytes.remove_prefix(std::min(unit_, bytes.size()));
    }
    return bytes;
}

} // namespace postern::text
