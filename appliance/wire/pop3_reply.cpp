#include "wire/pop3_reply.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <charconv>

namespace postern::wire::pop3 {

namespace {

// Fit to be shown to people.
std::string shown(std::string_view octets) {
    std::string out = text::to_valid_utf8(octets.substr(0, reply_text_limit));
    std::ranges::replace_if(out, text::is_control, ' ');
    out.resize(text::utf8_prefix(std::string_view(out).substr(0, reply_text_limit)));
    return out;
}

} // namespace

std::optional<ServerReply> parse_server_reply(std::string_view line) {
    auto const word = line.substr(0, line.find(' '));
    auto rest = text::trim(line.substr(word.size()));
    using Status = ServerReply::Status;
    if (word == "+") return ServerReply{Status::challenge, {}, std::string(rest)};
    ServerReply reply;
    if (text::iequals(word, "+OK"))
        reply.status = Status::ok;
    else if (!text::iequals(word, "-ERR"))
        return std::nullopt;
    // RFC 2449 §8.1.1: resp-codes are those of -ERR
    if (auto const end = rest.find(']'); reply.status == Status::error && rest.starts_with('[') && end < rest.size()) {
        reply.code = shown(text::upper(rest.substr(1, end - 1)));
        rest = text::trim(rest.substr(end + 1));
    }
    reply.text = shown(rest);
    return reply;
}

std::size_t TextDecoder::feed(std::string_view input, std::string& out) {
    std::size_t at = 0;
    while (at < input.size() && state_ != State::done) {
        char const octet = input[at];
        switch (state_) {
        case State::line_start:
            if (octet == '.') ++at;
            state_ = octet == '.' ? State::dot : State::text;
            break;
        case State::dot: // its dot is no text, whether it ends it or was put there to hide one
            if (octet == '\r') ++at;
            state_ = octet == '\r' ? State::dot_cr : State::text;
            break;
        case State::dot_cr:
            if (octet == '\n') {
                ++at;
                state_ = State::done;
            } else {
                out += '\r';
                state_ = State::cr;
            }
            break;
        case State::text: {
            auto const cr = std::min(input.find('\r', at), input.size() - 1);
            out.append(input, at, cr + 1 - at);
            state_ = input[cr] == '\r' ? State::cr : State::text;
            at = cr + 1;
            break;
        }
        case State::cr:
            if (octet == '\n') {
                out += octet;
                ++at;
            }
            state_ = octet == '\n' ? State::line_start : State::text;
            break;
        case State::done: break;
        }
    }
    return at;
}

std::optional<ScanLine> parse_scan_line(std::string_view line) {
    line = text::trim(line);
    ScanLine scan;
    auto const [end, error] = std::from_chars(line.data(), line.data() + line.size(), scan.number);
    if (error != std::errc{} || scan.number == 0) return std::nullopt;
    auto const rest = line.substr(static_cast<std::size_t>(end - line.data()));
    if (!rest.starts_with(' ')) return std::nullopt;
    scan.value = text::trim(rest);
    if (scan.value.empty()) return std::nullopt;
    return scan;
}

} // namespace postern::wire::pop3
