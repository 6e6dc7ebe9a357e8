// A connection to a name server that is kept, over which many questions go at a time and whose answers come in any
// order (RFC 7766 §6.2.1.1, §7): by TCP, and by TLS (RFC 7858). It is opened when there is something to ask, and closed
// when nothing was for a while.
#pragma once

#include "core/random.h"
#include "net/dns_client.h"
#include "net/stream.h"
#include "wire/dns_message.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>

namespace postern::net {

// One executor.
class DnsConnection {
public:
    static constexpr std::size_t most_questions = 100;   // at a time; one more is refused
    static constexpr std::chrono::seconds idle_time{30}; // a handshake costs more than a connection that idles
    static constexpr std::chrono::seconds dial_time{4};
    // Where a question is given up after so long, and nothing else was answered meanwhile, the connection is as well.
    static constexpr std::chrono::seconds silence{2};

    // Opens it; within dial_time, after which it is cancelled.
    using Dial = std::function<boost::asio::awaitable<std::expected<std::unique_ptr<Stream>, DnsFailure>>()>;

    // `padded`: how long questions are is hidden (RFC 7830, RFC 8467 §4.1). `random` outlives it.
    DnsConnection(boost::asio::any_io_executor executor, core::Random& random, Dial dial, bool padded);
    ~DnsConnection();
    DnsConnection(DnsConnection const&) = delete;
    DnsConnection& operator=(DnsConnection const&) = delete;

    // With an id of its own. Where the connection turns out to be gone it is opened once more, since servers close what
    // is idle. Asio's cancellation ends the wait.
    boost::asio::awaitable<std::expected<wire::dns::Message, DnsFailure>> ask(wire::dns::Message query);

private:
    struct Link;

    boost::asio::awaitable<std::expected<wire::dns::Message, DnsFailure>> ask_once(std::shared_ptr<Link> link,
                                                                                   wire::dns::Message query);
    std::shared_ptr<Link> link();
    static boost::asio::awaitable<void> run(std::shared_ptr<Link> link, Dial dial);
    static boost::asio::awaitable<DnsFailure> receive(std::shared_ptr<Link> link);
    static boost::asio::awaitable<void> send(std::shared_ptr<Link> link);
    static boost::asio::awaitable<void> close_when_idle(std::shared_ptr<Link> link);

    boost::asio::any_io_executor executor_;
    core::Random& random_;
    Dial dial_;
    bool padded_;
    std::shared_ptr<Link> link_; // the latest; null: none yet
};

} // namespace postern::net
