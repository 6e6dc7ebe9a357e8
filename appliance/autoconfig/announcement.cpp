#include "autoconfig/announcement.h"

#include "text/markup.h"

#include <format>
#include <string_view>
#include <utility>

namespace postern::autoconfig {

namespace {

// RFC 6186 §3, RFC 8314 §5.1
std::string_view type_of(MailServer const& server) {
    switch (server.protocol) {
    case Protocol::imap: return server.implicit_tls ? "_imaps._tcp" : "_imap._tcp";
    case Protocol::pop3: return server.implicit_tls ? "_pop3s._tcp" : "_pop3._tcp";
    case Protocol::submission: return server.implicit_tls ? "_submissions._tcp" : "_submission._tcp";
    }
    std::unreachable();
}

std::string service(std::string_view type, std::uint16_t port) {
    return std::format("  <service><type>{}</type><port>{}</port></service>\n", type, port);
}

} // namespace

std::string announcement(MailServers const& servers, std::uint16_t http_port) {
    std::string out = std::format("<?xml version=\"1.0\"?>\n<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n"
                                  "<service-group>\n  <name>Mail of {}</name>\n",
                                  text::escape_markup(servers.domain));
    for (MailServer const& server : servers.servers) out += service(type_of(server), server.port);
    return out + service("_http._tcp", http_port) + "</service-group>\n";
}

} // namespace postern::autoconfig
