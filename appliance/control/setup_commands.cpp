#include "control/actions.h"
#include "control/alarms.h"
#include "control/answers.h"
#include "control/daemon.h"
#include "control/menu_password.h"
#include "core/log.h"
#include "office/login_throttle.h"
#include "office/password.h"
#include "store/audit.h"
#include "store/settings.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <format>

namespace postern::control {

namespace {

// Whoever tries the menu's password is at the box, or is root: all of them are one to the throttle.
constexpr std::string_view who_is_at_the_menu = "menu";

asio::awaitable<store::Result<std::optional<store::ScramVerifier>>> kept_password(office::Office& office) {
    return office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::optional<store::ScramVerifier>> {
            for (auto const& [name, value] : store::list_settings(transaction))
                if (name == menu_password_value) return read_verifier(value);
            return std::nullopt;
        });
}

} // namespace

asio::awaitable<bool> has_menu_password(office::Office& office) {
    auto const verifier = co_await kept_password(office);
    co_return !verifier || verifier->has_value();
}

// The office is there. Answers may be given again at each start of the box, from a file that was left there.
asio::awaitable<Answer> set_up(Call call) {
    if (call.arguments.has("answers"))
        if (auto const answers = read_answers(call.arguments.secret("answers").reveal()); !answers)
            co_return refused(answers.error());
    co_return json::object{{"domain", call.daemon.office.domain}, {"changed", false}};
}

asio::awaitable<Answer> set_menu_password(Call call) {
    office::Office& office = call.daemon.office;
    auto const verifier = co_await office::hash_password(office, call.arguments.secret("password").clone());
    if (!verifier) co_return refused(std::string(password_refusal));
    auto const kept =
        co_await office.storage.write([written = write_verifier(*verifier), caller = call.caller,
                                       now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            if (auto const put = store::put_setting(transaction, menu_password_value, written); !put)
                return std::unexpected(put.error());
            if (auto const noted = store::audit(transaction, "menu.password", std::format("by={}", caller), now);
                !noted)
                return std::unexpected(noted.error());
            return std::nullopt;
        });
    co_return answer(kept, "the menu's password");
}

asio::awaitable<Answer> forget_menu_password(Call call) {
    office::Office& office = call.daemon.office;
    auto const forgotten = co_await office.storage.write(
        [caller = call.caller, now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto const erased = store::erase_setting(transaction, menu_password_value);
            if (!erased && erased.error() != store::StoreError::no_such_setting) return std::unexpected(erased.error());
            auto const noted = store::audit(transaction, "menu.forget", std::format("by={}", caller), now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    co_return answer(forgotten, "the menu's password");
}

asio::awaitable<Answer> check_menu_password(Call call) {
    office::Office& office = call.daemon.office;
    auto const verifier = co_await kept_password(office);
    if (!verifier) co_return refused(std::string(store::describe(verifier.error())));
    if (!*verifier) co_return json::object{{"right", true}, {"set", false}};
    // A question whether there is one, and no guess.
    if (call.arguments.secret("password").empty()) co_return refused("the menu has a password");
    office::LoginThrottle::Attempt attempt(office.throttle, who_is_at_the_menu);
    co_await attempt.turn();
    bool const right = co_await office.storage.compute(
        [verifier = **verifier, password = std::make_shared<core::Secret>(call.arguments.secret("password").clone())] {
            return is_password_of(verifier, *password);
        });
    if (right) co_return json::object{{"right", true}, {"set", true}};
    asio::steady_timer timer(co_await asio::this_coro::executor, attempt.failed(office.clock.steady()));
    co_await timer.async_wait(asio::use_awaitable);
    co_return refused("that is not the menu's password");
}

} // namespace postern::control
