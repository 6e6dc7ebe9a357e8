#include "message/section.h"

namespace postern::message {
namespace {

// Where a further number after `part`'s own chooses from.
std::optional<PartView> inside(PartView const& part) {
    if (is_multipart(part)) return part;
    if (is_message(part) && !part.children.empty()) return *part.children.begin();
    return std::nullopt;
}

std::optional<PartView> child(PartView const& of, std::uint32_t number) {
    for (PartView const& part : of.children)
        if (--number == 0) return part;
    return std::nullopt;
}

} // namespace

std::optional<PartView> find(PartView const& root, std::span<std::uint32_t const> numbers) {
    std::optional<PartView> part = root;
    std::optional<PartView> container = root;
    for (std::uint32_t const number : numbers) {
        if (!container || number == 0) return std::nullopt;
        if (is_multipart(*container))
            part = child(*container, number);
        else if (number == 1)
            part = container;
        else
            return std::nullopt;
        if (!part) return std::nullopt;
        container = inside(*part);
    }
    return part;
}

} // namespace postern::message
