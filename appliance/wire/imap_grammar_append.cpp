// append and replace: messages with their flags and dates, and what they are catenated from.
#include "text/ascii.h"
#include "wire/imap_grammar.h"
#include "wire/imap_syntax.h"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::wire::imap {

namespace {

constexpr std::size_t keyword_limit = 200; // of one STORE or message; a mailbox has fewer

std::chrono::seconds two_digits(Cursor& in, std::chrono::seconds unit, unsigned most) {
    auto const digit = [&in] {
        char const c = in.peek();
        if (!text::is_digit(c) || !in.accept(c)) in.fail("The date-time is malformed");
        return static_cast<unsigned>(c - '0');
    };
    unsigned const tens = digit();
    unsigned const value = tens * 10 + digit();
    if (value > most) in.fail("The date-time is malformed");
    return in.failed() ? std::chrono::seconds{} : value * unit;
}

// literal or literal8, and before it, where `utf8`, "(" (RFC 6855 §4): the end of the piece.
void parse_literal(Cursor& in, AppendPiece& piece, bool utf8, bool catenated) {
    if (utf8) {
        in.space();
        in.expect('(');
    }
    Framed const& framed = in.framed();
    if (!framed.message || !in.at_end()) return in.fail("The message must be a literal");
    if (utf8 && !framed.literal8) in.fail("After UTF8 the message must be a literal8");
    piece.literal = LiteralPart{*framed.message, framed.literal8, utf8, catenated};
}

// RFC 4469 §5: cat-part *(SP cat-part) ")"; cat-part = "TEXT" SP literal / "URL" SP astring, and RFC 6855 §4: / "UTF8"
// SP "(" literal8 ")". Up to the end, or to a literal.
void parse_parts(Cursor& in, AppendPiece& piece) {
    do {
        if (in.accept_word("URL")) {
            in.space();
            piece.steps.emplace_back(UrlPart{in.astring()});
            continue;
        }
        bool const utf8 = in.accept_word("UTF8");
        if (!utf8) {
            if (!in.accept_word("TEXT")) return in.fail("Expected TEXT, URL or UTF8");
            in.space();
        }
        return parse_literal(in, piece, utf8, true);
    } while (in.accept(' '));
    in.expect(')');
    piece.steps.emplace_back(MessageEnds{});
}

// RFC 4466 §2.7: append-message = append-opts SP append-data, after the SP that begins it; with `several` more of them.
// Up to the end, or to a literal.
void parse_messages(Cursor& in, AppendPiece& piece, bool several) {
    do {
        MessageBegins begins;
        if (in.accept('(')) {
            begins.flags = parse_flag_list(in);
            in.space();
        }
        if (in.accept('"')) {
            begins.internal_date = parse_date_time(in);
            in.space();
        }
        piece.steps.emplace_back(std::move(begins));
        if (!in.accept_word("CATENATE")) return parse_literal(in, piece, in.accept_word("UTF8"), false);
        in.space();
        in.expect('(');
        parse_parts(in, piece);
    } while (!piece.literal && several && in.accept(' '));
}

// The literal that ends the piece is a message's.
void end_piece(Cursor& in, AppendPiece const& piece) {
    if (in.framed().message && !piece.literal) in.fail("The literal stands where none may");
}

} // namespace

std::chrono::sys_seconds parse_date_time(Cursor& in) {
    using namespace std::chrono;
    in.accept(' '); // date-day-fixed = (SP DIGIT) / 2DIGIT
    sys_seconds time = parse_date(in);
    in.space();
    time += two_digits(in, hours{1}, 23);
    in.expect(':');
    time += two_digits(in, minutes{1}, 59);
    in.expect(':');
    time += two_digits(in, seconds{1}, 60);
    in.space();
    bool const east = in.accept('+');
    if (!east) in.expect('-');
    seconds offset = two_digits(in, hours{1}, 23);
    offset += two_digits(in, minutes{1}, 59);
    in.expect('"');
    return east ? time - offset : time + offset;
}

// RFC 3501 §9: flag = "\Answered" / ... / flag-keyword; \Recent is not a client's to set (§2.3.2).
void parse_flag(Cursor& in, FlagList& flags) {
    using enum core::SystemFlag;
    static constexpr std::array<std::pair<std::string_view, core::SystemFlag>, 5> system_flags{
        {{"Answered", answered}, {"Flagged", flagged}, {"Deleted", deleted}, {"Seen", seen}, {"Draft", draft}}};
    if (in.accept('\\')) {
        std::string_view const name = in.atom("a flag");
        for (auto const& [known, flag] : system_flags) {
            if (!text::iequals(name, known)) continue;
            flags.system = flags.system | flag;
            return;
        }
        if (text::iequals(name, "Recent"))
            in.fail("\\Recent cannot be changed");
        else
            in.fail("Unknown system flag", name);
        return;
    }
    std::string_view const keyword = in.atom("a flag");
    if (std::ranges::any_of(flags.keywords, [&](auto const& known) { return text::iequals(known, keyword); })) return;
    if (flags.keywords.size() == keyword_limit) in.refuse("[LIMIT] Too many keywords");
    flags.keywords.emplace_back(keyword);
}

FlagList parse_flag_list(Cursor& in) {
    FlagList flags;
    if (in.accept(')')) return flags;
    do {
        parse_flag(in, flags);
    } while (in.accept(' '));
    in.expect(')');
    return flags;
}

// RFC 3502 §6.3.11: append = "APPEND" SP mailbox 1*(SP append-message)
Append parse_append(Cursor& in) {
    Append append;
    in.space();
    append.mailbox = in.mailbox();
    in.space();
    parse_messages(in, append.piece, true);
    end_piece(in, append.piece);
    return append;
}

// RFC 8508 §5: replace = "REPLACE" SP seq-number SP mailbox append-message
Replace parse_replace(Cursor& in, bool uid) {
    Replace replace;
    replace.uid = uid;
    in.space();
    replace.message = parse_sequence_set(in);
    auto const ranges = replace.message.ranges();
    if (ranges.size() != 1 || ranges.front().first != ranges.front().last) in.fail("One message can be replaced");
    in.space();
    replace.mailbox = in.mailbox();
    in.space();
    parse_messages(in, replace.piece, false);
    end_piece(in, replace.piece);
    return replace;
}

AppendPiece parse_piece_after(Cursor& in, LiteralPart const& literal, bool several) {
    AppendPiece piece;
    if (literal.utf8) in.expect(')');
    if (!literal.catenated) {
        piece.steps.emplace_back(MessageEnds{});
    } else if (in.accept(' ')) {
        parse_parts(in, piece);
    } else {
        in.expect(')');
        piece.steps.emplace_back(MessageEnds{});
    }
    if (!piece.literal && several && in.accept(' ')) parse_messages(in, piece, several);
    end_piece(in, piece);
    return piece;
}

} // namespace postern::wire::imap
