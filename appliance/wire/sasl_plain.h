// The SASL mechanisms that carry the password itself: PLAIN (RFC 4616), and LOGIN, which no RFC defines but which old
// Outlook and scanners speak. Both belong under TLS. Pure; any thread.
#pragma once

#include "core/secret.h"

#include <optional>
#include <string>
#include <string_view>

namespace postern::wire {

// RFC 4616 §2
struct PlainMessage {
    std::string authorization_identity;  // authzid: who to act as; empty: as the one who logs in
    std::string authentication_identity; // authcid: the login
    core::Secret password;
};

// RFC 4616 §2: message = [authzid] UTF8NUL authcid UTF8NUL passwd. Nothing when it is anything else.
[[nodiscard]] std::optional<PlainMessage> parse_plain_message(std::string_view message);

// The prompts of LOGIN, which clients match by these very words.
inline constexpr std::string_view login_prompt = "Username:";
inline constexpr std::string_view password_prompt = "Password:";

// RFC 4616 §2, RFC 5802 §2.2: SASLprep, as both verifier and check want it. Nothing for what a client could not send in
// the same way everywhere: not UTF-8, a prohibited character, or empty.
[[nodiscard]] std::optional<core::Secret> prepare_password(std::string_view password);

} // namespace postern::wire
