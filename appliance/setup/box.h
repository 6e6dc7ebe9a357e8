// The box as the menu talks to it: what `postern` can ask, by names of the command table. Blocks.
#pragma once

#include "control/command.h"
#include "core/secret.h"

#include <boost/json/object.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::setup {

class Box {
public:
    virtual ~Box() = default;
    [[nodiscard]] virtual control::Answer ask(std::string_view command, boost::json::object const& arguments) = 0;
    [[nodiscard]] control::Answer ask(std::string_view command) { return ask(command, {}); }
    // Under which it can be reached in its network.
    [[nodiscard]] virtual std::vector<std::string> addresses() = 0;
    // Between the answers to a first boot and the office that they make. False: it does not come.
    [[nodiscard]] virtual bool wait_for_office() = 0;
    // The disk with the mail waits for its passphrase, and the daemon for the disk.
    [[nodiscard]] virtual bool is_locked() = 0;
    // False: that is not its passphrase.
    [[nodiscard]] virtual bool unlock(core::Secret const& passphrase) = 0;
};

// Behind the control socket. Each question has a connection of its own, so that none is missed when the daemon starts
// anew.
class ControlBox final : public Box {
public:
    // `unlock`: the program that opens the disk with the passphrase on its standard input. What tells that it is locked
    // is a file beside the directory of the socket, which comes with the daemon: /run/postern-locked.
    ControlBox(std::filesystem::path socket, std::filesystem::path unlock)
        : socket_(std::move(socket)), unlock_(std::move(unlock)) {}
    using Box::ask;
    control::Answer ask(std::string_view command, boost::json::object const& arguments) override;
    std::vector<std::string> addresses() override;
    bool wait_for_office() override;
    bool is_locked() override;
    bool unlock(core::Secret const& passphrase) override;
    // Of a disk for which it was asked; the daemon is away meanwhile.
    [[nodiscard]] control::Answer wait_for_encryption();

private:
    std::filesystem::path socket_, unlock_;
};

} // namespace postern::setup
