// Names that are nobody's in the tree of the internet, or mean this network alone: asked outside they tell strangers
// what is looked for here, and get no answer that is worth anything. Pure; any thread.
#pragma once

#include "dns/zone.h"

#include <vector>

namespace postern::dns {

// RFC 6761 (localhost, invalid, test), RFC 6762 (local), RFC 7686 (onion), RFC 8375 (home.arpa), RFC 9462 §6.4
// (resolver.arpa), RFC 6303 §4 with RFC 7793 (addresses of nobody, and those that are everybody's), and the name by
// which browsers ask whether they may pass the network's own name server by.
[[nodiscard]] std::vector<Zone> special_zones();

// RFC 6303 §4.1, §4.4, §4.5: where the names of an office's own addresses are.
[[nodiscard]] std::vector<wire::dns::Name> private_reverse_zones();

} // namespace postern::dns
