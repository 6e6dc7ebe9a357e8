#include "wire/imap_reply.h"

#include "text/ascii.h"
#include "text/utf8.h"
#include "wire/imap_cursor.h"
#include "wire/imap_grammar.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace postern::wire::imap {

namespace {

constexpr std::pair<std::string_view, Condition> conditions[] = {
    {"OK", Condition::ok},           {"NO", Condition::no},   {"BAD", Condition::bad},
    {"PREAUTH", Condition::preauth}, {"BYE", Condition::bye},
};

std::string_view take_word_of(std::string_view& text) {
    auto const end = std::min(text.find(' '), text.size());
    auto const word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

std::optional<Condition> condition_of(std::string_view word) {
    auto const row = std::ranges::find_if(conditions, [&](auto const& one) { return text::iequals(one.first, word); });
    return row == std::end(conditions) ? std::nullopt : std::optional(row->second);
}

// Fit to be shown to people.
std::string clean(std::string_view octets) {
    std::string out = text::to_valid_utf8(octets.substr(0, status_text_limit));
    std::ranges::replace_if(out, text::is_control, ' ');
    out.resize(text::utf8_prefix(std::string_view(out).substr(0, status_text_limit)));
    return out;
}

// RFC 3501 §9: resp-text = ["[" resp-text-code "]" SP] text
StatusReply parse_status(std::string_view tag, Condition condition, std::string_view rest) {
    StatusReply status{std::string(tag), condition, {}, {}, {}};
    if (rest.starts_with('[')) {
        if (auto const end = rest.find(']'); end != std::string_view::npos) {
            auto code = rest.substr(1, end - 1);
            rest.remove_prefix(end + 1);
            status.code = text::upper(take_word_of(code));
            status.code_arguments = code;
        }
    }
    status.text = clean(text::trim(rest));
    return status;
}

// RFC 3501 §9: "BODY" section ["<" number ">"] SP nstring, after the "["
void parse_body(Cursor& in, FetchReply& fetch, std::uint64_t body_octets) {
    if (fetch.has_body) return in.fail("More than one body");
    in.take_while([](char c) { return c != ']'; });
    in.expect(']');
    if (in.accept('<')) {
        fetch.origin = in.number(std::numeric_limits<std::uint32_t>::max());
        in.expect('>');
    }
    in.space();
    fetch.has_body = true;
    if (in.at_literal()) fetch.body_octets = body_octets;
    fetch.quoted_body = in.nstring().value_or("");
}

// RFC 3501 §9 msg-att, after the "("; of a response that is not at its end up to the body's octets.
FetchReply parse_fetch(Cursor& in, std::uint64_t body_octets) {
    FetchReply fetch;
    do {
        std::string const name = text::upper(in.take_while([](char c) { return text::is_alnum(c) || c == '.'; }));
        if (name == "BODY" && in.accept('[')) {
            parse_body(in, fetch, body_octets);
            continue;
        }
        if (in.peek() == '[') in.take_while([](char c) { return c != ' '; }); // BINARY[1]
        in.space();
        if (name == "UID") {
            fetch.uid = static_cast<core::Uid>(in.number(std::numeric_limits<std::uint32_t>::max()));
        } else if (name == "RFC822.SIZE") {
            fetch.size = in.number(std::numeric_limits<std::int64_t>::max());
        } else if (name == "INTERNALDATE") {
            in.expect('"');
            fetch.internal_date = parse_date_time(in);
        } else if (name == "FLAGS") {
            in.expect('(');
            auto const flags = in.take_while([](char c) { return c != ')'; });
            in.expect(')');
            fetch.deleted = text::lower(flags).contains("\\deleted");
        } else if (name == "BODYSTRUCTURE") {
            fetch.parts = take_body_structure(in);
        } else {
            skip_value(in);
        }
    } while (in.accept(' '));
    in.expect(')');
    return fetch;
}

// RFC 3501 §9: "LIST" SP "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
ListReply parse_list_reply(Cursor& in) {
    ListReply reply;
    in.space();
    in.expect('(');
    auto flags = in.take_while([](char c) { return c != ')'; });
    in.expect(')');
    while (!flags.empty())
        if (auto const flag = take_word_of(flags); !flag.empty()) reply.attributes.emplace_back(flag);
    in.space();
    (void)in.nstring();
    in.space();
    reply.name = in.mailbox();
    return reply;
}

// RFC 7162 §7: "VANISHED" [SP "(EARLIER)"] SP known-uids, a set without "*"
Reply parse_vanished(Cursor& in) {
    in.space();
    if (in.accept('(')) {
        in.take_while([](char c) { return c != ')'; });
        in.expect(')');
        in.space();
    }
    auto const uids = SequenceSet::parse(in.take_while([](char) { return true; }));
    return uids && !uids->is_saved() ? Reply(VanishedReply{uids->resolve(0)}) : OtherReply{};
}

Reply parse_untagged(Cursor& in, std::uint64_t body_octets) {
    if (text::is_digit(in.peek())) {
        auto const number = static_cast<std::uint32_t>(in.number(std::numeric_limits<std::uint32_t>::max()));
        in.space();
        if (in.accept_word("EXISTS")) return ExistsReply{number};
        if (!in.accept_word("FETCH")) return OtherReply{};
        in.space();
        in.expect('(');
        return parse_fetch(in, body_octets);
    }
    if (in.accept_word("CAPABILITY"))
        return CapabilityReply{parse_capabilities(in.take_while([](char) { return true; }))};
    if (in.accept_word("LIST")) return parse_list_reply(in);
    if (in.accept_word("VANISHED")) return parse_vanished(in);
    return OtherReply{};
}

} // namespace

std::vector<std::string> parse_capabilities(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty() && names.size() < capabilities_limit)
        if (auto const name = take_word_of(text); !name.empty()) names.push_back(text::upper(name));
    return names;
}

bool may_announce_literal(std::string_view line) {
    if (!line.starts_with("* ")) return false;
    line.remove_prefix(2);
    return !condition_of(take_word_of(line));
}

Reply parse_reply(Framed const& framed, std::uint64_t body_octets) {
    std::string_view line = framed.texts.front();
    if (line.starts_with('+')) return ContinuationReply{std::string(text::trim(line.substr(1)))};
    auto const tag = take_word_of(line);
    auto rest = line;
    if (auto const condition = condition_of(take_word_of(rest)))
        return parse_status(tag == "*" ? std::string_view() : tag, *condition, rest);
    if (tag != "*") return OtherReply{};
    Cursor in(framed, false);
    in.expect('*');
    in.space();
    Reply reply = parse_untagged(in, body_octets);
    return in.failed() ? Reply(OtherReply{}) : reply;
}

std::optional<FetchReply> parse_up_to_body(Framed const& framed) {
    constexpr std::uint64_t marked = 1; // only the literal of a body counts
    Framed so_far = framed;
    so_far.literals.emplace_back();
    so_far.texts.emplace_back(")");
    auto const reply = parse_reply(so_far, marked);
    auto const* fetch = std::get_if<FetchReply>(&reply);
    return fetch != nullptr && fetch->body_octets == marked ? std::optional(*fetch) : std::nullopt;
}

} // namespace postern::wire::imap
