#include "control/shared_name.h"

#include "office/mailbox_name.h"
#include "text/utf8.h"

#include <format>
#include <optional>

namespace postern::control {

std::expected<SharedName, std::string> read_shared_name(std::string_view given) {
    auto whole = office::canonical_mailbox_name(given);
    auto const parsed = whole ? office::parse_mailbox_name(*whole) : std::nullopt;
    if (!parsed || parsed->in != office::Namespace::shared)
        return std::unexpected(std::format("{} is no name of a mailbox of the office; that begins with {}, as {}Sales",
                                           text::to_valid_utf8(given), office::shared_prefix, office::shared_prefix));
    std::string name(parsed->name);
    return SharedName{std::move(*whole), std::move(name)};
}

bool is_shared_name(std::string_view given) { return given.starts_with(office::shared_prefix); }

std::string shown_name(store::Mailbox const& mailbox) {
    return office::to_string({office::Namespace::shared, {}, mailbox.name});
}

} // namespace postern::control
