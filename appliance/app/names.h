// The office's name server as part of the daemon: what it answers is made here of the domain, the box's addresses, the
// administrator's records and the settings, and made anew when one of them changes.
#pragma once

#include "core/clock.h"
#include "dhcp/leases.h"
#include "dns/internet_lookups.h"
#include "dns/office_zones.h"
#include "dns/service.h"
#include "net/listener.h"
#include "office/office.h"
#include "store/error.h"
#include "wire/dns_message.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::app {

namespace asio = boost::asio;

// The network thread; the service has its own.
class Names {
public:
    // At this address and port 53 more than the base, or at sockets that systemd passed. The office outlives it. The
    // error is a sentence for the administrator.
    static std::expected<std::unique_ptr<Names>, std::string> listen(office::Office& office, std::string address,
                                                                     std::uint16_t port_base,
                                                                     std::span<net::PassedSocket const> passed);
    void start() { service_->start(); }

    // Each makes what the next query gets.
    // `host`: that clients are told. `other`: a name of the box besides those that it has by itself; empty: none.
    void set_host(std::string host, std::string const& other);
    store::Result<void> records_changed();
    // Names of devices that were handed an address.
    void set_leases(std::vector<dhcp::Lease> leases);
    void settings_changed();
    void network_changed();

    [[nodiscard]] asio::awaitable<dns::ForwarderStatus> outside() { return outside_->status(); }
    [[nodiscard]] dns::Responder::Counts queries() const { return service_->counts(); }
    [[nodiscard]] std::uint16_t port() const { return service_->port(); }
    [[nodiscard]] std::size_t connections() const { return service_->connections(); }

private:
    Names(office::Office& office, std::string address, std::uint16_t port_base, wire::dns::Name domain)
        : office_(office),
          address_(std::move(address)),
          port_base_(port_base),
          domain_(std::move(domain)),
          host_(office.host_name) {}
    void refresh();
    [[nodiscard]] dns::ForwarderOptions forwarder_options() const;
    void set_zones(dns::OfficeNames names);

    office::Office& office_;
    std::string address_;
    std::uint16_t port_base_;
    wire::dns::Name domain_;
    std::string host_; // that clients are told
    std::optional<wire::dns::Name> other_name_;
    std::vector<wire::dns::Record> records_;
    std::vector<dhcp::Lease> leases_;
    dns::OfficeNames told_;                   // what the service has
    dns::InternetLookups* outside_ = nullptr; // the service's
    std::unique_ptr<dns::Service> service_;
};

} // namespace postern::app
