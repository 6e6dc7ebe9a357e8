#include "wire/imap_framing.h"

#include "text/ascii.h"
#include "wire/imap_syntax.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace postern::wire::imap {

namespace {

constexpr std::size_t number_digits = 20;             // what 64 bits can need
constexpr std::size_t tail_limit = number_digits + 8; // "{n+}" CR and a margin

// Takes `word` off the front, of any case.
bool take_word(std::string_view& text, std::string_view word) {
    if (!text::istarts_with(text, word)) return false;
    text.remove_prefix(word.size());
    return true;
}

bool iends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text::iequals(text.substr(text.size() - end.size()), end);
}

// What follows the verb, where it is that of a command with messages, from the mailbox on (RFC 8508 §5: a number stands
// before that).
std::optional<std::string_view> after_append_verb(std::string_view command) {
    std::size_t const space = command.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    command.remove_prefix(space + 1);
    if (take_word(command, "APPEND ")) return command;
    take_word(command, "UID ");
    if (!take_word(command, "REPLACE ")) return std::nullopt;
    std::size_t const number = command.find(' ');
    return number == std::string_view::npos ? std::nullopt : std::optional(command.substr(number + 1));
}

// RFC 5464 §5: a value may be a literal8.
bool sets_metadata(std::string_view command) {
    std::size_t const space = command.find(' ');
    return space != std::string_view::npos && text::istarts_with(command.substr(space + 1), "SETMETADATA ");
}

} // namespace

// RFC 3501 §9: literal = "{" number "}" CRLF; RFC 7888 §3: "{" number "+}" CRLF; RFC 4466 §6: literal8 = "~" literal
struct CommandFramer::Announcement {
    std::uint64_t octets = 0; // what 64 bits cannot hold is their maximum: it is over every limit
    bool synchronising = true;
    bool literal8 = false;
    std::size_t length = 0; // of "{n}" itself

    // At the end of a line without its CRLF.
    static std::optional<Announcement> at_end_of(std::string_view line) {
        if (!line.ends_with('}')) return std::nullopt;
        std::size_t const open = line.rfind('{');
        if (open == std::string_view::npos) return std::nullopt;
        std::string_view digits = line.substr(open + 1, line.size() - open - 2);
        bool const literal8 = open > 0 && line[open - 1] == '~';
        Announcement announced{.literal8 = literal8, .length = line.size() - open + (literal8 ? 1 : 0)};
        if (digits.ends_with('+')) {
            announced.synchronising = false;
            digits.remove_suffix(1);
        }
        if (digits.empty() || digits.size() > number_digits || !std::ranges::all_of(digits, text::is_digit))
            return std::nullopt;
        constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
        for (char const c : digits) {
            auto const digit = static_cast<std::uint64_t>(c - '0');
            announced.octets = announced.octets > (most - digit) / 10 ? most : announced.octets * 10 + digit;
        }
        return announced;
    }
};

bool is_tag(std::string_view text) {
    return !text.empty() && text.size() <= tag_limit && std::ranges::all_of(text, is_tag_char);
}

FrameEvent CommandFramer::feed(std::string_view input, std::size_t& consumed) {
    std::size_t const all = input.size();
    for (;;) {
        switch (state_) {
        case State::text:
            if (!take_line(input)) {
                consumed = all;
                return MoreNeeded{};
            }
            if (auto event = end_of_line()) {
                consumed = all - input.size();
                return std::move(*event);
            }
            break;
        case State::literal:
            take_literal(input);
            if (literal_left_ > 0) {
                consumed = all;
                return MoreNeeded{};
            }
            break;
        case State::announced: // the session owes an answer
            consumed = 0;
            return MoreNeeded{};
        case State::message:
            if (literal_left_ == 0) {
                state_ = State::text;
                break;
            }
            if (input.empty()) {
                consumed = all;
                return MoreNeeded{};
            }
            std::string_view const octets = input.substr(0, std::min<std::uint64_t>(input.size(), literal_left_));
            if (!literal8_ && octets.contains('\0')) { // RFC 3501 §9: CHAR8 = %x01-ff
                refuse("The message contains a NUL octet");
                state_ = State::literal;
                break;
            }
            literal_left_ -= octets.size();
            consumed = octets.size();
            return MessageOctets{octets};
        }
    }
}

void CommandFramer::accept_message() {
    state_ = State::message;
    after_message_ = true;
    text_octets_ = literal_octets_ = 0;
}

void CommandFramer::refuse_message() {
    if (synchronising_) return reset(); // without "+" the client does not send it
    refuse("The message was refused");
    answered_ = true;
    state_ = State::literal;
}

std::string CommandFramer::refuse_command() {
    bool const awaits = state_ == State::literal && synchronising_ && command_.literals.back().empty();
    std::string refused = tag_.empty() ? tag() : tag_;
    if (awaits) {
        reset(); // without "+" the client does not send it
    } else {
        refuse("There is no room for it");
        answered_ = true;
    }
    return refused;
}

LineEvent CommandFramer::feed_line(std::string_view input, std::size_t& consumed) {
    std::size_t const all = input.size();
    bool const complete = take_line(input);
    consumed = all - input.size();
    if (!complete) return MoreNeeded{};
    LineEvent event;
    if (refusal_.empty())
        event = LineReady{std::move(command_.texts.front())};
    else
        event = Refused{"*", refusal_};
    reset();
    return event;
}

// Moves input up to a line end to the text. True once the line is complete, checked, and without its CRLF.
bool CommandFramer::take_line(std::string_view& input) {
    std::size_t const line_feed = input.find('\n');
    bool const complete = line_feed != std::string_view::npos;
    std::string_view piece = input.substr(0, line_feed);
    input.remove_prefix(complete ? line_feed + 1 : input.size());

    if (refusal_.empty()) {
        std::string_view const fits = piece.substr(0, limits_.text - text_octets_);
        command_.texts.back() += fits;
        text_octets_ += fits.size();
        piece.remove_prefix(fits.size());
        if (!piece.empty()) refuse("The command line is too long");
    }
    if (!refusal_.empty()) keep_tail(piece);
    if (complete) check_line();
    return complete;
}

void CommandFramer::check_line() {
    std::string& line = refusal_.empty() ? command_.texts.back() : tail_;
    bool const after_bare_line_feed = std::exchange(bare_line_feed_, !line.ends_with('\r'));
    if (!bare_line_feed_) line.pop_back();
    if (!refusal_.empty()) return;
    if (bare_line_feed_)
        refuse("Lines end in CRLF, not in a bare LF");
    else if (after_bare_line_feed)
        refuse("This line follows one that ended in a bare LF");
    else if (line.contains('\r'))
        refuse("The line contains a bare CR");
    else if (line.contains('\0'))
        refuse("The line contains a NUL octet");
}

// What a complete line leads to; nothing: read on.
std::optional<FrameEvent> CommandFramer::end_of_line() {
    // What follows a line that ended wrongly is lines, and refused as such, whatever literal it announced.
    if (bare_line_feed_) return end_of_command();
    auto const announced = Announcement::at_end_of(refusal_.empty() ? command_.texts.back() : tail_);
    return announced ? begin_literal(*announced) : end_of_command();
}

std::optional<FrameEvent> CommandFramer::begin_literal(Announcement const& announced) {
    if (refusal_.empty()) {
        std::string& line = command_.texts.back();
        line.resize(line.size() - announced.length);
        synchronising_ = announced.synchronising;
        if (announces_message()) {
            if (!after_message_) tag_ = tag();
            command_.message = literal_left_ = announced.octets;
            command_.literal8 = literal8_ = announced.literal8;
            state_ = State::announced;
            return MessageAnnounced{std::exchange(command_, {}), synchronising_};
        }
        literal8_ = announced.literal8;
        bool const annotates = sets_metadata(command_.texts.front());
        if (literal8_ && !annotates)
            refuse("Only a message or an annotation may be a literal8");
        else if (announced.octets > limits_.literals - literal_octets_)
            refuse("The literal is too large", annotates ? announced.octets : 0);
        else if (command_.literals.size() == limits_.literal_count)
            refuse("The command has too many literals");
    }
    // Without "+" the client does not send a synchronising literal: a command that is refused ends here.
    if (!refusal_.empty() && announced.synchronising) return end_of_command();

    state_ = State::literal;
    literal_left_ = announced.octets;
    if (!refusal_.empty()) return std::nullopt;
    literal_octets_ += announced.octets;
    command_.literals.emplace_back();
    if (announced.synchronising) return ContinuationNeeded{};
    return std::nullopt;
}

// Takes what there is of a literal, or drops it if the command is refused.
void CommandFramer::take_literal(std::string_view& input) {
    std::string_view const octets = input.substr(0, std::min<std::uint64_t>(input.size(), literal_left_));
    input.remove_prefix(octets.size());
    literal_left_ -= octets.size();
    if (refusal_.empty()) {
        command_.literals.back() += octets;
        if (!literal8_ && octets.contains('\0'))
            refuse("The literal contains a NUL octet"); // RFC 3501 §9: CHAR8 = %x01-ff
    }
    if (literal_left_ > 0) return;
    state_ = State::text;
    if (refusal_.empty())
        command_.texts.emplace_back();
    else
        tail_.clear();
}

std::optional<FrameEvent> CommandFramer::end_of_command() {
    std::optional<FrameEvent> event;
    if (answered_)
        event = std::nullopt;
    else if (!refusal_.empty())
        event = Refused{std::move(tag_), refusal_, annotation_};
    else if (after_message_)
        event = MessageComplete{std::move(command_)};
    else
        event = CommandReady{std::move(command_)};
    reset();
    return event;
}

// The rest of the command is read and dropped.
void CommandFramer::refuse(std::string_view reason, std::uint64_t annotation) {
    if (tag_.empty()) tag_ = tag();
    refusal_ = reason;
    annotation_ = annotation;
    tail_.clear();
    keep_tail(command_.texts.back());
    command_ = {};
}

void CommandFramer::keep_tail(std::string_view octets) {
    tail_ += octets.substr(octets.size() - std::min(octets.size(), tail_limit));
    tail_.erase(0, tail_.size() - std::min(tail_.size(), tail_limit));
}

// RFC 4466 §2.7 append-message: each literal is a message's, or goes into one, unless it stands where the mailbox or a
// URL does (RFC 4469 §5).
bool CommandFramer::announces_message() const {
    if (!after_message_) {
        auto const rest = after_append_verb(command_.texts.front());
        if (!rest) return false;
        if (command_.literals.empty()) {
            if (rest->empty()) return false;
            if (rest->find(' ') + 1 == rest->size()) return true; // the mailbox, whatever its name
        }
    }
    return !iends_with(command_.texts.back(), "URL ");
}

// RFC 3501 §2.2.1
std::string CommandFramer::tag() const {
    std::string const& text = command_.texts.front();
    std::size_t const space = text.find(' ');
    if (space == std::string::npos || !is_tag(std::string_view(text).substr(0, space))) return "*";
    return text.substr(0, space);
}

void CommandFramer::reset() {
    bool const bare_line_feed = bare_line_feed_;
    FrameLimits const limits = limits_;
    *this = CommandFramer(limits);
    bare_line_feed_ = bare_line_feed;
}

} // namespace postern::wire::imap
