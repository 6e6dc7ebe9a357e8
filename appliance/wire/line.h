// Command lines of SMTP and POP3 out of a stream of octets (RFC 5321 §2.3.8, §4.5.3.1.4; RFC 2449 §4): only CRLF ends
// one. A bare LF or CR is never taken for a line end, so that what is smuggled in an argument is never executed. Pure;
// one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::wire {

enum class Framing : std::uint8_t {
    partial,   // more input is needed; `consumed` may be dropped all the same
    line,      // a whole line
    malformed, // a bare CR or LF, or NUL
    too_long,  // told after all of it was read
};

struct Framed {
    Framing outcome;
    std::string_view text; // the line without CRLF, in the input; of a `line` alone
    std::size_t consumed;  // octets of input that are done with
};

class LineFramer {
public:
    // Looks at `input`, which begins just past what was consumed last. `limit` counts octets without CRLF.
    //
    // Each bare LF is reported at once, so that a client that knows no better gets an answer; what follows it up to the
    // next CRLF is still part of the malformed line.
    Framed next(std::string_view input, std::size_t limit);

private:
    bool too_long_ = false;  // swallowing up to CRLF, then too_long
    bool malformed_ = false; // swallowing up to CRLF, reported already
};

} // namespace postern::wire
