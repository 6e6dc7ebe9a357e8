// Rights to a mailbox in words for whoever does not know the letters of RFC 4314 §2.1. Pure.
//
// - read, write and manage are steps: who is given one gets those before it, and who loses one loses those after it.
//   post stands apart: it is for mail to the mailbox's address.
// - Letters are taken as they are. What is a word is no letters: "read" is not r, e, a and d.
#pragma once

#include "core/rights.h"

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace postern::control {

enum class RightsChange : std::uint8_t { give, take };

// The rights that a change of those words is about. The error is a sentence.
[[nodiscard]] std::expected<core::Rights, std::string> read_rights(std::span<std::string const> words,
                                                                   RightsChange change);

// The words for them, and letters for what no word has whole: {"read", "p"}.
[[nodiscard]] std::vector<std::string> rights_in_words(core::Rights rights);

} // namespace postern::control
