#include "wire/imap_reply_reader.h"

#include "text/ascii.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace postern::wire::imap {

namespace {

// RFC 3501 §9: literal = "{" number "}" CRLF; RFC 3516 §4.4: literal8 = "~{" number "}" CRLF. Takes it off the line.
std::optional<std::uint64_t> take_announcement(std::string& line) {
    auto const begin = line.rfind('{');
    if (!line.ends_with('}') || begin == std::string::npos) return std::nullopt;
    std::uint64_t octets = 0;
    char const* const last = line.data() + line.size() - 1;
    auto const [end, error] = std::from_chars(line.data() + begin + 1, last, octets);
    if (error != std::errc{} || end != last) return std::nullopt;
    line.resize(begin > 0 && line[begin - 1] == '~' ? begin - 1 : begin);
    return octets;
}

} // namespace

bool ReplyReader::take_text(std::string_view text) {
    octets_ += text.size();
    if (octets_ > reply_text_limit) return false;
    (in_literal_ ? framed_.literals : framed_.texts).back() += text;
    return true;
}

// The last text has come to its line's end.
bool ReplyReader::end_line() {
    std::string& line = framed_.texts.back();
    if (line.ends_with('\r')) line.pop_back();
    auto const announced = may_announce_literal(framed_.texts.front()) ? take_announcement(line) : std::nullopt;
    if (!announced) return true;
    auto const fetch = has_body_ ? std::nullopt : parse_up_to_body(framed_);
    framed_.literals.emplace_back();
    in_literal_ = true;
    in_body_ = fetch.has_value();
    literal_left_ = *announced;
    if (fetch) {
        has_body_ = true;
        fetch_ = *fetch;
        fetch_.body_octets = body_octets_ = *announced;
    }
    return false;
}

ReadReply ReplyReader::next(std::string_view input) {
    std::size_t consumed = 0;
    while (!malformed_) {
        auto const rest = input.substr(consumed);
        if (in_literal_ && literal_left_ == 0) {
            in_literal_ = in_body_ = false;
            framed_.texts.emplace_back();
            continue;
        }
        if (rest.empty()) break;
        if (in_literal_) {
            auto const octets = rest.substr(0, std::min<std::uint64_t>(rest.size(), literal_left_));
            consumed += octets.size();
            literal_left_ -= octets.size();
            if (in_body_) return {ReplyReading::body, consumed, {}, fetch_, octets};
            malformed_ = !take_text(octets);
            continue;
        }
        auto const lf = rest.find('\n');
        auto const length = std::min(lf, rest.size());
        consumed += length + (lf < rest.size() ? 1 : 0);
        malformed_ = !take_text(rest.substr(0, length)) || framed_.literals.size() > reply_literals_limit;
        if (malformed_ || lf >= rest.size()) continue;
        if (end_line()) return finish(consumed);
    }
    return {malformed_ ? ReplyReading::malformed : ReplyReading::partial, consumed, {}, {}, {}};
}

ReadReply ReplyReader::finish(std::size_t consumed) {
    auto reply = parse_reply(framed_, body_octets_);
    // The octets are with whoever reads: this must be what they belong to.
    malformed_ = has_body_ && !std::holds_alternative<FetchReply>(reply);
    framed_ = {};
    octets_ = 0;
    has_body_ = false;
    body_octets_ = 0;
    if (malformed_) return {ReplyReading::malformed, consumed, {}, {}, {}};
    return {ReplyReading::reply, consumed, std::move(reply), {}, {}};
}

} // namespace postern::wire::imap
