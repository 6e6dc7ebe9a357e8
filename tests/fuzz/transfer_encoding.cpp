// Bodies in base64 and quoted-printable; the first octet gives the length of pieces. Properties: the same in pieces as
// in one, no longer than what came in, and what is encoded decodes to itself.
#include "text/base64.h"
#include "text/quoted_printable.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

template <typename Coder> std::string coded(std::string_view text, std::size_t piece) {
    std::string out;
    Coder coder;
    for (std::size_t i = 0; i < text.size(); i += piece) coder.feed(text.substr(i, piece), out);
    coder.finish(out);
    return out;
}

template <typename Decoder> void check(std::string_view text, std::size_t piece) {
    std::string const whole = coded<Decoder>(text, text.size() + 1);
    require(whole.size() <= text.size());
    require(coded<Decoder>(text, piece) == whole);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::size_t const piece = 1 + data[0] % 16;
    std::string_view const input(reinterpret_cast<char const*>(data) + 1, size - 1);
    check<text::Base64Decoder>(input, piece);
    check<text::QuotedPrintableDecoder>(input, piece);
    if (auto const bytes = text::base64_decode(input)) require(text::base64_encode(*bytes) == input);

    require(text::base64_decode(text::base64_encode(input)) == input);
    std::string const quoted = text::quoted_printable_encode(input);
    require(coded<text::QuotedPrintableDecoder>(quoted, piece) == input);
    for (std::size_t begin = 0; begin < quoted.size();) {
        std::size_t const end = std::min(quoted.find("\r\n", begin), quoted.size());
        require(end - begin <= 76 && (end == begin || quoted[begin] != '-'));
        begin = end + 2;
    }
    require(coded<text::QuotedPrintableEncoder>(input, piece) == quoted);
    std::string const lines = coded<text::Base64Encoder>(input, piece);
    require(lines == coded<text::Base64Encoder>(input, input.size() + 1));
    require(lines.size() == text::base64_lines_size(input.size()));
    require(coded<text::Base64Decoder>(lines, piece) == input);
    return 0;
}
