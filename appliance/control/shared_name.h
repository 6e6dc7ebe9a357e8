// Names of the office's mailboxes as administrators write and read them: as mail programs show them, "Shared/Sales".
// Pure.
#pragma once

#include "store/records.h"

#include <expected>
#include <string>
#include <string_view>

namespace postern::control {

// One that CREATE takes.
struct SharedName {
    std::string whole; // "Shared/Sales"
    std::string name;  // "Sales", as the store has it
};

// The error is a sentence.
[[nodiscard]] std::expected<SharedName, std::string> read_shared_name(std::string_view given);
// Whether it is meant for one, where a mail address could stand as well: one of those that begins so is written with
// quotes.
[[nodiscard]] bool is_shared_name(std::string_view given);
[[nodiscard]] std::string shown_name(store::Mailbox const& mailbox);

} // namespace postern::control
