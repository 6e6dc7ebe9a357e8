// Records as people write them (RFC 1035 §5.1, RFC 3597 §5). Errors are sentences for who wrote it. Pure; any thread.
#pragma once

#include "wire/dns_message.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::dns {

// "AAAA"; "TYPE65" where we have no name for it.
[[nodiscard]] std::string describe(Type type);
[[nodiscard]] std::optional<Type> parse_type(std::string_view written);

// "@" is the origin, and one label is below it. Of more labels without a dot at their end nobody knows whether they are
// meant to be whole: they are an error, unless they end as the origin does.
[[nodiscard]] std::expected<Name, std::string> parse_name(std::string_view written, Name const& origin);

// What stands behind a record's type: "10 mail", "\"v=spf1 -all\"", "\# 4 C0000201". Character strings may be longer
// than the protocol's 255 octets, and become several.
[[nodiscard]] std::expected<Data, std::string> parse_data(Type type, std::string_view written, Name const& origin);

// So that parse_data() reads it whatever the origin is.
[[nodiscard]] std::string format_data(Data const& data);
// One character string, in quotes.
[[nodiscard]] std::string quote(std::string_view octets);

} // namespace postern::wire::dns
