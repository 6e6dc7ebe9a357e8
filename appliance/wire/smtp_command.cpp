#include "wire/smtp_command.h"

#include "message/date.h"
#include "text/ascii.h"
#include "text/base64.h"
#include "text/idn.h"
#include "text/utf8.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace postern::wire::smtp {

namespace {

using Parsed = std::expected<Command, Reply>;

std::unexpected<Reply> refuse(unsigned code, std::string_view enhanced, std::string_view text) {
    return std::unexpected(Reply{code, enhanced, std::string(text)});
}

std::string_view skip_blanks(std::string_view text) {
    while (!text.empty() && text::is_blank(text.front())) text.remove_prefix(1);
    return text;
}

// RFC 3461 §4: xtext = *( xchar / hexchar ); xchar is visible but not "+" or "="; hexchar = "+" 2(DIGIT / "A"-"F").
bool is_xtext(std::string_view value) {
    auto const is_hex = [](char c) { return text::is_digit(c) || (c >= 'A' && c <= 'F'); };
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!text::is_visible(value[i]) || value[i] == '=') return false;
        if (value[i] != '+') continue;
        if (value.size() - i < 3 || !is_hex(value[i + 1]) || !is_hex(value[i + 2])) return false;
        i += 2;
    }
    return true;
}

// RFC 5321 §4.1.2: esmtp-keyword ["=" esmtp-value]
struct Parameter {
    std::string_view keyword;
    std::optional<std::string_view> value;
};

bool is_keyword(std::string_view keyword) {
    return !keyword.empty() && text::is_alnum(keyword.front()) &&
           std::ranges::all_of(keyword, [](char c) { return text::is_alnum(c) || c == '-'; });
}

// RFC 6531 §3.3 lets values be UTF-8.
bool is_value(std::string_view value) {
    return !value.empty() && text::is_utf8(value) &&
           std::ranges::all_of(value, [](char c) { return (text::is_visible(c) && c != '=') || !text::is_ascii(c); });
}

// RFC 6710 §4: (["-"] NZDIGIT) / "0"
std::optional<int> parse_priority(std::string_view value) {
    bool const below = value.starts_with('-');
    if (below) value.remove_prefix(1);
    if (value.size() != 1 || !text::is_digit(value.front()) || (below && value == "0")) return std::nullopt;
    int const level = value.front() - '0';
    return below ? -level : level;
}

// RFC 2852 §4: by-time ";" by-mode [by-trace]. With by-mode "R" there has to be time left.
std::optional<DeliverBy> parse_deliver_by(std::string_view value) {
    auto const semicolon = std::min(value.find(';'), value.size());
    std::string_view digits = value.substr(0, semicolon);
    std::string const mode = text::upper(value.substr(semicolon));
    bool const late = digits.starts_with('-');
    if (late || digits.starts_with('+')) digits.remove_prefix(1);
    auto const within = parse_seconds(digits);
    if (!within || (mode != ";R" && mode != ";N" && mode != ";RT" && mode != ";NT")) return std::nullopt;
    DeliverBy const wish{
        .within = late ? -*within : *within, .or_return = mode[1] == 'R', .trace = mode.ends_with('T')};
    return wish.or_return && wish.within <= std::chrono::seconds::zero() ? std::nullopt : std::optional(wish);
}

// RFC 4865 §4: one of both.
bool set_release(Mail& mail, std::optional<FutureRelease> release) {
    if (!release || mail.future_release) return false;
    mail.future_release = release;
    return true;
}

// A parameter's keyword, and what takes its value: false for a bad one.
template <typename Result> struct ParameterRow {
    std::string_view keyword;
    bool (*take)(Result& result, std::optional<std::string_view> value);
};

constexpr ParameterRow<Mail> mail_parameters[] = {
    {"SIZE",
     [](Mail& mail, std::optional<std::string_view> value) {
         auto const size = parse_size(value.value_or(""));
         mail.size = size.value_or(0);
         return size.has_value();
     }},
    {"BODY",
     [](Mail& mail, std::optional<std::string_view> value) {
         constexpr std::pair<std::string_view, BodyType> types[] = {{"7BIT", BodyType::seven_bit},
                                                                    {"8BITMIME", BodyType::eight_bit_mime},
                                                                    {"BINARYMIME", BodyType::binary_mime}};
         for (auto const& [name, type] : types) {
             if (!text::iequals(value.value_or(""), name)) continue;
             mail.body = type;
             return true;
         }
         return false;
     }},
    {"SMTPUTF8",
     [](Mail& mail, std::optional<std::string_view> value) {
         mail.smtputf8 = true;
         return !value;
     }},
    // RFC 4954 §5. Read, and not believed: nobody relays through this box on another's word.
    {"AUTH", [](Mail&, std::optional<std::string_view> value) { return value && is_xtext(*value); }},
    {"RET",
     [](Mail& mail, std::optional<std::string_view> value) {
         mail.return_content = text::upper(value.value_or(""));
         return mail.return_content == "FULL" || mail.return_content == "HDRS";
     }},
    {"ENVID",
     [](Mail& mail, std::optional<std::string_view> value) {
         mail.envelope_id = value.value_or("");
         return value && value->size() <= 100 && is_xtext(*value);
     }},
    {"MT-PRIORITY",
     [](Mail& mail, std::optional<std::string_view> value) {
         mail.priority = parse_priority(value.value_or(""));
         return mail.priority.has_value();
     }},
    {"BY",
     [](Mail& mail, std::optional<std::string_view> value) {
         mail.deliver_by = parse_deliver_by(value.value_or(""));
         return mail.deliver_by.has_value();
     }},
    {"HOLDFOR",
     [](Mail& mail, std::optional<std::string_view> value) {
         return set_release(mail, parse_seconds(value.value_or("")));
     }},
    {"HOLDUNTIL",
     [](Mail& mail, std::optional<std::string_view> value) {
         auto const date = message::parse_internet_date(value.value_or(""));
         return date && set_release(mail, date->utc);
     }},
};

// RFC 3461 §4.1: NEVER stands alone; the others once each.
bool is_notify(std::string_view value) {
    if (value == "NEVER") return true;
    constexpr std::string_view keywords[] = {"SUCCESS", "FAILURE", "DELAY"};
    bool seen[std::size(keywords)] = {};
    while (true) {
        auto const end = std::min(value.find(','), value.size());
        auto const keyword = std::ranges::find(keywords, value.substr(0, end));
        if (keyword == std::end(keywords) || std::exchange(seen[keyword - std::begin(keywords)], true)) return false;
        if (end == value.size()) return true;
        value.remove_prefix(end + 1);
    }
}

// RFC 3461 §4.2: addr-type ";" xtext; RFC 6533 §3: with the type utf-8, UTF-8 as well.
bool is_original_recipient(std::string_view value) {
    auto const semicolon = value.find(';');
    if (value.size() > 500 || semicolon == 0 || semicolon == std::string_view::npos) return false;
    auto const type = value.substr(0, semicolon);
    auto const address = value.substr(semicolon + 1);
    if (!std::ranges::all_of(type, text::is_atext) || address.empty()) return false;
    return text::iequals(type, "utf-8") || is_xtext(address);
}

constexpr ParameterRow<Rcpt> rcpt_parameters[] = {
    {"NOTIFY",
     [](Rcpt& rcpt, std::optional<std::string_view> value) {
         rcpt.notify = text::upper(value.value_or(""));
         return is_notify(rcpt.notify);
     }},
    {"ORCPT",
     [](Rcpt& rcpt, std::optional<std::string_view> value) {
         rcpt.original_recipient = value.value_or("");
         return is_original_recipient(rcpt.original_recipient);
     }},
};

// Mail-parameters and Rcpt-parameters: `rest` is what follows the path.
template <typename Result, std::size_t N>
std::expected<void, Reply> parse_parameters(std::string_view rest, ParameterRow<Result> const (&rows)[N],
                                            Result& result) {
    bool seen[N] = {};
    for (rest = skip_blanks(rest); !rest.empty(); rest = skip_blanks(rest)) {
        auto const length = std::min(rest.find_first_of(" \t"), rest.size());
        auto const parameter = rest.substr(0, length);
        rest.remove_prefix(length);
        auto const equals = parameter.find('=');
        auto const keyword = parameter.substr(0, equals);
        if (!is_keyword(keyword)) return refuse(501, "5.5.4", "Parameters are KEYWORD or KEYWORD=VALUE");
        auto const row = std::ranges::find_if(
            rows, [&](ParameterRow<Result> const& each) { return text::iequals(each.keyword, keyword); });
        // RFC 5321 §4.1.1.11
        if (row == std::end(rows)) return refuse(555, "5.5.4", "Parameter not recognized or not implemented");
        std::optional<std::string_view> value;
        if (equals != std::string_view::npos) value = parameter.substr(equals + 1);
        bool const repeated = std::exchange(seen[row - std::begin(rows)], true);
        if (repeated || (value && !is_value(*value)) || !row->take(result, value))
            return refuse(501, "5.5.4", std::string(row->keyword) + " is repeated or has a bad value");
    }
    return {};
}

// Past `keyword` and its colon ("FROM:"), and past blanks, which RFC 5321 §3.3 forbids and old devices send.
std::optional<std::string_view> after_keyword(std::string_view arguments, std::string_view keyword) {
    if (!text::istarts_with(arguments, keyword)) return std::nullopt;
    return skip_blanks(arguments.substr(keyword.size()));
}

struct Path {
    std::string_view mailbox; // between the angle brackets, without a source route; may be empty
    std::string_view rest;    // after ">"
};

// RFC 5321 §4.1.2: Path = "<" [ A-d-l ":" ] Mailbox ">". A ">" inside a quoted local part does not end it.
std::optional<Path> split_path(std::string_view text) {
    if (!text.starts_with('<')) return std::nullopt;
    bool quoted = false;
    std::size_t end = 1;
    for (; end < text.size() && (quoted || text[end] != '>'); ++end) {
        if (text[end] == '"') quoted = !quoted;
        if (text[end] == '\\' && quoted) ++end;
    }
    if (end >= text.size()) return std::nullopt;
    auto mailbox = text.substr(1, end - 1);
    auto const rest = text.substr(end + 1);
    if (!rest.empty() && !text::is_blank(rest.front())) return std::nullopt;
    if (mailbox.starts_with('@')) { // RFC 5321 §4.1.2, Appendix C: accepted and ignored
        auto const colon = mailbox.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        auto const route = mailbox.substr(0, colon);
        if (!std::ranges::all_of(route, [](char c) {
                return text::is_alnum(c) || std::string_view("@,-._").contains(c) || !text::is_ascii(c);
            }))
            return std::nullopt;
        mailbox.remove_prefix(colon + 1);
        if (mailbox.empty()) return std::nullopt;
    }
    return Path{mailbox, rest};
}

std::expected<message::Mailbox, std::string_view> parse_mailbox(std::string_view mailbox) {
    if (mailbox.size() > path_limit - 2) return std::unexpected("the address is too long");
    return message::parse_smtp_mailbox(mailbox, true);
}

bool is_ascii(message::Mailbox const& mailbox) {
    return text::is_ascii(mailbox.local_part) && text::is_ascii(mailbox.domain);
}

// RFC 5321 §4.1.1.2: "MAIL FROM:" Reverse-path [SP Mail-parameters]
Parsed parse_mail(std::string_view arguments) {
    auto const path_text = after_keyword(arguments, "FROM:");
    if (!path_text) return refuse(501, "5.5.4", "Syntax: MAIL FROM:<address>");
    auto const path = split_path(*path_text);
    if (!path) return refuse(501, "5.1.7", "Syntax: MAIL FROM:<address>, with the angle brackets");
    Mail mail;
    if (!path->mailbox.empty()) {
        auto mailbox = parse_mailbox(path->mailbox);
        if (!mailbox) return refuse(501, "5.1.7", "Bad sender address: " + std::string(mailbox.error()));
        mail.reverse_path = std::move(*mailbox);
    }
    if (auto taken = parse_parameters(path->rest, mail_parameters, mail); !taken)
        return std::unexpected(std::move(taken.error()));
    // RFC 6531 §3.5
    if (mail.reverse_path && !mail.smtputf8 && !is_ascii(*mail.reverse_path))
        return refuse(553, "5.6.7", "An address that is not ASCII needs the SMTPUTF8 parameter");
    return mail;
}

// RFC 5321 §4.1.1.3: "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters]
Parsed parse_rcpt(std::string_view arguments) {
    auto const path_text = after_keyword(arguments, "TO:");
    if (!path_text) return refuse(501, "5.5.4", "Syntax: RCPT TO:<address>");
    auto const path = split_path(*path_text);
    if (!path) return refuse(501, "5.1.3", "Syntax: RCPT TO:<address>, with the angle brackets");
    Rcpt rcpt;
    if (text::iequals(path->mailbox, "postmaster")) {
        rcpt.forward_path.local_part = path->mailbox;
    } else {
        auto mailbox = parse_mailbox(path->mailbox);
        if (!mailbox) return refuse(501, "5.1.3", "Bad recipient address: " + std::string(mailbox.error()));
        rcpt.forward_path = std::move(*mailbox);
    }
    if (auto taken = parse_parameters(path->rest, rcpt_parameters, rcpt); !taken)
        return std::unexpected(std::move(taken.error()));
    return rcpt;
}

// RFC 5321 §4.1.1.1 asks for Domain or address-literal. Devices send host names with "_" or a bare address, and §4.1.4
// does not let a server refuse mail for a name that it doubts; so what could stand in a Received line is taken.
template <typename Hello> Parsed parse_hello(std::string_view arguments) {
    bool const valid =
        !arguments.empty() && arguments.size() <= message::domain_limit && std::ranges::all_of(arguments, [](char c) {
            return text::is_alnum(c) || std::string_view("-._:[]").contains(c);
        });
    if (!valid) return refuse(501, "5.5.4", "A host name or address literal must follow");
    return Hello{std::string(arguments)};
}

template <typename Plain> Parsed parse_plain(std::string_view arguments) {
    if (!arguments.empty()) return refuse(501, "5.5.4", "This command takes no argument");
    return Plain{};
}

template <typename Worded> Parsed parse_optional_words(std::string_view) { return Worded{}; }

template <typename Worded> Parsed parse_words(std::string_view arguments) {
    if (arguments.empty()) return refuse(501, "5.5.4", "An argument must follow");
    return Worded{};
}

// RFC 3030 §2: "BDAT" SP chunk-size [SP "LAST"]
Parsed parse_bdat(std::string_view arguments) {
    auto const length = std::min(arguments.find(' '), arguments.size());
    auto const size = parse_size(arguments.substr(0, length));
    auto const rest = skip_blanks(arguments.substr(length));
    if (!size || (!rest.empty() && !text::iequals(rest, "LAST")))
        return refuse(421, "4.5.4", "Syntax: BDAT size [LAST]; where the chunk ends cannot be told, closing");
    return Bdat{*size, !rest.empty()};
}

// RFC 4954 §4: "AUTH" SP sasl-mech [SP initial-response]
Parsed parse_auth(std::string_view arguments) {
    auto const length = std::min(arguments.find(' '), arguments.size());
    Auth auth{text::upper(arguments.substr(0, length)), std::nullopt};
    if (!is_sasl_mechanism(auth.mechanism)) return refuse(501, "5.5.4", "Syntax: AUTH mechanism [initial-response]");
    auto const rest = skip_blanks(arguments.substr(length));
    if (rest.empty()) return auth;
    auth.initial_response = rest == "=" ? std::string() : text::base64_decode(rest);
    if (!auth.initial_response) return refuse(501, "5.5.2", "That is not base64");
    return auth;
}

// RFC 1985 §5: "ETRN" SP [option-character] node-name. It has no way to say that a name is UTF-8.
Parsed parse_etrn(std::string_view arguments) {
    using Scope = Etrn::Scope;
    Scope const scope = arguments.starts_with('@')   ? Scope::subdomains
                        : arguments.starts_with('#') ? Scope::queue
                                                     : Scope::domain;
    if (scope != Scope::domain) arguments.remove_prefix(1);
    if (scope == Scope::queue && !arguments.empty() && std::ranges::all_of(arguments, text::is_visible))
        return Etrn{scope, std::string(arguments)};
    auto domain = text::is_ascii(arguments) ? text::domain_to_ascii(arguments) : std::nullopt;
    if (scope == Scope::queue || !domain) return refuse(501, "5.5.4", "Syntax: ETRN domain, or @domain for all below");
    return Etrn{scope, std::move(*domain)};
}

struct Verb {
    std::string_view name;
    Parsed (*parse)(std::string_view arguments);
};

constexpr Verb verbs[] = {
    {"HELO", parse_hello<Helo>},
    {"EHLO", parse_hello<Ehlo>},
    {"MAIL", parse_mail},
    {"RCPT", parse_rcpt},
    {"DATA", parse_plain<Data>},
    {"BDAT", parse_bdat},
    {"RSET", parse_plain<Rset>},
    {"VRFY", parse_words<Vrfy>},
    {"EXPN", parse_words<Expn>},
    {"HELP", parse_optional_words<Help>},
    {"NOOP", parse_optional_words<Noop>},
    {"QUIT", parse_plain<Quit>},
    {"STARTTLS", parse_plain<StartTls>},
    {"AUTH", parse_auth},
    {"ETRN", parse_etrn},
};

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view digits) {
    if (digits.empty() || digits.size() > 20 || !std::ranges::all_of(digits, text::is_digit)) return std::nullopt;
    std::uint64_t size = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    return error == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : size;
}

std::optional<std::chrono::seconds> parse_seconds(std::string_view digits) {
    auto const count = parse_size(digits);
    if (!count || digits.size() > 9) return std::nullopt;
    return std::chrono::seconds(*count);
}

bool is_sasl_mechanism(std::string_view name) {
    return !name.empty() && name.size() <= 20 && std::ranges::all_of(name, [](char c) {
        return text::is_upper(c) || text::is_digit(c) || c == '-' || c == '_';
    });
}

std::expected<Command, Reply> parse_command(std::string_view line) {
    // RFC 5321 §4.1.1: white space before CRLF is tolerated.
    while (!line.empty() && text::is_blank(line.back())) line.remove_suffix(1);
    auto const length = std::min(line.find_first_of(" \t"), line.size());
    auto const verb = std::ranges::find_if(
        verbs, [name = line.substr(0, length)](Verb const& each) { return text::iequals(each.name, name); });
    if (verb == std::end(verbs)) return refuse(500, "5.5.1", "Command not recognized");
    return verb->parse(skip_blanks(line.substr(length)));
}

} // namespace postern::wire::smtp
