// What somebody answers who sets a box up, as a file of lines NAME = VALUE (`postern setup --answers FILE`). It holds
// passwords. Pure; any thread.
#pragma once

#include "core/secret.h"
#include "store/records.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::control {

inline constexpr std::string_view administrator_login = "admin";

struct NewAccount {
    std::string name;
    core::Secret password;
};

// Of the disk, before there is anything on it (`postern box encrypt`).
struct Encryption {
    std::string open; // "passphrase" or "tpm2"
    core::Secret passphrase;
};

struct Answers {
    std::string domain;                                        // A-label form
    core::Secret password;                                     // of the account `admin`, and of the menu
    std::vector<NewAccount> accounts;                          // beside that one
    std::vector<std::pair<std::string, std::string>> settings; // checked, each once
    std::optional<store::Relay> relay;
    std::optional<Encryption> encryption;
};

// The error is a sentence that names the line, and holds no password.
[[nodiscard]] std::expected<Answers, std::string> read_answers(std::string_view text);

// Why a setting cannot have that value; nothing if it can.
[[nodiscard]] std::optional<std::string> setting_refusal(std::string_view name, std::string_view value);

// What may be in such a file.
[[nodiscard]] std::string answers_help();

} // namespace postern::control
