// Who is signed in, with what and from where: for those who look after their accounts, and so that a password that was
// changed ends what began with the old one. In memory alone, since the daemon's start; one thread.
#pragma once

#include "core/clock.h"
#include "net/connection.h"
#include "store/records.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::office {

// A program on a machine, as far as can be told.
struct Device {
    std::string service; // "IMAP"
    std::string address; // the machine's
    std::string program; // as it calls itself (RFC 2971); empty: it does not
    core::WallTime first{}, last{};
    std::size_t sessions = 0; // that it has now
};

class SignIns {
    struct Session {
        store::AccountId account;
        net::Connection& connection;
        std::list<Device>::iterator device;
        core::WallTime began;
        bool dismissed = false;
    };

public:
    // Of an account; the one that was there last longest ago is forgotten first.
    static constexpr std::size_t most_devices = 40;
    static constexpr std::size_t longest_program = 80; // octets of what is kept of its name

    // A session that is signed in, as long as this exists.
    class SignIn {
    public:
        SignIn() = default;
        SignIn(SignIns& of, std::list<Session>::iterator session) : of_(&of), session_(session) {}
        SignIn(SignIn&& other) noexcept : of_(std::exchange(other.of_, nullptr)), session_(other.session_) {}
        SignIn& operator=(SignIn&& other) noexcept;
        ~SignIn();

        void introduce(std::string_view program);

    private:
        SignIns* of_ = nullptr;
        std::list<Session>::iterator session_;
    };

    explicit SignIns(core::Clock const& clock) : clock_(clock) {}

    // `service`: "IMAP"; `program`: as in Device. `connection` outlives what is given, and this does as well.
    [[nodiscard]] SignIn begin(store::AccountId account, std::string_view service, std::string_view program,
                               net::Connection& connection);

    // The one that was there last comes first.
    [[nodiscard]] std::vector<Device> of(store::AccountId account) const;

    // Dismisses all sessions of that account, and forgets its devices.
    void end(store::AccountId account);
    // How often that was done.
    [[nodiscard]] std::uint64_t ends() const { return ends_; }

private:
    std::list<Device>::iterator arrive(store::AccountId account, Device arrived);
    void leave(Session const& session, bool forget);

    core::Clock const& clock_;
    std::list<Session> sessions_;
    std::uint64_t ends_ = 0;
    std::map<store::AccountId, std::list<Device>> devices_; // as they came last
};

} // namespace postern::office
