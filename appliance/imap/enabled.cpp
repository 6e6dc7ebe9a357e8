#include "imap/enabled.h"

#include "text/ascii.h"

#include <algorithm>
#include <iterator>

namespace postern::imap {

namespace {

constexpr ExtensionRow extensions[] = {
    {"CONDSTORE", Extension::condstore},     {"QRESYNC", Extension::qresync}, {"IMAP4rev2", Extension::imap4rev2},
    {"UTF8=ACCEPT", Extension::utf8_accept}, {"UIDONLY", Extension::uidonly}, {"METADATA", Extension::metadata},
};

} // namespace

ExtensionRow const* find_extension(std::string_view name) {
    auto const* row =
        std::ranges::find_if(extensions, [&](ExtensionRow const& known) { return text::iequals(known.name, name); });
    return row == std::end(extensions) ? nullptr : row;
}

std::string_view name_of(Extension extension) {
    return std::ranges::find(extensions, extension, &ExtensionRow::extension)->name;
}

} // namespace postern::imap
