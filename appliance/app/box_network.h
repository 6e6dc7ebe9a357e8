// The box's own place in the network, as systemd-networkd reads it: DIR/network/10-postern.network, from which a
// service of the image takes it, which may do with the network what the daemon may not.
#pragma once

#include "core/settings.h"
#include "net/interface.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace postern::app {

// On which interfaces the box has its address: a fixed one on one alone. `before`: the one that had it until now, which
// keeps it while no cable is seen, as when the box has just been switched on.
[[nodiscard]] std::string network_interfaces(core::Settings const& settings, std::span<net::InterfaceState const> there,
                                             std::string_view before);

// systemd.network(5)
[[nodiscard]] std::string network_file(core::Settings const& settings, std::string_view interfaces);

// Writes it whole, if it is to be another one; a failure is logged. `directory`: DIR/network, which is made.
void write_network_file(std::filesystem::path const& directory, core::Settings const& settings);

} // namespace postern::app
