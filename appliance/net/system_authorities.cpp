#include "net/system_authorities.h"

#include <format>
#include <fstream>
#include <iterator>

namespace postern::net {

std::expected<std::string, std::string> read_system_authorities() {
    constexpr auto path = "/etc/ssl/certs/ca-certificates.crt";
    std::ifstream file(path, std::ios::binary);
    std::string pem{std::istreambuf_iterator<char>(file), {}};
    if (pem.empty())
        return std::unexpected(std::format("no certificate can be verified: {} cannot be read; install the package "
                                           "ca-certificates, or give the server an authority of its own",
                                           path));
    return pem;
}

} // namespace postern::net
