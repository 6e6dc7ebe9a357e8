#include "app/daemon.h"

#include "app/box_network.h"
#include "app/resident.h"
#include "app/service_manager.h"
#include "app/sleep.h"
#include "app/store_options.h"
#include "autoconfig/announcement.h"
#include "autoconfig/office.h"
#include "autoconfig/site.h"
#include "control/alarms.h"
#include "core/box_names.h"
#include "core/crypto.h"
#include "core/log.h"
#include "http/session.h"
#include "imap/capability.h"
#include "imap/session.h"
#include "net/interface.h"
#include "net/metered_dialer.h"
#include "net/network_watch.h"
#include "net/stub_resolver.h"
#include "net/tls.h"
#include "net/whole_file.h"
#include "pages/page.h"
#include "pop3/session.h"
#include "self_service/account_page.h"
#include "self_service/site.h"
#include "smtp/session.h"
#include "store/accounts.h"
#include "store/settings.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

#include <algorithm>
#include <format>
#include <iterator>

namespace postern::app {

namespace {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;

constexpr auto drain_limit = 10s; // for sessions to say goodbye
constexpr auto certificate_look =
    10min;                           // between two looks whether time, addresses or files demand another certificate
constexpr auto memory_look = 5s;     // between two looks whether clients freed so much that it is worth to tell
constexpr auto journal_pause = 5min; // between two times that what became of mail is written down, if it is little
constexpr auto alarms_look = 30s;    // between two looks whether somebody should look at the box
constexpr auto network_rest = 500ms; // between two changes of the network that are acted on
constexpr std::size_t memory_freed = 8 * 1024 * 1024;

office::Journal::Limits journal_limits(core::Settings const& settings) {
    return {.octets = settings.bytes("trace.size"), .age = settings.seconds("trace.keep")};
}

std::string from_hex(std::string_view hex) {
    std::string octets;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        octets += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
    return octets;
}

} // namespace

Daemon::Daemon(Options options) : options_(std::move(options)) {}

std::expected<std::unique_ptr<Daemon>, std::string> Daemon::start(Options options) {
    std::unique_ptr<Daemon> daemon(new Daemon(std::move(options)));
    for (auto const step : {&Daemon::open_store, &Daemon::open_office, &Daemon::load_tls, &Daemon::listen,
                            &Daemon::begin_sending, &Daemon::begin_fetching})
        if (auto done = (*daemon.*step)(); !done) return std::unexpected(std::move(done.error()));
    return daemon;
}

Daemon::~Daemon() {
    if (store_) store_->close(); // its threads post to the context, which must not happen while that goes
    services_.clear();
    names_.reset();
    control_.reset();
    signals_.reset();
    context_.reset(); // and with it the sessions that would not end
}

std::expected<void, std::string> Daemon::open_store() {
    std::error_code error;
    if (std::filesystem::create_directories(options_.data, error)) ::sync(); // its name outlasts a power cut, too
    if (error) return std::unexpected(std::format("cannot make {}: {}", options_.data.native(), error.message()));
    journal_ = std::make_unique<office::Journal>(options_.data / "journal", clock_, journal_limits(core::Settings()));
    auto how = store_options(options_.data);
    how.keep_schema = options_.may_go_back;
    auto opened = store::Store::open(options_.data, std::move(how));
    if (!opened) return std::unexpected(std::move(opened.error().reason));
    store_ = std::move(*opened);
    journal_->write_by_itself([this](std::move_only_function<void()> work) { store_->run_on_pool(std::move(work)); });
    return {};
}

// What the command line says, and what the store remembers: they must agree, since addresses, aliases and certificates
// are made of it.
std::expected<void, std::string> Daemon::open_office() {
    auto kept = store_->read_here([](store::ReadTransaction const& transaction)
                                      -> store::Result<std::vector<std::pair<std::string, std::string>>> {
        return store::list_settings(transaction);
    });
    if (!kept) return std::unexpected(std::format("the settings cannot be read: {}", store::describe(kept.error())));
    auto const value_of = [&](std::string_view name) -> std::optional<std::string> {
        auto const row =
            std::ranges::find(*kept, name, [](auto const& pair) -> std::string_view { return pair.first; });
        return row == kept->end() ? std::nullopt : std::optional(row->second);
    };
    auto const known_domain = value_of(control::domain_value);
    if (!known_domain && !options_.domain)
        return std::unexpected("the store has no office: --domain NAME says which one it is to be, such as office.lan");
    if (known_domain && options_.domain && *known_domain != *options_.domain)
        return std::unexpected(std::format("this store belongs to the domain {}, not {}; leave --domain out, or give "
                                           "another --data",
                                           *known_domain, *options_.domain));
    // Of a self-test that came to no end. What cannot be read or written now is found by who needs it.
    auto const left = store_->read_here([](store::ReadTransaction const& transaction) -> store::Result<bool> {
        return store::has_passing_accounts(transaction);
    });
    if (left.value_or(false)) (void)store_->write_here(store::remove_passing_accounts);

    std::string const domain = known_domain.value_or(options_.domain.value_or(""));
    std::string const decoy = value_of(control::decoy_key_value).value_or(random_.hex(32));
    if (!known_domain) {
        auto const written = store_->write_here([&](store::WriteTransaction& transaction) -> store::Result<void> {
            return store::put_setting(transaction, control::domain_value, domain).and_then([&] {
                return store::put_setting(transaction, control::decoy_key_value, decoy);
            });
        });
        if (!written) return std::unexpected(std::format("cannot write: {}", store::describe(written.error())));
    }

    auto settings = std::make_shared<core::Settings>();
    auto const apply = [&](std::string const& name, std::string const& value) {
        if (control::is_kept_value(name)) return;
        if (auto const valid = settings->set(name, value); !valid)
            core::log(core::Event::setting_changed, {{"setting", name}, {"ignored", valid.error()}});
    };
    for (auto const& [name, value] : *kept) apply(name, value);
    for (auto const& [name, value] : options_.settings) apply(name, value);
    office_.reset(new office::Office{.domain = domain,
                                     .host_name = std::format("{}.{}", core::host_label, domain),
                                     .storage = office::Storage(*store_),
                                     .clock = clock_,
                                     .random = random_,
                                     .settings = std::move(settings),
                                     .tls = nullptr,
                                     .throttle = {},
                                     .logins = office::LoginMemory(random_),
                                     .link = office::LinkGate(net::interface_to_outside, net::interface_of),
                                     .decoy_key = core::Secret(from_hex(decoy)),
                                     .stop = stop_});
    browser_sessions_ = std::make_unique<http::BrowserSessions>(random_);
    if (auto const known = office_->upstreams.read(office_->storage); !known)
        return std::unexpected(std::format("the upstreams cannot be read: {}", store::describe(known.error())));
    journal_->set_limits(journal_limits(*office_->settings));
    resolver_ = std::make_unique<net::StubResolver>(clock_, random_, [this] { return name_servers_for_mail(); });
    system_dialer_ = std::make_unique<net::SystemDialer>(context_->get_executor(), *resolver_);
    dialer_ = std::make_unique<net::MeteredDialer>(
        *system_dialer_, [this](std::string const& local_address, std::size_t octets) {
            office_->link.count(local_address, octets, *office_->settings, clock_);
        });
    dispatcher_ = std::make_unique<relay::Dispatcher>(*office_, *dialer_, *resolver_, context_->get_executor());
    office_->start_queue = [this](std::string const& node, bool and_below) {
        return dispatcher_->start_queue({node, and_below});
    };
    waiting_view_ = std::make_unique<relay::WaitingView>(*office_, *dispatcher_);
    fetcher_ = std::make_unique<fetch::Fetcher>(*office_, *dialer_, census_.memory(), context_->get_executor());
    self_.reset(new control::Daemon{*office_,
                                    *dispatcher_,
                                    *fetcher_,
                                    *journal_,
                                    options_.data,
                                    clock_.steady(),
                                    [this] { return services(); },
                                    imap::is_capability,
                                    [this] { return names_->records_changed(); },
                                    [this] { settings_changed(); },
                                    [this] { return names_->outside(); },
                                    [this] { return names_->queries(); },
                                    [this] { return addresses_->leases(); },
                                    [this] { return addresses_->status(); },
                                    [this] { look_again(); },
                                    [this] { return certificate_status(); },
                                    [this] { return certificate_->authority_status(); },
                                    [this](control::AuthorityChange change) { return change_authority(change); },
                                    [this] { return self_test_->run(); },
                                    options_.control.parent_path()});
    return {};
}

std::expected<void, std::string> Daemon::load_tls() {
    certificate_ = std::make_unique<BoxCertificate>(
        *office_, options_.data / "tls", options_.listen,
        [this](std::move_only_function<void()> work) { store_->run_on_pool(std::move(work)); });
    acme_ = std::make_unique<Acme>(context_->get_executor(), *office_, *dialer_, options_.data / "tls",
                                   Acme::Surroundings{.names = [this] { return certificate_->public_names(); },
                                                      .internet = [this] { return names_->outside(); },
                                                      .made = [this] { look_at_certificate(); }});
    self_test_ = std::make_unique<SelfTest>(*office_, *system_dialer_,
                                            SelfTest::Box{.address = own_address(),
                                                          .services = [this] { return services(); },
                                                          .certificate = *certificate_,
                                                          .store_file = options_.data / "store" / "data.mdb"});
    return certificate_->look();
}

// An administrator changed something, and wants to see it work.
void Daemon::look_again() {
    look_at_certificate();
    acme_->wake();
}

control::CertificateStatus Daemon::certificate_status() const {
    auto status = certificate_->status();
    if (status.trouble.empty()) status.trouble = acme_->trouble();
    return status;
}

void Daemon::look_at_certificate() {
    if (auto const looked = certificate_->look(); !looked)
        core::log(core::Event::certificate_unusable, {{"reason", looked.error()}});
    make_site();
    names_->set_host(certificate_->host(), certificate_->other_name());
}

std::expected<void, std::string> Daemon::change_authority(control::AuthorityChange change) {
    auto changed = certificate_->change_authority(change);
    look_at_certificate();
    return changed;
}

void Daemon::make_site() {
    auto setup = autoconfig::office_at(office_->domain, certificate_->host(), options_.port_base,
                                       [this] { return certificate_->authorities(); });
    setup.account_url = setup.secure_url + std::string(self_service::account_path);
    auto routes = self_service::routes(*office_, *browser_sessions_, setup.secure_url, setup.page_url + "/");
    routes.push_back(pages::style_route());
    std::ranges::move(autoconfig::routes(std::move(setup)), std::back_inserter(routes));
    http::Fields secure;
    if (auto const time = certificate_->strict_for(); time > 0s)
        secure.emplace_back("Strict-Transport-Security", std::format("max-age={}", time.count()));
    site_ = std::make_shared<http::Site>(std::move(routes), std::move(secure));
}

// To who announces it by multicast; nobody waits for that.
void Daemon::announce() const {
    auto const setup = autoconfig::office_at(office_->domain, office_->host_name, options_.port_base, nullptr);
    constexpr std::uint16_t http_port = 80;
    auto const wanted =
        autoconfig::announcement(setup.servers, static_cast<std::uint16_t>(http_port + options_.port_base));
    auto const directory = options_.data / "mdns";
    std::error_code error;
    std::filesystem::create_directories(directory, error); // if it cannot be, nothing can be written either
    auto const path = directory / "postern.service";
    auto const there = net::read_file(path);
    if (!there || *there != wanted)
        if (auto const written = net::write_file(path, wanted, 0644); !written)
            core::log(core::Event::unannounced, {{"reason", written.error()}});
    // Of all the data this is for everybody, and who announces it is another user.
    using enum std::filesystem::perms;
    std::filesystem::permissions(directory, group_read | group_exec | others_read | others_exec,
                                 std::filesystem::perm_options::add, error);
    std::filesystem::permissions(path, group_read | others_read, std::filesystem::perm_options::add, error);
}

std::expected<void, std::string> Daemon::listen() {
    struct Row {
        std::string_view name; // as systemd passes it, too
        std::uint16_t port;
        enum class Tls : std::uint8_t { on_demand, for_logins, for_anybody } tls;
        std::string_view refusal;
        asio::awaitable<void> (*serve)(net::Connection&, Daemon&);
    };
    using enum Row::Tls;
    constexpr std::string_view smtp_refusal = "421 4.3.2 Too many connections, come back later\r\n";
    constexpr std::string_view imap_refusal = "* BYE [LIMIT] Too many connections\r\n";
    constexpr std::string_view pop3_refusal = "-ERR [SYS/TEMP] Too many connections, come back later\r\n";
    constexpr std::string_view http_refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                                              "Connection: close\r\n\r\n";
    constexpr auto exchange = [](net::Connection& connection, Daemon& daemon) {
        return smtp::serve(connection, *daemon.office_, smtp::Role::exchange);
    };
    constexpr auto submission = [](net::Connection& connection, Daemon& daemon) {
        return smtp::serve(connection, *daemon.office_, smtp::Role::submission);
    };
    constexpr auto imap = [](net::Connection& connection, Daemon& daemon) {
        return imap::serve(connection, *daemon.office_);
    };
    constexpr auto pop3 = [](net::Connection& connection, Daemon& daemon) {
        return pop3::serve(connection, *daemon.office_);
    };
    constexpr auto pages = [](net::Connection& connection, Daemon& daemon) -> asio::awaitable<void> {
        auto const site = daemon.site_; // there may be another one before the client leaves
        co_await http::serve(connection, *site, daemon.clock_);
    };
    Row const rows[] = {
        {"smtp", 25, on_demand, smtp_refusal, exchange},
        {"submission", 587, on_demand, smtp_refusal, submission},
        {"submissions", 465, for_logins, smtp_refusal, submission},
        {"imap", 143, on_demand, imap_refusal, imap},
        {"imaps", 993, for_logins, imap_refusal, imap},
        {"pop3", 110, on_demand, pop3_refusal, pop3},
        {"pop3s", 995, for_logins, pop3_refusal, pop3},
        {"http", 80, on_demand, http_refusal, pages},
        {"https", 443, for_anybody, http_refusal, pages},
    };
    make_site();
    auto const passed = net::passed_sockets();
    for (Row const& row : rows) {
        net::Service service{
            .name = std::string(row.name),
            .serve = [this, serve = row.serve](net::Connection& connection) { return serve(connection, *this); },
            .limits = [this]() -> net::ConnectionLimits {
                return {office_->settings->count("connection.total"),
                        office_->settings->count("connection.per_address"), office_->settings->bytes("memory.ceiling")};
            },
            .refusal = std::string(row.refusal),
            .implicit_tls = nullptr};
        if (row.tls == for_logins) service.implicit_tls = [this] { return office_->tls_for_logins(); };
        if (row.tls == for_anybody) service.implicit_tls = [this] { return office_->tls; };
        std::vector<std::expected<std::unique_ptr<net::Listener>, std::string>> opened;
        for (net::PassedSocket const& socket : passed)
            if (socket.name == row.name)
                opened.push_back(
                    net::Listener::adopt(context_->get_executor(), socket.descriptor, service, census_, stop_));
        if (opened.empty())
            opened.push_back(net::Listener::bind(context_->get_executor(), options_.listen,
                                                 static_cast<std::uint16_t>(row.port + options_.port_base), service,
                                                 census_, stop_));
        for (auto& listener : opened) {
            if (!listener) return std::unexpected(std::move(listener.error()));
            services_.push_back({service.name, std::move(*listener)});
        }
    }
    auto control =
        control::Server::listen(context_->get_executor(), options_.control, control::actions_of(*self_), stop_);
    if (!control) return std::unexpected(std::move(control.error()));
    control_ = std::move(*control);
    auto names = Names::listen(*office_, options_.listen, options_.port_base, passed);
    if (!names) return std::unexpected(std::move(names.error()));
    names_ = std::move(*names);
    names_->set_host(certificate_->host(), certificate_->other_name());
    addresses_ = std::make_unique<Addresses>(*office_, options_.data / "dhcp",
                                             [this] { names_->set_leases(addresses_->leases()); });
    addresses_->begin();
    write_network_file(options_.data / "network", *office_->settings);
    announce();
    for (auto const& service : services_) service.listener->start();
    names_->start();
    return {};
}

std::expected<void, std::string> Daemon::begin_sending() {
    if (auto const begun = dispatcher_->start(); !begun)
        return std::unexpected(std::format("the queue cannot be read: {}", store::describe(begun.error())));
    return {};
}

std::expected<void, std::string> Daemon::begin_fetching() {
    census_.memory().set_ceiling(office_->settings->bytes("memory.ceiling")); // which the first client sets otherwise
    if (auto const begun = fetcher_->sources_changed(); !begun)
        return std::unexpected(
            std::format("from where mail is fetched cannot be read: {}", store::describe(begun.error())));
    return {};
}

void Daemon::settings_changed() {
    names_->settings_changed();
    addresses_->settings_changed();
    write_network_file(options_.data / "network", *office_->settings);
    look_at_certificate();
    acme_->settings_changed();
}

// The resolver for mail speaks no TLS. Where all name servers do that the administrator names, ours is asked.
std::vector<core::NameServer> Daemon::name_servers_for_mail() const {
    auto servers = office_->settings->name_servers("dns.servers");
    auto const speaks_tls = [](core::NameServer const& server) { return !server.tls_name.empty(); };
    if (servers.empty() || !names_ || !std::ranges::all_of(servers, speaks_tls)) return servers;
    return {{.address = own_address(), .port = names_->port()}};
}

std::string Daemon::own_address() const {
    bool const everywhere = options_.listen == "::" || options_.listen == "0.0.0.0";
    return everywhere ? "127.0.0.1" : options_.listen;
}

std::vector<control::ServiceStatus> Daemon::services() const {
    std::vector<control::ServiceStatus> status;
    for (auto const& service : services_)
        status.push_back({service.name, service.listener->port(), service.listener->sessions()});
    status.push_back({"dns", names_->port(), names_->connections()});
    return status;
}

void Daemon::run(std::function<void()> const& ready) {
    asio::co_spawn(*context_, renew_certificate(), asio::detached);
    asio::co_spawn(*context_, acme_->run(), asio::detached);
    asio::co_spawn(*context_, stop_on_signal(), asio::detached);
    asio::co_spawn(*context_, give_memory_back(), asio::detached);
    asio::co_spawn(*context_, watch_network(), asio::detached);
    asio::co_spawn(*context_, addresses_->run(context_->get_executor()), asio::detached);
    asio::co_spawn(*context_, waiting_view_->run(context_->get_executor()), asio::detached);
    asio::co_spawn(*context_, keep_journal(), asio::detached);
    asio::co_spawn(*context_, tell_alarms(), asio::detached);
    if (auto const interval = watchdog_interval()) asio::co_spawn(*context_, feed_watchdog(*interval), asio::detached);
    core::log(core::Event::daemon_started, {{"domain", office_->domain}, {"data", options_.data.native()}});
    journal_->write(); // so that a power cut is seen for what it was
    notify_ready();
    ready();
    context_->run();
    core::log(core::Event::daemon_stopped);
}

// A new certificate is what the next handshake shows; the old one goes on if none can be made.
asio::awaitable<void> Daemon::renew_certificate() {
    while (!stop_.raised()) {
        co_await (sleep(certificate_look) || stop_.wait());
        if (stop_.raised()) co_return;
        look_at_certificate();
    }
}

asio::awaitable<void> Daemon::give_memory_back() {
    co_await (sleep(memory_look) || stop_.wait());
    give_back_freed(); // as the start was a rush
    let_go_of_program();
    while (!stop_.raised()) {
        co_await (sleep(memory_look) || stop_.wait());
        if (census_.memory().take_ebb() >= memory_freed) give_back_freed();
    }
}

// What comes to much is written at once.
asio::awaitable<void> Daemon::keep_journal() {
    while (!stop_.raised()) {
        co_await (sleep(journal_pause) || stop_.wait());
        journal_->set_limits(journal_limits(*office_->settings));
        co_await office_->storage.compute([journal = journal_.get()] {
            journal->write();
            return true;
        });
    }
}

asio::awaitable<void> Daemon::tell_alarms() {
    while (!stop_.raised()) {
        co_await control::tell_alarms(*self_);
        co_await (sleep(alarms_look) || stop_.wait());
    }
}

// A hint, which the link does without if it has to.
asio::awaitable<void> Daemon::watch_network() {
    auto const watch = net::NetworkWatch::open(context_->get_executor());
    if (!watch) {
        core::log(core::Event::network_unwatched, {{"reason", watch.error()}});
        co_return;
    }
    while (!stop_.raised()) {
        co_await ((*watch)->changed() || stop_.wait());
        dispatcher_->network_changed();
        fetcher_->network_changed();
        names_->network_changed();
        addresses_->network_changed();
        // A carrier, then an address, then a route: they are looked at together.
        co_await (sleep(network_rest) || stop_.wait());
    }
}

asio::awaitable<void> Daemon::feed_watchdog(std::chrono::microseconds interval) {
    while (true) {
        notify_alive();
        co_await sleep(interval);
    }
}

asio::awaitable<void> Daemon::stop_on_signal() {
    co_await signals_->async_wait(asio::as_tuple(asio::use_awaitable));
    notify_stopping();
    stop_.raise();
    // Whoever asks twice does not want to wait.
    co_await (drain() || signals_->async_wait(asio::as_tuple(asio::use_awaitable)));
    context_->stop();
}

asio::awaitable<void> Daemon::drain() {
    auto const until = clock_.steady() + drain_limit;
    for (auto const& service : services_) co_await service.listener->drained(until - clock_.steady());
    co_await dispatcher_->drained(until - clock_.steady());
    while (control_->connections() != 0 && clock_.steady() < until) co_await sleep(20ms);
}

} // namespace postern::app
