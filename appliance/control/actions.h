// The actions of the command table, by noun; command.cpp says what each is for.
#pragma once

#include "control/command.h"
#include "store/check.h"
#include "store/error.h"
#include "store/records.h"
#include "store/repair.h"

#include <expected>
#include <optional>
#include <string>

namespace postern::control {

asio::awaitable<Answer> add_account(Call call);
asio::awaitable<Answer> list_accounts(Call call);
asio::awaitable<Answer> set_account_password(Call call);
asio::awaitable<Answer> list_account_devices(Call call);
asio::awaitable<Answer> make_account_certificate(Call call);
asio::awaitable<Answer> make_account_pkcs12(Call call);
asio::awaitable<Answer> revoke_account_certificate(Call call);
asio::awaitable<Answer> reload_certificate(Call call);
asio::awaitable<Answer> set_acme_key(Call call);
asio::awaitable<Answer> show_authority(Call call);
asio::awaitable<Answer> renew_authority(Call call);
asio::awaitable<Answer> finish_authority(Call call);
asio::awaitable<Answer> forget_authority(Call call);
asio::awaitable<Answer> set_account_quota(Call call);
asio::awaitable<Answer> remove_account(Call call);
asio::awaitable<Answer> add_alias(Call call);
asio::awaitable<Answer> list_aliases(Call call);
asio::awaitable<Answer> remove_alias(Call call);
asio::awaitable<Answer> add_shared(Call call);
asio::awaitable<Answer> list_shared(Call call);
asio::awaitable<Answer> give_shared(Call call);
asio::awaitable<Answer> take_shared(Call call);
asio::awaitable<Answer> show_shared_rights(Call call);
asio::awaitable<Answer> remove_shared(Call call);
asio::awaitable<Answer> list_queue(Call call);
asio::awaitable<Answer> show_queue_item(Call call);
asio::awaitable<Answer> retry_queue(Call call);
asio::awaitable<Answer> hold_queue_item(Call call);
asio::awaitable<Answer> release_queue_item(Call call);
asio::awaitable<Answer> remove_queue_item(Call call);
asio::awaitable<Answer> trace_mail(Call call);
asio::awaitable<Answer> add_relay(Call call);
asio::awaitable<Answer> add_direct_relay(Call call);
asio::awaitable<Answer> set_relay_login(Call call);
asio::awaitable<Answer> list_relays(Call call);
asio::awaitable<Answer> test_relay(Call call);
asio::awaitable<Answer> remove_relay(Call call);
asio::awaitable<Answer> add_fetch(Call call);
asio::awaitable<Answer> add_etrn(Call call);
asio::awaitable<Answer> add_atrn(Call call);
asio::awaitable<Answer> set_fetch_login(Call call);
asio::awaitable<Answer> list_fetches(Call call);
asio::awaitable<Answer> test_fetch(Call call);
asio::awaitable<Answer> remove_fetch(Call call);
asio::awaitable<Answer> add_upstream(Call call);
asio::awaitable<Answer> set_upstream_password(Call call);
asio::awaitable<Answer> list_upstreams(Call call);
asio::awaitable<Answer> remove_upstream(Call call);
asio::awaitable<Answer> add_name(Call call);
asio::awaitable<Answer> list_names(Call call);
asio::awaitable<Answer> remove_name(Call call);
asio::awaitable<Answer> list_leases(Call call);
asio::awaitable<Answer> show_link(Call call);
asio::awaitable<Answer> hold_link(Call call);
asio::awaitable<Answer> release_link(Call call);
asio::awaitable<Answer> list_settings(Call call);
asio::awaitable<Answer> get_setting(Call call);
asio::awaitable<Answer> set_setting(Call call);
asio::awaitable<Answer> reset_setting(Call call);
asio::awaitable<Answer> forget_settings(Call call);
asio::awaitable<Answer> list_masks(Call call);
asio::awaitable<Answer> restart_box(Call call);
asio::awaitable<Answer> shut_box_down(Call call);
asio::awaitable<Answer> reset_box(Call call);
asio::awaitable<Answer> set_box_time(Call call);
asio::awaitable<Answer> update_box(Call call);
asio::awaitable<Answer> back_box_up(Call call);
asio::awaitable<Answer> restore_box(Call call);
asio::awaitable<Answer> encrypt_box(Call call);
asio::awaitable<Answer> show_sticks(Call call);
asio::awaitable<Answer> show_box_results(Call call);
asio::awaitable<Answer> set_up(Call call);
asio::awaitable<Answer> keep_version(Call call);
asio::awaitable<Answer> set_menu_password(Call call);
asio::awaitable<Answer> forget_menu_password(Call call);
asio::awaitable<Answer> check_menu_password(Call call);
asio::awaitable<Answer> show_status(Call call);
asio::awaitable<Answer> check_store(Call call);
asio::awaitable<Answer> test_self(Call call);
asio::awaitable<Answer> send_backup_content(Call call);
asio::awaitable<Answer> take_backup_report(Call call);
asio::awaitable<Answer> list_exported_mailboxes(Call call);
asio::awaitable<Answer> send_letters(Call call);
asio::awaitable<Answer> take_letters(Call call);
asio::awaitable<Answer> take_subscriptions(Call call);

// What a change says that found a reason of its own not to be made, and made nothing: that reason. Nothing: it is made.
using Outcome = store::Result<std::optional<std::string>>;

// The answer to it; `about` is what a store's error concerns.
[[nodiscard]] Answer answer(Outcome const& outcome, std::string_view about, json::value result = nullptr);

// Of one that office::hash_password makes nothing of.
inline constexpr std::string_view password_refusal =
    "that password cannot be used: it is empty, or holds characters that not every mail program can send";

// Why this cannot be an account's name; nothing if it can.
[[nodiscard]] std::optional<std::string> account_name_refusal(std::string_view name);

// Keeps a setting's new value (nothing: the default), then lets it apply.
asio::awaitable<Answer> change_setting(Call call, std::string name, std::optional<std::string> value);

// A report as the daemon gives it, and `postern check` without one.
[[nodiscard]] Answer check_answer(store::Result<store::CheckReport> const& report);
[[nodiscard]] Answer repair_answer(std::expected<store::RepairReport, store::OpenError> const& report);

// RFC 3339 UTC: "2026-01-05T10:00:00Z".
[[nodiscard]] std::string written(core::WallTime time);
[[nodiscard]] std::optional<core::WallTime> read_written(std::string_view time);
// What clients are shown, as `postern status` tells it.
struct CertificateStatus;
[[nodiscard]] json::object certificate_status(CertificateStatus const& status);

} // namespace postern::control
