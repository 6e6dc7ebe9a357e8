#include "app/box_network.h"

#include "core/log.h"
#include "net/whole_file.h"

#include <format>
#include <system_error>

namespace postern::app {

namespace {

constexpr std::string_view all_wired = "en* eth*"; // as udev names them and as kernels do
constexpr std::string_view before_name = "[Match]\nName=";

bool is_wired(net::InterfaceState const& interface) {
    return interface.name.starts_with("en") || interface.name.starts_with("eth");
}

// That a file names.
std::string_view interfaces_in(std::string_view file) {
    if (!file.starts_with(before_name)) return {};
    file.remove_prefix(before_name.size());
    return file.substr(0, file.find('\n'));
}

} // namespace

std::string network_interfaces(core::Settings const& settings, std::span<net::InterfaceState const> there,
                               std::string_view before) {
    if (auto const chosen = settings.text("network.interface"); !chosen.empty()) return std::string(chosen);
    if (settings.text("network.address") == "dhcp") return std::string(all_wired);
    net::InterfaceState const* best = nullptr;
    auto const rank = [before](net::InterfaceState const& one) {
        return one.has_carrier ? 2 : one.name == before ? 1 : 0;
    };
    for (auto const& one : there)
        if (is_wired(one) && (best == nullptr || rank(one) > rank(*best))) best = &one;
    return best == nullptr ? std::string(all_wired) : best->name;
}

std::string network_file(core::Settings const& settings, std::string_view interfaces) {
    std::string file = std::format("{}{}\n\n[Network]\n", before_name, interfaces);
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
    auto const there = net::read_file(path).value_or(std::nullopt).value_or("");
    auto const wanted =
        network_file(settings, network_interfaces(settings, net::interface_states(), interfaces_in(there)));
    if (there == wanted) return;
    if (auto const written = net::write_file(path, wanted, 0644); !written)
        core::log(core::Event::network_unwritten, {{"reason", written.error()}});
}

} // namespace postern::app
