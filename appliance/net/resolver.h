// Looks up names. An interface, so that tests can play the internet.
#pragma once

#include "core/clock.h"
#include "core/name_server.h"
#include "core/random.h"
#include "net/dns_cache.h"
#include "net/resolver_files.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace postern::net {

enum class LookUpFailure : std::uint8_t {
    no_such_name,    // it does not exist, or is no name at all
    no_such_records, // it exists, and has nothing of what was asked for
    no_mail,         // RFC 7505: it takes no mail, and says so
    server_failed,   // name servers answer, and do not know
    no_answer,       // no name server answers: we may be offline
};

struct LookUpError {
    LookUpFailure failure{};
    std::string reason; // a sentence for an administrator, without the name
    bool operator==(LookUpError const&) const = default;
};

template <typename Found> using LookedUp = std::expected<std::vector<Found>, LookUpError>;

// RFC 5321 §5.1. Its host is a name, whose addresses are looked up by who dials.
struct MailExchanger {
    std::uint16_t preference = 0;
    std::string host;
    bool operator==(MailExchanger const&) const = default;
};

// One executor. Names are A-labels (RFC 5890 §2.3.2.1). What succeeds holds something. Asio's cancellation ends any of
// these at once.
class Resolver {
public:
    virtual ~Resolver() = default;

    // Those of IPv6 first.
    virtual boost::asio::awaitable<LookedUp<boost::asio::ip::address>> addresses(std::string name) = 0;
    // In the order in which they are to be tried. A domain without any is its own (RFC 5321 §5.1: the implicit MX), so
    // that `no_such_records` never comes of this.
    virtual boost::asio::awaitable<LookedUp<MailExchanger>> mail_exchangers(std::string domain) = 0;
};

// By /etc/hosts, and by asking name servers that look further themselves (RFC 1034 §5.3.1: a stub resolver). Remembers
// answers for as long as they say, negative ones as well, if they come from who can know.
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
