// Messages as POP3 sends them. The first octet is TOP's number of lines, if it is below 128. Properties: the same
// however the message is cut; whoever reads the response up to its end, by CRLF or by LF alone, has all of it; what was
// sent whole is the message, once its bare LFs are line ends.
#include "wire/pop3_text.h"

#include "with_line_ends.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

using namespace postern::wire::pop3;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

std::string encode(std::string_view message, std::optional<std::uint32_t> lines, std::size_t step) {
    TextEncoder encoder(lines);
    std::string out;
    for (; !message.empty(); message.remove_prefix(std::min(step, message.size())))
        encoder.feed(message.substr(0, step), out);
    encoder.finish(out);
    return out;
}

// As a client reads it, without what was doubled.
std::string decode(std::string_view response) {
    std::string message;
    while (true) {
        auto const lf = response.find('\n');
        require(lf != std::string_view::npos && lf > 0 && response[lf - 1] == '\r');
        auto line = response.substr(0, lf + 1);
        response.remove_prefix(lf + 1);
        if (line == ".\r\n") break;
        if (line.starts_with('.')) line.remove_prefix(1);
        message += line;
    }
    require(response.empty());
    return message;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::optional<std::uint32_t> lines;
    if (data[0] < 128) lines = data[0];
    std::string_view const message(reinterpret_cast<char const*>(data) + 1, size - 1);
    auto const whole = encode(message, lines, std::max<std::size_t>(size, 1));
    require(whole == encode(message, lines, 1));
    require(whole == encode(message, lines, 7));
    auto const all = with_line_ends(message), read = decode(whole);
    if (!lines) require(read == all);
    require(all.starts_with(read));
    return 0;
}
