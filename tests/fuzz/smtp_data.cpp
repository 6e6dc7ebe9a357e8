// Mail data: decoded the same however it is cut, and against a plain model of what RFC 5321 says. What is encoded is
// decoded to the same, once its bare line feeds are line ends, and ends nowhere else.
#include "wire/smtp_data.h"

#include "with_line_ends.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

using namespace postern::wire::smtp;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

constexpr std::size_t line_limit = 50;

struct Decoded {
    std::string data; // empty after a fault
    std::size_t read = 0;
    bool done = false;
    std::optional<DataFault> fault;
    bool operator==(Decoded const&) const = default;
};

Decoded decode(std::string_view stream, std::size_t step) {
    DataDecoder decoder(line_limit);
    Decoded decoded;
    while (decoded.read < stream.size() && !decoder.done())
        decoded.read += decoder.feed(stream.substr(decoded.read, step), decoded.data);
    decoded.done = decoder.done();
    decoded.fault = decoder.fault();
    if (decoded.fault) decoded.data.clear();
    return decoded;
}

// The same for a stream that ends in CRLF "." CRLF, line by line.
Decoded model(std::string_view stream) {
    Decoded decoded;
    std::string line; // since the last CRLF
    for (char octet : stream) {
        ++decoded.read;
        line.push_back(octet);
        if (!line.ends_with("\r\n")) continue;
        if (line == ".\r\n") {
            decoded.done = true;
            break;
        }
        if (line.starts_with('.')) line.erase(0, 1);
        std::string_view const text(line.data(), line.size() - 2);
        if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos || text.size() > line_limit)
            decoded.fault = DataFault::bare_cr; // or another
        decoded.data += line;
        line.clear();
    }
    if (decoded.fault) decoded.data.clear();
    return decoded;
}

std::string encode(std::string_view data, std::size_t step) {
    DataEncoder encoder;
    std::string stream;
    for (; !data.empty(); data.remove_prefix(std::min(step, data.size()))) encoder.feed(data.substr(0, step), stream);
    encoder.finish(stream);
    return stream;
}

void check_encoder(std::string_view data) {
    auto const stream = encode(data, std::max<std::size_t>(data.size(), 1));
    require(stream == encode(data, 1));
    require(stream == encode(data, 3));
    auto const decoded = decode(stream, stream.size());
    require(decoded.done && decoded.read == stream.size());
    require(decoded.fault || decoded.data == with_line_ends(data));
    require(decoded.fault != DataFault::bare_lf);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const stream = std::string(reinterpret_cast<char const*>(data), size) + "\r\n.\r\n";
    auto const whole = decode(stream, stream.size());
    auto const expected = model(stream);
    require(whole.data == expected.data && whole.read == expected.read && whole.done == expected.done);
    require(whole.fault.has_value() == expected.fault.has_value());
    require(whole == decode(stream, 1));
    require(whole == decode(stream, 3));

    // Chunks: the same verdict on the same octets, however they are cut.
    std::string_view const chunk(reinterpret_cast<char const*>(data), size);
    check_encoder(chunk);
    for (std::size_t step : {std::max<std::size_t>(size, 1), std::size_t{1}, std::size_t{5}}) {
        LineScanner lines(line_limit);
        for (std::size_t at = 0; at < size;) {
            auto const piece = chunk.substr(at, step);
            for (std::size_t read = 0; read < piece.size();) read += lines.read(piece.substr(read));
            at += piece.size();
        }
        lines.finish();
        std::string const ended = std::string(chunk) + "\r\n";
        LineScanner reference(line_limit);
        for (std::size_t read = 0; read < ended.size();) read += reference.read(std::string_view(ended).substr(read));
        require(lines.fault() == reference.fault());
    }
    return 0;
}
