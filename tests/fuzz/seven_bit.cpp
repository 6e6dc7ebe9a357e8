// Messages made 7bit; the first octet gives the length of pieces. Properties: the same plan and result in pieces as in
// one; the size is known beforehand; the result is ASCII, with lines that end in CRLF, in a body none longer than 998
// octets; it has the same parts with the same content; converting it again would change nothing.
#include "message/seven_bit.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace postern;
using namespace postern::message;
using Verdict = SevenBitPlan::Verdict;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

Structure structure_of(std::string_view message) {
    StructureParser parser;
    parser.feed(message);
    return parser.finish();
}

SevenBitPlan planned(std::string_view message, std::size_t piece) {
    std::string const structure = encode(structure_of(message));
    SevenBitPlan plan(decode_structure(structure).value());
    for (std::size_t i = 0; i < message.size(); i += piece) plan.feed(message.substr(i, piece));
    return plan;
}

std::string converted(SevenBitPlan const& plan, std::string_view message, std::size_t piece) {
    SevenBitConversion conversion(plan);
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += piece) conversion.feed(message.substr(i, piece), out);
    return out;
}

template <typename Decoder> std::string decoded(std::string_view body) {
    std::string out;
    Decoder decoder;
    decoder.feed(body, out);
    decoder.finish(out);
    return out;
}

// What each part is, and each leaf's content.
void add_contents(Part const& part, std::string_view message, std::vector<std::string>& contents) {
    bool const global = is_message(part) && text::iequals(part.subtype, "global");
    contents.push_back(part.type + "/" + part.subtype);
    if (!global && (is_multipart(part) || is_message(part))) {
        for (Part const& child : part.children) add_contents(child, message, contents);
        contents.emplace_back("end");
        return;
    }
    std::string_view const body = message.substr(part.body_begin, part.body_end - part.body_begin);
    if (text::iequals(part.encoding, "base64"))
        contents.push_back(decoded<text::Base64Decoder>(body));
    else if (text::iequals(part.encoding, "quoted-printable"))
        contents.push_back(decoded<text::QuotedPrintableDecoder>(body));
    else
        contents.emplace_back(body);
}

std::vector<std::string> contents_of(std::string_view message) {
    std::vector<std::string> contents;
    add_contents(structure_of(message).root, message, contents);
    return contents;
}

void require_short_lines(Part const& part, std::string_view message) {
    for (Part const& child : part.children) require_short_lines(child, message);
    if (is_multipart(part) || is_message(part)) return;
    SevenBitScanner body;
    body.feed(message.substr(part.body_begin, part.body_end - part.body_begin));
    require(!body.long_lines());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::size_t const piece = 1 + data[0] % 64;
    std::string_view const message(reinterpret_cast<char const*>(data) + 1, size - 1);

    SevenBitPlan const plan = planned(message, message.size() + 1);
    SevenBitPlan const chunked = planned(message, piece);
    require(plan.verdict() == chunked.verdict() && plan.size() == chunked.size());
    if (plan.verdict() != Verdict::to_convert) {
        require(plan.size() == message.size());
        return 0;
    }
    std::string const result = converted(plan, message, message.size() + 1);
    require(result.size() == plan.size());
    require(result == converted(chunked, message, piece));
    SevenBitScanner scanner;
    scanner.feed(result);
    scanner.finish();
    require(!scanner.beyond_ascii() && !scanner.binary());
    require(contents_of(message) == contents_of(result));
    require_short_lines(structure_of(result).root, result);
    require(planned(result, piece).verdict() == Verdict::as_it_is);
    return 0;
}
