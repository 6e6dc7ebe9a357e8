// SMTP replies (RFC 5321 §4.2) with enhanced status codes (RFC 2034, RFC 3463). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace postern::wire::smtp {

// RFC 5321 §4.5.3.1.5: octets of one reply line, CRLF included.
inline constexpr std::size_t reply_line_limit = 512;

struct Reply {
    unsigned code = 0;
    std::string_view enhanced; // "5.1.1", a literal; empty where RFC 2034 §4 wants none: the greeting, EHLO's answer
    std::string text;          // LF between lines; never what a client sent

    bool operator==(Reply const&) const = default;
};

// All its lines, each with the code, the enhanced code and CRLF; what is too long for a line is cut.
[[nodiscard]] std::string format(Reply const& reply);

} // namespace postern::wire::smtp
