#include "net/memory_budget.h"

#include <algorithm>
#include <utility>

namespace postern::net {

// One address. Goes with its last share.
struct MemoryBudget::Holder {
    Holder(std::shared_ptr<Book> in, std::string const& address)
        : book(std::move(in)), place(book->holders.try_emplace(address).first) {}
    Holder(Holder const&) = delete;
    Holder& operator=(Holder const&) = delete;
    ~Holder() { book->holders.erase(place); }

    std::shared_ptr<Book> book;
    std::map<std::string, std::weak_ptr<Holder>>::iterator place;
    std::size_t held = 0;
};

MemoryBudget::MemoryBudget(std::size_t ceiling) : book_(std::make_shared<Book>(ceiling)) {}

void MemoryBudget::set_ceiling(std::size_t octets) { book_->ceiling = octets; }

std::size_t MemoryBudget::take_ebb() { return std::exchange(book_->most, book_->held) - book_->held; }

MemoryShare::MemoryShare(MemoryBudget const& budget, std::string const& address) {
    auto const known = budget.book_->holders.find(address);
    if (known != budget.book_->holders.end()) holder_ = known->second.lock();
    if (holder_) return;
    holder_ = std::make_shared<MemoryBudget::Holder>(budget.book_, address);
    holder_->place->second = holder_;
}

MemoryShare::MemoryShare(MemoryShare&& other) noexcept
    : holder_(std::move(other.holder_)), octets_(std::exchange(other.octets_, 0)) {}

MemoryShare& MemoryShare::operator=(MemoryShare&& other) noexcept {
    std::swap(holder_, other.holder_);
    std::swap(octets_, other.octets_);
    return *this;
}

MemoryShare::~MemoryShare() { account(0); }

MemoryShare MemoryShare::beside() const {
    MemoryShare share;
    share.holder_ = holder_;
    return share;
}

bool MemoryShare::resize(std::size_t octets) {
    if (holder_ && octets > octets_) {
        std::size_t const more = octets - octets_;
        MemoryBudget::Book const& book = *holder_->book;
        if (book.held + more + holder_->held + more > book.ceiling) return false;
    }
    account(octets);
    return true;
}

void MemoryShare::account(std::size_t octets) {
    if (holder_) {
        holder_->held += octets - octets_; // unsigned: less is a wrap-around twice
        holder_->book->held += octets - octets_;
        holder_->book->most = std::max(holder_->book->most, holder_->book->held);
    }
    octets_ = octets;
}

} // namespace postern::net
