// Name servers as an administrator writes them: the value of the setting dns.servers. Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace postern::core {

struct NameServer {
    std::string address; // "192.0.2.53", "fe80::1%eth0"
    std::uint16_t port = 53;
    friend bool operator==(NameServer const&, NameServer const&) = default;
};

// ADDRESS or ADDRESS#PORT, with spaces or commas between. The error is a sentence that names the one that is wrong.
[[nodiscard]] std::expected<std::vector<NameServer>, std::string> parse_name_servers(std::string_view written);

} // namespace postern::core
