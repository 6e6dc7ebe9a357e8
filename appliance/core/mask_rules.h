// Rules by which mail clients with a fault are shown a smaller server: the value of the setting imap.masks. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace postern::core {

struct MaskRule {
    enum class By : std::uint8_t { client, account } by{};
    std::string name;                      // of the client as it says itself (RFC 2971), or the account's login
    std::string version;                   // of a client: what its version begins with; empty: any
    std::vector<std::string> capabilities; // IMAP's names; they are not shown, and their commands not taken
    std::string reason;
    friend bool operator==(MaskRule const&, MaskRule const&) = default;
};

// client NAME[/VERSION]: CAPABILITY... (REASON); account LOGIN: CAPABILITY... (REASON)
// The error is a sentence that names the rule. IMAP4rev1, STARTTLS and LOGINDISABLED cannot be masked.
[[nodiscard]] std::expected<std::vector<MaskRule>, std::string> parse_mask_rules(std::string_view written);

// How it is written, without the reason's parentheses and what stands in them.
[[nodiscard]] std::string who_is_masked(MaskRule const& rule);

} // namespace postern::core
