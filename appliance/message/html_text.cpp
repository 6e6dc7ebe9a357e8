#include "message/html_text.h"

#include "text/ascii.h"
#include "text/charset.h"
#include "text/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace postern::message {
namespace {

constexpr std::size_t name_limit = 16;      // longer than any tag that matters here
constexpr std::size_t reference_limit = 10; // "&#x10FFFF" less the "&", and "thetasym" with room

// Tags that stand within a word or between words as they are.
constexpr auto inline_tags = std::to_array<std::string_view>(
    {"a",     "abbr", "acronym", "b",      "bdi", "bdo",  "big",  "cite", "code", "del", "dfn",
     "em",    "font", "i",       "ins",    "kbd", "mark", "nobr", "o:p",  "q",    "s",   "samp",
     "small", "span", "strike",  "strong", "sub", "sup",  "tt",   "u",    "var",  "wbr"});

// HTML's names of U+00A0 to U+00FF, in that order.
constexpr auto latin1_names = std::to_array<std::string_view>(
    {"nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
     "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
     "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
     "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
     "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
     "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
     "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
     "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
     "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"});
static_assert(latin1_names.size() == 96);

constexpr auto other_names = std::to_array<std::pair<std::string_view, char32_t>>(
    {{"amp", '&'},       {"lt", '<'},        {"gt", '>'},       {"quot", '"'},      {"apos", '\''},
     {"OElig", 0x152},   {"oelig", 0x153},   {"Scaron", 0x160}, {"scaron", 0x161},  {"Yuml", 0x178},
     {"circ", 0x2c6},    {"tilde", 0x2dc},   {"ensp", 0x2002},  {"emsp", 0x2003},   {"thinsp", 0x2009},
     {"zwnj", 0x200c},   {"zwj", 0x200d},    {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018},
     {"rsquo", 0x2019},  {"sbquo", 0x201a},  {"ldquo", 0x201c}, {"rdquo", 0x201d},  {"bdquo", 0x201e},
     {"dagger", 0x2020}, {"Dagger", 0x2021}, {"bull", 0x2022},  {"hellip", 0x2026}, {"permil", 0x2030},
     {"lsaquo", 0x2039}, {"rsaquo", 0x203a}, {"euro", 0x20ac},  {"trade", 0x2122},  {"larr", 0x2190},
     {"uarr", 0x2191},   {"rarr", 0x2192},   {"darr", 0x2193},  {"minus", 0x2212},  {"infin", 0x221e},
     {"ne", 0x2260},     {"le", 0x2264},     {"ge", 0x2265},    {"alpha", 0x3b1},   {"beta", 0x3b2},
     {"gamma", 0x3b3},   {"delta", 0x3b4},   {"mu", 0x3bc},     {"pi", 0x3c0},      {"sigma", 0x3c3},
     {"omega", 0x3c9},   {"Omega", 0x3a9}});

bool is_html_space(char c) { return text::is_space(c) || c == '\f'; }

// How many of the leading octets are nothing but text, single spaces between words included.
std::size_t ordinary(std::string_view s) {
    static constexpr auto is_special = [] {
        std::array<bool, 256> table{};
        for (char c : std::string_view("<& \t\r\n\f")) table[static_cast<unsigned char>(c)] = true;
        return table;
    }();
    auto const is_text = [&](std::size_t i) { return i < s.size() && !is_special[static_cast<unsigned char>(s[i])]; };
    std::size_t n = 0;
    while (is_text(n) || (n > 0 && n < s.size() && s[n] == ' ' && is_text(n + 1))) ++n;
    return n;
}

// What the reference "&" `name` stands for as UTF-8; nothing if it is none.
std::string referenced(std::string_view name) {
    if (name.size() > reference_limit) return {};
    char32_t character = 0;
    if (name.starts_with('#')) {
        bool const hexadecimal = name.size() > 1 && text::to_lower(name[1]) == 'x';
        std::string_view const digits = name.substr(hexadecimal ? 2 : 1);
        std::uint32_t value = 0;
        auto const [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
        if (error != std::errc() || end != digits.data() + digits.size() || value == 0) return {};
        if (value >= 0x80 && value < 0xa0) { // as HTML demands, these are meant as windows-1252
            char const octet = static_cast<char>(value);
            return text::charset_to_utf8("windows-1252", {&octet, 1});
        }
        character = value;
    } else if (auto const latin1 = std::ranges::find(latin1_names, name); latin1 != latin1_names.end()) {
        character = 0xa0 + static_cast<char32_t>(latin1 - latin1_names.begin());
    } else if (auto const other = std::ranges::find(other_names, name, &decltype(other_names)::value_type::first);
               other != other_names.end()) {
        character = other->second;
    } else {
        return {};
    }
    if (character == 0xa0 || (character < 0x80 && is_html_space(static_cast<char>(character)))) return " ";
    std::string out;
    text::append_utf8(out, character);
    return out;
}

} // namespace

void HtmlText::feed(std::string_view utf8, std::string& out) {
    while (!utf8.empty()) {
        // What most of a body is made of is passed in runs: text, tags, values, scripts.
        std::size_t run = 0;
        if (state_ == State::text) {
            run = ordinary(utf8);
            emit(utf8.substr(0, run), out);
        } else if (state_ == State::tag) {
            run = std::min(utf8.find_first_of(">="), utf8.size());
        } else if (state_ == State::quoted) {
            run = std::min(utf8.find(quote_), utf8.size());
        } else if (state_ == State::raw && held_.empty()) {
            run = std::min(utf8.find('<'), utf8.size());
        }
        utf8.remove_prefix(run);
        if (utf8.empty()) return;
        while (!take(utf8.front(), out)) {
        }
        utf8.remove_prefix(1);
    }
}

void HtmlText::finish(std::string& out) {
    if (state_ == State::reference) emit_reference(out);
    if (state_ == State::tag_open) emit("<", out);
    *this = HtmlText(breaks_);
}

bool HtmlText::take(char c, std::string& out) {
    switch (state_) {
    case State::text:
        held_.clear();
        if (c == '<')
            state_ = State::tag_open;
        else if (c == '&')
            state_ = State::reference;
        else if (is_html_space(c))
            space_ = true;
        else
            emit({&c, 1}, out);
        return true;
    case State::reference:
        if ((text::is_alnum(c) || (c == '#' && held_.empty())) && held_.size() <= reference_limit) {
            held_ += c;
            return true;
        }
        emit_reference(out);
        state_ = State::text;
        return c == ';' && held_.empty();
    case State::tag_open:
        if (text::is_alpha(c) || c == '/' || c == '!' || c == '?') {
            state_ = State::tag_name;
            return false;
        }
        emit("<", out); // "a < b"
        state_ = State::text;
        return false;
    case State::tag_name:
        if (!is_html_space(c) && c != '>' && (c != '/' || held_.empty())) {
            if (held_.size() < name_limit) held_ += text::to_lower(c);
            if (held_ == "!--") {
                held_.clear();
                state_ = State::comment;
            }
            return true;
        }
        state_ = State::tag;
        return false;
    case State::tag:
        if (c == '>')
            end_tag();
        else if (c == '=')
            state_ = State::value;
        return true;
    case State::value: // after "=": a quoted value, or any other
        if (is_html_space(c)) return true;
        if (c == '"' || c == '\'') {
            quote_ = c;
            state_ = State::quoted;
            return true;
        }
        state_ = State::tag;
        return c != '>';
    case State::quoted:
        if (c == quote_) state_ = State::tag;
        return true;
    case State::comment: // up to "-->"
        if (c == '>' && held_ == "--")
            state_ = State::text;
        else if (c != '-')
            held_.clear();
        else if (held_.size() < 2)
            held_ += c;
        return true;
    case State::raw: // up to "</name", then to its ">"
        if (c == '<') {
            held_ = "<";
        } else if (!held_.empty() && held_.size() < 2 + raw_name_.size()) {
            held_ += text::to_lower(c);
            if (!("</" + raw_name_).starts_with(held_)) held_.clear();
        } else if (held_.size() == 2 + raw_name_.size()) {
            if (is_html_space(c) || c == '/' || c == '>') {
                held_ = "/" + raw_name_;
                state_ = State::tag;
                return false;
            }
            held_.clear();
        }
        return true;
    }
    std::unreachable();
}

void HtmlText::end_tag() {
    std::string_view const name = std::string_view(held_).substr(held_.starts_with('/') ? 1 : 0);
    if (!std::ranges::contains(inline_tags, name)) (breaks_ == Breaks::lines ? line_ : space_) = true;
    if (held_ == "blockquote") ++quoted_;
    if (held_ == "/blockquote" && quoted_ > 0) --quoted_;
    state_ = State::text;
    if (held_ == "script" || held_ == "style" || (held_ == "title" && breaks_ == Breaks::lines)) {
        raw_name_ = held_;
        state_ = State::raw;
    }
    held_.clear();
}

void HtmlText::emit(std::string_view text, std::string& out) {
    if (text.empty()) return;
    if (!at_start_) out += line_ ? "\n" : space_ ? " " : "";
    if (line_ && quoted_ > 0) out += "> ";
    line_ = false;
    space_ = false;
    at_start_ = false;
    out += text;
}

void HtmlText::emit_reference(std::string& out) {
    std::string const text = referenced(held_);
    if (text == " ") {
        space_ = true;
    } else if (!text.empty()) {
        emit(text, out);
    } else {
        emit("&", out);
        emit(held_, out);
        return;
    }
    held_.clear();
}

} // namespace postern::message
