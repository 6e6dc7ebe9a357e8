#include "smtp/access.h"

#include "net/address.h"
#include "text/ascii.h"

#include <algorithm>

namespace postern::smtp {

bool admits(std::span<std::string const> networks, std::string_view peer_address) {
    auto const holds = [peer_address](net::Network const& network) { return network.contains(peer_address); };
    return std::ranges::any_of(networks, [&](std::string_view written) {
        if (written == "any") return true;
        if (written == "private") return std::ranges::any_of(net::private_networks(), holds);
        auto const network = net::Network::parse(written);
        return network && holds(*network);
    });
}

bool names_address(std::string_view domain, std::string_view address) {
    if (!domain.starts_with('[') || !domain.ends_with(']')) return false;
    domain.remove_prefix(1);
    domain.remove_suffix(1);
    constexpr std::string_view tag = "IPv6:";
    if (text::istarts_with(domain, tag)) domain.remove_prefix(tag.size());
    // A range is no address.
    if (domain.contains('/')) return false;
    auto const named = net::Network::parse(domain);
    return named && named->contains(address);
}

} // namespace postern::smtp
