// The pages of the box: what mail clients ask for to set themselves up, and what people look at to have theirs do so.
// Everything is there by plain HTTP, too, because a device asks before it trusts the office's authority; none of it is
// secret.
#pragma once

#include "autoconfig/mail_servers.h"
#include "http/site.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace postern::autoconfig {

struct Office {
    MailServers servers;
    std::string page_url;   // "http://setup.office.lan": where people are sent
    std::string secure_url; // "https://mail.office.lan"
    // The certificate of the authority that devices are to trust, PEM, as it is now; empty: there is none.
    std::function<std::string()> authority;
};

[[nodiscard]] Office office_at(std::string const& domain, std::string const& host, std::uint16_t port_base,
                               std::function<std::string()> authority);

[[nodiscard]] std::vector<http::Route> routes(Office office);

} // namespace postern::autoconfig
