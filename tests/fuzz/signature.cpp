// The text of any message, however its octets come, is the same; and whatever is in it, its signature may have.
#include "message/signature.h"

#include "message/text_folder.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;
using namespace postern::message;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

struct Collector final : TextWalk::Sink {
    std::string text_;
    void text(TextWalk::Place, std::string_view utf8) override { text_ += utf8; }
    void end_text(TextWalk::Place) override { text_ += '\xff'; } // in no UTF-8
};

std::string text_of(StructureView const& structure, std::string_view message, std::uint64_t step) {
    Collector collector;
    TextWalk walk(structure, true, collector);
    while (auto const wanted = walk.wanted())
        walk.feed(message.substr(wanted->begin, std::min(step, wanted->end - wanted->begin)));
    return collector.text_;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const message(reinterpret_cast<char const*>(data), size);
    StructureParser parser;
    parser.feed(message);
    std::string const encoded = encode(parser.finish());
    auto const structure = decode_structure(encoded).value();
    std::string const text = text_of(structure, message, size + 1);
    require(text == text_of(structure, message, 1));
    std::string const signature = make_signature(structure, message);
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t const end = std::min(text.find('\xff', begin), text.size());
        std::string const folded = fold(std::string_view(text).substr(begin, end - begin));
        require(Grams(folded).may_be_in(signature));
        require(folded.size() < 7 || Grams(std::string_view(folded).substr(folded.size() / 2, 5)).may_be_in(signature));
        begin = end + 1;
    }
    return 0;
}
