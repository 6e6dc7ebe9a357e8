#include "app/box_network.h"

#include "core/log.h"
#include "net/whole_file.h"

#include <format>
#include <system_error>

namespace postern::app {

namespace {

// Wired ones, as udev names them and as kernels do.
constexpr std::string_view interfaces = "en* eth*";

} // namespace

std::string network_file(core::Settings const& settings) {
    std::string file = std::format("[Match]\nName={}\n\n[Network]\n", interfaces);
    auto const address = settings.text("network.address");
    bool const by_dhcp = address == "dhcp";
    file += by_dhcp ? "DHCP=yes\n" : std::format("Address={}\n", address);
    if (auto const router = settings.text("network.router"); !by_dhcp && !router.empty())
        file += std::format("Gateway={}\n", router);
    for (auto const& server : settings.name_servers("dns.servers"))
        if (server.tls_name.empty()) file += std::format("DNS={}\n", server.address);
    return file;
}

void write_network_file(std::filesystem::path const& directory, core::Settings const& settings) {
    std::error_code error;
    std::filesystem::create_directories(directory, error); // if it cannot be, nothing can be written either
    auto const path = directory / "10-postern.network";
    auto const wanted = network_file(settings);
    if (auto const there = net::read_file(path); there && *there == wanted) return;
    if (auto const written = net::write_file(path, wanted, 0644); !written)
        core::log(core::Event::network_unwritten, {{"reason", written.error()}});
}

} // namespace postern::app
