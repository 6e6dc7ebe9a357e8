// A stream of IMAP commands: framed the same however it is cut, in bounded memory; each frame gives a valid command or
// an answer that is one line; and what is read can be written and read again as the same. The first octet says how the
// session behaves.
#include "wire/imap_framing.h"
#include "wire/imap_parser.h"
#include "wire/imap_response.h"
#include "wire/imap_url.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace postern;
using namespace postern::wire::imap;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

template <typename... Cases> struct Overloaded : Cases... {
    using Cases::operator()...;
};

struct Session {
    bool refuses_messages;
    bool utf8;
    bool between_lines; // every third event is waited for as a line
};

constexpr FrameLimits limits{.text = 500, .literals = 300, .literal_count = 6};

std::size_t total(std::vector<std::string> const& pieces) {
    std::size_t octets = 0;
    for (std::string const& piece : pieces) octets += piece.size();
    return octets;
}

std::string spell(Framed const& framed) {
    require(framed.texts.size() == framed.literals.size() + 1);
    require(total(framed.texts) <= limits.text && total(framed.literals) <= limits.literals);
    require(framed.literals.size() <= limits.literal_count);
    std::string out = framed.texts.front();
    for (std::size_t i = 0; i < framed.literals.size(); ++i) {
        out += '{' + std::to_string(framed.literals[i].size()) + '}' + framed.literals[i];
        out += framed.texts[i + 1];
    }
    return out + (framed.message ? " message " + std::to_string(*framed.message) : "");
}

struct Outcome {
    std::vector<std::string> events;
    std::vector<Framed> commands;
    std::vector<Framed> pieces; // that follow a message's octets
};

Outcome frame(std::string_view stream, std::size_t step, Session const& session) {
    CommandFramer framer(limits);
    Outcome outcome;
    std::string message;
    bool more = true;
    bool in_message = false; // announced, and its end is due
    std::uint64_t octets_left = 0;
    auto const refuse = [&](Refused const& refused) {
        require(refused.tag == "*" || is_tag(refused.tag));
        outcome.events.push_back("refused " + refused.tag + ' ' + std::string(refused.reason));
        message.clear();
        in_message = false;
        octets_left = 0;
    };
    auto const note = Overloaded{
        [&](MoreNeeded) { more = false; },
        [&](ContinuationNeeded) { outcome.events.push_back("+"); },
        [&](CommandReady& ready) {
            require(!in_message && !ready.command.message);
            outcome.events.push_back("command " + spell(ready.command));
            outcome.commands.push_back(std::move(ready.command));
        },
        [&](MessageAnnounced& announced) {
            require(announced.command.message && octets_left == 0);
            if (in_message) outcome.events.push_back("message " + std::exchange(message, {}));
            outcome.events.push_back("announced " + spell(announced.command));
            std::uint64_t const octets = *announced.command.message;
            (in_message ? outcome.pieces : outcome.commands).push_back(std::move(announced.command));
            in_message = !session.refuses_messages;
            octets_left = in_message ? octets : 0;
            if (in_message)
                framer.accept_message();
            else
                framer.refuse_message();
        },
        [&](MessageOctets const& octets) {
            require(in_message && !octets.octets.empty() && octets.octets.size() <= octets_left);
            octets_left -= octets.octets.size();
            message += octets.octets;
        },
        [&](MessageComplete& complete) {
            require(in_message && octets_left == 0 && !complete.rest.message);
            in_message = false;
            outcome.events.push_back("message " + std::exchange(message, {}) + " then " + spell(complete.rest));
            outcome.pieces.push_back(std::move(complete.rest));
        },
        [&](LineReady& line) {
            require(line.line.size() <= limits.text);
            outcome.events.push_back("line " + line.line);
        },
        refuse,
    };
    std::string input;
    while (!stream.empty()) {
        auto const piece = stream.substr(0, step);
        input += piece;
        stream.remove_prefix(piece.size());
        more = true;
        while (more) {
            std::size_t consumed = 0;
            // A session waits for a line only between commands.
            bool const line =
                session.between_lines && !outcome.events.empty() && outcome.events.size() % 3 == 0 &&
                (outcome.events.back().starts_with("command") || outcome.events.back().starts_with("line"));
            if (line) {
                auto event = framer.feed_line(input, consumed);
                std::visit(note, event);
            } else {
                auto event = framer.feed(input, consumed);
                std::visit(note, event);
            }
            require(consumed <= input.size());
            input.erase(0, consumed);
        }
        require(input.empty());
    }
    return outcome;
}

Framed reframe(std::string const& text) {
    auto outcome = frame(text + "\r\n", text.size() + 2, {});
    require(outcome.commands.size() == 1);
    return std::move(outcome.commands.front());
}

// What fits within the limits of a frame can be read back.
constexpr std::size_t short_enough = 200;

void check_mailbox(std::string const& name, bool utf8) {
    require(!std::ranges::any_of(name, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }));
    std::string text = "a SELECT ";
    put_mailbox(text, name, utf8);
    if (text.size() > short_enough) return;
    auto const again = parse_command(reframe(text), utf8);
    require(again.has_value() && std::get<Select>(again->body).mailbox == name);
}

std::size_t nodes(SearchKey const& key, std::size_t depth) {
    require(depth <= 2 * SearchKey::depth_limit);
    std::vector<SearchKey> const* keys = nullptr;
    if (auto const* all = std::get_if<AllOf>(&key.condition)) keys = &all->keys;
    if (auto const* any = std::get_if<AnyOf>(&key.condition)) keys = &any->keys;
    std::size_t count = 1;
    if (keys != nullptr)
        for (SearchKey const& inner : *keys) count += nodes(inner, depth + 1);
    return count;
}

void check_url(std::string const& url) {
    auto const parsed = parse_message_url(url);
    if (parsed) require((parsed->relative || !parsed->mailbox.empty()) && core::number(parsed->uid) != 0);
    auto const code = bad_url_code(url);
    require(code.starts_with("[BADURL ") && std::ranges::count(code, ']') == 1);
}

void check(Command const& command, bool utf8) {
    require(is_tag(command.tag));
    if (auto const* select = std::get_if<Select>(&command.body)) check_mailbox(select->mailbox, utf8);
    if (auto const* rename = std::get_if<Rename>(&command.body)) check_mailbox(rename->to, utf8);
    if (auto const* append = std::get_if<Append>(&command.body))
        for (AppendStep const& step : append->piece.steps)
            if (auto const* url = std::get_if<UrlPart>(&step)) check_url(url->url);
    if (auto const* search = std::get_if<Search>(&command.body))
        require(nodes(search->key, 0) <= 4 * SearchKey::count_limit);
    if (auto const* esearch = std::get_if<Esearch>(&command.body))
        require(esearch->search.returns && nodes(esearch->search.key, 0) <= 4 * SearchKey::count_limit);
    if (auto const* fetch = std::get_if<Fetch>(&command.body)) {
        require(!fetch->items.empty() && fetch->messages.ranges().empty() == fetch->messages.is_saved());
        for (FetchItem const& item : fetch->items) {
            auto const* body = std::get_if<FetchBody>(&item);
            auto const* binary = std::get_if<FetchBinary>(&item);
            bool const is_whole = (body != nullptr && !body->partial && !body->peek) ||
                                  (binary != nullptr && !binary->partial && !binary->peek);
            if (!is_whole) continue;
            std::string const text = "a FETCH " + fetch->messages.to_string() + ' ' + response_name(item);
            if (text.size() > short_enough || std::ranges::count(text, '\n') > 4) continue;
            auto const again = parse_command(reframe(text), utf8);
            require(again.has_value() && std::get<Fetch>(again->body).items == std::vector{item});
        }
    }
}

void check_refusal(ParseError const& error, std::string_view tag) {
    std::string answer;
    put_tagged(answer, tag, error.condition, error.text);
    require(answer.ends_with("\r\n") && answer.size() < 300 && std::ranges::count(answer, '\n') == 1);
    require(std::ranges::all_of(answer, [](char c) { return c > 0; }));
}

// Of whatever it follows.
void check_piece(Framed const& framed) {
    for (unsigned bits = 0; bits < 8; ++bits) {
        LiteralPart const literal{.utf8 = (bits & 1) != 0, .catenated = (bits & 2) != 0};
        auto const piece = parse_append_piece(framed, literal, (bits & 4) != 0);
        if (!piece) {
            check_refusal(piece.error(), "a");
            continue;
        }
        require(piece->literal.has_value() == framed.message.has_value());
        for (AppendStep const& step : piece->steps)
            if (auto const* url = std::get_if<UrlPart>(&step)) check_url(url->url);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    Session const session{(data[0] & 1) != 0, (data[0] & 2) != 0, (data[0] & 4) != 0};
    std::string_view const stream(reinterpret_cast<char const*>(data) + 1, size - 1);
    auto const whole = frame(stream, std::max<std::size_t>(stream.size(), 1), session);
    require(whole.events == frame(stream, 1, session).events);
    require(whole.events == frame(stream, 7, session).events);
    for (Framed const& framed : whole.commands) {
        auto const command = parse_command(framed, session.utf8);
        if (command)
            check(*command, session.utf8);
        else
            check_refusal(command.error(), command.error().tag);
    }
    for (Framed const& piece : whole.pieces) check_piece(piece);
    return 0;
}
