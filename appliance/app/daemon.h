// The daemon put together: store, office, services and control socket on one io_context, from start to an orderly end.
#pragma once

#include "app/acme.h"
#include "app/addresses.h"
#include "app/box_certificate.h"
#include "app/names.h"
#include "app/options.h"
#include "app/self_test.h"
#include "control/daemon.h"
#include "control/server.h"
#include "core/clock.h"
#include "core/name_server.h"
#include "core/random.h"
#include "fetch/fetcher.h"
#include "http/browser_sessions.h"
#include "http/site.h"
#include "net/dialer.h"
#include "net/listener.h"
#include "net/resolver.h"
#include "office/journal.h"
#include "office/office.h"
#include "relay/dispatcher.h"
#include "relay/waiting_view.h"
#include "store/store.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::app {

namespace asio = boost::asio;

// One thread, the network thread, but for the store's own and the name server's.
class Daemon {
public:
    // Opens the store, makes what a first start needs, and listens everywhere. The error is a sentence for the
    // administrator.
    static std::expected<std::unique_ptr<Daemon>, std::string> start(Options options);
    ~Daemon();

    // Serves until SIGTERM or SIGINT, then lets sessions say goodbye. `ready` is called once everything listens.
    void run(std::function<void()> const& ready);

private:
    explicit Daemon(Options options);

    std::expected<void, std::string> open_store();
    std::expected<void, std::string> open_office();
    std::expected<void, std::string> load_tls();
    void look_at_certificate();
    void look_again();
    [[nodiscard]] control::CertificateStatus certificate_status() const;
    std::expected<void, std::string> change_authority(control::AuthorityChange change);
    void make_site();
    void announce() const;
    void settings_changed();
    std::expected<void, std::string> begin_sending();
    std::expected<void, std::string> begin_fetching();
    std::expected<void, std::string> listen();
    [[nodiscard]] std::vector<core::NameServer> name_servers_for_mail() const;
    std::vector<control::ServiceStatus> services() const;
    [[nodiscard]] std::string own_address() const; // where the box reaches itself

    asio::awaitable<void> renew_certificate();
    asio::awaitable<void> give_memory_back();
    asio::awaitable<void> watch_network();
    asio::awaitable<void> keep_journal();
    asio::awaitable<void> tell_alarms();
    asio::awaitable<void> feed_watchdog(std::chrono::microseconds interval);
    asio::awaitable<void> stop_on_signal();
    asio::awaitable<void> drain();

    struct RunningService {
        std::string name;
        std::unique_ptr<net::Listener> listener;
    };

    Options options_;
    core::SystemClock clock_;
    core::SystemRandom random_;
    std::unique_ptr<office::Journal> journal_; // of what the store's threads log, too
    std::unique_ptr<store::Store> store_;
    // Gone before what sessions refer to, and after what listens.
    std::unique_ptr<asio::io_context> context_ = std::make_unique<asio::io_context>(1);
    // From the very start, so that no signal ends the daemon in the middle of something.
    std::optional<asio::signal_set> signals_{std::in_place, *context_, SIGTERM, SIGINT};
    net::Event stop_{context_->get_executor()};
    std::unique_ptr<office::Office> office_;
    std::unique_ptr<net::Resolver> resolver_;
    std::unique_ptr<net::Dialer> system_dialer_;
    std::unique_ptr<net::Dialer> dialer_; // by that one
    std::unique_ptr<relay::Dispatcher> dispatcher_;
    std::unique_ptr<relay::WaitingView> waiting_view_;
    std::unique_ptr<fetch::Fetcher> fetcher_;
    std::unique_ptr<control::Daemon> self_;
    std::unique_ptr<BoxCertificate> certificate_;
    std::unique_ptr<Acme> acme_;
    std::unique_ptr<SelfTest> self_test_;
    std::unique_ptr<http::BrowserSessions> browser_sessions_;
    std::shared_ptr<http::Site const> site_;
    net::Census census_;
    std::vector<RunningService> services_;
    std::unique_ptr<Names> names_;
    std::unique_ptr<Addresses> addresses_;
    std::unique_ptr<control::Server> control_;
};

} // namespace postern::app
