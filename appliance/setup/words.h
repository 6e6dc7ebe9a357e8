// What the menu says, in each language. "{0}" and "{1}" are what the code puts there.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace postern::setup {

struct Words {
    std::string_view name; // of the language, in itself
    // everywhere
    std::string_view yes, no, ok, back, none, not_yet, set, wait, failed, done, keys, plain_keys, plain_typed,
        typed_keys;
    std::string_view enter_number, secret_hint, menu, remove, sure;
    // passwords
    std::string_view password, again, not_the_same, bad_password, menu_password, wrong_password, menu_password_what;
    // first boot
    std::string_view welcome, welcome_what, language, domain, domain_what, bad_domain, administrator;
    std::string_view administrator_what, accounts, accounts_what, add_account, account_name, account_name_what,
        all_there;
    std::string_view address, address_what, by_dhcp, fixed, i_am_router, own_address, own_address_what, router;
    std::string_view router_what, name_servers, name_servers_what, interface, interface_what;
    std::string_view relay, relay_what, no_relay, has_relay, host, host_what, port, login, login_what;
    std::string_view finish, finish_what, no_password_yet, ready_title, open_page, fingerprint, clients;
    // later
    std::string_view status, version, uptime, days, link, queue, messages, disk_free, internet, time, addresses_given;
    std::string_view certificate, network, test, works, hold, let_go, held, automatic, items, try_now;
    std::string_view new_password, time_zone, zone_what, clock, clock_what, restart, shut_down, reset;
    std::string_view reset_settings, reset_mail, reset_version, reset_what, shell, leave, update, results, asked;
    std::string_view alarm, no_answer, disk_full, no_menu_password, locked;
    std::string_view last_backup, ago, wear, worn, backups_fail, left_version, encrypted;
    // sticks
    std::string_view back_up, which_stick, no_stick, free, passphrase, new_passphrase_what, old_passphrase_what, by_key,
        backing_up, so_far, backed_up, restore, no_backup, restore_what, restoring, restored, no_update, update_what,
        updating;
    // the disk, which may be encrypted
    std::string_view from_backup, disk, disk_what, not_encrypted, asks_passphrase, opens_itself, disk_passphrase,
        disk_passphrase_what, moved_passphrase_what, encrypting, disk_locked, unlock_what, wrong_passphrase, starting;
};

inline constexpr std::array<std::string_view, 5> languages{"en", "de", "fr", "es", "ru"};

// `language`: one of them; anything else is English.
[[nodiscard]] Words const& words_in(std::string_view language);

[[nodiscard]] inline std::string owned(std::string_view word) { return std::string(word); }

} // namespace postern::setup
