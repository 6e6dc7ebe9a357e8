// Character sets of mail to UTF-8, as forgiving as the mail people send. Which names are known is a fixed list (the
// encodings the web platform knows, and DOS code pages), not whatever the C library can load: a hostile name reaches no
// rarely used converter. UTF-7 is not on it, as it is not on the web's. Pure; a decoder belongs to one thread at a
// time.
//
// Well-known wrong labels are read as what they stand for: iso-8859-1 as windows-1252, gb2312 as gb18030,
// ks_c_5601-1987 as cp949, shift_jis as cp932, iso-8859-9 as windows-1254. Under us-ascii, an unknown name or none,
// text is read as UTF-8, and octets that are not UTF-8 as windows-1252. Octets that mean nothing become U+FFFD. Nothing
// here fails.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace postern::text {

// Whether `charset` is on the list, in any spelling ("ISO_8859-1", "iso8859-1").
bool charset_known(std::string_view charset);

std::string charset_to_utf8(std::string_view charset, std::string_view bytes);

// The same, a piece at a time: pieces may end within a character.
class CharsetDecoder {
public:
    explicit CharsetDecoder(std::string_view charset);
    CharsetDecoder(CharsetDecoder&&) noexcept = default;
    CharsetDecoder& operator=(CharsetDecoder&&) noexcept = default;

    // Appends UTF-8 to `out`.
    void feed(std::string_view bytes, std::string& out);
    // Appends what an unfinished last character becomes. The decoder must not be fed again.
    void finish(std::string& out);

private:
    enum class Kind { utf8, guess, windows_1252, library };
    struct Keep {
        char const* name;
        void operator()(void* descriptor) const;
    };

    void feed_utf8(std::string_view bytes, std::string& out, bool last);
    void feed_library(std::string_view bytes, std::string& out);
    // Converts what it can of `bytes`; what is left is an unfinished character.
    std::string_view convert(std::string_view bytes, std::string& out);

    Kind kind_;
    std::size_t unit_ = 1; // octets to step over where the library finds no character
    std::unique_ptr<void, Keep> iconv_;
    std::string held_; // the start of a character
};

} // namespace postern::text
