#include "wire/sasl_plain.h"

#include "text/saslprep.h"
#include "text/utf8.h"

namespace postern::wire {

std::optional<PlainMessage> parse_plain_message(std::string_view message) {
    auto const first = message.find('\0');
    if (first == std::string_view::npos) return std::nullopt;
    auto const second = message.find('\0', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    std::string_view const login = message.substr(first + 1, second - first - 1);
    std::string_view const password = message.substr(second + 1);
    // RFC 4616 §2: authcid and passwd are 1*SAFE, and SAFE is any character but NUL.
    if (login.empty() || password.empty() || password.contains('\0') || !text::is_utf8(message)) return std::nullopt;
    return PlainMessage{std::string(message.substr(0, first)), std::string(login), core::Secret(password)};
}

std::optional<core::Secret> prepare_password(std::string_view password) {
    auto prepared = text::saslprep(password);
    if (!prepared || prepared->empty()) return std::nullopt;
    return core::Secret(std::move(*prepared));
}

} // namespace postern::wire
