// Servers elsewhere that may bring mail to our port 25, from wherever they come, once they proved who they are: by a
// login of their own, or by a certificate. A memory of what the store has. The network thread's.
#pragma once

#include "net/address.h"
#include "office/storage.h"
#include "store/records.h"

#include <memory>
#include <string_view>
#include <vector>

namespace postern::office {

class Upstreams {
public:
    // From the store: for connections that begin from now on.
    store::Result<void> read(Storage& storage);

    // Who comes from there; null: nobody of them.
    [[nodiscard]] std::shared_ptr<store::Upstream const> at(std::string_view peer_address) const;

private:
    struct Known {
        std::vector<net::Network> from;
        std::shared_ptr<store::Upstream const> upstream;
    };
    std::vector<Known> known_;
};

} // namespace postern::office
