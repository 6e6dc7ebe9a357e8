#include "message/encoded_word.h"

#include "text/ascii.h"
#include "text/base64.h"
#include "text/charset.h"
#include "text/line_ends.h"
#include "text/utf8.h"

#include <algorithm>
#include <optional>

namespace postern::message {
namespace {

struct EncodedWord {
    std::string_view charset; // without an RFC 2231 §5 language
    char encoding;            // 'q' or 'b'
    std::string_view text;
    std::size_t length; // of the whole word
};

// encoded-word = "=?" charset "?" encoding "?" encoded-text "?=", at the front of `s`. Nothing if it is none.
std::optional<EncodedWord> encoded_word(std::string_view s) {
    constexpr std::size_t charset_limit = 64;
    if (!s.starts_with("=?")) return std::nullopt;
    std::string_view const head = s.substr(2, charset_limit);
    std::size_t const mark = head.find('?');
    if (mark == 0 || mark == std::string_view::npos || std::ranges::any_of(head.substr(0, mark), text::is_space))
        return std::nullopt;
    std::size_t const begin = 2 + mark + 3;
    if (s.size() <= begin || s[begin - 1] != '?') return std::nullopt;
    char const encoding = text::to_lower(s[begin - 2]);
    if (encoding != 'q' && encoding != 'b') return std::nullopt;
    std::size_t const end = s.find("?=", begin);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view const charset = head.substr(0, std::min(mark, head.find('*')));
    return EncodedWord{charset, encoding, s.substr(begin, end - begin), end + 2};
}

// RFC 2047 §4.2
void append_q(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            out += ' ';
        } else if (text[i] == '=' && i + 2 < text.size() && text::hex_value(text[i + 1]) >= 0 &&
                   text::hex_value(text[i + 2]) >= 0) {
            out += static_cast<char>(text::hex_value(text[i + 1]) * 16 + text::hex_value(text[i + 2]));
            i += 2;
        } else if (text[i] != '\r' && text[i] != '\n') {
            out += text[i];
        }
    }
}

void append_octets(EncodedWord const& word, std::string& out) {
    if (word.encoding == 'q') {
        append_q(word.text, out);
        return;
    }
    text::Base64Decoder decoder;
    decoder.feed(word.text, out);
    decoder.finish(out);
}

void append_plain(std::string_view raw, std::string& out) {
    if (text::is_ascii(raw)) return text::append_without_line_ends(raw, out);
    std::string line;
    text::append_without_line_ends(raw, line);
    out += text::charset_to_utf8("", line);
}

// RFC 2047 §5 (3): what "Q" leaves as it is in a phrase
bool is_plain_in_phrase(char c) { return text::is_alnum(c) || std::string_view("!*+-/").contains(c); }

std::size_t q_width(std::string_view character) {
    return character == " " || is_plain_in_phrase(character.front()) ? 1 : 3 * character.size();
}

std::string q_encoded(std::string_view utf8) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char c : utf8) {
        if (c == ' ') {
            out += '_';
        } else if (is_plain_in_phrase(c)) {
            out += c;
        } else {
            auto const octet = static_cast<unsigned char>(c);
            out += {'=', digits[octet >> 4], digits[octet & 15]};
        }
    }
    return out;
}

bool needs_encoding(std::string_view utf8) {
    return utf8.contains("=?") || !std::ranges::all_of(utf8, [](char c) { return c == ' ' || text::is_visible(c); });
}

} // namespace

std::string decode_words(std::string_view raw) {
    std::string out;
    std::string octets; // of words that follow one another, in `charset`
    std::string_view charset;
    auto const flush = [&] {
        if (!octets.empty()) out += text::charset_to_utf8(charset, octets);
        octets.clear();
    };
    // No word ends after the last "?=": what stands there is never searched for an end, which would take the square of
    // the time.
    std::size_t const last = raw.rfind("?=");
    std::string_view const words = last == std::string_view::npos ? "" : raw.substr(0, last + 2);
    bool after_word = false;
    for (std::size_t at = 0;;) {
        std::optional<EncodedWord> word;
        std::size_t begin = words.find("=?", at);
        while (begin != std::string_view::npos && !(word = encoded_word(words.substr(begin))))
            begin = words.find("=?", begin + 2);
        // White space alone between two words goes (RFC 2047 §6.2).
        std::string_view const between = raw.substr(at, word ? begin - at : std::string_view::npos);
        if (!(after_word && word && std::ranges::all_of(between, text::is_space))) {
            flush();
            append_plain(between, out);
        }
        if (!word) return out;
        if (!text::iequals(word->charset, charset)) flush();
        charset = word->charset;
        append_octets(*word, octets);
        after_word = true;
        at = begin + word->length;
    }
}

std::string encode_words(std::string_view utf8) {
    if (!needs_encoding(utf8)) return std::string(utf8);
    constexpr std::size_t word_limit = 75; // RFC 2047 §2
    constexpr std::string_view q_begin = "=?UTF-8?Q?";
    constexpr std::string_view b_begin = "=?UTF-8?B?";
    constexpr std::string_view word_end = "?=";
    constexpr std::size_t room = word_limit - q_begin.size() - word_end.size();
    std::string const valid = text::to_valid_utf8(utf8);

    // "Q" where most can be read as it is, else "B".
    std::size_t q_size = 0;
    for (char c : valid) q_size += q_width({&c, 1});
    bool const q = q_size <= (valid.size() + 2) / 3 * 4;

    std::string out;
    for (std::string_view rest = valid; !rest.empty();) {
        std::size_t size = 0;
        std::size_t width = 0;
        while (size < rest.size()) {
            std::string_view const character = rest.substr(size, text::utf8_front(rest.substr(size)).length);
            std::size_t const wider = q ? width + q_width(character) : (size + character.size() + 2) / 3 * 4;
            if (wider > room) break;
            width = wider;
            size += character.size();
        }
        std::string_view const piece = rest.substr(0, size);
        if (!out.empty()) out += ' ';
        out += q ? q_begin : b_begin;
        out += q ? q_encoded(piece) : text::base64_encode(piece);
        out += word_end;
        rest.remove_prefix(size);
    }
    return out;
}

} // namespace postern::message
