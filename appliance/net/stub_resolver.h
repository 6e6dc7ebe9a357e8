// The resolver: by /etc/hosts, and by asking name servers that look further themselves (RFC 1034 §5.3.1). Remembers
// answers for as long as they say, negative ones as well, if they come from who can know.
#pragma once

#include "core/clock.h"
#include "core/name_server.h"
#include "core/random.h"
#include "net/dns_cache.h"
#include "net/resolver.h"
#include "net/resolver_files.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace postern::net {

class StubResolver final : public Resolver {
public:
    static constexpr std::size_t most_remembered = 512;

    // `servers`: those that the administrator names, asked for at each look-up; none: those of resolv.conf. Clock and
    // random outlive it.
    StubResolver(core::Clock const& clock, core::Random& random, std::function<std::vector<core::NameServer>()> servers,
                 ResolverFiles files = {});

    boost::asio::awaitable<LookedUp<boost::asio::ip::address>> addresses(std::string name) override;
    boost::asio::awaitable<LookedUp<MailExchanger>> mail_exchangers(std::string domain) override;

private:
    using Found = LookedUp<wire::dns::Data>;
    using Server = boost::asio::ip::udp::endpoint;

    boost::asio::awaitable<Found> look_up(wire::dns::Question question);
    boost::asio::awaitable<Found> ask_all(wire::dns::Question question, std::vector<Server> servers);
    void look_at_servers();
    Hosts const& hosts();

    core::Clock const& clock_;
    core::Random& random_;
    std::function<std::vector<core::NameServer>()> named_servers_;
    WatchedFile hosts_file_;
    Hosts hosts_;
    WatchedFile resolv_conf_file_;
    ResolvConf resolv_conf_;
    std::vector<Server> servers_; // as of the last look-up
    std::size_t preferred_ = 0;   // of servers_: the one that answered last
    DnsCache cache_{most_remembered};
};

} // namespace postern::net
