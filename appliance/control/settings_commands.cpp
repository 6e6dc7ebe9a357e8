#include "control/actions.h"
#include "control/daemon.h"
#include "core/log.h"
#include "core/settings.h"
#include "office/setting_rules.h"
#include "store/audit.h"
#include "store/settings.h"

#include <format>
#include <memory>
#include <optional>
#include <utility>

namespace postern::control {

namespace {

json::object row(core::SettingRow const& setting, core::Settings const& settings) {
    return {{"name", setting.name},
            {"value", *settings.written(setting.name)},
            {"default", setting.default_value},
            {"help", setting.help}};
}

Answer no_such_setting(std::string_view name) {
    return refused(std::format("there is no setting {}; `postern settings list` shows them all", name));
}

// What a new rule masks that no client is shown, misspelt as it may be. A rule that was kept before may well be of
// another version.
std::optional<std::string> unknown_capability(Daemon const& daemon, core::Settings const& tried) {
    for (core::MaskRule const& rule : tried.masks("imap.masks"))
        for (std::string const& name : rule.capabilities)
            if (!daemon.is_capability(name)) return name;
    return std::nullopt;
}

} // namespace

// Sessions that begin from now on see it.
asio::awaitable<Answer> change_setting(Call call, std::string name, std::optional<std::string> value) {
    office::Office& office = call.daemon.office;
    auto const outcome = co_await office.storage.write([name, value, caller = call.caller, now = office.clock.wall()](
                                                           store::WriteTransaction& transaction) -> Outcome {
        auto const kept =
            value ? store::put_setting(transaction, name, *value) : store::erase_setting(transaction, name);
        if (!kept && kept.error() != store::StoreError::no_such_setting) return std::unexpected(kept.error());
        auto const noted =
            store::audit(transaction, "settings.set",
                         std::format("setting={} value=\"{}\" by={}", name, value.value_or("default"), caller), now);
        if (!noted) return std::unexpected(noted.error());
        return std::nullopt;
    });
    if (!outcome) co_return answer(outcome, name);
    auto changed = std::make_shared<core::Settings>(*office.settings);
    if (value)
        (void)changed->set(name, *value); // it was tried before it was kept
    else
        changed->reset(name);
    core::log(core::Event::setting_changed,
              {{"setting", name}, {"value", *changed->written(name)}, {"by", call.caller}});
    office.settings = std::move(changed);
    call.daemon.dispatcher.settings_changed();
    call.daemon.fetcher.settings_changed();
    call.daemon.settings_changed();
    co_return nullptr;
}

asio::awaitable<Answer> list_settings(Call call) {
    json::array rows;
    for (core::SettingRow const& setting : core::setting_table())
        rows.push_back(row(setting, *call.daemon.office.settings));
    co_return rows;
}

asio::awaitable<Answer> get_setting(Call call) {
    std::string const& name = call.arguments.word("name");
    auto value = call.daemon.office.settings->written(name);
    if (!value) co_return no_such_setting(name);
    co_return json::string(*value);
}

asio::awaitable<Answer> set_setting(Call call) {
    std::string const name = call.arguments.word("name");
    std::string const value = call.arguments.word("value");
    core::Settings tried = *call.daemon.office.settings;
    if (!tried.written(name)) co_return no_such_setting(name);
    if (auto const valid = tried.set(name, value); !valid) co_return refused(valid.error());
    if (name == "imap.masks")
        if (auto const unknown = unknown_capability(call.daemon, tried))
            co_return refused(
                std::format("there is no capability {} to mask; what there is, IMAP's CAPABILITY tells", *unknown));
    if (auto wrong = office::objection(name, value)) co_return refused(std::move(*wrong));
    bool const is_default = tried.is_default(name);
    co_return co_await change_setting(std::move(call), name, is_default ? std::nullopt : std::optional(value));
}

asio::awaitable<Answer> reset_setting(Call call) {
    std::string const name = call.arguments.word("name");
    if (!call.daemon.office.settings->written(name)) co_return no_such_setting(name);
    co_return co_await change_setting(std::move(call), name, std::nullopt);
}

} // namespace postern::control
