#include "office/setting_rules.h"

#include "core/words.h"
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

struct Row {
    std::string_view setting;
    std::optional<std::string> (*objection)(std::string_view setting, std::string_view value);
};
constexpr Row rows[] = {
    {"acme.directory", authority_objection},
    {"dns.private_domains", domains_objection},
    {"mail.local_domains", domains_objection},
    {"tls.host", host_objection},
};

} // namespace

std::optional<std::string> objection(std::string_view setting, std::string_view value) {
    auto const row = std::ranges::find(rows, setting, &Row::setting);
    return row == std::end(rows) ? std::nullopt : row->objection(setting, value);
}

} // namespace postern::office
