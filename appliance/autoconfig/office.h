// The office as its pages and documents tell of it. A value.
#pragma once

#include "autoconfig/mail_servers.h"

#include <cstdint>
#include <functional>
#include <string>

namespace postern::autoconfig {

struct Office {
    MailServers servers;
    std::string page_url;   // "http://setup.office.lan": where people are sent
    std::string secure_url; // "https://mail.office.lan"
    std::string account_url{}; // where people look after their accounts; whoever has such pages says it
    // The certificates of the authorities that devices are to trust, PEM, as they are now, the one first that signs;
    // empty: there are none, since devices are shown one that they trust anyway.
    std::function<std::string()> authorities;
};

// `port_base` is added to every service's standard port.
[[nodiscard]] Office office_at(std::string const& domain, std::string const& host, std::uint16_t port_base,
                               std::function<std::string()> authorities);

} // namespace postern::autoconfig
