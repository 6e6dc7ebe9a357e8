#include "office/capability_mask.h"

#include "text/ascii.h"

#include <algorithm>

namespace postern::office {

std::span<core::MaskRule const> known_masks() {
    using enum core::MaskRule::By;
    static std::vector<core::MaskRule> const rules{
        {client,
         "Microsoft Office 365",
         "",
         {"UIDONLY"},
         "Outlook's servers enable it, then fetch by sequence number all the same, and get no mail "
         "(github.com/modern-email/defects, issue 49)"},
    };
    return rules;
}

CapabilityMask::CapabilityMask(MaskedClient const& client, std::span<core::MaskRule const> added) {
    for (core::MaskRule const& rule : known_masks()) apply(client, rule);
    for (core::MaskRule const& rule : added) apply(client, rule);
}

void CapabilityMask::apply(MaskedClient const& client, core::MaskRule const& rule) {
    bool const by_client = rule.by == core::MaskRule::By::client;
    std::string const& name = by_client ? client.name : client.login;
    if (name.empty() || !text::iequals(name, rule.name)) return;
    if (by_client && !client.version.starts_with(rule.version)) return;
    for (std::string const& capability : rule.capabilities) hidden_.push_back(text::upper(capability));
    if (hides("CONDSTORE") && !hides("QRESYNC")) hidden_.emplace_back("QRESYNC");
}

bool CapabilityMask::hides(std::string_view capability) const {
    return std::ranges::any_of(hidden_, [&](std::string const& name) { return text::iequals(name, capability); });
}

} // namespace postern::office
