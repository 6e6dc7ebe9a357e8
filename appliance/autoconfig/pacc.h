// The document of draft-ietf-mailmaint-pacc, by which clients to come find the servers of a domain, and the record in
// the DNS that proves it. Pure.
#pragma once

#include "autoconfig/mail_servers.h"

#include <string>
#include <string_view>

namespace postern::autoconfig {

// The same octets each time, since their digest is in the DNS.
[[nodiscard]] std::string pacc_document(MailServers const& servers, std::string_view help_url);
// The text of the TXT record at _ua-auto-config.DOMAIN.
[[nodiscard]] std::string pacc_record(std::string_view document);

} // namespace postern::autoconfig
