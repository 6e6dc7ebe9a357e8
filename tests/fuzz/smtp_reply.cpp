// A stream of a hostile SMTP server's replies: read the same however it is cut, in bounded memory. Whatever is said in
// one is fit to be shown, and whatever an answer to EHLO offers is within its limits.
#include "text/ascii.h"
#include "text/utf8.h"
#include "wire/smtp_extensions.h"
#include "wire/smtp_reply_reader.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::wire::smtp;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

struct Read {
    std::vector<ServerReply> replies;
    bool malformed = false;
    bool operator==(Read const&) const = default;
};

Read read(std::string_view stream, std::size_t step) {
    ReplyReader reader;
    Read result;
    while (!stream.empty() && !result.malformed) {
        auto const [outcome, consumed, reply] = reader.next(stream.substr(0, step));
        require(consumed > 0 && consumed <= std::min(step, stream.size()));
        stream.remove_prefix(consumed);
        if (outcome == ReplyReading::reply) result.replies.push_back(reply);
        result.malformed = outcome == ReplyReading::malformed;
    }
    return result;
}

void check(ServerReply const& reply) {
    require(reply.code >= 200 && reply.code < 600);
    require(reply.positive() + reply.intermediate() + reply.transient() + reply.permanent() == 1);
    require(reply.enhanced.empty() || reply.enhanced.front() == std::to_string(reply.code).front());
    require(!reply.lines.empty() && reply.lines.size() <= reply_lines_limit);
    for (std::string const& line : reply.lines) require(line.size() <= kept_line_limit && !line.contains('\n'));
    std::string const text = reply.text();
    require(text.size() <= reply_text_limit && text::is_utf8(text) && std::ranges::none_of(text, text::is_control));
    require(text.starts_with(std::to_string(reply.code)));

    Extensions const extensions = parse_extensions(reply);
    require(extensions.auth.size() <= auth_mechanisms_limit);
    if (extensions.mail_max) require(*extensions.mail_max > 0 && *extensions.mail_max < 1'000'000);
    if (extensions.rcpt_max) require(*extensions.rcpt_max > 0 && *extensions.rcpt_max < 1'000'000);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const stream(reinterpret_cast<char const*>(data), size);
    Read const whole = read(stream, std::max<std::size_t>(size, 1));
    require(whole == read(stream, 1));
    require(whole == read(stream, 7));
    for (ServerReply const& reply : whole.replies) check(reply);
    return 0;
}
