// Responses of an IMAP server, as its client reads them out of a stream of octets (RFC 3501 §2.2.2, §7). The octets of
// a message that a FETCH response brings are handed on as they come and never kept; everything else of a response is
// gathered, within limits, until it is whole. What could make a client lose its place is malformed; a line that makes
// no sense is only passed over. Pure; one thread; any cut of the input yields the same (octets may come in other
// pieces).
#pragma once

#include "wire/imap_reply.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::wire::imap {

// Octets of one response, without those of a message: a list of UIDs may be long. And literals in it.
inline constexpr std::size_t reply_text_limit = 1024 * 1024UZ;
inline constexpr std::size_t reply_literals_limit = 1000;

enum class ReplyReading : std::uint8_t {
    partial,   // more input is needed
    reply,     // a whole response
    body,      // the next octets of the message of a FETCH response, which comes once all of them were there
    malformed, // no IMAP, or beyond a limit: where the next response begins cannot be told, and none is read any more
};

struct ReadReply {
    ReplyReading outcome;
    std::size_t consumed;    // octets of input that are done with
    Reply reply{};           // of a `reply`
    FetchReply fetch{};      // of a `body`: what stood before it; servers may say after it which message that is
    std::string_view octets; // of a `body`: in the input
};

class ReplyReader {
public:
    // Reads `input`, which begins just past what was consumed last, up to the end of something.
    ReadReply next(std::string_view input);

private:
    bool take_text(std::string_view text); // false: too much
    bool end_line();                       // whether the response is whole
    ReadReply finish(std::size_t consumed);

    Framed framed_;
    std::size_t octets_ = 0; // of framed_
    std::uint64_t literal_left_ = 0;
    bool in_literal_ = false;
    bool in_body_ = false; // which is that literal
    FetchReply fetch_;     // up to the body
    bool has_body_ = false;
    std::uint64_t body_octets_ = 0;
    bool malformed_ = false;
};

} // namespace postern::wire::imap
