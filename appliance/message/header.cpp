#include "message/header.h"

#include "text/ascii.h"
#include "text/line_ends.h"

#include <algorithm>
#include <format>

namespace postern::message {
namespace {

// Takes a line with its end off the front of `bytes`.
std::string_view take_line(std::string_view& bytes) {
    std::size_t const end = bytes.find('\n');
    std::string_view const line = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(line.size());
    return line;
}

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

} // namespace

bool is_empty_line(std::string_view line) { return line == "\r\n" || line == "\n"; }

void HeaderSection::Iterator::read() {
    field_ = {};
    while (!rest_.empty()) {
        std::string_view const start = rest_;
        std::string_view const line = take_line(rest_);
        if (is_empty_line(line)) {
            rest_ = {};
            return;
        }
        while (!rest_.empty() && text::is_blank(rest_.front())) take_line(rest_);
        std::string_view const whole = start.substr(0, start.size() - rest_.size());

        std::size_t const colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        // RFC 5322 §4.5: obsolete syntax has blanks before the colon.
        std::string_view name = line.substr(0, colon);
        while (!name.empty() && text::is_blank(name.back())) name.remove_suffix(1);
        if (name.empty() || !std::ranges::all_of(name, text::is_visible)) continue;
        field_ = {name, without_line_end(whole.substr(colon + 1)), whole};
        return;
    }
}

std::optional<Field> HeaderSection::first(std::string_view name) const {
    for (Field const& field : *this)
        if (text::iequals(field.name, name)) return field;
    return std::nullopt;
}

std::string unfold(std::string_view raw_body) {
    std::string out;
    out.reserve(raw_body.size());
    text::append_without_line_ends(text::trim(raw_body), out);
    return out;
}

void put_folded(std::string& out, std::string_view name, std::string_view body) {
    std::string line = std::format("{}:", name);
    while (!body.empty()) {
        auto const word = body.substr(0, body.find(' '));
        body.remove_prefix(std::min(word.size() + 1, body.size()));
        if (line.size() + 1 + word.size() > 78 && line.size() > 1) {
            out += line + "\r\n";
            line.clear();
        }
        line += ' ';
        line += word;
    }
    out += line + "\r\n";
}

std::size_t header_end(std::string_view bytes) {
    for (std::size_t line = 0; line < bytes.size();) {
        std::string_view const rest = bytes.substr(line);
        if (rest.starts_with('\n')) return line + 1;
        if (rest.starts_with("\r\n")) return line + 2;
        std::size_t const end = rest.find('\n');
        if (end == std::string_view::npos) break;
        line += end + 1;
    }
    return std::string_view::npos;
}

unsigned count_received(HeaderSection const& header) {
    return static_cast<unsigned>(
        std::ranges::count_if(header, [](Field const& field) { return text::iequals(field.name, "Received"); }));
}

} // namespace postern::message
