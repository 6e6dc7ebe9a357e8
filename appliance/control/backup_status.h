// What `postern status` says of backups: a small file in the data directory, DIR/last_backup, that whoever makes one
// leaves there. Blocks, for a moment.
#pragma once

#include <boost/json/object.hpp>

#include <expected>
#include <filesystem>
#include <string>

namespace postern::control {

namespace json = boost::json;

// Empty where there was none.
[[nodiscard]] json::object last_backup(std::filesystem::path const& data);

// These rows are others from now on. The error is a sentence.
[[nodiscard]] std::expected<void, std::string> note_backup(std::filesystem::path const& data, json::object const& rows);

} // namespace postern::control
