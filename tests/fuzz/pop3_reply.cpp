// A hostile POP3 server: a status line, then a text of several lines. Read the same however it is cut; what is said is
// fit to be shown; a text that our own server would send of what came is read back as it was.
#include "wire/pop3_reply.h"

#include "text/ascii.h"
#include "text/utf8.h"
#include "wire/pop3_text.h"
#include "with_line_ends.h"

#include <algorithm>
#include <cstdint>
#include <string>

using namespace postern;
using namespace postern::wire::pop3;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

struct Text {
    std::string octets;
    std::size_t read = 0;
    bool done = false;
    bool operator==(Text const&) const = default;
};

Text decode(std::string_view stream, std::size_t step) {
    TextDecoder decoder;
    Text text;
    while (!decoder.done() && text.read < stream.size()) {
        auto const piece = stream.substr(text.read, step);
        auto const read = decoder.feed(piece, text.octets);
        require(read == piece.size() || decoder.done());
        text.read += read;
    }
    text.done = decoder.done();
    return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const stream(reinterpret_cast<char const*>(data), size);
    if (auto const reply = parse_server_reply(stream.substr(0, stream.find('\n')));
        reply && reply->status != ServerReply::Status::challenge) {
        require(reply->text.size() <= reply_text_limit && text::is_utf8(reply->text));
        require(std::ranges::none_of(reply->text, text::is_control));
    }
    if (auto const scan = parse_scan_line(stream)) require(scan->number > 0 && !scan->value.empty());
    Text const whole = decode(stream, size + 1);
    require(whole == decode(stream, 1));
    require(whole == decode(stream, 7));
    require(whole.octets.size() <= whole.read);

    std::string sent;
    TextEncoder encoder;
    encoder.feed(stream, sent);
    encoder.finish(sent);
    Text const back = decode(sent, 5);
    require(back.done && back.read == sent.size() && back.octets == with_line_ends(stream));
    return 0;
}
