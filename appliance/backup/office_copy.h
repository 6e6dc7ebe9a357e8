// What a backup of a box is made of: its store (store/copy.h), and its keys and certificates in DIR/tls, the account at
// a public authority in it. Not the journal, which tells what became of mail and is a box's own; nor what is made anew
// at each start. Blocks.
#pragma once

#include "core/clock.h"
#include "store/copy.h"

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

namespace postern::backup {

// The error is a sentence.
[[nodiscard]] std::expected<std::shared_ptr<store::Copy>, std::string>
begin_copy(store::Store& store, std::filesystem::path const& data, core::WallTime now);

// The same as store::Copy::next, with a sentence.
[[nodiscard]] std::expected<std::string, std::string> next_piece(store::Copy& copy);

} // namespace postern::backup
