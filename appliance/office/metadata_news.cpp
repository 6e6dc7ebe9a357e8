#include "office/metadata_news.h"

#include <utility>

namespace postern::office {

namespace {

constexpr std::size_t change_octets = 128; // what one is held with, about

} // namespace

MetadataNews::Listener::Listener(MetadataNews& news, core::AccountId account, net::MemoryShare memory,
                                 std::function<void()> wake)
    : news_(news), account_(account), memory_(std::move(memory)), wake_(std::move(wake)) {
    news_.listeners_.insert(this);
}

std::map<std::string, std::set<std::string>> MetadataNews::Listener::take() {
    memory_.account(0);
    return std::exchange(changed_, {});
}

void MetadataNews::Listener::note(std::string const& mailbox, std::string const& entry) {
    auto const there = changed_.find(mailbox);
    if (there != changed_.end() && there->second.contains(entry)) return;
    if (!memory_.resize(memory_.octets() + mailbox.size() + entry.size() + change_octets)) return;
    changed_[mailbox].insert(entry);
}

void MetadataNews::publish(core::AccountId account, std::string const& mailbox, std::span<std::string const> entries,
                           Listener const* by) {
    for (Listener* const listener : listeners_) {
        if (listener == by || (account != core::AccountId{0} && listener->account_ != account)) continue;
        for (std::string const& entry : entries) listener->note(mailbox, entry);
        if (listener->has_news()) listener->wake_();
    }
}

} // namespace postern::office
