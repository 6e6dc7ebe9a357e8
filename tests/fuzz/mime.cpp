// Whole messages of a hostile sender; the first octet gives the length of pieces and how tight the limits are.
// Properties: the same structure in pieces as in one; parts lie within their parents, in order and apart; limits hold;
// a structure survives the store; the text of a body and the preview are the same in pieces as in one, and UTF-8.
#include "message/body_text.h"
#include "message/preview.h"
#include "message/section.h"
#include "message/structure.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

message::Structure parsed(std::string_view bytes, std::size_t piece, message::Limits limits) {
    message::StructureParser parser(limits);
    for (std::size_t i = 0; i < bytes.size(); i += piece) parser.feed(bytes.substr(i, piece));
    return parser.finish();
}

std::string text_of(std::string_view body, message::Part const& part, std::size_t piece) {
    std::string out;
    bool const html = text::iequals(part.subtype, "html");
    message::TextExtractor extractor(part.encoding, find(part.parameters, "charset").value_or(""), html,
                                     [&](std::string_view utf8) {
                                         require(!utf8.empty());
                                         out += utf8;
                                     });
    for (std::size_t i = 0; i < body.size(); i += piece) extractor.feed(body.substr(i, piece));
    extractor.finish();
    return out;
}

std::string preview_of(message::StructureView const& structure, std::string_view bytes, std::size_t piece) {
    message::Preview preview(structure);
    while (auto const wanted = preview.wanted())
        preview.feed(bytes.substr(wanted->begin, std::min<std::uint64_t>(piece, wanted->end - wanted->begin)));
    return preview.text();
}

// Checks a part and what is within it; gives the number of parts.
std::size_t check(message::Part const& part, std::string_view bytes, std::size_t piece, std::size_t depth) {
    require(depth > 0);
    require(part.header_begin <= part.body_begin && part.body_begin <= part.body_end && part.body_end <= bytes.size());
    auto const lines = [&](std::uint64_t begin, std::uint64_t end) {
        return static_cast<std::size_t>(std::ranges::count(bytes.substr(begin, end - begin), '\n'));
    };
    require(part.header_lines == lines(part.header_begin, part.body_begin));
    require(part.body_lines == lines(part.body_begin, part.body_end));
    require(!part.type.empty() && !part.subtype.empty() && !part.encoding.empty());
    if (message::is_message(part))
        require(part.children.size() <= 1 && (part.children.empty() || part.children[0].envelope));
    else
        require(message::is_multipart(part) || part.children.empty());

    std::size_t parts = 1;
    std::uint64_t begin = part.body_begin;
    for (message::Part const& child : part.children) {
        require(child.header_begin >= begin && child.body_end <= part.body_end);
        begin = child.body_end;
        parts += check(child, bytes, piece, depth - 1);
    }
    if (part.children.empty()) {
        std::string_view const body = bytes.substr(part.body_begin, part.body_end - part.body_begin);
        std::string const text = text_of(body, part, body.size() + 1);
        require(text::is_utf8(text));
        require(text_of(body, part, piece) == text);
    }
    return parts;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::size_t const piece = 1 + data[0] % 16;
    message::Limits limits;
    if (data[0] >= 128)
        limits = {
            .depth = 4, .parts = 6, .header_octets = 200, .headers_octets = 500, .boundary_octets = 8, .mailboxes = 3};
    std::string_view const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);

    message::Structure const structure = parsed(bytes, bytes.size() + 1, limits);
    require(parsed(bytes, piece, limits) == structure);
    require(structure.size == bytes.size() && structure.root.header_begin == 0 &&
            structure.root.body_end == bytes.size());
    require(check(structure.root, bytes, piece, limits.depth) <= limits.parts);
    std::string const packed = message::encode(structure);
    message::StructureView const view = message::decode_structure(packed).value();
    require(message::encode(view) == packed);
    if (auto const decoded = message::decode_structure(bytes)) require(message::encode(*decoded) == bytes);

    std::array<std::uint32_t, 3> numbers{};
    for (std::size_t i = 0; i < numbers.size() && i < bytes.size(); ++i)
        numbers[i] = static_cast<unsigned char>(bytes[i]) % 4;
    (void)message::find(view.root, numbers);

    std::string const preview = preview_of(view, bytes, bytes.size() + 1);
    require(preview == preview_of(view, bytes, piece) && text::is_utf8(preview));
    require(preview.size() <= 4 * message::preview_characters && !preview.contains('\n'));
    return 0;
}
