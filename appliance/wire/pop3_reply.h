// What a POP3 server says to its client (RFC 1939 §3, RFC 2449 §8, RFC 5034 §4): a status, and behind some a text of
// several lines. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::pop3 {

// Octets of a status line (RFC 2449 §4 allows 512) and of an exchange of SASL, which may be longer.
inline constexpr std::size_t reply_line_limit = 16 * 1024UZ;
// Octets of a status's text that are kept.
inline constexpr std::size_t reply_text_limit = 512;

struct ServerReply {
    enum class Status : std::uint8_t { ok, error, challenge } status = Status::error;
    std::string code; // RFC 2449 §8, in capitals: "AUTH", "SYS/TEMP"; empty: none
    std::string text; // of a challenge as it came, otherwise UTF-8 without control characters
    bool operator==(ServerReply const&) const = default;
};

// A status line without its CRLF; nothing: it is no POP3.
[[nodiscard]] std::optional<ServerReply> parse_server_reply(std::string_view line);

// The text behind a status: takes the dots out, and finds the end, which is CRLF "." CRLF and nothing else, so that no
// message can end it and speak for the server. Whatever else is in a line is handed on as it is.
class TextDecoder {
public:
    // Appends to `out` what `input` says. Returns the octets read: all, unless done() comes first.
    std::size_t feed(std::string_view input, std::string& out);
    [[nodiscard]] bool done() const { return state_ == State::done; }

private:
    enum class State : std::uint8_t { line_start, dot, dot_cr, text, cr, done };
    State state_ = State::line_start;
};

// A line of LIST or UIDL (RFC 1939 §5, §7): a message's number, and what is said of it, without spaces at both ends.
struct ScanLine {
    std::uint32_t number = 0;
    std::string_view value;
};
[[nodiscard]] std::optional<ScanLine> parse_scan_line(std::string_view line);

} // namespace postern::wire::pop3
