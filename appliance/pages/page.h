// What all pages for people are alike in: how they look, in which languages they can be read, and what a browser may do
// with them. They have no scripts, take nothing from elsewhere, and can be read on a phone, and aloud (WCAG 2.2, AA).
#pragma once

#include "http/site.h"

#include <string>
#include <string_view>

namespace postern::pages {

// Where their style sheet is.
[[nodiscard]] http::Route style_route();

struct Page {
    std::string_view language; // one of `languages`
    std::string title;         // text
    std::string path;          // where it is in other languages, too
    std::string parameters{};  // of its address beside the language, encoded: "a=1&b=2"
    std::string content{};     // markup
};

// `policy`: what it may take from where beside its style (Content-Security-Policy): directives, each with a ";".
[[nodiscard]] http::Response respond(Page const& page, std::string_view policy = "");

// "/path?lang=de&a=1", not escaped yet.
[[nodiscard]] std::string link(std::string_view path, std::string_view language, std::string_view parameters = "");

} // namespace postern::pages
