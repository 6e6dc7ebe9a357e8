// A message as RETR and TOP send it: a multi-line response (RFC 1939 §3), whose dots and line ends are those of SMTP's
// mail data. Pure; one thread.
#pragma once

#include "wire/smtp_data.h"

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
    void feed(std::string_view octets, std::string& out) { data_.feed(lines_left_ ? take_lines(octets) : octets, out); }
    // No octets are wanted any more; what is fed is ignored.
    [[nodiscard]] bool done() const { return done_; }
    // Ends the response, after the last octet or once it is done.
    void finish(std::string& out) const { data_.finish(out); }

private:
    std::string_view take_lines(std::string_view octets);
    void count_line(std::size_t octets, bool ends_in_cr);

    smtp::DataEncoder data_;
    std::optional<std::uint32_t> lines_left_;
    // For TOP alone.
    bool in_header_ = true;
    bool after_cr_ = false;       // the last octet was CR
    std::size_t line_octets_ = 0; // of the line that is not at its end yet
    bool done_ = false;
};

} // namespace postern::wire::pop3
