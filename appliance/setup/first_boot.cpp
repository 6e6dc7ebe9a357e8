#include "setup/first_boot.h"

#include "control/actions.h"
#include "control/answers.h"
#include "core/trim.h"
#include "setup/box_work.h"
#include "setup/facts.h"
#include "setup/office_menu.h"
#include "setup/sticks_menu.h"
#include "text/idn.h"

#include <algorithm>
#include <format>
#include <memory>
#include <utility>
#include <vector>

namespace postern::setup {

namespace {

enum class Disk : std::uint8_t { plain, asks_passphrase, opens_itself };
enum class Address : std::uint8_t { by_dhcp, fixed, i_am_router };

constexpr std::string_view own_network = "192.168.80.1/24"; // seldom anybody else's

// What was answered so far.
class FirstBoot : public std::enable_shared_from_this<FirstBoot> {
public:
    explicit FirstBoot(Desk& desk) : desk_(desk) {}

    void open() {
        auto const status = fact_of(desk_.box.ask("status"));
        auto const* const encrypted = field(status, "box.encrypted").if_bool();
        may_encrypt_ = encrypted != nullptr && !*encrypted;
        may_open_itself_ = text_of(status, "box.tpm2") == "true";
        desk_.menu.open([self = shared_from_this()] { return self->overview(); });
        root_ = desk_.menu.depth();
        desk_.first_boot = true;
    }

private:
    [[nodiscard]] Words const& words() const { return desk_.words(); }

    // A screen's function that may outlive the screen.
    template <typename Member, typename... Bound> auto doing(Member member, Bound... bound) {
        return [self = shared_from_this(), member, bound...] { (self.get()->*member)(bound...); };
    }

    Screen overview() {
        auto const& say = words();
        std::string accounts;
        for (auto const& account : accounts_) accounts += (accounts.empty() ? "" : ", ") + account.name;
        auto const label = [](std::string_view word) { return std::string(word); };
        Screen screen{
            .title = label(say.welcome),
            .text = {label(say.welcome_what)},
            .items = {
                {label(say.language), label(say.name), doing(&FirstBoot::choose_language)},
                {label(say.domain), domain_, doing(&FirstBoot::ask_domain)},
                {label(say.administrator), label(password_.empty() ? say.not_yet : say.set),
                 doing(&FirstBoot::ask_administrator)},
                {label(say.accounts), accounts.empty() ? label(say.none) : accounts, doing(&FirstBoot::open_accounts)},
                {label(say.address), described_address(), doing(&FirstBoot::choose_address)},
                {label(say.relay), host_.empty() ? label(say.no_relay) : host_, doing(&FirstBoot::choose_relay)},
                {label(say.finish), {}, doing(&FirstBoot::finish)},
                {label(say.from_backup), {}, doing(&FirstBoot::restore)}}};
        screen.watch = doing(&FirstBoot::look);
        if (may_encrypt_)
            screen.items.insert(screen.items.begin() + 1,
                                {label(say.disk), described_disk(), doing(&FirstBoot::choose_disk)});
        return screen;
    }

    // Somebody at another face may be done before.
    void look() {
        if (text_of(fact_of(desk_.box.ask("status")), "domain").empty()) return;
        desk_.menu.end();
        desk_.first_boot = false;
        open_first_screen(desk_);
    }

    [[nodiscard]] std::string described_disk() const {
        switch (disk_) {
        case Disk::plain: return owned(words().not_encrypted);
        case Disk::asks_passphrase: return owned(words().asks_passphrase);
        case Disk::opens_itself: return owned(words().opens_itself);
        }
        std::unreachable();
    }

    [[nodiscard]] std::string described_address() const {
        switch (address_) {
        case Address::by_dhcp: return std::string(words().by_dhcp);
        case Address::fixed: return own_address_;
        case Address::i_am_router: return std::format("{}, DHCP", own_address_);
        }
        std::unreachable();
    }

    // Back in the list, at what comes next.
    void next() {
        desk_.menu.close_to(root_);
        desk_.menu.down();
    }

    void choose_language() {
        Screen screen{.title = std::string(words().language)};
        for (auto const language : languages) {
            if (language == desk_.language) screen.begin = screen.items.size();
            screen.items.push_back({std::string(words_in(language).name), {}, [self = shared_from_this(), language] {
                                        self->desk_.language = language;
                                        self->next();
                                    }});
        }
        desk_.menu.open(std::move(screen));
    }

    void choose_disk() {
        Screen screen{.title = owned(words().disk),
                      .text = {owned(words().disk_what)},
                      .items = {{owned(words().not_encrypted), {}, doing(&FirstBoot::leave_disk)},
                                {owned(words().asks_passphrase),
                                 {},
                                 doing(&FirstBoot::ask_disk_passphrase, Disk::asks_passphrase)}},
                      .begin = static_cast<std::size_t>(disk_)};
        if (may_open_itself_)
            screen.items.push_back(
                {owned(words().opens_itself), {}, doing(&FirstBoot::ask_disk_passphrase, Disk::opens_itself)});
        desk_.menu.open(std::move(screen));
    }

    void leave_disk() {
        disk_ = Disk::plain;
        next();
    }

    void ask_disk_passphrase(Disk disk) {
        desk_.ask_password(words().disk_passphrase,
                           disk == Disk::opens_itself ? words().moved_passphrase_what : words().disk_passphrase_what,
                           [self = shared_from_this(), disk](core::Secret passphrase) {
                               self->disk_ = disk;
                               self->disk_passphrase_ = std::move(passphrase);
                               self->next();
                           });
    }

    // First of all that is kept, if it was chosen: what lies on the disk is gone then. The daemon goes meanwhile, and
    // what was answered is here.
    void encrypt_then(std::function<void()> next) {
        if (disk_ == Disk::plain || is_encrypted()) return next();
        if (!desk_.tell_box("box.encrypt", {{"open", disk_ == Disk::opens_itself ? "tpm2" : "passphrase"},
                                            {"password", disk_passphrase_.reveal()}}))
            return;
        await_box(desk_, {.request = "encrypt",
                          .title = owned(words().disk),
                          .text = [this] { return owned(words().encrypting); },
                          .done =
                              [self = shared_from_this(), next = std::move(next)](std::string const& /*result*/) {
                                  self->may_encrypt_ = false;
                                  next();
                              },
                          .is_done = [self = shared_from_this()] { return self->is_encrypted(); }});
    }

    [[nodiscard]] bool is_encrypted() { return text_of(fact_of(desk_.box.ask("status")), "box.encrypted") == "true"; }

    void restore() {
        open_restore(
            desk_, [self = shared_from_this()](std::function<void()> go_on) { self->encrypt_then(std::move(go_on)); });
    }

    void ask_domain() {
        desk_.ask(words().domain, words().domain_what, domain_, [self = shared_from_this()](std::string typed) {
            auto const domain = text::domain_to_ascii(core::trimmed(typed));
            if (!domain || domain->empty()) return std::string(self->words().bad_domain);
            self->domain_ = *domain;
            self->next();
            return std::string();
        });
    }

    void ask_administrator() {
        desk_.ask_password(words().administrator, words().administrator_what,
                           [self = shared_from_this()](core::Secret password) {
                               self->password_ = std::move(password);
                               self->next();
                           });
    }

    void open_accounts() {
        desk_.menu.open([self = shared_from_this()] { return self->accounts_screen(); });
        accounts_depth_ = desk_.menu.depth();
    }

    Screen accounts_screen() {
        Screen screen{.title = std::string(words().accounts), .text = {std::string(words().accounts_what)}};
        for (auto const& account : accounts_)
            screen.items.push_back({account.name + "@" + domain_, {}, doing(&FirstBoot::remove_account, account.name)});
        screen.begin = screen.items.size();
        screen.items.push_back({std::string(words().add_account), {}, doing(&FirstBoot::ask_account)});
        screen.items.push_back({std::string(words().all_there), {}, doing(&FirstBoot::next)});
        return screen;
    }

    void remove_account(std::string const& name) {
        desk_.confirm(words().accounts, Desk::fill(words().remove, name), [self = shared_from_this(), name] {
            std::erase_if(self->accounts_, [&](auto const& account) { return account.name == name; });
            self->desk_.menu.refresh();
        });
    }

    void ask_account() {
        desk_.ask(words().account_name, words().account_name_what, {},
                  [self = shared_from_this()](std::string typed) -> std::string {
                      std::string const name(core::trimmed(typed));
                      auto const same = [&](auto const& account) { return account.name == name; };
                      if (control::account_name_refusal(name) || name == control::administrator_login ||
                          std::ranges::any_of(self->accounts_, same))
                          return std::string(self->words().account_name_what);
                      self->ask_account_password(name);
                      return {};
                  });
    }

    void ask_account_password(std::string const& name) {
        desk_.ask_password(std::format("{}: {}", words().password, name), {},
                           [self = shared_from_this(), name](core::Secret password) {
                               self->accounts_.emplace_back(name, std::move(password));
                               self->desk_.menu.close_to(self->accounts_depth_);
                               self->desk_.menu.down();
                           });
    }

    void choose_address() {
        desk_.menu.open(Screen{
            .title = std::string(words().address),
            .text = {std::string(words().address_what)},
            .items = {{std::string(words().by_dhcp), {}, doing(&FirstBoot::take_address, Address::by_dhcp)},
                      {std::string(words().fixed), {}, doing(&FirstBoot::ask_address, Address::fixed)},
                      {std::string(words().i_am_router), {}, doing(&FirstBoot::ask_address, Address::i_am_router)}},
            .begin = static_cast<std::size_t>(address_)});
    }

    void take_address(Address address) {
        address_ = address;
        next();
    }

    void ask_address(Address address) {
        std::string const proposed =
            own_address_.empty() && address == Address::i_am_router ? std::string(own_network) : own_address_;
        ask_setting(words().own_address, words().own_address_what, "network.address", proposed,
                    [self = shared_from_this(), address](std::string value) {
                        if (value == "dhcp") return std::string(self->words().own_address_what);
                        self->own_address_ = std::move(value);
                        if (address == Address::i_am_router)
                            self->take_address(address);
                        else
                            self->ask_router();
                        return std::string();
                    });
    }

    void ask_router() {
        ask_setting(words().router, words().router_what, "network.router", router_,
                    [self = shared_from_this()](std::string value) {
                        self->router_ = std::move(value);
                        self->ask_name_servers();
                        return std::string();
                    });
    }

    void ask_name_servers() {
        ask_setting(words().name_servers, words().name_servers_what, "dns.servers",
                    name_servers_.empty() ? router_ : name_servers_, [self = shared_from_this()](std::string value) {
                        self->name_servers_ = std::move(value);
                        self->take_address(Address::fixed);
                        return std::string();
                    });
    }

    // One that the box will take.
    void ask_setting(std::string_view title, std::string_view text, std::string_view name, std::string const& value,
                     std::function<std::string(std::string)> taken) {
        desk_.ask(title, text, value, [name, taken = std::move(taken)](std::string typed) {
            std::string const given(core::trimmed(typed));
            auto const wrong = control::setting_refusal(name, given);
            return wrong ? *wrong : taken(given);
        });
    }

    void choose_relay() {
        desk_.menu.open(Screen{.title = std::string(words().relay),
                               .text = {std::string(words().relay_what)},
                               .items = {{std::string(words().no_relay), {}, doing(&FirstBoot::take_no_relay)},
                                         {std::string(words().has_relay), {}, doing(&FirstBoot::ask_host)}},
                               .begin = host_.empty() ? 0UZ : 1UZ});
    }

    void take_no_relay() {
        host_.clear();
        next();
    }

    void ask_host() {
        desk_.ask(words().host, words().host_what, host_, [self = shared_from_this()](std::string typed) {
            std::string const host(core::trimmed(typed));
            if (host.empty() || host.contains(' ')) return std::string(self->words().host_what);
            self->ask_port(host);
            return std::string();
        });
    }

    void ask_port(std::string const& host) {
        desk_.ask(words().port, "587: STARTTLS, 465: TLS", port_, [self = shared_from_this(), host](std::string typed) {
            std::string const port(core::trimmed(typed));
            if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
                std::stoul(port) == 0 || std::stoul(port) > 65535)
                return std::string("1 - 65535");
            self->host_ = host;
            self->port_ = port;
            self->ask_login();
            return std::string();
        });
    }

    void ask_login() {
        desk_.ask(words().login, words().login_what, login_, [self = shared_from_this()](std::string typed) {
            self->login_ = core::trimmed(typed);
            if (self->login_.empty())
                self->next();
            else
                self->ask_relay_password();
            return std::string();
        });
    }

    // The provider decided on it: any will do.
    void ask_relay_password() {
        desk_.menu.open(
            Screen{.title = std::string(words().password),
                   .text = {host_},
                   .entry = Entry{.value = {}, .secret = true, .taken = [self = shared_from_this()](std::string typed) {
                                      if (typed.empty()) return std::string(self->words().password);
                                      self->relay_password_ = core::Secret(std::move(typed));
                                      self->next();
                                      return std::string();
                                  }}});
    }

    void finish() {
        if (password_.empty()) return desk_.tell(words().administrator, words().no_password_yet);
        desk_.confirm(words().finish,
                      Desk::fill("{0}: {1}. ", words().domain, domain_) + std::string(words().finish_what),
                      [self = shared_from_this()] { self->encrypt_then([self] { self->apply(); }); });
    }

    // As control/answers.h reads it.
    [[nodiscard]] core::Secret answers() const {
        std::string text =
            std::format("domain = {}\nlanguage = {}\npassword = {}\n", domain_, desk_.language, password_.reveal());
        for (auto const& account : accounts_)
            text += std::format("account.{}.password = {}\n", account.name, account.password.reveal());
        if (address_ != Address::by_dhcp) text += std::format("network.address = {}\n", own_address_);
        if (address_ == Address::i_am_router) text += "dhcp.serve = yes\n";
        if (address_ == Address::fixed)
            text += std::format("network.router = {}\ndns.servers = {}\n", router_, name_servers_);
        if (!host_.empty())
            text += std::format("relay.host = {}\nrelay.port = {}\nrelay.security = {}\n", host_, port_,
                                port_ == "465" ? "tls" : "starttls");
        if (!host_.empty() && !login_.empty())
            text += std::format("relay.login = {}\nrelay.password = {}\n", login_, relay_password_.reveal());
        return core::Secret(std::move(text));
    }

    void apply() {
        auto const self = shared_from_this(); // beyond the screens that end here
        if (!desk_.tell_box("setup", {{"answers", answers().reveal()}})) return;
        desk_.menu.wait();
        if (!desk_.box.wait_for_office()) return desk_.tell(words().failed, words().no_answer);
        desk_.menu.end();
        desk_.guarded = true;
        desk_.first_boot = false;
        open_office_unlocked(desk_);
        show_ready();
    }

    void show_ready() {
        auto const fingerprint = text_of(fact_of(desk_.box.ask("authority.show")), "fingerprint");
        desk_.menu.open(Screen{.title = std::string(words().ready_title),
                               .text = {Desk::fill(words().open_page, domain_), Desk::fill(words().clients, domain_),
                                        std::string(words().fingerprint), fingerprint}});
    }

    Desk& desk_;
    bool may_encrypt_ = false, may_open_itself_ = false;
    Disk disk_ = Disk::plain;
    core::Secret disk_passphrase_;
    std::size_t root_ = 0, accounts_depth_ = 0;
    std::string domain_ = "office.lan";
    core::Secret password_;
    std::vector<control::NewAccount> accounts_;
    Address address_ = Address::by_dhcp;
    std::string own_address_, router_, name_servers_;
    std::string host_, port_ = "587", login_;
    core::Secret relay_password_;
};

} // namespace

void open_first_boot(Desk& desk) { std::make_shared<FirstBoot>(desk)->open(); }

} // namespace postern::setup
