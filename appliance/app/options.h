// What `posternd` is told on its command line.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::app {

struct Options {
    std::filesystem::path data;
    std::filesystem::path control;     // the control socket
    std::string listen;                // an address; "::" is every one
    std::uint16_t port_base = 0;       // added to every service's standard port
    std::optional<std::string> domain; // A-label form, lower case
    bool may_go_back = false;          // to the version before this one: its store stays its own
    std::vector<std::pair<std::string, std::string>> settings; // for this run, over those that are kept
};

// What to do instead of serving: print, and exit with this code.
struct Instead {
    std::string text;
    int exit_code;
};

[[nodiscard]] std::expected<Options, Instead> read_options(int argc, char const* const* argv);

} // namespace postern::app
