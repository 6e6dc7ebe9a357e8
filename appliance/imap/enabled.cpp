#include "imap/enabled.h"

#include <algorithm>
#include <iterator>

namespace postern::imap {

namespace {

struct Row {
    std::string_view name;
    Extension extension;
};
constexpr Row table[] = {
    {"CONDSTORE", Extension::condstore},
    {"QRESYNC", Extension::qresync},
};

} // namespace

std::optional<Extension> find_extension(std::string_view name) {
    auto const* row = std::ranges::find(table, name, &Row::name);
    return row == std::end(table) ? std::nullopt : std::optional(row->extension);
}

} // namespace postern::imap
