// A box that a test plays: what it was asked, and what it answers to each command.
#pragma once

#include "setup/box.h"
#include "setup/desk.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace postern::setup {

class FakeBox final : public Box {
public:
    using Box::ask;
    control::Answer ask(std::string_view command, boost::json::object const& arguments) override {
        asked.emplace_back(command, arguments);
        auto const refusal = refusals.find(std::string(command));
        if (refusal != refusals.end()) return control::refused(refusal->second);
        auto const answer = answers.find(std::string(command));
        return answer == answers.end() ? boost::json::value() : answer->second;
    }
    std::vector<std::string> addresses() override { return {"192.168.1.2"}; }
    bool wait_for_office() override { return comes; }
    bool is_locked() override { return !passphrase.empty(); }
    bool unlock(core::Secret const& given) override { return given.reveal() == passphrase; }

    // How often, and what with the last time.
    [[nodiscard]] std::size_t times(std::string_view command) const {
        std::size_t count = 0;
        for (auto const& [name, arguments] : asked) count += name == command ? 1 : 0;
        return count;
    }
    [[nodiscard]] std::string last(std::string_view command, std::string_view argument) const {
        std::string found = "not asked";
        for (auto const& [name, arguments] : asked)
            if (name == command) found = std::string(arguments.at(argument).as_string());
        return found;
    }

    std::map<std::string, boost::json::value> answers;
    std::map<std::string, std::string> refusals;
    std::vector<std::pair<std::string, boost::json::object>> asked;
    bool comes = true;
    std::string passphrase; // of a disk that is locked
};

// Somebody at a menu.
struct Hands {
    FakeBox box;
    Menu menu;
    Desk desk{.menu = menu, .box = box};

    void type(std::string_view text) {
        menu.erase_all();
        for (char const c : text) menu.type(std::string_view(&c, 1));
        menu.enter();
    }
    // By its label. False: there is none.
    bool choose(std::string_view label) {
        auto const& items = menu.screen().items;
        for (std::size_t at = 0; at < items.size(); ++at)
            if (items[at].label == label) {
                menu.choose(at);
                return true;
            }
        return false;
    }
    [[nodiscard]] std::string value(std::string_view label) const {
        for (auto const& item : menu.screen().items)
            if (item.label == label) return item.value;
        return "no such item";
    }
};

} // namespace postern::setup
