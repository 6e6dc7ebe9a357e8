// Annotations that changed a moment ago: what sessions tell clients that asked for it (RFC 5464 §4.4.2). Kept in memory
// alone, by name of mailbox and entry, once however often it changed. One thread.
#pragma once

#include "core/ids.h"
#include "net/memory_budget.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>

namespace postern::office {

class MetadataNews {
public:
    // One session that wants to know; `news` outlives it.
    class Listener {
    public:
        // `memory` is the client's, for what it was not told yet: what finds no room there is not told. `wake` is
        // called when something came.
        Listener(MetadataNews& news, core::AccountId account, net::MemoryShare memory, std::function<void()> wake);
        ~Listener() { news_.listeners_.erase(this); }
        Listener(Listener const&) = delete;
        Listener& operator=(Listener const&) = delete;

        [[nodiscard]] bool has_news() const { return !changed_.empty(); }
        // By mailbox; "" is the server.
        [[nodiscard]] std::map<std::string, std::set<std::string>> take();

    private:
        friend class MetadataNews;
        void note(std::string const& mailbox, std::string const& entry);

        MetadataNews& news_;
        core::AccountId const account_;
        net::MemoryShare memory_;
        std::function<void()> wake_;
        std::map<std::string, std::set<std::string>> changed_;
    };

    // Entries of that mailbox of `account`, or of the server where `account` is nobody's (0), which everybody hears of;
    // `by`: who did it knows already.
    void publish(core::AccountId account, std::string const& mailbox, std::span<std::string const> entries,
                 Listener const* by);

private:
    std::set<Listener*> listeners_;
};

} // namespace postern::office
