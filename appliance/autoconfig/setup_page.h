// The page for people who set a device up: for each system as few steps as it allows, the settings to enter by hand,
// and whether this device trusts the box already.
#pragma once

#include "autoconfig/office.h"
#include "http/message.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::autoconfig {

struct Reader {
    std::string_view language;      // one of pages::languages
    std::optional<Person> person{}; // who says who it is
    bool unknown = false;           // an address was given that is not one of the office
    std::string_view user_agent{};  // which system it has, so that its steps are open
};

// `authorities`: the certificates to trust, DER, the one first that signs; none: there is nothing to be trusted.
[[nodiscard]] http::Response setup_page(Office const& office, Reader const& reader,
                                        std::vector<std::string> const& authorities);

// What a device sees by TLS that trusts the box: a picture with a word.
[[nodiscard]] std::string trusted_picture(std::string_view language);

} // namespace postern::autoconfig
