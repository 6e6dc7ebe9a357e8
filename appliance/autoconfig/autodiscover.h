// How Outlook and others of its kind find an account's servers: Autodiscover as [MS-OXDSCLI] has it, in its plain XML
// form ("POX") and its JSON form, which only says where that is. Pure.
#pragma once

#include "autoconfig/mail_servers.h"

#include <optional>
#include <string>
#include <string_view>

namespace postern::autoconfig {

inline constexpr std::string_view autodiscover_path = "/autodiscover/autodiscover.xml";

// [MS-OXDSCLI] §2.2.3: what a client asks.
struct AutodiscoverRequest {
    std::string address;
    bool for_outlook = false; // it takes settings of mail servers, and not those of Exchange alone
};
[[nodiscard]] AutodiscoverRequest read_autodiscover(std::string_view xml);

// §2.2.4. Of POP3, IMAP and SMTP; clients take the best that they know.
[[nodiscard]] std::string autodiscover_document(MailServers const& servers, Person const& person);
// §2.2.4.1.2: 600 a request that makes no sense, 601 what is asked for is not here.
[[nodiscard]] std::string autodiscover_error(unsigned code);

struct AutodiscoverPointer {
    bool found = false;
    std::string json;
};
// Where the service of that protocol is; of those that clients ask for it is only "AutodiscoverV1".
[[nodiscard]] AutodiscoverPointer autodiscover_pointer(std::string_view protocol, std::string_view base_url);

} // namespace postern::autoconfig
