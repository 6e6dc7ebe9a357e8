#include "app/names.h"

#include "autoconfig/office.h"
#include "autoconfig/pacc.h"
#include "dns/ip_address.h"
#include "dns/office_zones.h"
#include "dns/record_rules.h"
#include "dns/special_zones.h"
#include "net/interface.h"
#include "store/dns_names.h"
#include "text/idn.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <utility>

namespace postern::app {

namespace {

constexpr std::uint16_t standard_port = 53;

bool is_wildcard(std::string const& address) { return address == "::" || address == "0.0.0.0"; }

bool is_link_local(dns::IpAddress const& address) {
    static dns::IpNetwork const networks[] = {*dns::IpNetwork::parse("169.254.0.0/16"),
                                              *dns::IpNetwork::parse("fe80::/10")};
    return std::ranges::any_of(networks, [&](auto const& network) { return network.contains(address); });
}

// Where the box's names lead: to those addresses of its that mean something elsewhere, or at least on the same cable,
// and still do when who was told of them comes.
std::vector<dns::IpAddress> addresses_for_names(std::string const& listen,
                                                std::vector<net::InterfaceAddress> const& all) {
    if (!is_wildcard(listen)) {
        auto const address = dns::IpAddress::parse(listen);
        return address ? std::vector{*address} : std::vector<dns::IpAddress>();
    }
    std::vector<dns::IpAddress> good, link_local;
    for (net::InterfaceAddress const& one : all) {
        auto const address = dns::IpAddress::parse(one.address);
        if (!address || !one.lasting || is_loopback(*address) || (listen == "0.0.0.0" && !address->is_ipv4())) continue;
        // One of IPv6 means nothing without its interface, which no record tells.
        if (!is_link_local(*address))
            good.push_back(*address);
        else if (address->is_ipv4())
            link_local.push_back(*address);
    }
    return good.empty() ? link_local : good;
}

std::vector<dns::IpNetwork> networks(std::vector<net::InterfaceAddress> const& all) {
    std::vector<dns::IpNetwork> found;
    for (net::InterfaceAddress const& one : all)
        if (auto const address = dns::IpAddress::parse(one.address); address && !is_private(*address))
            found.emplace_back(*address, one.prefix_length);
    return found;
}

} // namespace

std::expected<std::unique_ptr<Names>, std::string> Names::listen(office::Office& office, std::string address,
                                                                 std::uint16_t port_base,
                                                                 std::span<net::PassedSocket const> passed) {
    auto domain = wire::dns::Name::parse(office.domain);
    // There is to be room for the longest of the names below it.
    if (!domain || !wire::dns::Name::parse("_submissions._tcp." + domain->text()))
        return std::unexpected(std::format("the domain {} is too long for names below it", office.domain));
    std::unique_ptr<Names> names(new Names(office, std::move(address), port_base, std::move(*domain)));
    auto service =
        dns::Service::listen(passed, {names->address_}, static_cast<std::uint16_t>(standard_port + port_base),
                             office.clock, office.random, [&](asio::any_io_executor executor) {
                                 auto made = std::make_unique<dns::InternetLookups>(
                                     executor, office.clock, office.random, names->forwarder_options());
                                 names->outside_ = made.get();
                                 return made;
                             });
    if (!service)
        return std::unexpected(std::format("{}. Another name server on this machine, such as systemd-resolved, dnsmasq "
                                           "or unbound, has to be stopped if the port is in use",
                                           service.error()));
    names->service_ = std::move(*service);
    if (auto const read = names->records_changed(); !read)
        return std::unexpected(std::format("the names cannot be read: {}", store::describe(read.error())));
    return names;
}

store::Result<void> Names::records_changed() {
    auto const kept = office_.storage.read_here(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::DnsName>> {
            return store::list_dns_names(transaction);
        });
    if (!kept) return std::unexpected(kept.error());
    records_.clear();
    for (store::DnsName const& name : *kept)
        std::ranges::move(dns::read_records(name.name, name.records), std::back_inserter(records_));
    refresh();
    return {};
}

void Names::set_leases(std::vector<dhcp::Lease> leases) {
    leases_ = std::move(leases);
    refresh();
}

void Names::settings_changed() {
    outside_->set_options(forwarder_options());
    refresh();
}

void Names::set_host(std::string host, std::string const& other) {
    host_ = std::move(host);
    other_name_ = other.empty() ? std::nullopt : wire::dns::Name::parse(other);
    refresh();
}

void Names::network_changed() {
    outside_->network_changed();
    refresh();
}

dns::ForwarderOptions Names::forwarder_options() const {
    auto const& settings = *office_.settings;
    dns::ForwarderOptions options;
    options.servers = settings.name_servers("dns.servers");
    options.cache_octets = settings.bytes("dns.cache");
    options.own_port = static_cast<std::uint16_t>(standard_port + port_base_);
    for (std::string const& written : settings.list("dns.private_domains"))
        if (auto domain = text::domain_to_ascii(written).and_then(wire::dns::Name::parse))
            options.private_domains.push_back(std::move(*domain));
    // What is public of the office's own domain may lead to its own addresses.
    if (settings.flag("dns.split")) options.private_domains.push_back(domain_);
    return options;
}

void Names::refresh() {
    auto const interfaces = net::interface_addresses();
    auto const& settings = *office_.settings;
    dns::OfficeNames names;
    names.domain = domain_;
    names.split = settings.flag("dns.split");
    names.port_base = port_base_;
    names.box = addresses_for_names(address_, interfaces);
    names.networks = networks(interfaces);
    names.records = records_;
    // A device that calls itself www would be the office's web site in the internet.
    if (!names.split)
        std::ranges::move(dhcp::lease_names(leases_, domain_, records_), std::back_inserter(names.records));
    names.other_name = other_name_;
    names.host = wire::dns::Name::parse(host_);
    auto const told = autoconfig::office_at(office_.domain, host_, port_base_, nullptr);
    names.client_configuration = autoconfig::pacc_record(autoconfig::pacc_document(told.servers, told.page_url));
    set_zones(names);
    service_->set_rules({.networks = names.networks,
                         .rate = static_cast<unsigned>(settings.count("dns.rate")),
                         .waiting = settings.count("dns.lookups"),
                         .waiting_of_one = settings.count("dns.lookups_per_address")});
}

void Names::set_zones(dns::OfficeNames names) {
    names.serial = told_.serial;
    if (told_.serial != 0 && names == told_) return;
    // RFC 1982: it only rises, also where the clock is set back.
    auto const now = static_cast<std::uint32_t>(office_.clock.wall().time_since_epoch().count());
    names.serial = std::max(told_.serial + 1, now);
    auto zones = dns::office_zones(names);
    std::ranges::move(dns::special_zones(), std::back_inserter(zones));
    service_->set_zones(std::make_shared<dns::ZoneTable const>(zones, names.box));
    told_ = std::move(names);
}

} // namespace postern::app
