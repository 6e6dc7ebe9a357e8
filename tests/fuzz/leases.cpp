// What a server that hands out addresses says of its leases: names of them are names, and nobody else's.
#include "dhcp/leases.h"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const domain = wire::dns::Name::parse("office.lan").value();
    std::string_view const file(reinterpret_cast<char const*>(data), size);
    std::set<wire::dns::Name> seen;
    for (auto const& record : dhcp::lease_names(dhcp::read_leases(file), domain, {}))
        if (!record.name.is_within(domain) || record.name == domain || !seen.insert(record.name).second) std::abort();
    return 0;
}
