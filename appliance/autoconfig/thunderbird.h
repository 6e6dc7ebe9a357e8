// The document by which Thunderbird, Evolution, KMail, K-9 and others set an account up
// (draft-ietf-mailmaint-autoconfig, "config-v1.1.xml"). Pure.
#pragma once

#include "autoconfig/mail_servers.h"

#include <optional>
#include <string>

namespace postern::autoconfig {

// Without a person it is for anybody, with placeholders that clients fill in.
[[nodiscard]] std::string thunderbird_document(MailServers const& servers, std::optional<Person> const& person,
                                               std::string_view help_url);

} // namespace postern::autoconfig
