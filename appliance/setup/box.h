// The box as the menu talks to it: what `postern` can ask, by names of the command table. Blocks.
#pragma once

#include "control/command.h"

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
};

// Behind the control socket. Each question has a connection of its own, so that none is missed when the daemon starts
// anew.
class ControlBox final : public Box {
public:
    explicit ControlBox(std::filesystem::path socket) : socket_(std::move(socket)) {}
    using Box::ask;
    control::Answer ask(std::string_view command, boost::json::object const& arguments) override;
    std::vector<std::string> addresses() override;
    bool wait_for_office() override;

private:
    std::filesystem::path socket_;
};

} // namespace postern::setup
