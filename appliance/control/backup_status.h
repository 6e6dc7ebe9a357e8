// What `postern status` says of backups: a small file in the data directory, DIR/last_backup, that whoever makes one
// leaves there. Blocks, for a moment.
#pragma once

#include "core/clock.h"

#include <boost/json/object.hpp>

#include <expected>
#include <filesystem>
#include <string>

namespace postern::control {

namespace json = boost::json;

// Empty where there was none.
[[nodiscard]] json::object last_backup(std::filesystem::path const& data);

// With age_seconds, where one was made.
[[nodiscard]] json::object with_age(json::object last_backup, core::WallTime now);
// Why those that come by themselves do not come; empty: they do, or a stick is out for a while.
[[nodiscard]] std::string backup_alarm(json::object const& last_backup);

// These rows are others from now on. The error is a sentence.
[[nodiscard]] std::expected<void, std::string> note_backup(std::filesystem::path const& data, json::object const& rows);

} // namespace postern::control
