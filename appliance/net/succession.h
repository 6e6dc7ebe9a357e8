// How an office's authority follows another, so that no device meets a certificate of one that it does not trust yet:
//
//   next.key next.crt  the one to come: devices are to trust it, too, while the present one (ca.key, ca.crt) goes on
//   old.crt            those that were before: none of theirs is shown, and the certificates that they gave to people
//                      are still good for logins, until they are forgotten
//
// The present one has no leave to sign another authority (pathlen 0), and so every device has to learn of the next one
// by itself; the time for that is whoever calls to choose. A power cut at any point leaves a directory that
// complete_succession completes. Block. Errors are sentences for the administrator.
#pragma once

#include "core/clock.h"
#include "core/random.h"

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace postern::net {

// Makes the next authority; the one that is there already is the next one.
[[nodiscard]] std::expected<void, std::string> prepare_next_authority(std::filesystem::path const& directory,
                                                                      std::string_view domain, core::WallTime now,
                                                                      core::Random& random);
// Since when there is one.
[[nodiscard]] std::optional<core::WallTime> next_authority_since(std::filesystem::path const& directory);
// From now on the next one signs.
[[nodiscard]] std::expected<void, std::string> begin_with_next_authority(std::filesystem::path const& directory);
// What a power cut left of that. Before anything else is done in the directory.
[[nodiscard]] std::expected<void, std::string> complete_succession(std::filesystem::path const& directory);
[[nodiscard]] bool has_old_authority(std::filesystem::path const& directory);
[[nodiscard]] std::expected<void, std::string> forget_old_authorities(std::filesystem::path const& directory);

// PEM: those that devices are to trust, the present one first; and those whose certificates people may log in by.
[[nodiscard]] std::string trusted_authorities(std::filesystem::path const& directory);
[[nodiscard]] std::string client_authorities(std::filesystem::path const& directory);

} // namespace postern::net
