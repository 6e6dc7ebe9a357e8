// What a client says of an exchange of SASL (sasl_client.h), as lines of SMTP, IMAP and POP3, which are alike in it
// (RFC 4954 §4, RFC 3501 §6.2.2 with RFC 4959, RFC 5034 §4). Responses are octets, not base64 yet. Pure; any thread.
#pragma once

#include "core/secret.h"

#include <optional>
#include <string>
#include <string_view>

namespace postern::wire {

// `command`: "AUTH", "A1 AUTHENTICATE". The response that goes with it may be empty, which is something else than none.
[[nodiscard]] core::Secret sasl_begin(std::string_view command, std::string_view mechanism,
                                      std::optional<core::Secret> const& initial_response);
[[nodiscard]] core::Secret sasl_response(core::Secret const& response);
[[nodiscard]] std::string sasl_cancel();

} // namespace postern::wire
