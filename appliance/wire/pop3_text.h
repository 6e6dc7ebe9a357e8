// A message as RETR and TOP send it: a multi-line response (RFC 1939 §3), in which a line that begins with a dot gets
// another one in front, and which ends with a line of one dot. Every line ends in CRLF: where the message has a bare
// LF, as clients may store them by IMAP, CRLF is sent, so that no reader takes ".", bare on a line of its own, for the
// end. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::pop3 {

class TextEncoder {
public:
    // `body_lines`: for TOP (RFC 1939 §7), the header, the empty line behind it, and so many lines; otherwise all.
    explicit TextEncoder(std::optional<std::uint32_t> body_lines = std::nullopt) : lines_left_(body_lines) {}

    // Appends what becomes of the message's next octets, cut anywhere.
    void feed(std::string_view octets, std::string& out);
    // No octets are wanted any more; what is fed is ignored.
    [[nodiscard]] bool done() const { return done_; }
    // Ends the response, after the last octet or once it is done.
    void finish(std::string& out) const;

private:
    void count_line(std::size_t octets, bool ends_in_cr);

    std::optional<std::uint32_t> lines_left_;
    bool in_header_ = true;
    bool line_begins_ = true;     // the next octet is a line's first
    bool after_cr_ = false;       // the last one was CR
    std::size_t line_octets_ = 0; // of the line that is not at its end yet; for TOP alone
    bool done_ = false;
};

} // namespace postern::wire::pop3
