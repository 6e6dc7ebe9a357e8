#include "autoconfig/thunderbird.h"

#include "text/markup.h"

#include <format>

namespace postern::autoconfig {

namespace {

std::string_view type_of(Protocol protocol) {
    switch (protocol) {
    case Protocol::imap: return "imap";
    case Protocol::pop3: return "pop3";
    case Protocol::submission: return "smtp";
    }
    return "";
}

} // namespace

std::string thunderbird_document(MailServers const& servers, std::optional<Person> const& person,
                                 std::string_view help_url) {
    std::string const login = person ? text::escape_markup(person->address) : "%EMAILADDRESS%";
    std::string out = std::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<clientConfig version=\"1.1\">\n"
                                  "  <emailProvider id=\"{0}\">\n"
                                  "    <domain>{0}</domain>\n"
                                  "    <displayName>{0}</displayName>\n"
                                  "    <displayShortName>{0}</displayShortName>\n",
                                  text::escape_markup(servers.domain));
    for (MailServer const& server : servers.servers) {
        std::string_view const element = server.protocol == Protocol::submission ? "outgoingServer" : "incomingServer";
        // Clients take the first way to log in that they know. What they call an encrypted password is, for some, an
        // older way than ours; and TLS covers a plain one.
        out += std::format("    <{0} type=\"{1}\">\n"
                           "      <hostname>{2}</hostname>\n"
                           "      <port>{3}</port>\n"
                           "      <socketType>{4}</socketType>\n"
                           "      <authentication>password-cleartext</authentication>\n"
                           "      <authentication>password-encrypted</authentication>\n"
                           "      <username>{5}</username>\n"
                           "    </{0}>\n",
                           element, type_of(server.protocol), text::escape_markup(servers.host), server.port,
                           server.implicit_tls ? "SSL" : "STARTTLS", login);
    }
    out += std::format("    <documentation url=\"{}\">\n"
                       "      <descr lang=\"en\">How to use the mail of this office</descr>\n"
                       "    </documentation>\n"
                       "  </emailProvider>\n"
                       "</clientConfig>\n",
                       text::escape_markup(help_url));
    return out;
}

} // namespace postern::autoconfig
