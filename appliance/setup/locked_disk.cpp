#include "setup/locked_disk.h"

#include <utility>

namespace postern::setup {

namespace {

// Once the daemon is there, be it that somebody else gave the passphrase.
std::function<void()> until_it_answers(Desk& desk) {
    return [&desk] {
        if (!desk.box.ask("status")) return;
        desk.menu.end();
        open_first_screen(desk);
    };
}

} // namespace

void open_locked_disk(Desk& desk) {
    auto const taken = [&desk](std::string typed) {
        core::Secret const passphrase(std::move(typed));
        desk.menu.wait();
        if (passphrase.empty() || !desk.box.unlock(passphrase)) return owned(desk.words().wrong_passphrase);
        desk.menu.open(Screen{.title = owned(desk.words().disk_locked),
                              .text = {owned(desk.words().starting)},
                              .watch = until_it_answers(desk)});
        return std::string();
    };
    desk.menu.open(Screen{.title = owned(desk.words().disk_locked),
                          .text = {owned(desk.words().unlock_what)},
                          .entry = Entry{.value = {}, .secret = true, .taken = taken},
                          .watch = until_it_answers(desk)});
}

} // namespace postern::setup
