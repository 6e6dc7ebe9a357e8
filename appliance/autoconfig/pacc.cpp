#include "autoconfig/pacc.h"

#include "core/crypto.h"
#include "text/base64.h"

#include <format>

namespace postern::autoconfig {

// The ports are the standard ones with TLS from the start. A submission server was called "smtp" up to the second
// draft, and "submit" since.
std::string pacc_document(MailServers const& servers, std::string_view help_url) {
    return std::format("{{\"protocols\":{{\"imap\":{{\"host\":\"{0}\"}},\"pop3\":{{\"host\":\"{0}\"}},"
                       "\"smtp\":{{\"host\":\"{0}\"}},\"submit\":{{\"host\":\"{0}\"}}}},"
                       "\"authentication\":{{\"password\":true}},"
                       "\"info\":{{\"provider\":{{\"name\":\"{1}\",\"shortName\":\"{1}\"}},"
                       "\"help\":{{\"documentation\":\"{2}\"}}}}}}\n",
                       servers.host, servers.domain, help_url);
}

std::string pacc_record(std::string_view document) {
    return std::format("v=UAAC1; a=sha256; d={}", text::base64_encode(core::sha256(document)));
}

} // namespace postern::autoconfig
