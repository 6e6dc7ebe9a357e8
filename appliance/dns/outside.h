// Who knows the names that are not the office's: an interface between the server and who asks further (forwarder.h), so
// that each is tried by itself.
#pragma once

#include "dns/prepared_answer.h"
#include "wire/dns_message.h"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace postern::dns {

namespace asio = boost::asio;

// What answers differ by.
struct Asked {
    std::string_view name; // a FoldedName's
    wire::dns::Type type{};
    bool dnssec_ok = false;
    bool checking_disabled = false;
};

// One executor, the name server's own.
class Outside {
public:
    virtual ~Outside() = default;

    // What can be told at once, be it that it is not known and the internet is away; nullptr: it has to be looked up.
    // Takes no memory where it is known: this is what most queries come to.
    [[nodiscard]] virtual std::shared_ptr<PreparedAnswer const> known(Asked const& asked) = 0;

    // Never nullptr: where nothing was found out it is SERVFAIL with an extended error that says why. Those who ask the
    // same at the same time wait for one answer. `name` is a FoldedName's. Asio's cancellation ends the wait.
    virtual asio::awaitable<std::shared_ptr<PreparedAnswer const>> look_up(std::string name, wire::dns::Type type,
                                                                           bool dnssec_ok, bool checking_disabled) = 0;

    // Lets go of what belongs to the executor's context, which is destroyed next; nothing runs there any more.
    virtual void close() {}
};

} // namespace postern::dns
