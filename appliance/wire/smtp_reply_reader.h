// Replies of an SMTP server, as its client reads them out of a stream of octets (RFC 5321 §4.2, §4.2.1), with enhanced
// status codes (RFC 2034, RFC 3463). Servers that break the rules in harmless ways are understood: a bare LF ends a
// line, the text may be missing, be too long, or hold any octets. What could make a client lose its place is malformed.
// However much a server sends, one reply takes bounded memory. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::wire::smtp {

// Octets of a line that are kept; RFC 5321 §4.5.3.1.5 allows 512. What is beyond is dropped.
inline constexpr std::size_t kept_line_limit = 2048;
// Lines of one reply, and octets of all of them, dropped ones included.
inline constexpr std::size_t reply_lines_limit = 128;
inline constexpr std::size_t reply_limit = 64 * 1024UZ;
// Octets of ServerReply::text().
inline constexpr std::size_t reply_text_limit = 512;

struct ServerReply {
    unsigned code = 0;              // 200 to 599
    std::string enhanced;           // "4.7.1"; empty where there is none that fits the code
    std::vector<std::string> lines; // without code and enhanced code; octets as they came; at least one

    // RFC 5321 §4.2.1
    [[nodiscard]] bool positive() const { return code / 100 == 2; }
    [[nodiscard]] bool intermediate() const { return code / 100 == 3; }
    [[nodiscard]] bool transient() const { return code / 100 == 4; }
    [[nodiscard]] bool permanent() const { return code / 100 == 5; }

    // All of it on one line, for people: "550 5.1.1 No such user". UTF-8 without control characters, whatever was sent.
    [[nodiscard]] std::string text() const;

    bool operator==(ServerReply const&) const = default;
};

enum class ReplyReading : std::uint8_t {
    partial,   // more input is needed
    reply,     // a whole reply
    malformed, // no SMTP, or beyond a limit: where the next reply begins cannot be told, and none is read any more
};

struct ReadReply {
    ReplyReading outcome;
    std::size_t consumed; // octets of input that are done with
    ServerReply reply;    // of a `reply` alone
};

class ReplyReader {
public:
    // Reads `input`, which begins just past what was consumed last, up to the end of a reply.
    ReadReply next(std::string_view input);

private:
    ReplyReading take_line();

    std::string line_;       // what came of a line, cut
    ServerReply reply_;      // its lines so far
    std::size_t octets_ = 0; // of this reply
    bool malformed_ = false;
};

} // namespace postern::wire::smtp
