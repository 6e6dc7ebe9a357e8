#include "wire/smtp_reply_reader.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::wire::smtp {

namespace {

// Takes 1*3DIGIT off the front.
bool take_three_digits(std::string_view& text) {
    std::size_t length = 0;
    while (length < 3 && length < text.size() && text::is_digit(text[length])) ++length;
    text.remove_prefix(length);
    return length > 0;
}

// RFC 3463 §2: status-code = class "." subject "." detail; RFC 2034 §4: the class is the reply code's first digit.
// Empty if `text` does not begin with one.
std::string_view enhanced_code_of(std::string_view text, char first_digit) {
    std::string_view rest = text;
    if (!rest.starts_with(first_digit) || first_digit == '3') return {};
    rest.remove_prefix(1);
    for (int part = 0; part < 2; ++part) {
        if (!rest.starts_with('.')) return {};
        rest.remove_prefix(1);
        if (!take_three_digits(rest)) return {};
    }
    if (!rest.empty() && !text::is_blank(rest.front())) return {};
    return text.substr(0, text.size() - rest.size());
}

} // namespace

std::string ServerReply::text() const {
    std::string joined = std::to_string(code);
    if (!enhanced.empty()) joined.append(" ").append(enhanced);
    for (std::string const& line : lines)
        if (!line.empty()) joined.append(" ").append(line);
    joined = text::to_valid_utf8(joined);
    std::ranges::replace_if(joined, text::is_control, ' ');
    joined.resize(text::utf8_prefix(std::string_view(joined).substr(0, reply_text_limit)));
    return joined;
}

ReadReply ReplyReader::next(std::string_view input) {
    std::size_t consumed = 0;
    while (!malformed_ && consumed < input.size()) {
        auto const rest = input.substr(consumed);
        auto const lf = std::min(rest.find('\n'), rest.size());
        bool const ends = lf < rest.size();
        auto const length = lf + (ends ? 1 : 0);
        consumed += length;
        octets_ += length;
        if (octets_ > reply_limit) {
            malformed_ = true;
            break;
        }
        line_.append(rest.substr(0, std::min(lf, kept_line_limit - line_.size())));
        if (!ends) break;
        switch (take_line()) {
        case ReplyReading::partial: break;
        case ReplyReading::reply: octets_ = 0; return {ReplyReading::reply, consumed, std::exchange(reply_, {})};
        case ReplyReading::malformed: malformed_ = true; break;
        }
    }
    return {malformed_ ? ReplyReading::malformed : ReplyReading::partial, consumed, {}};
}

// RFC 5321 §4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
ReplyReading ReplyReader::take_line() {
    std::string const taken = std::exchange(line_, {});
    std::string_view line = taken;
    if (line.ends_with('\r')) line.remove_suffix(1);
    constexpr std::size_t code_length = 3;
    if (line.size() < code_length || !std::ranges::all_of(line.substr(0, code_length), text::is_digit))
        return ReplyReading::malformed;
    if (line[0] < '2' || line[0] > '5') return ReplyReading::malformed;
    auto const digit = [&](std::size_t at) { return static_cast<unsigned>(line[at] - '0'); };
    unsigned const code = digit(0) * 100 + digit(1) * 10 + digit(2);
    // §4.2.1: the code is the same on all lines.
    if (!reply_.lines.empty() && code != reply_.code) return ReplyReading::malformed;
    char const first_digit = line[0];
    char const separator = line.size() > code_length ? line[code_length] : ' ';
    if (separator != '-' && !text::is_blank(separator)) return ReplyReading::malformed;
    if (reply_.lines.size() == reply_lines_limit) return ReplyReading::malformed;
    line.remove_prefix(std::min(code_length + 1, line.size()));

    // RFC 2034 §4 has the same enhanced code on all lines; one that differs is left in the text.
    auto const enhanced = enhanced_code_of(line, first_digit);
    if (!enhanced.empty() && (reply_.enhanced.empty() || reply_.enhanced == enhanced)) {
        reply_.enhanced = enhanced;
        line.remove_prefix(std::min(enhanced.size() + 1, line.size()));
    }
    reply_.code = code;
    reply_.lines.emplace_back(line);
    return separator == '-' ? ReplyReading::partial : ReplyReading::reply;
}

} // namespace postern::wire::smtp
