// One POP3 command line as a typed value (RFC 1939, and the extensions that Postern offers). What parses is valid in
// itself; whether the command may come now is the session's to say. Pure; any thread.
#pragma once

#include "core/secret.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::wire::pop3 {

// RFC 2449 §4: 255 octets with CRLF.
inline constexpr std::size_t command_line_limit = 253;
// RFC 5034 §4: what a client says within an AUTH exchange is as long as its mechanism makes it.
inline constexpr std::size_t exchange_line_limit = 12'288;

struct User {
    std::string name; // RFC 6856 §2.2: may be UTF-8
};
struct Pass {
    core::Secret password; // all that follows the one space, spaces included (RFC 1939 §7)
};
struct Auth {                                     // RFC 5034 §4
    std::string mechanism;                        // in capitals; empty: asks which ones there are
    std::optional<core::Secret> initial_response; // decoded
};
struct Capa {};      // RFC 2449 §5
struct Stls {};      // RFC 2595 §4
struct Utf8 {};      // RFC 6856 §2.1
struct Lang {        // RFC 6856 §3.2
    std::string tag; // empty: asks which ones there are
};
struct Stat {};
struct List {
    std::optional<std::uint32_t> message;
};
struct Uidl {
    std::optional<std::uint32_t> message;
};
struct Retr {
    std::uint32_t message;
};
struct Top {
    std::uint32_t message;
    std::uint32_t lines;
};
struct Dele {
    std::uint32_t message;
};
struct Noop {};
struct Rset {};
struct Quit {};

using Command =
    std::variant<User, Pass, Auth, Capa, Stls, Utf8, Lang, Stat, List, Uidl, Retr, Top, Dele, Noop, Rset, Quit>;

// `line` without its CRLF. The error says what is wrong with it. A number that is beyond 32 bits becomes the greatest
// there is.
[[nodiscard]] std::expected<Command, std::string_view> parse_command(std::string_view line);

} // namespace postern::wire::pop3
