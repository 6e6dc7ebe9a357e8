#include "office/maildrop_lock.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postern::office {

struct MaildropLocks::Holder {
    explicit Holder(net::Connection& of) : connection(of), released(of.executor()) {}

    net::Connection& connection;
    net::Event released;
};

MaildropLocks::Lock::~Lock() {
    if (!holder_) return;
    locks_->holders_.erase(account_);
    holder_->released.raise();
}

asio::awaitable<std::optional<MaildropLocks::Lock>> MaildropLocks::lock(core::AccountId account,
                                                                        net::Connection& connection,
                                                                        std::chrono::seconds patience,
                                                                        net::Event& stop) {
    using asio::experimental::awaitable_operators::operator||;
    if (auto const taken = holders_.find(account); taken != holders_.end()) {
        std::shared_ptr<Holder> const other = taken->second;
        other->connection.probe();
        asio::steady_timer due(connection.executor(), patience);
        co_await (due.async_wait(asio::as_tuple(asio::use_awaitable)) || other->released.wait() || stop.wait());
        if (holders_.contains(account)) co_return std::nullopt;
    }
    auto holder = std::make_shared<Holder>(connection);
    holders_.emplace(account, holder);
    co_return Lock(*this, account, std::move(holder));
}

} // namespace postern::office
