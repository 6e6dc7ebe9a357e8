// Who knows no name but the office's: what the server asks where nobody is there to ask further.
#pragma once

#include "dns/outside.h"

#include <memory>

namespace postern::dns {

class Nowhere final : public Outside {
public:
    [[nodiscard]] std::shared_ptr<PreparedAnswer const> known(Asked const& asked) override;
    asio::awaitable<std::shared_ptr<PreparedAnswer const>> look_up(std::string name, wire::dns::Type type,
                                                                   bool dnssec_ok, bool checking_disabled) override;
};

} // namespace postern::dns
