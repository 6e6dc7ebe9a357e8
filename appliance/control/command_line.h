// What an administrator types after `postern`, read by the command table: "account add alice --administrator".
// Pure; any thread.
#pragma once

#include "control/command.h"

#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::control {

struct CommandLine {
    Command const* command = nullptr;             // null: help is wanted, of all commands
    json::object arguments;                       // all but secrets
    std::optional<std::filesystem::path> data;    // --data
    std::optional<std::filesystem::path> control; // --control
    std::optional<std::filesystem::path> file;    // that the result goes to
    // Arguments that are the content of files.
    std::vector<std::pair<std::string, std::filesystem::path>> uploads;
    bool json = false;           // --json: results as JSON
    bool password_stdin = false; // --password-stdin
    bool help = false;           // --help

    // Of what `postern` does by itself: a word or an option.
    [[nodiscard]] std::optional<std::string> given(std::string_view name) const;
};

// Without the program's own name. The error is a sentence.
[[nodiscard]] std::expected<CommandLine, std::string> parse_command_line(std::span<std::string const> words);

// Of all commands, or of one.
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(Command const& command);

// "account add NAME [--administrator] [--password-stdin]"
[[nodiscard]] std::string usage_of(Command const& command);

} // namespace postern::control
