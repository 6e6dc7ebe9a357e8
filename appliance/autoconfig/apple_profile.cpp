#include "autoconfig/apple_profile.h"

#include "core/crypto.h"
#include "text/base64.h"
#include "text/markup.h"

#include <format>

namespace postern::autoconfig {

namespace {

std::string entry(std::string_view name, std::string_view value) {
    return std::format("<key>{}</key>{}\n", name, value);
}
std::string string_entry(std::string_view name, std::string_view value) {
    return entry(name, std::format("<string>{}</string>", text::escape_markup(value)));
}
std::string integer_entry(std::string_view name, unsigned value) {
    return entry(name, std::format("<integer>{}</integer>", value));
}
std::string boolean_entry(std::string_view name, bool value) { return entry(name, value ? "<true/>" : "<false/>"); }

// RFC 9562 §5.8: made of what it identifies.
std::string uuid_of(std::string_view what) {
    std::string octets = core::sha256(what).substr(0, 16);
    octets[6] = static_cast<char>((octets[6] & 0x0F) | 0x80);
    octets[8] = static_cast<char>((octets[8] & 0x3F) | 0x80);
    std::string uuid;
    for (std::size_t at = 0; at < octets.size(); ++at) {
        if (at == 4 || at == 6 || at == 8 || at == 10) uuid += '-';
        uuid += std::format("{:02X}", static_cast<unsigned char>(octets[at]));
    }
    return uuid;
}

// What every payload has. `identifier`: in reverse, as Apple's are.
std::string payload(std::string_view type, std::string_view identifier, std::string_view name) {
    return string_entry("PayloadType", type) + string_entry("PayloadIdentifier", identifier) +
           string_entry("PayloadUUID", uuid_of(identifier)) + integer_entry("PayloadVersion", 1) +
           string_entry("PayloadDisplayName", name);
}

std::string account(MailServers const& servers, Person const& person, std::string_view identifier) {
    auto const side = [&](std::string_view prefix, MailServer const& server) {
        std::string const begin = std::string(prefix) + "MailServer";
        return string_entry(begin + "Authentication", "EmailAuthPassword") +
               string_entry(begin + "HostName", servers.host) + integer_entry(begin + "PortNumber", server.port) +
               boolean_entry(begin + "UseSSL", true) + string_entry(begin + "Username", person.address);
    };
    return payload("com.apple.mail.managed", identifier, person.address) +
           string_entry("EmailAccountType", "EmailTypeIMAP") + string_entry("EmailAccountDescription", servers.domain) +
           string_entry("EmailAccountName", person.name) + string_entry("EmailAddress", person.address) +
           side("Incoming", servers.best(Protocol::imap)) + side("Outgoing", servers.best(Protocol::submission)) +
           boolean_entry("OutgoingPasswordSameAsIncomingPassword", true) + boolean_entry("SMIMEEnabled", false);
}

} // namespace

std::string apple_profile(MailServers const& servers, std::optional<Person> const& person,
                          std::vector<std::string> const& authorities) {
    std::string const office = "lan.postern." + servers.domain;
    std::string const whole = office + (person ? ".mail." + person->address : ".trust");
    std::string contents;
    for (std::string_view name = ".authority"; std::string const& authority : authorities) {
        contents +=
            "<dict>\n" + payload("com.apple.security.root", office + std::string(name), "Postern, " + servers.domain) +
            string_entry("PayloadCertificateFileName", "office.crt") +
            entry("PayloadContent", std::format("<data>{}</data>", text::base64_encode(authority))) + "</dict>\n";
        name = ".authority.next";
    }
    if (person) contents += "<dict>\n" + account(servers, *person, whole + ".account") + "</dict>\n";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
           "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
           "<plist version=\"1.0\">\n<dict>\n" +
           payload("Configuration", whole, person ? person->address : servers.domain) +
           string_entry("PayloadOrganization", servers.domain) + boolean_entry("PayloadRemovalDisallowed", false) +
           entry("PayloadContent", "<array>\n" + contents + "</array>") + "</dict>\n</plist>\n";
}

} // namespace postern::autoconfig
