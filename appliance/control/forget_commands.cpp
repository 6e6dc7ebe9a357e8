#include "control/actions.h"
#include "control/daemon.h"
#include "core/log.h"
#include "core/settings.h"
#include "store/audit.h"
#include "store/dns_names.h"
#include "store/fetches.h"
#include "store/relays.h"
#include "store/settings.h"
#include "store/upstreams.h"

#include <format>
#include <memory>

namespace postern::control {

namespace {

store::Result<void> forget(store::WriteTransaction& transaction) {
    for (auto const& [name, value] : store::list_settings(transaction)) {
        if (name == domain_value || name == decoy_key_value) continue; // the office is who it was
        if (auto const erased = store::erase_setting(transaction, name); !erased) return erased;
    }
    for (auto const& relay : store::list_relays(transaction))
        if (auto const removed = store::remove_relay(transaction, relay.name); !removed) return removed;
    for (auto const& source : store::list_fetch_sources(transaction))
        if (auto const removed = store::remove_fetch_source(transaction, source.name); !removed) return removed;
    for (auto const& upstream : store::list_upstreams(transaction))
        (void)store::remove_upstream(transaction, upstream.name);
    for (auto const& name : store::list_dns_names(transaction))
        if (auto const removed = store::set_dns_name(transaction, {.name = name.name, .records = {}}); !removed)
            return removed;
    return {};
}

} // namespace

asio::awaitable<Answer> forget_settings(Call call) {
    Daemon& daemon = call.daemon;
    office::Office& office = daemon.office;
    auto const forgotten = co_await office.storage.write(
        [caller = call.caller, now = office.clock.wall()](store::WriteTransaction& transaction) -> store::Result<void> {
            if (auto const done = forget(transaction); !done) return done;
            return store::audit(transaction, "settings.forget", std::format("by={}", caller), now);
        });
    if (!forgotten) co_return refused(std::string(store::describe(forgotten.error())));
    core::log(core::Event::setting_changed, {{"setting", "all"}, {"value", "default"}, {"by", call.caller}});
    office.settings = std::make_shared<core::Settings>();
    daemon.dispatcher.settings_changed();
    daemon.fetcher.settings_changed();
    daemon.settings_changed();
    for (auto const& applied : {daemon.dispatcher.relays_changed(), daemon.fetcher.sources_changed(),
                                office.upstreams.read(office.storage), daemon.names_changed()})
        if (!applied)
            co_return refused(std::format("it is forgotten, but the store cannot be read: {}; start posternd anew",
                                          store::describe(applied.error())));
    co_return nullptr;
}

} // namespace postern::control
