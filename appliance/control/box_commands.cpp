#include "control/actions.h"
#include "control/box_requests.h"
#include "control/daemon.h"
#include "control/sticks.h"
#include "core/log.h"
#include "store/audit.h"
#include "store/version.h"

#include <format>

namespace postern::control {

namespace {

asio::awaitable<Answer> ask_box(Call call, std::string_view command) {
    auto const request = read_box_request(command, call.arguments);
    if (!request) co_return refused(request.error());
    office::Office& office = call.daemon.office;
    auto const noted =
        co_await office.storage.write([name = request->name, lines = request->lines, caller = call.caller,
                                       now = office.clock.wall()](store::WriteTransaction& transaction) {
            std::string details = std::format("request={} ", name);
            for (char const c : lines) details += c == '\n' ? ' ' : c;
            details += std::format("by={}", caller);
            return store::audit(transaction, "box", details, now);
        });
    if (!noted) co_return refused(std::string(store::describe(noted.error())));
    if (auto const left = leave_request(call.daemon.run / requests_directory, *request); !left)
        co_return refused(left.error());
    core::log(core::Event::box_asked, {{"for", request->name}, {"by", call.caller}});
    co_return json::object{{"asked_for", request->name}};
}

} // namespace

asio::awaitable<Answer> restart_box(Call call) { return ask_box(std::move(call), "box.restart"); }
asio::awaitable<Answer> shut_box_down(Call call) { return ask_box(std::move(call), "box.shut-down"); }
asio::awaitable<Answer> reset_box(Call call) { return ask_box(std::move(call), "box.reset"); }
asio::awaitable<Answer> set_box_time(Call call) { return ask_box(std::move(call), "box.time"); }
asio::awaitable<Answer> update_box(Call call) { return ask_box(std::move(call), "box.update"); }
asio::awaitable<Answer> back_box_up(Call call) { return ask_box(std::move(call), "box.backup"); }
asio::awaitable<Answer> restore_box(Call call) { return ask_box(std::move(call), "box.restore"); }

asio::awaitable<Answer> keep_version(Call call) {
    office::Office& office = call.daemon.office;
    auto const kept = co_await office.storage.write(
        [caller = call.caller, now = office.clock.wall()](store::WriteTransaction& transaction) -> store::Result<bool> {
            auto const changed = store::keep_version(transaction);
            if (!changed || !*changed) return changed;
            auto const noted = store::audit(transaction, "box.keep", std::format("by={}", caller), now);
            if (!noted) return std::unexpected(noted.error());
            return changed;
        });
    if (!kept) co_return refused(std::string(store::describe(kept.error())));
    co_return json::object{{"store_renewed", *kept}};
}

// What lies on the disk would be lost: app/first_boot.h asks for it.
asio::awaitable<Answer> encrypt_box(Call /*call*/) {
    co_return refused("this box has its office: a disk is encrypted before there is anything on it, or never");
}

asio::awaitable<Answer> show_box_results(Call call) { co_return box_results(call.daemon.run / requests_directory); }

asio::awaitable<Answer> show_sticks(Call call) {
    co_return co_await call.daemon.office.storage.compute(
        [directory = sticks_directory(call.daemon.run)] { return list_sticks(directory); });
}

} // namespace postern::control
