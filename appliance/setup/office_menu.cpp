#include "setup/office_menu.h"

#include "core/trim.h"
#include "setup/box_state.h"
#include "setup/box_work.h"
#include "setup/facts.h"
#include "setup/sticks_menu.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <format>
#include <memory>
#include <utility>

namespace postern::setup {

namespace {

namespace json = boost::json;

constexpr std::string_view provider = "provider"; // what the relay is called that the menu makes

class Office : public std::enable_shared_from_this<Office> {
public:
    explicit Office(Desk& desk) : desk_(desk) {}

    void open() {
        desk_.menu.open([self = shared_from_this()] { return self->overview(); });
    }

private:
    [[nodiscard]] Words const& words() const { return desk_.words(); }

    template <typename Member, typename... Bound> auto doing(Member member, Bound... bound) {
        return [self = shared_from_this(), member, bound...] { (self.get()->*member)(bound...); };
    }
    // Opens a screen of ours, which is made anew whenever it is come back to.
    template <typename Make, typename... Bound> auto opening(Make make, Bound... bound) {
        return [self = shared_from_this(), make, bound...] {
            self->desk_.menu.open([self, make, bound...] { return (self.get()->*make)(bound...); });
        };
    }

    [[nodiscard]] json::array listed(std::string_view command) { return rows_of(fact_of(desk_.box.ask(command))); }

    Screen overview() {
        auto const& say = words();
        bool const locked = desk_.display && setting_value("menu.lcd_locked") == "yes";
        Screen screen{.title = text_of(fact_of(desk_.box.ask("status")), "host_name")};
        if (screen.title.empty()) screen.title = owned(say.menu);
        auto const add = [&](std::string_view label, std::function<void()> chosen) {
            screen.items.push_back({owned(label), {}, std::move(chosen)});
        };
        add(say.status, [this] { desk_.menu.open([this] { return status_screen(desk_); }); });
        if (locked) {
            screen.text = {owned(say.locked)};
            add(say.leave, [this] { desk_.menu.end(); });
            return screen;
        }
        add(say.accounts, opening(&Office::accounts));
        add(say.relay, opening(&Office::relays));
        add(say.queue, opening(&Office::queue));
        add(say.network, opening(&Office::network));
        add(say.time, opening(&Office::time));
        add(say.language, doing(&Office::choose_language));
        if (!desk_.display) add(say.menu_password, doing(&Office::ask_menu_password));
        add(say.back_up, [this] { open_backup(desk_); });
        add(say.restore, [this] { open_restore(desk_); });
        add(say.update, [this] { open_update(desk_); });
        add(say.restart, doing(&Office::confirm_box, &Words::restart, std::string("box.restart")));
        add(say.shut_down, doing(&Office::confirm_box, &Words::shut_down, std::string("box.shut-down")));
        add(say.reset, doing(&Office::choose_reset));
        if (desk_.shell) add(say.shell, desk_.shell);
        add(say.leave, [this] { desk_.menu.end(); });
        return screen;
    }

    Screen accounts() {
        Screen screen{.title = owned(words().accounts)};
        for (auto const& row : listed("account.list"))
            screen.items.push_back({text_of(row, "name"), size_of(number_of(row, "octets")),
                                    opening(&Office::account, text_of(row, "name"))});
        screen.items.push_back({owned(words().add_account), {}, doing(&Office::ask_account)});
        return screen;
    }

    Screen account(std::string const& name) {
        return {.title = name,
                .items = {{owned(words().new_password), {}, doing(&Office::ask_password, name)},
                          {Desk::fill(words().remove, name), {}, doing(&Office::remove_account, name)}}};
    }

    void ask_account() {
        desk_.ask(words().account_name, words().account_name_what, {}, [self = shared_from_this()](std::string typed) {
            self->ask_new_account(std::string(core::trimmed(typed)));
            return std::string();
        });
    }

    void ask_new_account(std::string const& name) {
        desk_.ask_password(name, words().password, [self = shared_from_this(), name](core::Secret password) {
            self->desk_.menu.close();
            if (self->desk_.tell_box("account.add", {{"name", name}, {"password", password.reveal()}}))
                self->desk_.menu.refresh();
        });
    }

    void ask_password(std::string const& name) {
        desk_.ask_password(name, words().new_password, [self = shared_from_this(), name](core::Secret password) {
            if (self->desk_.tell_box("account.password", {{"name", name}, {"password", password.reveal()}}))
                self->desk_.menu.close();
        });
    }

    void remove_account(std::string const& name) {
        desk_.confirm(Desk::fill(words().remove, name), words().sure, [self = shared_from_this(), name] {
            if (self->desk_.tell_box("account.remove", {{"name", name}})) self->desk_.menu.close();
        });
    }

    Screen relays() {
        auto const& say = words();
        auto const link = fact_of(desk_.box.ask("link.show"));
        bool const held = text_of(link, "mode") == "hold";
        Screen screen{.title = owned(say.relay), .text = {owned(say.relay_what)}};
        for (auto const& row : listed("relay.list"))
            screen.items.push_back({text_of(row, "name"),
                                    std::format("{}: {}", text_of(row, "host"), text_of(row, "link")),
                                    opening(&Office::relay, text_of(row, "name"))});
        screen.items.push_back({owned(say.has_relay), {}, doing(&Office::ask_host)});
        screen.items.push_back({owned(held ? say.let_go : say.hold), owned(held ? say.held : say.automatic),
                                doing(&Office::toggle_link, held)});
        return screen;
    }

    // Keys of a display are pressed by whoever passes.
    void toggle_link(bool held) {
        auto const change = doing(&Office::change, std::string(held ? "link.auto" : "link.hold"), json::object());
        if (desk_.display)
            desk_.confirm(held ? words().let_go : words().hold, words().sure, change);
        else
            change();
    }

    Screen relay(std::string const& name) {
        return {.title = name,
                .items = {{owned(words().test), {}, doing(&Office::test_relay, name)},
                          {Desk::fill(words().remove, name), {}, doing(&Office::remove_relay, name)}}};
    }

    void test_relay(std::string const& name) {
        desk_.menu.wait();
        auto const tried = desk_.box.ask("relay.test", {{"name", name}});
        if (tried)
            desk_.tell(words().test, Desk::fill(words().works, text_of(*tried, "works")));
        else
            desk_.tell(words().failed, tried.error().reason);
    }

    void remove_relay(std::string const& name) {
        desk_.confirm(Desk::fill(words().remove, name), words().sure, [self = shared_from_this(), name] {
            if (self->desk_.tell_box("relay.remove", {{"name", name}})) self->desk_.menu.close();
        });
    }

    void ask_host() {
        auto const depth = desk_.menu.depth();
        desk_.ask(words().host, words().host_what, {}, [self = shared_from_this(), depth](std::string typed) {
            self->ask_port(depth, std::string(core::trimmed(typed)));
            return std::string();
        });
    }

    void ask_port(std::size_t depth, std::string const& host) {
        desk_.ask(words().port, "587: STARTTLS, 465: TLS", "587",
                  [self = shared_from_this(), depth, host](std::string typed) -> std::string {
                      std::string const port(core::trimmed(typed));
                      if (!self->desk_.tell_box("relay.add", {{"name", provider},
                                                              {"host", host},
                                                              {"security", port == "465" ? "tls" : "starttls"},
                                                              {"port", port}}))
                          return {};
                      self->ask_login(depth, host);
                      return {};
                  });
    }

    void ask_login(std::size_t depth, std::string const& host) {
        desk_.ask(words().login, words().login_what, {}, [self = shared_from_this(), depth, host](std::string typed) {
            std::string const login(core::trimmed(typed));
            if (login.empty())
                self->desk_.menu.close_to(depth);
            else
                self->ask_relay_password(depth, host, login);
            return std::string();
        });
    }

    void ask_relay_password(std::size_t depth, std::string const& host, std::string const& login) {
        desk_.menu.open(Screen{
            .title = owned(words().password),
            .text = {host},
            .entry = Entry{
                .value = {}, .secret = true, .taken = [self = shared_from_this(), depth, login](std::string typed) {
                    core::Secret const password(std::move(typed));
                    self->desk_.menu.close_to(depth);
                    (void)self->desk_.tell_box("relay.login",
                                               {{"name", provider}, {"login", login}, {"password", password.reveal()}});
                    return std::string();
                }}});
    }

    Screen queue() {
        Screen screen{.title = owned(words().queue)};
        for (auto const& row : listed("queue.list"))
            screen.items.push_back(
                {text_of(row, "recipient"), std::format("{} {}", text_of(row, "state"), text_of(row, "because"))});
        if (screen.items.empty())
            screen.text = {owned(words().none)};
        else
            screen.items.insert(screen.items.begin(),
                                {owned(words().try_now),
                                 {},
                                 doing(&Office::change, std::string("queue.retry"), json::object{{"id", "all"}})});
        return screen;
    }

    Screen network() {
        auto const& say = words();
        Screen screen{.title = owned(say.network), .text = {owned(say.address_what)}};
        struct Row {
            std::string_view setting, label, what;
        };
        for (auto const& [setting, label, what] : {Row{"network.address", say.own_address, say.own_address_what},
                                                   Row{"network.interface", say.interface, say.interface_what},
                                                   Row{"network.router", say.router, say.router_what},
                                                   Row{"dns.servers", say.name_servers, say.name_servers_what}}) {
            auto const value = setting_value(setting);
            screen.items.push_back({owned(label), value == "dhcp" ? owned(say.by_dhcp) : value,
                                    doing(&Office::ask_setting, owned(setting), owned(label), owned(what), value)});
        }
        bool const serves = setting_value("dhcp.serve") == "yes";
        screen.items.push_back({owned(say.i_am_router), owned(serves ? say.yes : say.no),
                                doing(&Office::confirm_setting, owned("dhcp.serve"), owned(serves ? "no" : "yes"))});
        return screen;
    }

    [[nodiscard]] std::string setting_value(std::string_view name) {
        auto const value = fact_of(desk_.box.ask("settings.get", {{"name", name}}));
        return value.is_string() ? std::string(value.get_string()) : std::string();
    }

    void ask_setting(std::string const& name, std::string const& label, std::string const& what,
                     std::string const& value) {
        desk_.ask(label, name == "network.address" ? what + ", dhcp" : what, value,
                  [self = shared_from_this(), name](std::string typed) {
                      self->desk_.menu.close();
                      self->confirm_setting(name, std::string(core::trimmed(typed)));
                      return std::string();
                  });
    }

    void confirm_setting(std::string const& name, std::string const& value) {
        desk_.confirm(std::format("{} = {}", name, value), words().sure, [self = shared_from_this(), name, value] {
            self->change("settings.set", {{"name", name}, {"value", value}});
        });
    }

    void change(std::string const& command, json::object const& arguments) {
        if (desk_.tell_box(command, arguments)) desk_.menu.refresh();
    }

    Screen time() {
        auto const& say = words();
        return {.title = owned(say.time),
                .items = {{owned(say.time), moment_of(text_of(fact_of(desk_.box.ask("status")), "time"))},
                          {owned(say.time_zone),
                           {},
                           doing(&Office::ask_time, &Words::time_zone, &Words::zone_what, std::string("zone"))},
                          {owned(say.clock),
                           {},
                           doing(&Office::ask_time, &Words::clock, &Words::clock_what, std::string("clock"))}}};
    }

    void ask_time(std::string_view Words::* label, std::string_view Words::* what, std::string const& option) {
        desk_.ask(words().*label, words().*what, {}, [self = shared_from_this(), option](std::string typed) {
            self->desk_.menu.close();
            self->ask_box("box.time", {{option, std::string(core::trimmed(typed))}});
            return std::string();
        });
    }

    void choose_language() {
        Screen screen{.title = owned(words().language)};
        for (auto const language : languages) {
            if (language == desk_.language) screen.begin = screen.items.size();
            screen.items.push_back({owned(words_in(language).name), {}, [self = shared_from_this(), language] {
                                        self->desk_.language = language;
                                        self->desk_.menu.close();
                                        self->change("settings.set",
                                                     {{"name", "office.language"}, {"value", language}});
                                    }});
        }
        desk_.menu.open(std::move(screen));
    }

    void ask_menu_password() {
        desk_.ask_password(words().menu_password, words().menu_password_what,
                           [self = shared_from_this()](core::Secret password) {
                               if (self->desk_.tell_box("menu.password", {{"password", password.reveal()}}))
                                   self->desk_.tell(self->words().menu_password, self->words().done);
                           });
    }

    void choose_reset() {
        auto const& say = words();
        auto const degree = [&](std::string_view Words::* label, std::string name) {
            return Item{owned(say.*label), {}, doing(&Office::confirm_reset, label, std::move(name))};
        };
        desk_.menu.open(Screen{.title = owned(say.reset),
                               .text = {owned(say.reset_what)},
                               .items = {degree(&Words::reset_settings, "settings"), degree(&Words::reset_mail, "mail"),
                                         degree(&Words::reset_version, "version")}});
    }

    void confirm_reset(std::string_view Words::* label, std::string const& degree) {
        desk_.confirm(std::format("{}: {}", words().reset, words().*label), words().sure,
                      [self = shared_from_this(), degree] { self->ask_box("box.reset", {{"degree", degree}}); });
    }

    void confirm_box(std::string_view Words::* label, std::string const& command) {
        desk_.confirm(words().*label, words().sure,
                      [self = shared_from_this(), command] { self->ask_box(command, {}); });
    }

    // What restarts it says no more.
    void ask_box(std::string_view command, json::object const& arguments) {
        if (!desk_.tell_box(command, arguments)) return;
        await_box(desk_, {.request = owned(command.substr(command.find('.') + 1)),
                          .title = owned(words().done),
                          .text = [self = shared_from_this()] { return owned(self->words().asked); },
                          .done = [self = shared_from_this()](
                                      std::string const& result) { self->desk_.tell(self->words().done, result); }});
    }

    Desk& desk_;
};

} // namespace

void open_office_unlocked(Desk& desk) { std::make_shared<Office>(desk)->open(); }

void open_office(Desk& desk) {
    if (auto const language = desk.box.ask("settings.get", {{"name", "office.language"}});
        language && language->is_string())
        desk.language = language->get_string();
    if (desk.display || desk.box.ask("menu.check", {{"password", ""}})) return open_office_unlocked(desk);
    desk.menu.open(
        Screen{.title = owned(desk.words().menu_password),
               .entry = Entry{.value = {}, .secret = true, .taken = [&desk](std::string typed) -> std::string {
                                  core::Secret const password(std::move(typed));
                                  if (password.empty()) return {};
                                  desk.menu.wait();
                                  auto const right = desk.box.ask("menu.check", {{"password", password.reveal()}});
                                  if (!right) return owned(desk.words().wrong_password);
                                  desk.menu.end();
                                  desk.guarded = true;
                                  open_office_unlocked(desk);
                                  return {};
                              }}});
}

} // namespace postern::setup
