// The system's network interfaces: what addresses they have, and by which one something goes. Asks the system and
// nobody else: nothing is sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

struct InterfaceAddress {
    std::string address;        // "192.168.1.2", "fe80::1"
    unsigned prefix_length = 0; // of the network that it is in
    std::string interface;
    bool lasting = true; // whether it may be told to others; see passing_addresses()
};

// Of all interfaces, by address.
[[nodiscard]] std::vector<InterfaceAddress> interface_addresses();

struct InterfaceState {
    std::string name;
    bool has_carrier = false; // a cable is plugged in, and something at its other end
};

// All, by name.
[[nodiscard]] std::vector<InterfaceState> interface_states();

// What /proc/net/if_inet6 says of those that are gone soon, or not there yet: temporary ones, of privacy (RFC 8981
// §3.4), and of all others what is deprecated, is tentative or turned out to be a duplicate (RFC 4862 §5.4, §5.5.4).
[[nodiscard]] std::vector<std::string> passing_addresses(std::string_view if_inet6);

// The name of the one that has this address of ours; empty: none.
[[nodiscard]] std::string interface_of(std::string_view local_address);

// The IPv4 address of the router by which what is for outside leaves by that interface; empty: none.
[[nodiscard]] std::string router_of(std::string_view interface);

// Of the one by which what is for outside would leave now; empty: there is no way out.
[[nodiscard]] std::string interface_to_outside();

} // namespace postern::net
