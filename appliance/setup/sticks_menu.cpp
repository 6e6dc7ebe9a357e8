#include "setup/sticks_menu.h"

#include "setup/box_work.h"
#include "setup/facts.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <filesystem>
#include <format>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace postern::setup {

namespace {

namespace json = boost::json;

std::string name_of(std::string const& path) { return std::filesystem::path(path).filename(); }
// "1.5 GiB, sda1"
std::string size_and_stick(json::value const& row) {
    auto const stick = std::filesystem::path(text_of(row, "file")).parent_path().filename().native();
    return std::format("{}, {}", size_of(number_of(row, "octets")), stick);
}

json::value sticks(Desk const& desk) {
    desk.menu.wait();
    return fact_of(desk.box.ask("box.sticks"));
}

json::object with_passphrase(json::object arguments, core::Secret const& passphrase) {
    if (!passphrase.empty()) arguments["passphrase-file"] = passphrase.reveal();
    return arguments;
}

// One that may be empty; `taken` gets it.
void ask_passphrase(Desk& desk, std::string_view what, std::function<void(core::Secret)> taken) {
    desk.menu.open(Screen{.title = owned(desk.words().passphrase),
                          .text = {owned(what)},
                          .entry = Entry{.value = {}, .secret = true, .taken = [taken](std::string typed) {
                                             auto const then = taken; // which may end this screen
                                             then(core::Secret(std::move(typed)));
                                             return std::string();
                                         }}});
}

// One that is given again, where it is not seen: a slip of the finger would make the backup useless.
void ask_new_passphrase(Desk& desk, std::function<void(core::Secret)> taken) {
    ask_passphrase(desk, desk.words().new_passphrase_what, [&desk, taken](core::Secret given) {
        if (given.empty() || desk.display) return taken(std::move(given));
        auto const first = std::make_shared<core::Secret>(std::move(given));
        desk.menu.open(
            Screen{.title = owned(desk.words().passphrase),
                   .text = {owned(desk.words().again)},
                   .entry = Entry{.value = {}, .secret = true, .taken = [&desk, taken, first](std::string typed) {
                                      core::Secret again(std::move(typed));
                                      if (!(again == *first)) return owned(desk.words().not_the_same);
                                      auto const then = taken;
                                      then(std::move(again));
                                      return std::string();
                                  }}});
    });
}

std::string written_so_far(Desk const& desk, std::string const& directory) {
    auto const all = fact_of(desk.box.ask("box.sticks"));
    std::int64_t octets = 0;
    for (auto const& row : rows_of(field(all, "sticks")))
        if (text_of(row, "path") == directory) octets = number_of(row, "unfinished_octets");
    auto text = owned(desk.words().backing_up);
    return octets == 0 ? text : text + " " + Desk::fill(desk.words().so_far, size_of(octets));
}

// `depth`: of the menu when it is asked for.
void back_up(Desk& desk, std::size_t depth, std::string const& directory) {
    ask_new_passphrase(desk, [&desk, depth, directory](core::Secret const& passphrase) {
        desk.menu.close_to(depth);
        if (!desk.tell_box("box.backup", with_passphrase({{"directory", directory}}, passphrase))) return;
        await_box(desk, {.request = "backup",
                         .title = owned(desk.words().back_up),
                         .text = [&desk, directory] { return written_so_far(desk, directory); },
                         .done =
                             [&desk](std::string const& file) {
                                 desk.tell(desk.words().done, Desk::fill(desk.words().backed_up, file));
                             }});
    });
}

struct Backup {
    std::string file, label, protection;
};

void restore(Desk& desk, Backup const& backup, core::Secret const& passphrase) {
    if (!desk.tell_box("box.restore", with_passphrase({{"path", backup.file}}, passphrase))) return;
    await_box(desk, {.request = "restore",
                     .title = owned(desk.words().restore),
                     .text = [&desk] { return owned(desk.words().restoring); },
                     .done =
                         [&desk](std::string const& /*result*/) {
                             desk.menu.end(); // what it showed is no more
                             desk.first_boot = false;
                             open_first_screen(desk);
                             desk.tell(desk.words().restore, desk.words().restored);
                         }});
}

} // namespace

void open_backup(Desk& desk) {
    auto const all = sticks(desk);
    auto const& found = rows_of(field(all, "sticks"));
    auto const depth = desk.menu.depth();
    if (found.empty()) return desk.tell(desk.words().back_up, desk.words().no_stick);
    if (found.size() == 1) return back_up(desk, depth, text_of(found.front(), "path"));
    Screen screen{.title = owned(desk.words().back_up), .text = {owned(desk.words().which_stick)}};
    for (auto const& stick : found) {
        auto const path = text_of(stick, "path");
        screen.items.push_back({name_of(path), Desk::fill(desk.words().free, size_of(number_of(stick, "free_octets"))),
                                [&desk, depth, path] { back_up(desk, depth, path); }});
    }
    desk.menu.open(std::move(screen));
}

void open_restore(Desk& desk, std::function<void(std::function<void()>)> first) {
    auto const depth = desk.menu.depth();
    // Asked for last, after what is no use to ask before.
    auto const confirm = [&desk, depth, first](Backup const& backup, core::Secret given) {
        desk.menu.close_to(depth);
        desk.confirm(desk.words().restore, Desk::fill(desk.words().restore_what, backup.label),
                     [&desk, first, backup, passphrase = std::make_shared<core::Secret>(std::move(given))] {
                         auto const go_on = [&desk, backup, passphrase] { restore(desk, backup, *passphrase); };
                         first ? first(go_on) : go_on();
                     });
    };
    auto const choose = [&desk, confirm](Backup const& backup) {
        if (backup.protection == "key") return desk.tell(desk.words().restore, desk.words().by_key);
        if (backup.protection == "nothing") return confirm(backup, {});
        ask_passphrase(desk, desk.words().old_passphrase_what,
                       [confirm, backup](core::Secret given) { confirm(backup, std::move(given)); });
    };
    auto const all = sticks(desk);
    Screen screen{.title = owned(desk.words().restore)};
    for (auto const& row : rows_of(field(all, "backups"))) {
        Backup backup{.file = text_of(row, "file"), .label = {}, .protection = text_of(row, "protected_by")};
        backup.label = text_of(row, "made").empty()
                           ? name_of(backup.file)
                           : std::format("{} {}", text_of(row, "domain"), moment_of(text_of(row, "made")));
        screen.items.push_back({backup.label, size_and_stick(row), [choose, backup] { choose(backup); }});
    }
    if (rows_of(field(all, "sticks")).empty()) return desk.tell(desk.words().restore, desk.words().no_stick);
    if (screen.items.empty()) return desk.tell(desk.words().restore, desk.words().no_backup);
    desk.menu.open(std::move(screen));
}

void open_update(Desk& desk) {
    auto const depth = desk.menu.depth();
    auto const all = sticks(desk);
    auto const install = [&desk, depth](std::string const& file) {
        desk.menu.close_to(depth);
        if (!desk.tell_box("box.update", {{"path", file}})) return;
        await_box(desk, {.request = "update",
                         .title = owned(desk.words().update),
                         .text = [&desk] { return owned(desk.words().updating); },
                         .done = [&desk](std::string const& result) { desk.tell(desk.words().done, result); }});
    };
    Screen screen{.title = owned(desk.words().update), .text = {owned(desk.words().update_what)}};
    for (auto const& row : rows_of(field(all, "updates"))) {
        auto const file = text_of(row, "file");
        screen.items.push_back({name_of(file), size_and_stick(row), [&desk, install, file] {
                                    desk.confirm(desk.words().update, name_of(file),
                                                 [install, file] { install(file); });
                                }});
    }
    if (rows_of(field(all, "sticks")).empty()) return desk.tell(desk.words().update, desk.words().no_stick);
    if (screen.items.empty()) return desk.tell(desk.words().update, desk.words().no_update);
    desk.menu.open(std::move(screen));
}

} // namespace postern::setup
