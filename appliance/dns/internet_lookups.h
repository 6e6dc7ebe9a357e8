// Look-ups in the internet as the name server's thread does them: the forwarder with its way to the network, which
// other threads tell what to do.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "dns/forwarder.h"
#include "dns/network_exchange.h"
#include "dns/outside.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace postern::dns {

// The executor's thread, but for what is said otherwise.
class InternetLookups final : public Outside {
public:
    // Clock and random outlive it, and are any thread's.
    InternetLookups(asio::any_io_executor executor, core::Clock const& clock, core::Random& random,
                    ForwarderOptions options);

    [[nodiscard]] std::shared_ptr<PreparedAnswer const> known(Asked const& asked) override {
        return forwarder_.known(asked);
    }
    asio::awaitable<std::shared_ptr<PreparedAnswer const>> look_up(std::string name, wire::dns::Type type,
                                                                   bool dnssec_ok, bool checking_disabled) override {
        return forwarder_.look_up(std::move(name), type, dnssec_ok, checking_disabled);
    }
    void close() override { exchange_.close(); }

    // The network thread, or any other but the executor's.
    void set_options(ForwarderOptions options);
    void network_changed();
    asio::awaitable<ForwarderStatus> status();

private:
    void trust_authorities(ForwarderOptions const& options);

    asio::any_io_executor executor_;
    NetworkExchange exchange_;
    Forwarder forwarder_;
    bool trusts_ = false;
};

} // namespace postern::dns
