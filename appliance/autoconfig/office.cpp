#include "autoconfig/office.h"

#include <format>
#include <string_view>
#include <utility>

namespace postern::autoconfig {

Office office_at(std::string const& domain, std::string const& host, std::uint16_t port_base,
                 std::function<std::string()> authorities) {
    auto const url = [&](std::string_view scheme, std::string_view name, std::uint16_t port) {
        return port_base == 0 ? std::format("{}://{}", scheme, name)
                              : std::format("{}://{}:{}", scheme, name, port_base + port);
    };
    return {.servers = mail_servers(domain, host, port_base),
            .page_url = url("http", "setup." + domain, 80),
            .secure_url = url("https", host, 443),
            .authorities = std::move(authorities)};
}

} // namespace postern::autoconfig
