// What clients make the daemon hold is taken from one budget, so that memory never passes a ceiling, whatever they do.
//
// No client can take it all: one address may hold as much as it leaves free, and no more. So one that takes what it can
// gets half, a second then half of the rest, and whoever comes last still finds room for ordinary mail. Addresses that
// hold little never notice.
//
// What is held is what its owner says: sizes of buffers, estimates where they would cost more than they are worth.
// Octets throughout. The network thread alone.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace postern::net {

class MemoryBudget {
public:
    explicit MemoryBudget(std::size_t ceiling);

    // What is held stays held, even if that is more.
    void set_ceiling(std::size_t octets);
    [[nodiscard]] std::size_t ceiling() const { return book_->ceiling; }
    [[nodiscard]] std::size_t held() const { return book_->held; }
    // How much less is held now than at some time since this was asked last.
    [[nodiscard]] std::size_t take_ebb();

private:
    friend class MemoryShare;
    struct Holder;
    struct Book {
        std::size_t ceiling;
        std::size_t held = 0;
        std::size_t most = 0;                                 // held since take_ebb
        std::map<std::string, std::weak_ptr<Holder>> holders; // by address
    };
    std::shared_ptr<Book> book_; // shared with the shares, which may outlive the budget
};

// What one owner holds for a client; given back when it goes. Moves.
class MemoryShare {
public:
    MemoryShare() = default; // of no budget: there is always room
    MemoryShare(MemoryBudget const& budget, std::string const& address);
    MemoryShare(MemoryShare&& other) noexcept;
    MemoryShare& operator=(MemoryShare&& other) noexcept;
    ~MemoryShare();

    // Another one for the same client, which holds nothing yet.
    [[nodiscard]] MemoryShare beside() const;

    [[nodiscard]] std::size_t octets() const { return octets_; }
    // Holds so much from now on. False: there is no room for that, and nothing changed. Less always fits.
    [[nodiscard]] bool resize(std::size_t octets);
    // Holds so much in any case: for what is there already, so that others are told that there is no room.
    void account(std::size_t octets);

private:
    std::shared_ptr<MemoryBudget::Holder> holder_; // null: of no budget
    std::size_t octets_ = 0;
};

} // namespace postern::net
