// Whether the link to the outside may be used now, and how much of its budget is: what everything that dials out asks
// first.
#pragma once

#include "core/clock.h"
#include "core/settings.h"
#include "policy/link_rules.h"
#include "store/queue.h"

#include <functional>
#include <memory>
#include <string>

namespace postern::office {

// The network thread's.
class LinkGate {
public:
    // `interface_to_outside`, `interface_of`: as net/interface.h has them.
    using ToOutside = std::function<std::string()>;
    using Of = std::function<std::string(std::string const& local_address)>;
    LinkGate() = default; // every link counts
    LinkGate(ToOutside to_outside, Of of) : to_outside_(std::move(to_outside)), of_(std::move(of)) {}

    [[nodiscard]] policy::LinkLeave leave(std::shared_ptr<core::Settings const> const& settings,
                                          core::Clock const& clock);

    // Octets that came or went on a connection that has this address of ours.
    void count(std::string const& local_address, std::size_t octets, core::Settings const& settings,
               core::Clock const& clock);

    // Of today.
    [[nodiscard]] policy::LinkUsage const& usage(core::Clock const& clock);
    // The interface by which what is for outside would leave is one whose octets count.
    [[nodiscard]] bool metered(core::Settings const& settings, core::Clock const& clock);
    // The system's network is another one than before.
    void network_changed() { looked_ = {}; }

    // What was used is kept in the store: a little of it may be forgotten when the power is cut.
    void begin(store::LinkOctets const& kept);
    [[nodiscard]] bool anything_to_keep() const { return kept_ != usage_; }
    [[nodiscard]] bool much_to_keep() const;
    [[nodiscard]] store::LinkOctets keep();

private:
    ToOutside to_outside_;
    Of of_;
    policy::LinkUsage usage_;
    policy::LinkUsage kept_;
    std::string outside_;                            // the interface
    core::SteadyTime looked_{};                      // when that was
    std::string counted_;                            // the last local address
    std::string counted_by_;                         // and its interface
    std::shared_ptr<core::Settings const> settings_; // of the rules
    policy::LinkRules rules_;
};

} // namespace postern::office
