// The languages that pages for people are in, and which of them a reader wants. Pure.
#pragma once

#include "http/message.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace postern::pages {

// The first one is for who wants none of them.
inline constexpr std::array<std::string_view, 5> languages{"en", "de", "fr", "es", "ru"};

// Where one of them stands, for tables of words.
[[nodiscard]] constexpr std::size_t place_of(std::string_view language) {
    return static_cast<std::size_t>(std::ranges::find(languages, language) - languages.begin());
}

// One of `languages`: the one that was chosen on the page (?lang=), else the one that the browser asks for.
[[nodiscard]] std::string_view language_of(http::Request const& request);

// RFC 9110 §12.5.4, RFC 4647 §3.4. `there_are`: primary subtags in lower case, at least one, of which the first is
// given to who wants none of them.
[[nodiscard]] std::string_view choose_language(std::string_view accept_language,
                                               std::span<std::string_view const> there_are);

} // namespace postern::pages
