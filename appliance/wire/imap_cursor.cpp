#include "wire/imap_cursor.h"

#include "text/ascii.h"
#include "text/utf7.h"
#include "text/utf8.h"
#include "wire/imap_syntax.h"

#include <algorithm>
#include <charconv>

namespace postern::wire::imap {

namespace {

constexpr std::size_t shown_word = 40; // octets of a client's word in an error's text

} // namespace

void Cursor::fail(std::string_view what, std::string_view word) {
    if (failed()) return;
    error_ = what;
    if (!word.empty() && word.size() <= shown_word && std::ranges::all_of(word, text::is_visible))
        error_.append(" ").append(word);
}

void Cursor::refuse(std::string_view code_and_text) {
    if (failed()) return;
    error_ = code_and_text;
    condition_ = Condition::no;
}

bool Cursor::at_end() const { return !failed() && segment_ + 1 == framed_.texts.size() && rest().empty(); }

std::string_view Cursor::rest() const {
    if (failed()) return {};
    return std::string_view(framed_.texts[segment_]).substr(position_);
}

char Cursor::peek() const {
    std::string_view const rest = this->rest();
    return rest.empty() ? '\0' : rest.front();
}

bool Cursor::at_literal() const { return !failed() && rest().empty() && segment_ < framed_.literals.size(); }

bool Cursor::accept(char c) {
    if (!rest().starts_with(c)) return false;
    ++position_;
    return true;
}

void Cursor::expect(char c) {
    if (accept(c)) return;
    if (c == ' ')
        fail(at_end() ? "Arguments are missing" : "A space is missing");
    else
        fail(at_end() ? "The command ends too early, missing" : "Missing", std::string_view(&c, 1));
}

bool Cursor::accept_word(std::string_view word) {
    std::string_view const rest = this->rest();
    if (!text::istarts_with(rest, word) || (rest.size() > word.size() && is_atom_char(rest[word.size()]))) return false;
    position_ += word.size();
    return true;
}

std::string_view Cursor::atom(std::string_view what) {
    std::string_view const atom = take_while(is_atom_char);
    if (atom.empty()) fail(std::string("Expected ").append(what));
    return atom;
}

std::string Cursor::string() {
    if (at_literal()) return literal();
    if (peek() == '"') return quoted();
    fail("Expected a quoted string or a literal");
    return {};
}

std::string Cursor::astring() {
    if (at_literal() || peek() == '"') return string();
    std::string_view const atom = take_while(is_astring_char);
    if (atom.empty()) fail(at_end() ? "Arguments are missing" : "Expected an atom or a string");
    return std::string(atom);
}

std::optional<std::string> Cursor::nstring() {
    if (accept_word("NIL")) return std::nullopt;
    return string();
}

std::string Cursor::literal() {
    position_ = 0;
    return framed_.literals[segment_++];
}

// RFC 3501 §9 quoted. UTF-8 is allowed in it as IMAP4rev2 has it (RFC 9051 §9), other 8-bit text is not.
std::string Cursor::quoted() {
    std::string out;
    expect('"');
    for (;;) {
        out += take_while([](char c) { return c != '"' && c != '\\'; });
        if (accept('"')) break;
        if (!accept('\\')) {
            fail("A quoted string does not end");
            return {};
        }
        char const escaped = peek();
        if (escaped != '"' && escaped != '\\') {
            fail("Only \" and \\ may follow a \\ in a quoted string");
            return {};
        }
        accept(escaped);
        out += escaped;
    }
    if (!text::is_utf8(out)) {
        fail("8-bit text that is not UTF-8 needs a literal");
        return {};
    }
    return out;
}

std::uint64_t Cursor::number(std::uint64_t most, std::string_view what) {
    std::string_view const digits = take_while(text::is_digit);
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty())
        fail(std::string("Expected ").append(what));
    else if (error != std::errc{} || value > most)
        fail("Too large a number:", digits);
    return failed() ? 0 : value;
}

std::string Cursor::mailbox() { return mailbox_name(astring()); }

std::string Cursor::list_mailbox() {
    if (at_literal() || peek() == '"') return mailbox_name(string());
    std::string_view const pattern = take_while(is_list_char);
    if (pattern.empty()) fail("Expected a mailbox name or pattern");
    return mailbox_name(std::string(pattern));
}

// RFC 3501 §5.1: INBOX whatever the case; §5.1.3: modified UTF-7, which is ASCII; what is not, is UTF-8 (RFC 6855 §3).
// Wildcards pass through: they are no base64.
std::string Cursor::mailbox_name(std::string const& wire) {
    if (failed()) return {};
    if (text::iequals(wire, "INBOX")) return "INBOX";
    bool const utf8 = utf8_ || !std::ranges::all_of(wire, [](char c) { return text::is_ascii(c); });
    if (utf8 && !text::is_utf8(wire)) {
        refuse("[CANNOT] The mailbox name is not UTF-8");
        return {};
    }
    auto name = utf8 ? std::optional(wire) : text::utf7_decode(wire);
    if (!name) {
        refuse("[CANNOT] The mailbox name is not valid modified UTF-7");
        return {};
    }
    if (std::ranges::any_of(*name, text::is_control)) {
        refuse("[CANNOT] The mailbox name has control characters");
        return {};
    }
    return std::move(*name);
}

} // namespace postern::wire::imap
