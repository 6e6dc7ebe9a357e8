// Which capabilities a client is not shown, since it has a fault that they bring out: by known_masks() and by what the
// administrator added (the setting imap.masks). Pure; any thread.
//
// RFC 2971 §3 wants nothing to depend on what a client says of itself. It says so of servers that would favour some
// clients; here one that would lose its user's mail is spared what it cannot do, and only where a rule says why. What
// an account's rules mask depends on nothing that a client says.
#pragma once

#include "core/mask_rules.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::office {

// What clients are known to do wrong. A new case is a new row.
[[nodiscard]] std::span<core::MaskRule const> known_masks();

// Who is on the other end, as far as that is known.
struct MaskedClient {
    std::string name; // ID's; empty: it did not say
    std::string version;
    std::string login; // empty: nobody logged in
};

class CapabilityMask {
public:
    CapabilityMask() = default; // nothing is masked
    CapabilityMask(MaskedClient const& client, std::span<core::MaskRule const> added);

    // Names in any case. QRESYNC goes with CONDSTORE, which it contains (RFC 7162 §3.2).
    [[nodiscard]] bool hides(std::string_view capability) const;
    friend bool operator==(CapabilityMask const&, CapabilityMask const&) = default;

private:
    void apply(MaskedClient const& client, core::MaskRule const& rule);

    std::vector<std::string> hidden_;
};

} // namespace postern::office
