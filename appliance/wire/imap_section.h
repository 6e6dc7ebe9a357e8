// Which part of a message FETCH BODY[...] means (RFC 3501 §6.4.5), and how the response names it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::wire::imap {

struct Section {
    enum class Text : std::uint8_t { whole, header, header_fields, header_fields_not, text, mime };

    std::vector<std::uint32_t> part; // "4.2": {4, 2}; empty: the message itself. At most depth_limit numbers, none 0
    Text text = Text::whole;         // mime only with a part
    std::vector<std::string> fields; // of header_fields and header_fields_not, as the client spelled them

    static constexpr std::size_t depth_limit = 100;

    friend bool operator==(Section const&, Section const&) = default;
};

// As between the brackets: "4.2.HEADER.FIELDS (DATE FROM)".
[[nodiscard]] std::string to_string(Section const& section);

} // namespace postern::wire::imap
