// Header sections of a hostile sender. Properties: fields lie within the section, in order and apart; values hold no
// line end; encoded words give UTF-8, and what is encoded decodes to itself; an envelope survives the store.
#include "message/header.h"

#include "message/content_field.h"
#include "message/encoded_word.h"
#include "message/envelope.h"
#include "message/search_text.h"
#include "text/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

bool lies_within(std::string_view inner, std::string_view outer) {
    return inner.data() >= outer.data() && inner.data() + inner.size() <= outer.data() + outer.size();
}

void check_words(std::string_view value) {
    require(text::is_utf8(message::decode_words(value)));
    std::string valid = text::to_valid_utf8(value);
    std::erase_if(valid, [](char c) { return c == '\r' || c == '\n'; });
    std::string const encoded = message::encode_words(valid);
    require(text::is_ascii(encoded));
    require(message::decode_words(encoded) == valid);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    std::size_t const end = message::header_end(input);
    require(end == std::string_view::npos || (end <= size && input[end - 1] == '\n'));

    message::HeaderSection const header(input);
    std::string_view rest = input.substr(0, end);
    for (message::Field const& field : header) {
        require(lies_within(field.whole, rest));
        require(lies_within(field.name, field.whole) && lies_within(field.raw_body, field.whole));
        require(!field.name.empty() && field.name.data() == field.whole.data());
        rest.remove_prefix(static_cast<std::size_t>(field.whole.data() - rest.data()) + field.whole.size());
        require(header.first(field.name).has_value());

        std::string const value = message::unfold(field.raw_body);
        require(!value.contains('\r') && !value.contains('\n'));
        check_words(field.raw_body);
        if (auto const type = message::parse_content_type(field.raw_body)) {
            require(!type->type.empty() && !type->subtype.empty());
            require(type->parameters.size() <= message::parameter_limit);
        }
        (void)message::parse_disposition(field.raw_body);
        (void)message::parse_languages(field.raw_body);
        require(!message::parse_transfer_encoding(field.raw_body).contains('\n'));
    }
    check_words(input);

    message::Envelope const envelope = message::make_envelope(header);
    std::string const packed = message::encode(envelope);
    message::EnvelopeView const view = message::decode_envelope(packed).value();
    require(message::encode(view) == packed);
    std::string const texts = message::pack_search_texts(view);
    if (auto const kept = message::packed_search_text(texts, message::SearchField::subject))
        require(*kept == message::search_text(view, message::SearchField::subject));
    if (auto const decoded = message::decode_envelope(input)) require(message::encode(*decoded) == input);
    return 0;
}
