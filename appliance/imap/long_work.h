// A command's work on the store that may take long. Meanwhile the session sees whether its client is still there and
// whether the daemon stops, and tells the client from time to time how far it is (INPROGRESS, RFC 9585).
//
// A client that closes its side of the connection is gone: nobody reads mail for a phone that left. Work that one slice
// does is answered all the same, so that a script may say all it has to say, close, and read.
#pragma once

#include "core/clock.h"
#include "imap/session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace postern::imap {

// One command's; its session's executor.
class LongWork {
public:
    explicit LongWork(Session& session);
    ~LongWork();
    LongWork(LongWork const&) = delete;
    LongWork& operator=(LongWork const&) = delete;

    // A slice did not do it all: so many messages of so many are done.
    void note(std::uint64_t done, std::uint64_t goal);

    // A slice of the work, as Storage::read(). Nothing: the conversation is over, and what is under way is given up.
    template <typename Look>
    asio::awaitable<std::optional<std::invoke_result_t<Look&, store::ReadTransaction const&>>> read(Look look) {
        if (!long_) co_return co_await session_.storage().read(std::move(look));
        auto call = session_.storage().begin_read(session_.connection().executor(), std::move(look));
        if (!co_await wait(call.arrived())) co_return std::nullopt;
        co_return co_await call.result();
    }
    // As Storage::write(): a change that was begun is waited for, whoever is gone.
    template <typename Change>
    asio::awaitable<std::invoke_result_t<Change&, store::WriteTransaction&>> write(Change change) {
        auto call = session_.storage().begin_write(session_.connection().executor(), std::move(change));
        co_await wait_long(call.arrived());
        co_return co_await call.result();
    }

private:
    struct Ticker;

    // Whether it arrived.
    asio::awaitable<bool> wait(net::Event& arrived);
    // Until it arrives, or nobody listens.
    asio::awaitable<void> wait_long(net::Event& arrived);
    void tell_if_due();

    Session& session_;
    std::shared_ptr<Ticker> ticker_; // with its timer's handler
    core::SteadyTime told_;
    std::uint64_t done_ = 0;
    std::uint64_t goal_ = 0;
    bool long_ = false; // is known to be
};

} // namespace postern::imap
