// Carries the mail that falls to one relay: whether it can be reached, and the connections to it. The dispatcher's, and
// part of it.
#pragma once

#include "net/event.h"
#include "policy/link.h"
#include "relay/dispatcher.h"
#include "relay/upstream.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::relay {

class Dispatcher::Carrier {
public:
    Carrier(Dispatcher& dispatcher, store::Relay its_relay)
        : relay(std::move(its_relay)), wake(dispatcher.executor_), dispatcher_(dispatcher) {}

    // Until the office stops, or the relay is gone.
    static asio::awaitable<void> run(std::shared_ptr<Carrier> carrier);

    [[nodiscard]] bool may_send() const;
    [[nodiscard]] bool sending() const;
    [[nodiscard]] TlsTrust const& trust() const { return *trust_; } // of one that has couriers

    // The system's network is another one than before.
    void doubt();

    // A server came for that mail.
    void hasten(policy::Node const& node);

    // Whether the internet was seen to be there a moment ago.
    [[nodiscard]] bool worked_lately() const;
    // Nothing is sent to that domain for a while.
    void spare(std::string const& domain);

    // What a courier found.
    void worked();
    void failed(Courier const& courier, OpenFailure const& failure);
    void over(Courier const& courier); // it is, and may go

    store::Relay relay;
    policy::Link link;
    std::string trouble;
    bool refuses = false; // it answers, and takes no mail from us
    bool gone = false;    // the administrator took the relay away
    net::Event wake;      // something is another way than it was

private:
    [[nodiscard]] office::Office& office() const { return dispatcher_.office_; }
    [[nodiscard]] bool has_mail() const; // ready or not

    // Until a connection is to be opened, or something else to be looked at; nothing: now.
    [[nodiscard]] std::optional<core::SteadyTime::duration> how_long() const;
    [[nodiscard]] core::SteadyTime::duration until_something_is_due() const;
    [[nodiscard]] std::optional<std::string> next_domain() const; // of one that is direct
    [[nodiscard]] bool another_is_wanted() const;                 // a courier

    // What it takes until there is a courier, of which there is one more then, if all is well.
    asio::awaitable<void> open(std::shared_ptr<Carrier> const& self);
    asio::awaitable<bool> find_out(); // of one that is direct: whether the internet is there
    void send_out(std::shared_ptr<Carrier> const& self, std::uint64_t largest, std::string domain);
    void failed(OpenFailure const& failure);

    Dispatcher& dispatcher_;
    std::optional<TlsTrust> trust_; // made before the first connection
    // To a relay the first takes all, others small mail. Directly, one a domain.
    std::vector<std::shared_ptr<Courier>> couriers_;
    core::SteadyTime no_more_before_{};
    core::SteadyTime worked_{};                                         // when it did last
    std::map<std::string, core::SteadyTime, std::less<>> spared_until_; // domains whose servers broke off
};

} // namespace postern::relay
