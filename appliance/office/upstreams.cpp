#include "office/upstreams.h"

#include "store/upstreams.h"

#include <algorithm>
#include <utility>

namespace postern::office {

store::Result<void> Upstreams::read(Storage& storage) {
    auto all =
        storage.read_here([](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::Upstream>> {
            return store::list_upstreams(transaction);
        });
    if (!all) return std::unexpected(all.error());
    known_.clear();
    for (store::Upstream& upstream : *all) {
        Known known;
        for (std::string const& written : upstream.addresses)
            if (auto const network = net::Network::parse(written)) known.from.push_back(*network);
        known.upstream = std::make_shared<store::Upstream const>(std::move(upstream));
        known_.push_back(std::move(known));
    }
    return {};
}

std::shared_ptr<store::Upstream const> Upstreams::at(std::string_view peer_address) const {
    auto const found = std::ranges::find_if(known_, [&](Known const& known) {
        return std::ranges::any_of(known.from, [&](net::Network const& one) { return one.contains(peer_address); });
    });
    return found == known_.end() ? nullptr : found->upstream;
}

} // namespace postern::office
