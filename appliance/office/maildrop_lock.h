// One POP3 session an account at a time (RFC 1939 §4): another might delete what this one counts. Whoever comes while
// an account is taken waits a little, since sessions are short, and meanwhile the device of the one who has it is asked
// for a sign of life (net::Connection::probe): one that vanished, as phones do, holds nobody up for long, and one that
// is there is never thrown out. Kept in memory alone. One thread.
#pragma once

#include "core/ids.h"
#include "net/connection.h"
#include "net/event.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>

namespace postern::office {

namespace asio = boost::asio;

class MaildropLocks {
    struct Holder;

public:
    // Given back when it goes. Moves.
    class Lock {
    public:
        Lock(MaildropLocks& locks, core::AccountId account, std::shared_ptr<Holder> holder)
            : locks_(&locks), account_(account), holder_(std::move(holder)) {}
        Lock(Lock&&) noexcept = default;
        Lock& operator=(Lock&&) = delete;
        ~Lock();

    private:
        MaildropLocks* locks_;
        core::AccountId account_;
        std::shared_ptr<Holder> holder_; // null: moved from
    };

    // For the session on `connection`, which outlives the lock. Waits at most for `patience`, and not once `stop` is
    // raised. Nothing: another session has the account.
    asio::awaitable<std::optional<Lock>> lock(core::AccountId account, net::Connection& connection,
                                              std::chrono::seconds patience, net::Event& stop);

private:
    std::map<core::AccountId, std::shared_ptr<Holder>> holders_;
};

} // namespace postern::office
