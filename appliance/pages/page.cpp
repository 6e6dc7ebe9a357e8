#include "pages/page.h"

#include "pages/language.h"
#include "text/markup.h"

#include <array>
#include <format>

namespace postern::pages {

namespace {

// In the order of `languages`, each in its own.
constexpr std::array<std::string_view, languages.size()> names{"English", "Deutsch", "Français", "Español", "Русский"};

constexpr std::string_view style_path = "/style.css";

std::string_view style() {
    return R"(:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --mark: #0b57a4; --line: #767676; --box: #f1f4f8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --paper: #16181b; --mark: #8cc4ff; --line: #8f8f8f; --box: #22262b }
}
* { box-sizing: border-box }
body { margin: 0; font: 1.0625rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main, nav { max-width: 46rem; margin: 0 auto; padding: 0 1rem }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0 0; padding: 0; list-style: none }
nav a { display: inline-block; padding: .25rem 0 }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none }
main { overflow-wrap: break-word }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1rem 0 .5rem }
h2 { font-size: 1.25rem; margin: 1.75rem 0 .5rem }
a { color: var(--mark) }
form { margin: 1rem 0; padding: 1rem; background: var(--box); border-radius: .5rem }
label { display: block; font-weight: 600 }
input, button { font: inherit; min-height: 2.75rem; padding: .375rem .75rem; border: 1px solid var(--line); border-radius: .375rem }
input { width: 100%; max-width: 24rem; margin: .25rem .5rem .5rem 0; color: inherit; background: var(--paper) }
button, .get { color: var(--paper); background: var(--mark); border-color: var(--mark); font-weight: 600 }
.get { display: inline-block; margin: .125rem .25rem .125rem 0; padding: .5rem .875rem; border-radius: .375rem; text-decoration: none }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: .5rem }
summary { padding: .75rem 1rem; font-weight: 600; cursor: pointer }
details ol { margin: 0; padding: 0 1rem 1rem 2.5rem }
li { margin: .375rem 0 }
nav li { margin: 0 }
code { overflow-wrap: anywhere; font-size: .9375rem }
.line { display: block; margin: .5rem 0; padding: .5rem .75rem; background: var(--box); border-radius: .375rem }
table { width: 100%; border-collapse: collapse; font-size: 1rem }
th, td { padding: .375rem .5rem .375rem 0; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line) }
tbody th { font-weight: 400 }
@media (max-width: 30rem) { table { font-size: .8125rem } tbody td:first-of-type { width: 100%; overflow-wrap: anywhere } }
.picture { display: block; max-width: 100%; height: auto; margin: .5rem 0 }
.picture text { font: 12px system-ui, sans-serif }
.picture .paper { fill: var(--paper); stroke: var(--line) }
.picture .line { fill: var(--line); opacity: .5 }
.picture .mark { fill: var(--mark) }
.picture .ink { fill: var(--ink) }
.picture .on-mark, .picture .knob { fill: var(--paper) }
.picture .stroke { fill: none; stroke: var(--line); stroke-width: 2 }
.picture .on { stroke: var(--paper) }
.qr { display: block; max-width: 100%; height: auto }
@media (pointer: coarse) { .elsewhere { display: none } }
object { height: 2rem; max-width: 100% }
[role=alert], [role=status] { margin: 0 0 1rem; font-weight: 600 }
)";
}

http::asio::awaitable<http::Response> show_style(http::Request) {
    co_return http::Response{.content_type = "text/css; charset=utf-8",
                             .content = std::string(style()),
                             .fields = {{"Cache-Control", "max-age=3600"}}};
}

} // namespace

http::Route style_route() { return {.path = std::string(style_path), .answer = show_style}; }

std::string link(std::string_view path, std::string_view language, std::string_view parameters) {
    return std::format("{}?lang={}{}{}", path, language, parameters.empty() ? "" : "&", parameters);
}

http::Response respond(Page const& page, std::string_view policy) {
    std::string const title = text::escape_markup(page.title);
    std::string out =
        std::format("<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
                    "<link rel=\"stylesheet\" href=\"{}\">\n</head>\n<body>\n<nav><ul>\n",
                    page.language, title, style_path);
    for (std::size_t i = 0; i < languages.size(); ++i)
        out += std::format("<li><a href=\"{}\" lang=\"{}\"{}>{}</a></li>\n",
                           text::escape_markup(link(page.path, languages[i], page.parameters)), languages[i],
                           languages[i] == page.language ? " aria-current=\"true\"" : "", names[i]);
    out += std::format("</ul></nav>\n<main>\n<h1>{}</h1>\n{}</main>\n</body>\n</html>\n", title, page.content);
    return {.content_type = "text/html; charset=utf-8",
            .content = std::move(out),
            .fields = {{"Content-Language", std::string(page.language)},
                       {"Vary", "Accept-Language, User-Agent"},
                       {"Content-Security-Policy",
                        std::format("default-src 'none'; style-src 'self'; {}form-action 'self'; base-uri 'none'; "
                                    "frame-ancestors 'none'",
                                    policy)}}};
}

} // namespace postern::pages
