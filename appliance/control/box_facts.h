// What the image says of the box: a small file of lines NAME=VALUE beside the control socket, which root renames into
// its place whenever something is another. It is believed as little as anything that comes from outside: one that is
// not like that is as none. Parsing is pure; reading blocks, for a moment.
#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace postern::control {

namespace json = boost::json;

struct BoxFacts {
    std::string version;           // of the system
    std::string slot;              // that it runs from: "A" or "B"
    std::string left;              // why the other version was left: "2.1: It did not come up."; empty: it was not
    std::optional<unsigned> wear;  // per cent of the flash's life that are used, if it says
    std::optional<bool> encrypted; // what the mail lies on; nothing: it cannot be here
    bool tpm2 = false;             // and this box could open it by itself
};

inline constexpr std::size_t box_facts_limit = 4096;                  // octets
inline constexpr std::int64_t little_disk = std::int64_t{100} << 20U; // octets; with no more free, it is nearly full
inline constexpr unsigned worn = 80; // per cent; whoever has that much behind it is to be replaced

// Names that are not known are passed over: the image may be newer.
[[nodiscard]] std::optional<BoxFacts> parse_box_facts(std::string_view text);
// `directory`: of the control socket.
[[nodiscard]] std::optional<BoxFacts> read_box_facts(std::filesystem::path const& directory);

// As `postern status` shows it: what is said, and nothing else.
[[nodiscard]] json::object box_status(BoxFacts const& facts);

} // namespace postern::control
