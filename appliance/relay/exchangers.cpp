#include "relay/exchangers.h"

#include "text/ascii.h"

#include <utility>

namespace postern::relay {

asio::awaitable<net::LookedUp<net::MailExchanger>> find_exchangers(net::Resolver& resolver, std::string domain) {
    if (domain.starts_with('[') && domain.ends_with(']')) {
        std::string address = domain.substr(1, domain.size() - 2);
        constexpr std::string_view tag = "ipv6:";
        if (text::istarts_with(address, tag)) address.erase(0, tag.size());
        co_return std::vector{net::MailExchanger{0, std::move(address)}};
    }
    co_return co_await resolver.mail_exchangers(std::move(domain));
}

asio::awaitable<bool> internet_answers(net::Resolver& resolver, core::Random& random) {
    constexpr std::size_t random_octets = 12;
    // Below a domain whose servers alone can say what there is not: they give no proofs by which others could.
    auto const found = co_await resolver.addresses(random.hex(random_octets) + ".com");
    co_return !found && found.error().failure == net::LookUpFailure::no_such_name;
}

} // namespace postern::relay
