#include "autoconfig/mail_servers.h"

#include "message/address.h"
#include "text/idn.h"

#include <algorithm>
#include <utility>

namespace postern::autoconfig {

MailServer const& MailServers::best(Protocol protocol) const {
    return *std::ranges::find(servers, protocol, &MailServer::protocol);
}

MailServers mail_servers(std::string domain, std::string host, std::uint16_t port_base) {
    auto const port = [&](std::uint16_t standard) { return static_cast<std::uint16_t>(port_base + standard); };
    return {.domain = std::move(domain),
            .host = std::move(host),
            .servers = {{Protocol::imap, port(993), true},
                        {Protocol::imap, port(143), false},
                        {Protocol::pop3, port(995), true},
                        {Protocol::pop3, port(110), false},
                        {Protocol::submission, port(465), true},
                        {Protocol::submission, port(587), false}}};
}

std::optional<Person> person_of(std::string_view address, std::string_view domain) {
    auto const mailbox = message::parse_smtp_mailbox(address, true);
    if (!mailbox || text::domain_to_ascii(mailbox->domain) != domain) return std::nullopt;
    return Person{.address = message::smtp_mailbox(mailbox->local_part, domain), .name = mailbox->local_part};
}

} // namespace postern::autoconfig
