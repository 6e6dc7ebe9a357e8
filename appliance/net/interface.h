// By which network interface something goes. Asks the system and nobody else: nothing is sent.
#pragma once

#include <string>
#include <string_view>

namespace postern::net {

// The name of the one that has this address of ours; empty: none.
[[nodiscard]] std::string interface_of(std::string_view local_address);

// Of the one by which what is for outside would leave now; empty: there is no way out.
[[nodiscard]] std::string interface_to_outside();

} // namespace postern::net
