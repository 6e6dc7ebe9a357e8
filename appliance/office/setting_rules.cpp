#include "office/setting_rules.h"

#include "core/words.h"
#include "net/address.h"
#include "text/ascii.h"
#include "text/idn.h"

#include <algorithm>
#include <format>
#include <iterator>

namespace postern::office {

namespace {

// Clients compare it with a certificate, and some octet by octet.
std::optional<std::string> host_objection(std::string_view, std::string_view value) {
    if (value.empty() || (text::domain_to_ascii(value) == value && value.contains('.'))) return std::nullopt;
    return std::format("{} is not a whole host name in lower case, such as mail.firm.example", value);
}

std::optional<std::string> authority_objection(std::string_view, std::string_view value) {
    if (value.empty() || value.starts_with("https://")) return std::nullopt;
    return std::format("{} is not where an authority is, such as https://acme-v02.api.letsencrypt.org/directory",
                       value);
}

std::optional<std::string> domains_objection(std::string_view setting, std::string_view value) {
    for (std::string_view const word : core::words(value))
        if (!text::domain_to_ascii(word))
            return std::format("{} takes domain names such as firm.example, and {} is none", setting, word);
    return std::nullopt;
}

std::optional<std::string> own_address_objection(std::string_view, std::string_view value) {
    if (value == "dhcp" || (value.contains('/') && net::Network::parse(value))) return std::nullopt;
    return std::format("network.address is dhcp, or an address with its network such as 192.168.1.2/24, not \"{}\"",
                       value);
}

// As Linux calls them, and nothing that systemd.network(5) takes for a pattern.
std::optional<std::string> interface_objection(std::string_view, std::string_view value) {
    constexpr std::size_t longest = 15;
    auto const is_part = [](char c) { return text::is_alnum(c) || c == '.' || c == '-' || c == '_'; };
    if (value.size() <= longest && std::ranges::all_of(value, is_part)) return std::nullopt;
    return std::format("network.interface is a name such as eth1, or empty, not \"{}\"", value);
}

std::optional<std::string> router_objection(std::string_view, std::string_view value) {
    if (value.empty() || (!value.contains('/') && net::Network::parse(value))) return std::nullopt;
    return std::format("{} is not a router's address, such as 192.168.1.1", value);
}

std::optional<std::string> language_objection(std::string_view, std::string_view value) {
    constexpr std::string_view languages[] = {"en", "de", "fr", "es", "ru"};
    if (std::ranges::contains(languages, value)) return std::nullopt;
    return std::format("office.language is en, de, fr, es or ru, not \"{}\"", value);
}

struct Row {
    std::string_view setting;
    std::optional<std::string> (*objection)(std::string_view setting, std::string_view value);
};
constexpr Row rows[] = {
    {"acme.directory", authority_objection},    {"dns.private_domains", domains_objection},
    {"mail.local_domains", domains_objection},  {"network.address", own_address_objection},
    {"network.interface", interface_objection}, {"network.router", router_objection},
    {"office.language", language_objection},    {"tls.host", host_objection},
};

} // namespace

std::optional<std::string> objection(std::string_view setting, std::string_view value) {
    auto const row = std::ranges::find(rows, setting, &Row::setting);
    return row == std::end(rows) ? std::nullopt : row->objection(setting, value);
}

} // namespace postern::office
