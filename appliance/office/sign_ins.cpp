#include "office/sign_ins.h"

#include "text/utf8.h"

#include <algorithm>
#include <iterator>

namespace postern::office {

SignIns::SignIn& SignIns::SignIn::operator=(SignIn&& other) noexcept {
    std::swap(of_, other.of_);
    std::swap(session_, other.session_);
    return *this;
}

SignIns::SignIn::~SignIn() {
    if (of_ == nullptr) return;
    of_->leave(*session_, session_->dismissed);
    of_->sessions_.erase(session_);
}

// Its session was one of a program that had no name yet; that there was one is forgotten if this was all of it.
void SignIns::SignIn::introduce(std::string_view program) {
    if (of_ == nullptr || !session_->device->program.empty()) return;
    Device named = *session_->device;
    named.program = program;
    of_->leave(*session_, session_->device->first == session_->began);
    named.first = session_->began;
    session_->device = of_->arrive(session_->account, std::move(named));
}

SignIns::SignIn SignIns::begin(store::AccountId account, std::string_view service, std::string_view program,
                               net::Connection& connection) {
    auto const now = clock_.wall();
    auto const device = arrive(account, {.service = std::string(service),
                                         .address = connection.endpoints().peer_address,
                                         .program = std::string(program),
                                         .first = now});
    sessions_.push_back({account, connection, device, now});
    return SignIn(*this, std::prev(sessions_.end()));
}

// The device to which a session now belongs: one that is known already, or that one.
std::list<Device>::iterator SignIns::arrive(store::AccountId account, Device arrived) {
    arrived.program = text::one_line(arrived.program, longest_program);
    auto& devices = devices_[account];
    auto device = std::ranges::find_if(devices, [&](Device const& each) {
        return each.service == arrived.service && each.address == arrived.address && each.program == arrived.program;
    });
    if (device == devices.end()) {
        arrived.sessions = 0;
        devices.push_front(std::move(arrived));
        device = devices.begin();
    } else
        devices.splice(devices.begin(), devices, device);
    ++device->sessions;
    device->last = clock_.wall();
    if (devices.size() > most_devices) {
        auto const idle = std::ranges::find(devices.rbegin(), devices.rend(), 0U, &Device::sessions);
        if (idle != devices.rend()) devices.erase(std::next(idle).base());
    }
    return device;
}

void SignIns::leave(Session const& session, bool forget) {
    auto const account = devices_.find(session.account);
    auto& devices = account->second;
    session.device->last = clock_.wall();
    if (--session.device->sessions != 0) return;
    if (forget)
        devices.erase(session.device);
    else
        devices.splice(devices.begin(), devices, session.device);
    if (devices.empty()) devices_.erase(account);
}

std::vector<Device> SignIns::of(store::AccountId account) const {
    auto const devices = devices_.find(account);
    if (devices == devices_.end()) return {};
    std::vector<Device> all(devices->second.begin(), devices->second.end());
    for (Device& device : all)
        if (device.sessions != 0) device.last = clock_.wall();
    std::ranges::stable_sort(all, std::greater{}, &Device::last);
    return all;
}

void SignIns::end(store::AccountId account) {
    ++ends_;
    if (auto const devices = devices_.find(account); devices != devices_.end()) {
        std::erase_if(devices->second, [](Device const& device) { return device.sessions == 0; });
        if (devices->second.empty()) devices_.erase(devices);
    }
    for (Session& session : sessions_)
        if (session.account == account) {
            session.dismissed = true;
            session.connection.dismiss();
        }
}

} // namespace postern::office
