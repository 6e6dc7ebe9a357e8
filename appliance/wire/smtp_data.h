// Mail data: what follows DATA, and the chunks of BDAT. Both refuse a line that ends in anything but CRLF, because
// servers that disagree on line ends let a sender hide a second message in the first (SMTP smuggling). A message with
// such a fault is read to its end and refused as a whole; what is sent has no bare LF either. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::smtp {

enum class DataFault : std::uint8_t {
    bare_cr,       // RFC 5321 §2.3.8
    bare_lf,       // RFC 5321 §2.3.8
    nul,           // RFC 2045 §2.7, §2.8: neither 7bit nor 8bit data has any, and IMAP could not hand it out
    line_too_long, // RFC 5321 §4.5.3.1.6
};

// Follows the lines of a message, however it is cut into pieces.
class LineScanner {
public:
    // `line_limit`: octets without CRLF.
    explicit LineScanner(std::size_t line_limit) : line_limit_(line_limit) {}

    // Reads up to and including the next CRLF, or all of `input`; returns how many octets that is.
    std::size_t read(std::string_view input);
    // The message ends here: a CR that waited for its LF is bare.
    void finish();

    [[nodiscard]] bool at_line_start() const { return at_line_start_; }
    [[nodiscard]] std::optional<DataFault> fault() const { return fault_; } // the first one; it stays

private:
    void inspect(std::string_view text);
    void found(DataFault fault) {
        if (!fault_) fault_ = fault;
    }

    std::size_t line_limit_;
    std::size_t length_ = 0; // of the line so far
    bool at_line_start_ = true;
    bool after_cr_ = false;
    std::optional<DataFault> fault_;
};

// RFC 5321 §4.5.2: takes the dots out and finds the end, which is CRLF "." CRLF and nothing else.
class DataDecoder {
public:
    explicit DataDecoder(std::size_t line_limit) : lines_(line_limit) {}

    // Appends to `out` what `input` says; nothing after a fault. Returns the octets read: all, unless done() comes
    // first.
    std::size_t feed(std::string_view input, std::string& out);

    [[nodiscard]] bool done() const { return state_ == State::done; }
    [[nodiscard]] std::optional<DataFault> fault() const { return lines_.fault(); }

private:
    enum class State : std::uint8_t { line_start, dot, dot_cr, text, done };

    LineScanner lines_;
    State state_ = State::line_start;
};

// RFC 5321 §4.5.2: a line that begins with a dot gets another one in front, and a line of one dot is the end. POP3's
// multi-line responses are the same (RFC 1939 §3). Every line ends in CRLF: where the message has a bare LF, as clients
// may store them by IMAP, CRLF is sent, so that no reader takes ".", bare on a line of its own, for the end.
class DataEncoder {
public:
    // Appends what becomes of the message's next octets, cut anywhere.
    void feed(std::string_view octets, std::string& out);
    // Appends the end, after the last octet: CRLF if the last line has none, and ".".
    void finish(std::string& out) const;

private:
    bool line_begins_ = true; // the next octet is a line's first
    bool after_cr_ = false;   // the last one was CR
};

} // namespace postern::wire::smtp
