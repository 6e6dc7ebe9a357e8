#include "setup/desk.h"

#include "setup/first_boot.h"
#include "setup/locked_disk.h"
#include "setup/office_menu.h"

#include <boost/json/object.hpp>

#include <memory>
#include <utility>

namespace postern::setup {

namespace {

constexpr std::size_t shortest_password = 8;

bool is_password(std::string_view typed) {
    return typed.size() >= shortest_password && !typed.starts_with(' ') && !typed.ends_with(' ');
}

} // namespace

void Desk::tell(std::string_view title, std::string_view text) const {
    menu.open(Screen{.title = std::string(title), .text = {std::string(text)}});
}

void Desk::confirm(std::string_view title, std::string_view text, std::function<void()> yes) const {
    menu.open(Screen{.title = std::string(title),
                     .text = {std::string(text)},
                     .items = {{std::string(words().no), {}, [this] { menu.close(); }},
                               {std::string(words().yes), {}, [this, yes = std::move(yes)] {
                                    auto const then = yes;
                                    menu.close();
                                    then();
                                }}}});
}

void Desk::ask(std::string_view title, std::string_view text, std::string value,
               std::function<std::string(std::string)> taken) const {
    menu.open(Screen{.title = std::string(title),
                     .text = {std::string(text)},
                     .entry = Entry{.value = std::move(value), .secret = false, .taken = std::move(taken)}});
}

void Desk::ask_password(std::string_view title, std::string_view text, std::function<void(core::Secret)> taken) {
    auto const depth = menu.depth();
    auto const once = [this, depth, taken, title = std::string(title)](std::string typed) -> std::string {
        if (!is_password(typed)) return std::string(words().bad_password);
        auto first = std::make_shared<core::Secret>(std::move(typed));
        auto const finish = [this, depth, taken, first] {
            menu.close_to(depth);
            taken(first->clone());
        };
        if (display) {
            finish();
            return {};
        }
        menu.open(Screen{.title = title,
                         .text = {std::string(words().again)},
                         .entry = Entry{.value = {}, .secret = true, .taken = [this, first, finish](std::string again) {
                                            if (core::Secret const second(std::move(again)); !(second == *first))
                                                return std::string(words().not_the_same);
                                            auto const then = finish; // which ends this screen
                                            then();
                                            return std::string();
                                        }}});
        return {};
    };
    menu.open(Screen{.title = std::string(title),
                     .text = {std::string(text)},
                     .entry = Entry{.value = {}, .secret = true, .taken = once}});
}

bool Desk::tell_box(std::string_view command, boost::json::object const& arguments) {
    menu.wait();
    auto const answer = box.ask(command, arguments);
    if (!answer) tell(words().failed, answer.error().reason);
    return answer.has_value();
}

void open_first_screen(Desk& desk) {
    auto const status = desk.box.ask("status");
    if (status && status->is_object() && status->get_object().contains("waits"))
        open_first_boot(desk);
    else if (!status && desk.box.is_locked())
        open_locked_disk(desk);
    else
        open_office(desk);
}

} // namespace postern::setup
