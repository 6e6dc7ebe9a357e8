// What the pages for account holders say, in each language. "{0}" is what is said where it is named.
#pragma once

#include <string_view>

namespace postern::self_service {

struct Words {
    // signing in
    std::string_view sign_in, address, password, wrong, unavailable, to_setup;
    // the account
    std::string_view account, sign_out, storage, used, used_of; // {0}: octets, {1}: of so many
    // devices
    std::string_view devices, no_devices, program, network_address, last_seen, now, minutes, hours,
        days; // {0}: how many
    std::string_view since_start;
    // the password
    std::string_view change_password, what_it_means, current_password, new_password, same_again, change;
    std::string_view changed, wrong_password, too_short, not_the_same, unusable; // {0}: how many characters
};

// `language`: one of pages::languages.
[[nodiscard]] Words const& words_in(std::string_view language);

} // namespace postern::self_service
