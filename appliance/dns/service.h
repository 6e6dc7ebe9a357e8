// The office's name server: its sockets and the thread that serves them, so that mail never delays a look-up, nor a
// flood of queries mail. What it is told comes as values.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "dns/outside.h"
#include "dns/responder.h"
#include "dns/tcp_endpoint.h"
#include "dns/udp_endpoint.h"
#include "dns/zone_table.h"
#include "net/listener.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace postern::dns {

// Of the thread that made it, but for what is said otherwise.
class Service {
public:
    using MakeOutside = std::function<std::unique_ptr<Outside>(asio::any_io_executor)>;

    // Listens, at the sockets that systemd passed by the name "dns" if there are any, else at the addresses, UDP and
    // TCP. Nothing is answered before start(). The outside is made for the executor of the service's thread, and gone
    // before it; what it awaits holds no more than values.
    static std::expected<std::unique_ptr<Service>, std::string>
    listen(std::span<net::PassedSocket const> passed, std::vector<std::string> const& addresses, std::uint16_t port,
           core::Clock const& clock, core::Random& random, MakeOutside const& make_outside);
    ~Service();

    void start();
    // Any thread; each is so for the next query.
    void set_zones(std::shared_ptr<ZoneTable const> zones);
    void set_rules(Responder::Rules rules);

    // Any thread.
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t connections() const;
    [[nodiscard]] Responder::Counts counts() const { return responder_->counts(); }

private:
    Service() = default;
    void run();

    std::unique_ptr<Outside> outside_;
    std::unique_ptr<Responder> responder_;
    // Gone before what its coroutines refer to, and after what listens.
    std::unique_ptr<asio::io_context> context_ = std::make_unique<asio::io_context>(1);
    std::vector<std::unique_ptr<UdpEndpoint>> udp_;
    std::vector<std::unique_ptr<TcpEndpoint>> tcp_;
    std::thread thread_;
};

} // namespace postern::dns
