#include "self_service/site.h"

#include "core/crypto.h"
#include "http/cookie.h"
#include "http/form.h"
#include "office/login.h"
#include "office/password.h"
#include "office/quota.h"
#include "pages/language.h"
#include "pages/page.h"
#include "self_service/account_page.h"
#include "store/accounts.h"
#include "store/quota.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <memory>
#include <optional>
#include <utility>

namespace postern::self_service {

namespace {

using http::Request;
using http::Response;
namespace asio = http::asio;

constexpr std::string_view cookie_name = "__Host-account";

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

class SelfService {
public:
    SelfService(office::Office& office, http::BrowserSessions& sessions, std::string secure_url, std::string setup_url)
        : office_(office), sessions_(sessions), secure_url_(std::move(secure_url)), setup_url_(std::move(setup_url)) {}

    asio::awaitable<Response> show(Request request) {
        if (!request.secure) co_return elsewhere(request);
        auto const caller = co_await find_caller(request);
        if (!caller)
            co_return log_in_page(pages::language_of(request), request.parameter("address"), Notice::none, setup_url_);
        co_return page(request, *caller, request.parameter("changed").empty() ? Notice::none : Notice::changed);
    }

    asio::awaitable<Response> log_in(Request request) {
        if (!request.secure || request.method != http::Method::post) co_return elsewhere(request);
        auto form = http::Form::take(request);
        if (!form) co_return http::error_page(400);
        if (!http::is_from_own_page(request)) co_return http::error_page(403);
        std::string const address(form->field("address"));
        auto const step = co_await office::log_in(office_, address, form->secret("password"), request.address);
        if (auto const* failure = std::get_if<office::SaslFailure>(&step)) {
            bool const wrong = failure->reason != office::SaslFailure::Reason::unavailable;
            co_return log_in_page(pages::language_of(request), address, wrong ? Notice::wrong : Notice::unavailable,
                                  setup_url_);
        }
        auto const account = co_await find_account(std::get<office::Identity>(step).login);
        if (!account) co_return log_in_page(pages::language_of(request), address, Notice::unavailable, setup_url_);
        sessions_.end(http::cookie(request, cookie_name));
        auto response = http::see_other(pages::link(account_path, pages::language_of(request)));
        response.fields.emplace_back(
            "Set-Cookie",
            http::set_cookie(cookie_name, sessions_.begin(account->login, mark(*account), office_.clock.steady())));
        co_return response;
    }

    asio::awaitable<Response> change_password(Request request) {
        if (!request.secure || request.method != http::Method::post) co_return elsewhere(request);
        auto form = http::Form::take(request);
        if (!form) co_return http::error_page(400);
        auto caller = co_await find_caller(request);
        if (!caller) co_return http::see_other(pages::link(account_path, pages::language_of(request)));
        if (!may_act(request, *form, *caller)) co_return http::error_page(403);

        core::Secret const wanted = form->secret("new");
        if (wanted != form->secret("again")) co_return page(request, *caller, Notice::not_the_same);
        if (characters(wanted.reveal()) < shortest_password) co_return page(request, *caller, Notice::too_short);
        auto const step =
            co_await office::log_in(office_, caller->account.login, form->secret("current"), request.address);
        if (auto const* failure = std::get_if<office::SaslFailure>(&step)) {
            bool const wrong = failure->reason != office::SaslFailure::Reason::unavailable;
            co_return page(request, *caller, wrong ? Notice::wrong_password : Notice::unavailable);
        }
        auto verifier = co_await office::hash_password(office_, wanted.clone());
        if (!verifier) co_return page(request, *caller, Notice::unusable);
        auto const set =
            co_await office::set_password(office_, caller->account.login, *verifier,
                                          std::format("{} address={}", caller->account.login, request.address));
        if (!set) co_return page(request, *caller, Notice::unavailable);
        // This browser goes on, by a session of the new password.
        sessions_.end(http::cookie(request, cookie_name));
        caller->account.verifier = std::move(*verifier);
        auto response = http::see_other(pages::link(account_path, pages::language_of(request), "changed=1"));
        response.fields.emplace_back(
            "Set-Cookie", http::set_cookie(cookie_name, sessions_.begin(caller->account.login, mark(caller->account),
                                                                        office_.clock.steady())));
        co_return response;
    }

    asio::awaitable<Response> log_out(Request request) {
        if (!request.secure || request.method != http::Method::post) co_return elsewhere(request);
        auto form = http::Form::take(request);
        if (!form) co_return http::error_page(400);
        auto response = http::see_other(pages::link(account_path, pages::language_of(request)));
        if (auto const caller = co_await find_caller(request)) {
            if (!may_act(request, *form, *caller)) co_return http::error_page(403);
            sessions_.end(http::cookie(request, cookie_name));
            response.fields.emplace_back("Set-Cookie", http::end_cookie(cookie_name));
        }
        co_return response;
    }

private:
    struct Caller {
        store::Account account;
        std::string form_token;
    };

    // What a browser that comes in the clear, or by GET where there is nothing to be seen, is told.
    [[nodiscard]] Response elsewhere(Request const& request) const {
        return http::see_other(pages::link(secure_url_ + std::string(account_path), pages::language_of(request)));
    }

    static std::string mark(store::Account const& account) {
        return core::sha256(account.verifier.salt + account.verifier.stored_key);
    }

    asio::awaitable<std::optional<store::Account>> find_account(std::string login) {
        auto account = co_await office_.storage.read(
            [login = std::move(login)](
                store::ReadTransaction const& transaction) -> store::Result<std::optional<store::Account>> {
                auto found = store::find_account(transaction, login);
                if (found) found->usage = store::usage_of(transaction, found->id);
                return found;
            });
        co_return account ? std::move(*account) : std::nullopt;
    }

    // Nothing: nobody is signed in.
    asio::awaitable<std::optional<Caller>> find_caller(Request const& request) {
        std::string const token(http::cookie(request, cookie_name));
        auto const* session = sessions_.find(token, office_.clock.steady());
        if (session == nullptr) co_return std::nullopt;
        Caller caller{.account = {}, .form_token = session->form_token};
        auto account = co_await find_account(session->user);
        session = sessions_.find(token, office_.clock.steady());
        if (session == nullptr || !account || mark(*account) != session->mark) co_return std::nullopt;
        caller.account = std::move(*account);
        co_return caller;
    }

    static bool may_act(Request const& request, http::Form const& form, Caller const& caller) {
        return http::is_from_own_page(request) && core::equal_in_constant_time(form.field("token"), caller.form_token);
    }

    [[nodiscard]] Response page(Request const& request, Caller const& caller, Notice notice) const {
        return account_page(pages::language_of(request),
                            {.address = std::format("{}@{}", caller.account.login, office_.domain),
                             .usage = caller.account.usage,
                             .quota = store::quota_of(caller.account, office::office_quota(*office_.settings)),
                             .devices = office_.sign_ins.of(caller.account.id),
                             .form_token = caller.form_token},
                            notice, office_.clock.wall(), setup_url_);
    }

    office::Office& office_;
    http::BrowserSessions& sessions_;
    std::string secure_url_, setup_url_;
};

} // namespace

std::vector<http::Route> routes(office::Office& office, http::BrowserSessions& sessions, std::string secure_url,
                                std::string setup_url) {
    auto const service = std::make_shared<SelfService>(office, sessions, std::move(secure_url), std::move(setup_url));
    using Action = asio::awaitable<Response> (SelfService::*)(Request);
    auto const by = [&](Action action) {
        return [service, action](Request request) { return ((*service).*action)(std::move(request)); };
    };
    return {
        {.path = std::string(account_path), .answer = by(&SelfService::show)},
        {.path = std::string(log_in_path), .post = true, .answer = by(&SelfService::log_in)},
        {.path = std::string(password_path), .post = true, .answer = by(&SelfService::change_password)},
        {.path = std::string(log_out_path), .post = true, .answer = by(&SelfService::log_out)},
    };
}

} // namespace postern::self_service
