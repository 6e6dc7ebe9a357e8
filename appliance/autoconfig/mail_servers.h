// What a mail client has to be told to use the office's mail: where its servers are, and who its user is. All of it
// names one host, so that no client meets a certificate for another. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::autoconfig {

enum class Protocol : std::uint8_t { imap, pop3, submission };

struct MailServer {
    Protocol protocol{};
    std::uint16_t port = 0;
    bool implicit_tls = true; // else STARTTLS
};

struct MailServers {
    std::string domain; // the office's, A-labels
    std::string host;   // the one that all servers are on
    std::vector<MailServer> servers;

    // The first of that protocol, which is the best one.
    [[nodiscard]] MailServer const& best(Protocol protocol) const;
};

// RFC 8314 §3: TLS from the start comes first. `port_base` is added to every service's standard port.
[[nodiscard]] MailServers mail_servers(std::string domain, std::string host, std::uint16_t port_base);

// Somebody of the office, as far as a mail address tells.
struct Person {
    std::string address; // which is a login, too
    std::string name;    // to be shown until a better one is known
};

// Nothing: the address is none, or is not in that domain, whose labels may be written in Unicode.
[[nodiscard]] std::optional<Person> person_of(std::string_view address, std::string_view domain);

} // namespace postern::autoconfig
