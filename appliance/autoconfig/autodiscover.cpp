#include "autoconfig/autodiscover.h"

#include "text/ascii.h"
#include "text/markup.h"

#include <format>

namespace postern::autoconfig {

namespace {

constexpr std::string_view outlook_schema =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
constexpr std::string_view response_schema = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";

// [MS-OXDSCLI] §2.2.4.1.1.2.5
std::string protocol_element(std::string_view type, MailServers const& servers, MailServer const& server,
                             Person const& person) {
    bool const sends = server.protocol == Protocol::submission;
    return std::format("      <Protocol>\n"
                       "        <Type>{}</Type>\n"
                       "        <Server>{}</Server>\n"
                       "        <Port>{}</Port>\n"
                       "        <DomainRequired>off</DomainRequired>\n"
                       "        <LoginName>{}</LoginName>\n"
                       "        <SPA>off</SPA>\n"
                       "        <SSL>on</SSL>\n"
                       "        <AuthRequired>on</AuthRequired>\n"
                       "{}"
                       "      </Protocol>\n",
                       type, text::escape_markup(servers.host), server.port, text::escape_markup(person.address),
                       sends ? "        <UsePOPAuth>on</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n" : "");
}

} // namespace

AutodiscoverRequest read_autodiscover(std::string_view xml) {
    auto const schema = text::element_text(xml, "AcceptableResponseSchema");
    return {.address = text::element_text(xml, "EMailAddress"),
            .for_outlook = schema.empty() || schema == outlook_schema};
}

std::string autodiscover_document(MailServers const& servers, Person const& person) {
    return std::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                       "<Autodiscover xmlns=\"{}\">\n"
                       "  <Response xmlns=\"{}\">\n"
                       "    <User>\n"
                       "      <DisplayName>{}</DisplayName>\n"
                       "    </User>\n"
                       "    <Account>\n"
                       "      <AccountType>email</AccountType>\n"
                       "      <Action>settings</Action>\n"
                       "{}{}{}"
                       "    </Account>\n"
                       "  </Response>\n"
                       "</Autodiscover>\n",
                       response_schema, outlook_schema, text::escape_markup(person.name),
                       protocol_element("IMAP", servers, servers.best(Protocol::imap), person),
                       protocol_element("POP3", servers, servers.best(Protocol::pop3), person),
                       protocol_element("SMTP", servers, servers.best(Protocol::submission), person));
}

std::string autodiscover_error(unsigned code) {
    return std::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                       "<Autodiscover xmlns=\"{}\">\n"
                       "  <Response>\n"
                       "    <Error>\n"
                       "      <ErrorCode>{}</ErrorCode>\n"
                       "      <Message>{}</Message>\n"
                       "      <DebugData/>\n"
                       "    </Error>\n"
                       "  </Response>\n"
                       "</Autodiscover>\n",
                       response_schema, code,
                       code == 600 ? "The request names no address of this office"
                                   : "This kind of account is not here");
}

AutodiscoverPointer autodiscover_pointer(std::string_view protocol, std::string_view base_url) {
    if (text::iequals(protocol, "AutodiscoverV1"))
        return {true,
                std::format("{{\"Protocol\":\"AutodiscoverV1\",\"Url\":\"{}{}\"}}\n", base_url, autodiscover_path)};
    return {false, "{\"ErrorCode\":\"ProtocolNotSupported\",\"ErrorMessage\":\"Only AutodiscoverV1 is here.\"}\n"};
}

} // namespace postern::autoconfig
