// Shows each sender what of theirs waits to leave, and why, in a mailbox of their own (store/waiting.h). What leaves
// soon is not shown, so that an office whose link is up writes nothing for it; what is shown follows the queue by some
// seconds, and is never what decides.
#pragma once

#include "office/office.h"
#include "relay/dispatcher.h"
#include "store/waiting.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace postern::relay {

namespace asio = boost::asio;

// The network thread's.
class WaitingView {
public:
    static constexpr std::chrono::seconds grace{10}; // until a message is shown
    static constexpr std::size_t most_shown = 1000;  // of an account, the oldest

    // Both outlive it.
    WaitingView(office::Office& office, Dispatcher const& dispatcher) : office_(office), dispatcher_(dispatcher) {}

    // Looks from time to time, until the office stops.
    asio::awaitable<void> run(asio::any_io_executor executor);
    // Looks once, and writes what is another way than it was shown.
    asio::awaitable<void> look();

private:
    struct Message { // that is to be shown
        store::MessageId id{};
        std::vector<store::QueueItem> items; // those that are named
        std::size_t recipients = 0;
        bool in_hand = false; // its sender marked it as deleted, and knows it by its number
        std::string mark;     // of how it stands; the same mark, the same heading, but for times
    };
    using Shown = std::map<store::MessageId, std::string>; // its mark
    struct Account {
        Shown shown;
        std::vector<Message> wanted;
    };

    asio::awaitable<bool> read_shown();
    asio::awaitable<bool> read_queue();
    void take(std::vector<store::QueueItem> items);
    [[nodiscard]] std::string mark_of(std::vector<store::QueueItem> const& items) const;
    [[nodiscard]] std::string heading_of(Message const& message) const;
    asio::awaitable<bool> follow(store::AccountId id, Account& account);

    office::Office& office_;
    Dispatcher const& dispatcher_;
    bool knows_shown_ = false; // after a start it has to be read
    std::map<store::AccountId, Account> accounts_;
};

} // namespace postern::relay
