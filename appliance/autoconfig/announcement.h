// The box's services for those who look for them without a name server (DNS-SD, RFC 6763): as avahi.service(5) has it,
// whose daemon announces them. Pure.
#pragma once

#include "autoconfig/office.h"

#include <cstdint>
#include <string>

namespace postern::autoconfig {

// `http_port`: of the page by which devices are set up.
[[nodiscard]] std::string announcement(MailServers const& servers, std::uint16_t http_port);

} // namespace postern::autoconfig
