#include "message/section.h"

namespace postern::message {
namespace {

// What a further number after `part`'s own chooses from.
Part const* inside(Part const& part) {
    if (is_multipart(part)) return &part;
    if (is_message(part) && !part.children.empty()) return &part.children.front();
    return nullptr;
}

} // namespace

Part const* find(Part const& root, std::span<std::uint32_t const> numbers) {
    Part const* part = &root;
    Part const* container = &root;
    for (std::uint32_t const number : numbers) {
        if (container == nullptr || number == 0) return nullptr;
        if (is_multipart(*container)) {
            if (number > container->children.size()) return nullptr;
            part = &container->children[number - 1];
        } else {
            if (number != 1) return nullptr;
            part = container;
        }
        container = inside(*part);
    }
    return part;
}

} // namespace postern::message
