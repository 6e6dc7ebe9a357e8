#include "office/link_gate.h"

#include "policy/outbox.h"

#include <algorithm>

namespace postern::office {

using namespace std::chrono_literals;

namespace {

constexpr auto look_again = 5s; // where nobody said that the network changed

core::WallTime local(core::Clock const& clock) {
    auto const now = clock.wall();
    return now + clock.offset(now);
}

// Whether octets by this interface count.
bool counts(core::Settings const& settings, std::string const& interface) {
    auto const metered = settings.list("link.metered");
    return metered.empty() || std::ranges::contains(metered, interface);
}

} // namespace

policy::LinkLeave LinkGate::leave(std::shared_ptr<core::Settings const> const& settings, core::Clock const& clock) {
    if (settings_ != settings) {
        settings_ = settings;
        rules_ = {.hold = settings->flag("link.hold"),
                  .schedule = settings->schedule("link.schedule"),
                  .day_budget = settings->bytes("link.day_budget"),
                  .month_budget = settings->bytes("link.month_budget"),
                  // Where all are metered there is none to wait for.
                  .large_by_metered = settings->flag("link.large_by_metered") || settings->list("link.metered").empty(),
                  .large = policy::Outbox::small};
    }
    return policy::leave(rules_, usage(clock), local(clock), metered(*settings, clock));
}

void LinkGate::count(std::string const& local_address, std::size_t octets, core::Settings const& settings,
                     core::Clock const& clock) {
    if (of_ && local_address != counted_) {
        counted_by_ = of_(local_address);
        counted_ = local_address;
    }
    if (!counts(settings, counted_by_)) return;
    usage_.roll(local(clock));
    usage_.count(octets);
}

policy::LinkUsage const& LinkGate::usage(core::Clock const& clock) {
    usage_.roll(local(clock));
    return usage_;
}

bool LinkGate::metered(core::Settings const& settings, core::Clock const& clock) {
    if (!to_outside_ || settings.list("link.metered").empty()) return true;
    auto const now = clock.steady();
    if (looked_ == core::SteadyTime{} || now - looked_ >= look_again) {
        outside_ = to_outside_();
        looked_ = now;
    }
    return counts(settings, outside_);
}

void LinkGate::begin(store::LinkOctets const& kept) {
    usage_ = {kept.day, kept.today, kept.this_month};
    kept_ = usage_;
}

bool LinkGate::much_to_keep() const {
    constexpr std::uint64_t much = 1024 * 1024;
    return usage_.this_month >= kept_.this_month + much;
}

store::LinkOctets LinkGate::keep() {
    kept_ = usage_;
    return {usage_.day, usage_.today, usage_.this_month};
}

} // namespace postern::office
