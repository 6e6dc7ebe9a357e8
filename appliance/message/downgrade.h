// Messages with UTF-8 in their header (RFC 6532) for readers that know ASCII alone: the surrogate of RFC 6858. What it
// cannot keep it leaves out, so that nobody answers an address that is not the one that was meant. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

struct Downgraded {
    std::string header;       // ASCII; ends as the header section does
    std::size_t replaced = 0; // octets of the message's beginning that it stands for
};

// Of the header section that `beginning` begins with; `whole`: it is all of the message. Nothing if that is ASCII, or
// if it does not end there. Addresses that are not ASCII become a display name of one that leads nowhere; display
// names, Subject, Comments and Keywords become encoded words; MIME parameters are encoded by RFC 2231; other fields go.
// Octets that are no UTF-8 are read as windows-1252.
[[nodiscard]] std::optional<Downgraded> downgrade_header(std::string_view beginning, bool whole);

} // namespace postern::message
