#include "fetch/source.h"

#include "core/log.h"
#include "office/background.h"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <exception>
#include <format>
#include <utility>

namespace postern::fetch {

using namespace std::chrono_literals;

namespace {

// Until the store is asked again that takes nothing: each time costs a login.
constexpr auto store_rest = 5min;

// Between two times that a server is asked for what it keeps for us because the system's network changed.
constexpr auto network_rest = 30s;

// What an administrator holds is mail that leaves.
bool closed(policy::LinkLeave const& leave) {
    return leave.why == policy::LinkLeave::Why::schedule || leave.why == policy::LinkLeave::Why::budget;
}

} // namespace

asio::awaitable<void> Fetcher::Source::run(std::shared_ptr<Source> source) {
    while (!source->is_over()) {
        bool broken = false;
        try {
            co_await source->work();
        } catch (std::exception const& fault) {
            broken = true;
            core::log(core::Event::session_broken, {{"source", source->intake.source.name}, {"what", fault.what()}});
        }
        if (!broken) continue;
        source->provider_ = nullptr;
        source->link_.failed(source->office().clock.steady());
    }
}

void Fetcher::Source::retire() {
    intake.gone.raise();
    wake_.raise();
}

void Fetcher::Source::doubt() {
    auto const now = office().clock.steady();
    link_.retry_now(now);
    // What was kept for us while we were away need not wait longer.
    if (!intake.source.is_mailbox()) next_look_ = std::min(next_look_, looked_ + network_rest);
    if (provider_ != nullptr) provider_->connection().probe();
    wake_.raise();
}

void Fetcher::Source::stubs_changed() {
    intake.outdate();
    wake_.raise();
}

void Fetcher::Source::look_now() {
    auto const now = office().clock.steady();
    link_.retry_now(now);
    next_look_ = now;
    wake_.raise();
}

SourceStatus Fetcher::Source::status() const {
    if (intake.source.lacks_login())
        return {.name = intake.source.name, .state = link_.state(), .trouble = no_login(), .refused = {}};
    return {intake.source.name, link_.state(), trouble_, provider_ != nullptr, intake.fetched(), intake.refused()};
}

asio::awaitable<void> Fetcher::Source::work() {
    while (!is_over()) {
        wake_.clear();
        if (co_await intake.refresh()) next_look_ = office().clock.steady(); // somebody asked for an original
        if (auto const wait = how_long(); wait > 0s) {
            co_await office::pause(fetcher_.executor_, wait, wake_, office().stop);
            continue;
        }
        co_await look();
    }
}

core::SteadyTime::duration Fetcher::Source::how_long() const {
    if (intake.source.lacks_login()) return 24h; // until it is given one, and begins anew
    if (auto const leave = this->leave(); closed(leave)) return leave.changes_in.value_or(24h);
    auto const now = office().clock.steady();
    auto const opening = link_.next_opening();
    return std::max(opening.value_or(now), next_look_) - now;
}

policy::LinkLeave Fetcher::Source::leave() const { return office().link.leave(office().settings, office().clock); }

asio::awaitable<std::expected<office::TlsTrust*, Failure>> Fetcher::Source::trust() {
    if (!trust_) {
        auto made = co_await office::TlsTrust::make(office(), intake.source.security, intake.source.authority);
        if (!made) co_return std::unexpected(Failure{Trouble::tls, made.error()});
        trust_.emplace(std::move(*made));
    }
    co_return &*trust_;
}

asio::awaitable<void> Fetcher::Source::look() {
    link_.opening();
    looked_ = office().clock.steady();
    auto const trusted = co_await trust();
    if (!trusted) co_return failed(trusted.error());
    auto opened = co_await Provider::open(office(), fetcher_.dialer_, intake, **trusted);
    if (!opened) co_return failed(opened.error());
    worked();
    Provider& provider = **opened;
    provider_ = &provider;
    auto const failure = co_await use(provider);
    provider_ = nullptr;
    if (failure) co_return failed(*failure);
    next_look_ = office().clock.steady() + std::chrono::seconds(intake.source.interval);
    co_await provider.quit();
}

asio::awaitable<std::optional<Failure>> Fetcher::Source::use(Provider& provider) {
    while (!is_over()) {
        if (auto failure = co_await provider.collect()) co_return failure;
        worked();
        wake_.clear();
        auto const leave = this->leave();
        if (closed(leave)) break;
        if (co_await intake.refresh()) continue;
        asio::steady_timer until_closed(fetcher_.executor_, leave.changes_in.value_or(24h));
        until_closed.async_wait([this](boost::system::error_code const& ended) {
            if (!ended) wake_.raise(); // otherwise nobody is there any more
        });
        auto const news = co_await provider.wait_for_news(wake_);
        if (!news) co_return news.error();
        if (!*news) break;
    }
    co_return std::nullopt;
}

asio::awaitable<std::expected<std::string, Failure>> Fetcher::Source::test() {
    if (intake.source.lacks_login()) co_return std::unexpected(Failure{Trouble::login, no_login()});
    auto const trusted = co_await trust();
    if (!trusted) co_return std::unexpected(trusted.error());
    auto const opened = co_await Provider::open(office(), fetcher_.dialer_, intake, **trusted);
    if (!opened) co_return std::unexpected(opened.error());
    auto description = (*opened)->description();
    co_await (*opened)->quit();
    look_now();
    co_return description;
}

std::string Fetcher::Source::no_login() const {
    return std::format("it has no login yet: `postern fetch login {} LOGIN` gives it one", intake.source.name);
}

void Fetcher::Source::worked() {
    bool const was = link_.usable() && trouble_.empty();
    link_.worked(office().clock.steady());
    trouble_.clear();
    if (!was) core::log(core::Event::provider_usable, {{"source", intake.source.name}});
}

void Fetcher::Source::failed(Failure const& failure) {
    if (is_over()) return;
    auto const now = office().clock.steady();
    bool const known = std::exchange(trouble_, failure.reason) == failure.reason;
    switch (failure.trouble) {
    case Trouble::unreachable: link_.failed(now); break;
    case Trouble::store:
        link_.worked(now); // it is not the provider's fault
        next_look_ = now + store_rest;
        break;
    case Trouble::tls:
    case Trouble::login:
    case Trouble::refused: link_.refused(now); break;
    }
    if (known) return;
    bool const waits = failure.trouble == Trouble::unreachable || failure.trouble == Trouble::store;
    core::log(waits ? core::Event::provider_unreachable : core::Event::provider_refuses,
              {{"source", intake.source.name}, {"reason", failure.reason}});
}

} // namespace postern::fetch
