// The box's own place in the network, as systemd-networkd reads it: DIR/network/10-postern.network, from which a
// service of the image takes it, which may do with the network what the daemon may not.
#pragma once

#include "core/settings.h"

#include <filesystem>
#include <string>

namespace postern::app {

// systemd.network(5)
[[nodiscard]] std::string network_file(core::Settings const& settings);

// Writes it whole, if it is to be another one; a failure is logged. `directory`: DIR/network, which is made.
void write_network_file(std::filesystem::path const& directory, core::Settings const& settings);

} // namespace postern::app
