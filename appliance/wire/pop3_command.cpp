#include "wire/pop3_command.h"

#include "text/ascii.h"
#include "text/base64.h"
#include "text/utf8.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

namespace postern::wire::pop3 {

namespace {

using Parsed = std::expected<Command, std::string_view>;

std::unexpected<std::string_view> wrong(std::string_view what) { return std::unexpected(what); }

// RFC 1939 §3 asks for one space between arguments; more do no harm.
std::string_view skip_spaces(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    return text;
}

// Takes the next argument off `rest`; empty at the end.
std::string_view take_word(std::string_view& rest) {
    rest = skip_spaces(rest);
    auto const word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    return word;
}

std::optional<std::uint32_t> parse_number(std::string_view digits) {
    if (digits.empty() || !std::ranges::all_of(digits, text::is_digit)) return std::nullopt;
    std::uint32_t value = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc::result_out_of_range ? std::numeric_limits<std::uint32_t>::max() : value;
}

template <typename Verb> Parsed parse_bare(std::string_view rest) {
    if (!skip_spaces(rest).empty()) return wrong("That takes no argument");
    return Verb{};
}

template <typename Verb> Parsed parse_with_number(std::string_view rest) {
    auto const number = parse_number(take_word(rest));
    if (!number || !skip_spaces(rest).empty()) return wrong("That takes the number of a message");
    return Verb{*number};
}

template <typename Verb> Parsed parse_with_number_or_bare(std::string_view rest) {
    if (skip_spaces(rest).empty()) return Verb{};
    return parse_with_number<Verb>(rest);
}

Parsed parse_top(std::string_view rest) {
    auto const message = parse_number(take_word(rest));
    auto const lines = parse_number(take_word(rest));
    if (!message || !lines || !skip_spaces(rest).empty())
        return wrong("TOP takes the number of a message, and of lines");
    return Top{*message, *lines};
}

Parsed parse_user(std::string_view rest) {
    auto const name = text::trim(rest);
    if (name.empty() || !text::is_utf8(name)) return wrong("USER takes a login");
    return User{std::string(name)};
}

Parsed parse_pass(std::string_view rest) {
    if (rest.size() < 2) return wrong("PASS takes a password");
    return Pass{core::Secret(rest.substr(1))};
}

// RFC 5034 §4: an initial response that is empty is "=".
Parsed parse_auth(std::string_view rest) {
    Auth auth{.mechanism = text::upper(take_word(rest)), .initial_response = std::nullopt};
    auto const response = take_word(rest);
    if (!skip_spaces(rest).empty()) return wrong("AUTH takes a mechanism, and its first response in base64");
    if (response.empty()) return auth;
    auto decoded = text::base64_decode(response == "=" ? "" : response);
    if (!decoded) return wrong("A response is base64");
    auth.initial_response = core::Secret(std::move(*decoded));
    return auth;
}

Parsed parse_lang(std::string_view rest) {
    Lang lang{std::string(take_word(rest))};
    if (!skip_spaces(rest).empty()) return wrong("LANG takes one language");
    return lang;
}

struct CommandRow {
    std::string_view verb;
    Parsed (*parse)(std::string_view rest); // of what follows the verb, the space before it included
};

constexpr CommandRow command_rows[] = {
    {"RETR", parse_with_number<Retr>},
    {"DELE", parse_with_number<Dele>},
    {"TOP", parse_top},
    {"LIST", parse_with_number_or_bare<List>},
    {"UIDL", parse_with_number_or_bare<Uidl>},
    {"STAT", parse_bare<Stat>},
    {"NOOP", parse_bare<Noop>},
    {"RSET", parse_bare<Rset>},
    {"QUIT", parse_bare<Quit>},
    {"CAPA", parse_bare<Capa>},
    {"USER", parse_user},
    {"PASS", parse_pass},
    {"AUTH", parse_auth},
    {"STLS", parse_bare<Stls>},
    {"UTF8", parse_bare<Utf8>},
    {"LANG", parse_lang},
};

} // namespace

std::expected<Command, std::string_view> parse_command(std::string_view line) {
    auto const verb = line.substr(0, line.find(' '));
    auto const row =
        std::ranges::find_if(command_rows, [verb](CommandRow const& each) { return text::iequals(each.verb, verb); });
    if (row == std::end(command_rows)) return wrong("There is no such command");
    return row->parse(line.substr(verb.size()));
}

} // namespace postern::wire::pop3
