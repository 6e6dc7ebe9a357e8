// Framing of IMAP input (RFC 3501 §2.2.1, §4.3; RFC 7888): lines and literals are split off under limits before any
// grammar looks at them. The grammar sees a whole command as text and literals in turn, so that a literal's octets can
// never be taken for a command. What an APPEND or a REPLACE brings of its messages is handed on as it arrives and never
// kept: the grammar sees such a command in pieces, one up to each of these literals and one behind the last.
// LITERAL+ is understood, and so what clients of LITERAL- send, which is less (RFC 7888 §5).
//
// A line ends in CRLF. A line that ends in a bare LF is refused, and so is what follows it up to the next CRLF: whoever
// smuggles a line end into a client's string gains no command by it, and whoever types at a terminal is told what is
// wrong. A bare CR or a NUL is refused too. What is refused is read to its end (a non-synchronising literal too, in
// bounded memory), so that the next command starts where the client thinks it does.
//
// Pure; memory is bounded by the limits; any cut of the input yields the same events (octets of a message may come in
// other pieces).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::wire::imap {

// In octets, for one command, or for one piece of an APPEND.
struct FrameLimits {
    std::size_t text = 64 * 1024;      // its lines together, without literals
    std::size_t literals = 128 * 1024; // its literals together, without those of messages
    std::size_t literal_count = 100;
};

// One command or piece of one: text[0] literals[0] text[1] ... text[n]; a text holds no line end and not the "{n}" of
// the literal after it.
struct Framed {
    std::vector<std::string> texts = std::vector<std::string>(1);
    std::vector<std::string> literals;    // one less than texts
    std::optional<std::uint64_t> message; // the announced size of a message's literal, which follows the last text
    bool literal8 = false;                // which was announced as "~{n}" (RFC 3516 §4.3)
};

// "+ ..." is to be sent; then more input.
struct ContinuationNeeded {};
struct CommandReady {
    Framed command;
};
// An APPEND or a REPLACE has come up to a message's octets. To be answered by accept_message or refuse_message.
struct MessageAnnounced {
    Framed command;     // for parse_command; after the first one what follows the last octets, for parse_append_piece
    bool synchronising; // "+ ..." is to be sent if the message is accepted
};
// The next octets of the message, in the input that feed was given. NUL is only in that of a literal8.
struct MessageOctets {
    std::string_view octets;
};
// The command is complete.
struct MessageComplete {
    Framed rest; // what follows the last octets, for parse_append_piece
};
// The command cannot be taken: "tag BAD reason". It was read to its end. After MessageAnnounced: the message is void.
struct Refused {
    std::string tag; // "*" if it is not known
    std::string_view reason;
    std::uint64_t annotation = 0; // of a SETMETADATA: the size of the literal that was too much (RFC 5464 §4.3)
};
struct MoreNeeded {};

// RFC 3501 §9 tag. Longer ones than tag_limit are not echoed.
inline constexpr std::size_t tag_limit = 100;
[[nodiscard]] bool is_tag(std::string_view text);

using FrameEvent = std::variant<MoreNeeded, ContinuationNeeded, CommandReady, MessageAnnounced, MessageOctets,
                                MessageComplete, Refused>;

// A line outside of the grammar.
struct LineReady {
    std::string line; // without CRLF
};
using LineEvent = std::variant<MoreNeeded, LineReady, Refused>;

class CommandFramer {
public:
    explicit CommandFramer(FrameLimits limits = {}) : limits_(limits) {}

    // Takes from the front of `input`, up to the next event; `consumed` says how much. MoreNeeded: all of it.
    [[nodiscard]] FrameEvent feed(std::string_view input, std::size_t& consumed);

    // The answer to MessageAnnounced. Refused: a non-synchronising message and all that follows of the command are read
    // and dropped; then commands again.
    void accept_message();
    void refuse_message();

    // After MoreNeeded or ContinuationNeeded, while a command is read: it is to be answered now. What follows of it is
    // read and dropped. Gives its tag.
    [[nodiscard]] std::string refuse_command();
    // Octets of the command so far, and what it announced.
    [[nodiscard]] std::size_t held_octets() const { return refusal_.empty() ? text_octets_ + literal_octets_ : 0; }

    // Between commands: a line as AUTHENTICATE's responses and IDLE's DONE are (RFC 3501 §6.2.2, RFC 2177). Refused has
    // the tag "*".
    [[nodiscard]] LineEvent feed_line(std::string_view input, std::size_t& consumed);

    // From the next command on.
    void set_limits(FrameLimits limits) { limits_ = limits; }

private:
    enum class State : std::uint8_t { text, literal, announced, message };
    struct Announcement;

    bool take_line(std::string_view& input);
    void check_line();
    std::optional<FrameEvent> end_of_line();
    std::optional<FrameEvent> begin_literal(Announcement const& announced);
    std::optional<FrameEvent> end_of_command();
    void take_literal(std::string_view& input);
    void refuse(std::string_view reason, std::uint64_t annotation = 0);
    void keep_tail(std::string_view octets);
    [[nodiscard]] bool announces_message() const;
    [[nodiscard]] std::string tag() const;
    void reset();

    FrameLimits limits_;
    State state_ = State::text;
    Framed command_;
    std::string tag_; // once the texts are gone
    std::size_t text_octets_ = 0;
    std::size_t literal_octets_ = 0;
    std::uint64_t literal_left_ = 0; // octets of the current literal or message still to come
    bool synchronising_ = false;     // the literal or message announced last is
    bool literal8_ = false;          // and so is whether it is one
    bool after_message_ = false;     // a message was taken; what follows is the next piece of its command
    bool answered_ = false;          // the session has refused this command itself: no event at its end
    bool bare_line_feed_ = false;    // the line before ended in one
    std::string_view refusal_;       // why the command is refused; empty: it is not
    std::uint64_t annotation_ = 0;   // with that, as in Refused
    std::string tail_;               // of a refused line: enough to see a literal announced at its end
};

} // namespace postern::wire::imap
