// The structured fields that describe a MIME part: Content-Type and its like (RFC 2045 §5.1, RFC 2183, RFC 3282).
// Lenient: comments go, parameters that make no sense are skipped, those in pieces or with a charset are joined
// (extended_parameters.h). Pure; any thread.
#pragma once

#include "message/packed.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

template <typename As> struct BasicParameter {
    typename As::Text name;  // as spelled
    typename As::Text value; // without quoting

    bool operator==(BasicParameter const&) const = default;
};
using Parameter = BasicParameter<Owned>;
using ParameterView = BasicParameter<Packed>;

inline constexpr std::size_t parameter_limit = 64; // of one field; more are left out

struct ContentType {
    std::string type; // as spelled
    std::string subtype;
    std::vector<Parameter> parameters;
};

// Nothing if there is no type "/" subtype.
std::optional<ContentType> parse_content_type(std::string_view body);

struct Disposition {
    std::string type; // as spelled
    std::vector<Parameter> parameters;
};

// RFC 2183 §2. Nothing if there is no type.
std::optional<Disposition> parse_disposition(std::string_view body);

// The one token of Content-Transfer-Encoding; empty if there is none.
std::string parse_transfer_encoding(std::string_view body);

// RFC 3282 §2: the tags, as spelled.
std::vector<std::string> parse_languages(std::string_view body);

// The value of that name, in any case.
std::optional<std::string_view> find(std::vector<Parameter> const& parameters, std::string_view name);

} // namespace postern::message
