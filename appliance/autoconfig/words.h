// What the set-up page says, in each language. "{0}" is the office's domain; "{1}" is what a
// system calls what is to be touched, which is shown in a picture, too.
#pragma once

#include <string_view>

namespace postern::autoconfig {

struct Words {
    std::string_view title, introduction;
    // who it is for
    std::string_view address, show, no_such_address;
    // trust
    std::string_view trust, trusted, not_trusted, what_trust_means, fingerprint;
    // steps, for each system
    std::string_view download_certificate, enter_password;
    std::string_view apple, download_profile, profile_downloaded, apple_install, apple_trust;
    std::string_view windows, trusted_roots, windows_install, or_paste, outlook;
    std::string_view android, ca_certificate, android_install, add_account;
    std::string_view thunderbird, identify_websites, thunderbird_install, thunderbird_account;
    std::string_view linux_system, linux_install;
    // elsewhere: on a phone, and the pages for account holders
    std::string_view scan, scan_how, account, account_what;
    // by hand
    std::string_view by_hand, incoming, outgoing, server, port, security, user_name, whole_address;
};

// `language`: one of pages::languages.
[[nodiscard]] Words const& words_in(std::string_view language);

} // namespace postern::autoconfig
