// What is on the sticks that are in: a directory each, in which the image mounts them for everybody to read. A stick is
// anybody's: only what it is called and how a backup begins is looked at. Blocks, on a slow medium for long.
#pragma once

#include <boost/json/object.hpp>

#include <filesystem>

namespace postern::control {

namespace json = boost::json;

// /run/media, where the control socket is in /run/postern.
[[nodiscard]] std::filesystem::path sticks_directory(std::filesystem::path const& run);

// {"sticks": [{path, free_octets, unfinished_octets}], "backups": [{file, domain, made, octets, protected_by}], the
// newest first, "updates": [{file, octets}]}; unfinished: of a backup that is being made, or was; protected_by:
// nothing, passphrase, key, or unknown where it cannot be read.
[[nodiscard]] json::object list_sticks(std::filesystem::path const& directory);

} // namespace postern::control
