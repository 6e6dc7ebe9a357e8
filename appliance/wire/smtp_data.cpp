#include "wire/smtp_data.h"

#include <algorithm>

namespace postern::wire::smtp {

std::size_t LineScanner::read(std::string_view input) {
    if (input.empty()) return 0;
    auto const lf = input.find('\n');
    if (lf == std::string_view::npos) {
        bool const ends_in_cr = input.back() == '\r';
        inspect(ends_in_cr ? input.substr(0, input.size() - 1) : input);
        if (ends_in_cr) {
            if (after_cr_) found(DataFault::bare_cr);
            after_cr_ = true;
        }
        at_line_start_ = false;
        return input.size();
    }
    bool const crlf = lf == 0 ? after_cr_ : input[lf - 1] == '\r';
    if (lf > 0) inspect(input.substr(0, lf - (crlf ? 1 : 0)));
    if (crlf && lf == 1 && after_cr_) found(DataFault::bare_cr);
    if (!crlf) found(DataFault::bare_lf);
    at_line_start_ = crlf;
    after_cr_ = false;
    if (crlf) length_ = 0;
    return lf + 1;
}

void LineScanner::finish() {
    if (after_cr_) found(DataFault::bare_cr);
    after_cr_ = false;
}

// Text of a line, without its CRLF. What stands first counts, so that the verdict does not depend on how octets arrive.
void LineScanner::inspect(std::string_view text) {
    if (text.empty()) return;
    if (after_cr_) found(DataFault::bare_cr);
    after_cr_ = false;
    if (fault_) return;
    auto const beyond = line_limit_ - length_ < text.size() ? line_limit_ - length_ : std::string_view::npos;
    auto const cr = text.find('\r');
    auto const nul = text.find('\0');
    auto const first = std::min({beyond, cr, nul});
    if (first == std::string_view::npos)
        length_ += text.size();
    else if (first == cr)
        found(DataFault::bare_cr);
    else if (first == nul && first != beyond)
        found(DataFault::nul);
    else
        found(DataFault::line_too_long);
}

std::size_t DataDecoder::feed(std::string_view input, std::string& out) {
    std::size_t at = 0;
    while (at < input.size() && state_ != State::done) {
        char const octet = input[at];
        switch (state_) {
        case State::line_start:
            if (octet == '.') ++at;
            state_ = octet == '.' ? State::dot : State::text;
            break;
        case State::dot: // its dot is not data, whether it ends the message or was put there to hide one
            if (octet == '\r') ++at;
            state_ = octet == '\r' ? State::dot_cr : State::text;
            break;
        case State::dot_cr:
            if (octet == '\n') {
                ++at;
                state_ = State::done;
            } else {
                lines_.read("\r");
                state_ = State::text;
            }
            break;
        case State::text: {
            std::size_t const length = lines_.read(input.substr(at));
            if (!lines_.fault()) out.append(input, at, length);
            at += length;
            if (lines_.at_line_start()) state_ = State::line_start;
            break;
        }
        case State::done: break;
        }
    }
    return at;
}

void DataEncoder::feed(std::string_view octets, std::string& out) {
    if (octets.empty()) return;
    std::size_t copied = 0; // of octets
    auto const copy_to = [&](std::size_t end) {
        out += octets.substr(copied, end - copied);
        copied = end;
    };
    std::size_t begin = 0; // of a line, or of what is here of it
    while (begin < octets.size()) {
        if (line_begins_ && octets[begin] == '.') {
            copy_to(begin);
            out += '.';
        }
        auto const lf = octets.find('\n', begin);
        line_begins_ = lf != std::string_view::npos;
        if (!line_begins_) break;
        bool const cr = lf > 0 ? octets[lf - 1] == '\r' : after_cr_;
        if (!cr) {
            copy_to(lf);
            out += '\r';
        }
        begin = lf + 1;
    }
    copy_to(octets.size());
    after_cr_ = octets.back() == '\r';
}

void DataEncoder::finish(std::string& out) const {
    if (!line_begins_) out += after_cr_ ? "\n" : "\r\n";
    out += ".\r\n";
}

} // namespace postern::wire::smtp
