// The profile by which iPhone, iPad and Mac trust the office's authority, and set an account up (Apple's Configuration
// Profile Reference, "com.apple.security.root" and "com.apple.mail.managed"). Pure.
#pragma once

#include "autoconfig/mail_servers.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::autoconfig {

// `authorities`: their certificates, DER; none: there is nothing to be trusted. Without a person it is for trust alone.
// The same office and person have the same identifiers, so that a profile that is installed again replaces the one
// before.
[[nodiscard]] std::string apple_profile(MailServers const& servers, std::optional<Person> const& person,
                                        std::vector<std::string> const& authorities);

} // namespace postern::autoconfig
