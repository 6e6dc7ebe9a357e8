#include "wire/smtp_extensions.h"

#include "text/ascii.h"
#include "wire/smtp_command.h"

#include <algorithm>
#include <ranges>

namespace postern::wire::smtp {

namespace {

// Takes what stands before the next blanks, and them; empty at the end.
std::string_view take_word(std::string_view& rest) {
    auto const length = std::min(rest.find_first_of(" \t"), rest.size());
    auto const word = rest.substr(0, length);
    rest = text::trim(rest.substr(length));
    return word;
}

void add_mechanisms(Extensions& extensions, std::string_view parameters) {
    while (!parameters.empty() && extensions.auth.size() < auth_mechanisms_limit) {
        std::string name = text::upper(take_word(parameters));
        if (is_sasl_mechanism(name) && !std::ranges::contains(extensions.auth, name))
            extensions.auth.push_back(std::move(name));
    }
}

// RFC 9422: limit-name "=" limit-value, each %x31-39 0*5DIGIT
void take_limit(Extensions& extensions, std::string_view limit) {
    auto const equals = std::min(limit.find('='), limit.size());
    auto const digits = limit.substr(std::min(equals + 1, limit.size()));
    auto const value = parse_size(digits);
    if (!value || digits.size() > 6 || *value == 0) return;
    auto const name = limit.substr(0, equals);
    if (text::iequals(name, "MAILMAX")) extensions.mail_max = value;
    if (text::iequals(name, "RCPTMAX")) extensions.rcpt_max = value;
}

struct ExtensionFlag {
    std::string_view keyword;
    bool Extensions::* offered;
};

constexpr ExtensionFlag extension_flags[] = {
    {"PIPELINING", &Extensions::pipelining},
    {"8BITMIME", &Extensions::eight_bit_mime},
    {"BINARYMIME", &Extensions::binary_mime},
    {"CHUNKING", &Extensions::chunking},
    {"SMTPUTF8", &Extensions::smtputf8},
    {"DSN", &Extensions::dsn},
    {"STARTTLS", &Extensions::starttls},
    {"ENHANCEDSTATUSCODES", &Extensions::enhanced_status_codes},
    {"MT-PRIORITY", &Extensions::mt_priority},
    {"REQUIRETLS", &Extensions::require_tls},
    {"ETRN", &Extensions::etrn},
    {"ATRN", &Extensions::atrn},
};

// An extension whose parameters say more.
struct ExtensionRow {
    std::string_view keyword;
    void (*take)(Extensions& extensions, std::string_view parameters);
};

constexpr ExtensionRow extension_rows[] = {
    {"SIZE", [](Extensions& extensions,
                std::string_view parameters) { extensions.size = parse_size(take_word(parameters)).value_or(0); }},
    {"AUTH", add_mechanisms},
    {"DELIVERBY",
     [](Extensions& extensions, std::string_view parameters) {
         // [min-by-time] *( "," extension-token )
         auto const minimum = take_word(parameters);
         extensions.deliver_by =
             parse_seconds(minimum.substr(0, minimum.find(','))).value_or(std::chrono::seconds::zero());
     }},
    {"LIMITS",
     [](Extensions& extensions, std::string_view parameters) {
         while (!parameters.empty()) take_limit(extensions, take_word(parameters));
     }},
};

// RFC 5321 §4.1.1.1: ehlo-line = ehlo-keyword *( SP ehlo-param )
void take_extension(Extensions& extensions, std::string_view line) {
    std::string_view parameters = text::trim(line);
    // "AUTH=LOGIN", from before RFC 2554: what old Outlook understood, and servers still say.
    constexpr std::string_view old_auth = "AUTH=";
    if (text::istarts_with(parameters, old_auth))
        return add_mechanisms(extensions, text::trim(parameters.substr(old_auth.size())));
    auto const keyword = take_word(parameters);
    for (auto const& flag : extension_flags)
        if (text::iequals(keyword, flag.keyword)) extensions.*flag.offered = true;
    for (auto const& row : extension_rows)
        if (text::iequals(keyword, row.keyword)) row.take(extensions, parameters);
}

} // namespace

Extensions parse_extensions(ServerReply const& ehlo) {
    Extensions extensions;
    for (std::string const& line : ehlo.lines | std::views::drop(1)) take_extension(extensions, line);
    return extensions;
}

} // namespace postern::wire::smtp
