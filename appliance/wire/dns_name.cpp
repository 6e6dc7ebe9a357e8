#include "wire/dns_name.h"

#include "text/ascii.h"

#include <algorithm>
#include <format>

namespace postern::wire::dns {

namespace {

constexpr char escape = '\\';

// Takes one octet of a label, escaped or not, off the front of something that is not empty.
std::optional<char> take_octet(std::string_view& written) {
    char const first = written.front();
    written.remove_prefix(1);
    if (first != escape) return first;
    if (written.empty()) return std::nullopt;
    if (!text::is_digit(written.front())) {
        char const literal = written.front();
        written.remove_prefix(1);
        return literal;
    }
    constexpr std::size_t digits = 3;
    if (written.size() < digits || !std::ranges::all_of(written.substr(0, digits), text::is_digit)) return std::nullopt;
    int const value = (written[0] - '0') * 100 + (written[1] - '0') * 10 + (written[2] - '0');
    if (value > 255) return std::nullopt;
    written.remove_prefix(digits);
    return static_cast<char>(value);
}

} // namespace

std::optional<Name> Name::parse(std::string_view written) {
    Name name;
    if (written == ".") return name;
    std::string label;
    do {
        label.clear();
        while (!written.empty() && written.front() != '.') {
            auto const octet = take_octet(written);
            if (!octet) return std::nullopt;
            label += *octet;
        }
        if (!name.append(label)) return std::nullopt;
        if (!written.empty()) written.remove_prefix(1); // the dot
    } while (!written.empty());
    return name;
}

std::optional<Name> Name::from_wire(std::string_view wire) {
    Name name;
    while (!wire.empty()) {
        auto const length = static_cast<unsigned char>(wire.front());
        if (wire.size() <= length || !name.append(wire.substr(1, length))) return std::nullopt;
        wire.remove_prefix(1UZ + length);
    }
    return name;
}

bool Name::append(std::string_view label) {
    if (label.empty() || label.size() > longest_label) return false;
    // Its length, and the root's.
    if (wire_.size() + 1 + label.size() + 1 > longest) return false;
    wire_ += static_cast<char>(label.size());
    wire_ += label;
    return true;
}

std::string Name::text() const {
    if (wire_.empty()) return ".";
    std::string written;
    for (std::string_view rest = wire_; !rest.empty();) {
        auto const length = static_cast<std::size_t>(rest.front());
        if (!written.empty()) written += '.';
        for (char const octet : rest.substr(1, length)) {
            if (!text::is_visible(octet)) {
                written += std::format("{}{:03}", escape, static_cast<unsigned char>(octet));
                continue;
            }
            if (octet == '.' || octet == escape) written += escape;
            written += octet;
        }
        rest.remove_prefix(1 + length);
    }
    return written;
}

bool Name::is_within(Name const& zone) const {
    std::string_view rest = wire_;
    while (rest.size() > zone.wire_.size()) rest.remove_prefix(1 + static_cast<std::size_t>(rest.front()));
    return text::iequals(rest, zone.wire_);
}

// A label's length is no letter, so that names can be compared as they are on the wire.
std::weak_ordering operator<=>(Name const& a, Name const& b) {
    static_assert(Name::longest_label < 'A');
    return std::lexicographical_compare_three_way(
        a.wire_.begin(), a.wire_.end(), b.wire_.begin(), b.wire_.end(),
        [](char left, char right) -> std::weak_ordering { return text::to_lower(left) <=> text::to_lower(right); });
}

} // namespace postern::wire::dns
