// A domain name as the DNS carries it: labels of any octets, which compare without regard to the case of ASCII letters
// and are kept as they came (RFC 1035 §2.3, RFC 2181 §11, RFC 4343). Always whole, never relative. Pure; a value.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::dns {

class Name {
public:
    // RFC 1035 §2.3.4
    static constexpr std::size_t longest_label = 63;
    static constexpr std::size_t longest = 255; // octets on the wire

    Name() = default; // the root

    // As people write it: "smtp.example.net", with or without a final dot, "\." and "\013" for what would be taken for
    // something else (RFC 1035 §5.1). Nothing: an empty label, or beyond a limit.
    static std::optional<Name> parse(std::string_view written);
    // As wire() gives it.
    static std::optional<Name> from_wire(std::string_view wire);

    // Adds a label at the end. False, and nothing is added: it is empty, or too long.
    bool append(std::string_view label);

    // As people write it, without a final dot, in visible ASCII; "." is the root.
    [[nodiscard]] std::string text() const;
    // Each label after its length; without the root's.
    [[nodiscard]] std::string_view wire() const { return wire_; }
    // Whether it is `zone`, or something below it.
    [[nodiscard]] bool is_within(Name const& zone) const;

    // RFC 4592 §2.1.1: whether its first label is an asterisk, and the name below this one of which that is so;
    // nothing: it is too long.
    [[nodiscard]] bool is_wildcard() const { return wire_.starts_with("\1*"); }
    [[nodiscard]] std::optional<Name> wildcard_below() const { return from_wire("\1*" + wire_); }

    friend bool operator==(Name const& a, Name const& b) { return (a <=> b) == 0; }
    friend std::weak_ordering operator<=>(Name const& a, Name const& b);

private:
    std::string wire_;
};

// Of a name as wire() gives it, which is not the root's: what it is directly below.
[[nodiscard]] inline std::string_view parent_of(std::string_view wire) {
    return wire.substr(1UZ + static_cast<unsigned char>(wire.front()));
}

} // namespace postern::wire::dns
